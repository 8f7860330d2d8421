#include "engine/indicator_stage.h"

#include <utility>

namespace landwarden::engine {

IndicatorStage::IndicatorStage(const IndicatorOptions& options, const intel::IndicatorSet& indicators,
                               event::Catalogue& catalogue, const RecordFilter& filter, Tally& tally,
                               EmitMatches emit)
    : filter_(filter),
      tally_(tally),
      emit_(std::move(emit)),
      matcher_(indicators, intel::FieldTable::built_in(), catalogue),
      builder_(catalogue, *this),
      decoder_(builder_, options.decoding),
      cut_texts_(options.cut_texts, catalogue) {}

void IndicatorStage::run(const decode::WorkUnit& unit, event::Receipt& receipt) {
  const std::uint64_t before = receipt.records_seen;
  decoder_.decode(unit, receipt);
  tally_.records += receipt.records_seen - before;
}

event::Wanted IndicatorStage::wanted(event::ShapeId shape) {
  event::Wanted wanted{.drop = false, .all = false, .fields = matcher_.fields()};
  cut_texts_.want(shape, wanted);
  return wanted;
}

void IndicatorStage::consume(const event::EventBatch& batch) {
  matches_.clear();
  for (RowMatch& met : matcher_.match(batch)) matches_.push_back(std::move(met.match));
  cut_texts_.find(batch, matches_, parts_);
  for (const sigma::Match& match : matches_) {
    if (!filter_.passes_all() && !filter_.passes(match.time, match.host)) continue;
    ++tally_.matches;
    emit_({&match, 1});
  }
}

}  // namespace landwarden::engine
