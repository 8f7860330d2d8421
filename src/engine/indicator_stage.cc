#include "engine/indicator_stage.h"

#include <utility>

namespace landwarden::engine {

IndicatorStage::IndicatorStage(const IndicatorOptions& options, const intel::IndicatorSet& indicators,
                               const intel::FieldTable& table, event::Catalogue& catalogue,
                               const RecordFilter& filter, Tally& tally, EmitMatches emit)
    : filter_(filter),
      tally_(tally),
      emit_(std::move(emit)),
      matcher_(indicators, table, catalogue),
      builder_(catalogue, *this),
      decoder_(builder_, options.decoding) {}

void IndicatorStage::run(const decode::WorkUnit& unit, event::Receipt& receipt) {
  const std::uint64_t before = receipt.records_seen;
  decoder_.decode(unit, receipt);
  tally_.records += receipt.records_seen - before;
}

event::Wanted IndicatorStage::wanted(event::ShapeId) {
  return {.drop = false, .all = false, .fields = matcher_.fields()};
}

void IndicatorStage::consume(const event::EventBatch& batch) {
  for (const RowMatch& met : matcher_.match(batch)) {
    if (!filter_.passes_all() && !filter_.passes(met.match.time, met.match.host)) continue;
    ++tally_.matches;
    emit_({&met.match, 1});
  }
}

}  // namespace landwarden::engine
