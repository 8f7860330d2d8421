// One worker of a match of indicators alone: decodes work units, emits a match a record and indicator.
//
// Only fields that hold indicators are asked of the decoders. Used by one thread at a time.

#pragma once

#include <utility>
#include <vector>

#include "decode/decoder.h"
#include "engine/assemble.h"
#include "engine/indicator_match.h"
#include "engine/indicator_matcher.h"
#include "engine/pipeline.h"
#include "engine/record_filter.h"
#include "event/builder.h"

namespace landwarden::engine {

class IndicatorStage final : public UnitStage, private event::BatchSink {
 public:
  /// All must outlive the stage.
  IndicatorStage(const IndicatorOptions& options, const intel::IndicatorSet& indicators,
                 event::Catalogue& catalogue, const RecordFilter& filter, Tally& tally, EmitMatches emit);

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override;
  std::vector<CutPart> take_parts() override { return std::exchange(parts_, {}); }

 private:
  event::Wanted wanted(event::ShapeId shape) override;
  void consume(const event::EventBatch& batch) override;

  const RecordFilter& filter_;
  Tally& tally_;
  EmitMatches emit_;
  IndicatorMatcher matcher_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
  CutTextFinder cut_texts_;
  std::vector<sigma::Match> matches_;  ///< of the batch at hand
  std::vector<CutPart> parts_;
};

}  // namespace landwarden::engine
