#include "engine/indicator_match.h"

#include <map>
#include <memory>
#include <new>
#include <tuple>
#include <utility>

#include "decode/input.h"
#include "engine/assemble.h"
#include "engine/beside_rules.h"
#include "engine/indicator_stage.h"
#include "engine/pipeline.h"
#include "engine/receipt_book.h"
#include "engine/record_filter.h"
#include "intel/limits.h"

namespace landwarden::engine {
namespace {

/// Puts matches together by indicator and host.
class Sightings {
 public:
  void add(const sigma::Match& match, std::string_view source) {
    const std::pair key(match.rule, match.host);
    auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      if (by_key_.size() >= limits::kIndicatorSightings) {
        ++not_kept_;
        return;
      }
      found = by_key_.emplace(key, Sighting{.indicator = match.rule, .host = match.host}).first;
    }
    Sighting& sighting = found->second;
    if (sighting.records++ == 0 || is_before(match, source, sighting)) take(match, source, sighting);
    if (match.time.known() && (!sighting.last.known() || match.time > sighting.last))
      sighting.last = match.time;
  }

  void hand_over(IndicatorResult& to) {
    for (auto& [key, sighting] : by_key_) to.sightings.push_back(std::move(sighting));
    to.not_kept = not_kept_;
  }

 private:
  /// Records without a time come last.
  static bool is_before(const sigma::Match& match, std::string_view source, const Sighting& kept) {
    if (match.time.known() != kept.first.known()) return match.time.known();
    return std::tuple(match.time, source, match.offset) <
           std::tuple(kept.first, std::string_view(kept.source), kept.offset);
  }

  static void take(const sigma::Match& match, std::string_view source, Sighting& to) {
    to.first = match.time;
    to.source = source;
    to.channel = match.channel;
    to.provider = match.provider;
    to.event_id = match.event_id;
    to.has_event_id = match.has_event_id;
    to.record_id = match.record_id;
    to.offset = match.offset;
    to.parts = match.parts;
    to.matched = match.matched;
  }

  std::map<std::pair<std::uint32_t, std::string>, Sighting> by_key_;
  std::uint64_t not_kept_ = 0;
};

}  // namespace

bool IndicatorResult::incomplete() const {
  return any_incomplete(receipts);
}

Result<IndicatorResult> match_indicators(const IndicatorOptions& options,
                                         const intel::IndicatorSet& indicators, event::Catalogue& catalogue,
                                         Progress& progress, const std::atomic<bool>& stop) {
  const RecordFilter filter(options.since, options.until, options.host);
  decode::BufferPool pool;
  PipelineStages stages;
  read_with(stages, options.evidence, pool, options.decoding);
  stages.make_stage = [&](Tally& tally, EmitMatches emit) -> std::unique_ptr<UnitStage> {
    return std::make_unique<IndicatorStage>(options, indicators, catalogue, filter, tally, std::move(emit));
  };
  const Beside beside{.indicators = HuntedIndicators{indicators, {}}, .yara = {}};
  Assembler assembler(nullptr, catalogue, BesideRules(&beside, catalogue, 0));
  std::uint64_t of_whole_texts = 0;
  stages.assemble = [&](event::SourceId source, std::vector<CutPart> parts, const Assembler::Emit& emit) {
    assembler.add(source, std::move(parts), [&](const sigma::Match& match) {
      if (!filter.passes(match.time, match.host)) return;
      ++of_whole_texts;
      emit(match);
    });
  };
  Sightings sightings;
  try {
    auto ran = run_pipeline(as_it_comes(options.threads), stages, progress, stop,
                            [&](const sigma::Match& match, std::string_view source) -> Result<void> {
                              sightings.add(match, source);
                              return {};
                            });
    if (!ran) return std::unexpected(std::move(ran.error()));
    IndicatorResult out;
    out.receipts = std::move(ran->receipts);
    for (const event::Receipt& receipt : out.receipts) {
      out.records += receipt.records_seen;
      out.bytes += receipt.bytes;
    }
    out.matches = ran->tally.matches + of_whole_texts;
    assembler.finish();
    out.assembled = assembler.report();
    out.assembled.matches = of_whole_texts;
    out.interrupted = ran->interrupted;
    sightings.hand_over(out);
    return out;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "matching needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
