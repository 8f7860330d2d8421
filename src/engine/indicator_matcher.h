// Which indicators the records of a batch meet: tests each distinct value of the fields that hold indicators
// once.
//
// What a value meets is kept beside its dictionary for as long as the dictionary's generation lasts; no
// result depends on it. One worker's; not thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/row_match.h"
#include "event/batch.h"
#include "event/catalogue.h"
#include "intel/indicator_set.h"
#include "sigma/match_heads.h"

namespace landwarden::engine {

class IndicatorMatcher {
 public:
  /// All must outlive the matcher. A match's rule is `first_rule` and the index of its indicator.
  IndicatorMatcher(const intel::IndicatorSet& indicators, const intel::FieldTable& table,
                   event::Catalogue& catalogue, std::uint32_t first_rule = 0);

  /// The fields that hold indicators, sorted. Others are not looked at, even if a batch has them.
  [[nodiscard]] const std::vector<event::FieldId>& fields() const { return asked_; }
  /// What the records of a batch meet: in row order, by indicator within a row. Valid until the next call.
  [[nodiscard]] std::vector<RowMatch>& match(const event::EventBatch& batch);

 private:
  using TermId = intel::IndicatorSet::TermId;
  /// What is known of a field's values.
  struct Field {
    std::optional<intel::FieldUse> use;
    bool known = false;
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

  void learn(const event::Column& column, Field& field);
  void test_column(const event::Column& column);
  void test_extras(const event::EventBatch& batch);
  void add_row(const event::EventBatch& batch, std::size_t begin, std::size_t end);
  [[nodiscard]] std::vector<sigma::FieldValues> matched_by(std::uint32_t indicator, std::size_t begin,
                                                           std::size_t end) const;

  const intel::IndicatorSet& indicators_;
  const intel::FieldTable& table_;
  event::Catalogue& catalogue_;
  sigma::MatchHeads heads_;
  std::uint32_t first_rule_;
  std::vector<event::FieldId> asked_;
  std::vector<Field> fields_;  ///< by FieldId
  std::vector<Hit> hits_;      ///< of the batch at hand
  std::vector<TermId> terms_;
  std::vector<std::uint32_t> found_;
  std::vector<RowMatch> met_;
};

}  // namespace landwarden::engine
