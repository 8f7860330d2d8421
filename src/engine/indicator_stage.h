// One worker of a match of indicators: decodes work units, tests each distinct value once, emits a match a
// record and indicator.
//
// What a value meets is kept beside the dictionary for as long as its generation lasts. Only fields that hold
// indicators are asked of the decoders. Used by one thread at a time.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/decoder.h"
#include "engine/indicator_match.h"
#include "engine/pipeline.h"
#include "engine/record_filter.h"
#include "event/builder.h"

namespace landwarden::engine {

class IndicatorStage final : public UnitStage, private event::BatchSink {
 public:
  /// All must outlive the stage.
  IndicatorStage(const IndicatorOptions& options, const intel::IndicatorSet& indicators,
                 const intel::FieldTable& table, event::Catalogue& catalogue, const RecordFilter& filter,
                 Tally& tally, EmitMatches emit);

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override;

 private:
  using TermId = intel::IndicatorSet::TermId;
  /// What is known of a field's values.
  struct Field {
    bool known = false;
    std::optional<intel::FieldUse> use;
    std::uint32_t generation = 0;
    std::vector<std::uint32_t> met;         ///< by code: 0, or index into sets plus one
    std::vector<std::vector<TermId>> sets;  ///< of values that meet something
  };
  /// A value of a row that meets a term.
  struct Hit {
    std::uint32_t row = 0;
    TermId term = 0;
    std::string_view field, text;
  };

  event::Wanted wanted(event::ShapeId shape) override;
  void consume(const event::EventBatch& batch) override;
  [[nodiscard]] Field& learn(const event::Column& column);
  void test_column(const event::Column& column);
  void test_extras(const event::EventBatch& batch);
  void emit_row(const event::EventBatch& batch, std::size_t begin, std::size_t end);

  const intel::IndicatorSet& indicators_;
  const intel::FieldTable& table_;
  event::Catalogue& catalogue_;
  const RecordFilter& filter_;
  Tally& tally_;
  EmitMatches emit_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
  std::vector<Field> fields_;  ///< by FieldId
  std::vector<Hit> hits_;      ///< of the batch at hand
  std::vector<TermId> terms_;
  std::vector<std::uint32_t> found_;
  sigma::Match match_;
};

}  // namespace landwarden::engine
