// One worker of a search: decodes work units, tests each distinct value once, renders what was found.
//
// Values are dictionary codes; which terms a value meets is kept beside the dictionary for as long as its
// generation lasts. A field in which nothing was found costs its rows nothing. Used by one thread at a time.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "engine/pipeline.h"
#include "engine/record_filter.h"
#include "engine/search.h"
#include "event/builder.h"

namespace landwarden::engine {

/// What sigma::Match::rule says of a record that travels as a Match: its text is in `why`, its number in the
/// unit in `record_id`.
enum SearchRow : std::uint32_t { kHitRow = 0, kContextRow = 1 };

class SearchStage final : public UnitStage, private event::BatchSink {
 public:
  /// All but `pattern` must outlive the stage; `render` may be empty.
  SearchStage(const SearchOptions& options, SearchPattern pattern, event::Catalogue& catalogue,
              const RecordFilter& filter, const RenderHit& render, Tally& tally, EmitMatches emit);

  void run(const decode::WorkUnit& unit, event::Receipt& receipt) override;

 private:
  using Mask = SearchPattern::Mask;
  /// What is known of a field's values.
  struct Field {
    bool known = false;
    Mask terms = 0;
    std::uint32_t generation = 0;
    bool any = false;       ///< some value in this generation meets a term
    std::vector<Mask> met;  ///< by code; up to its size all values were tested
  };
  /// A record of the unit at hand, while context may ask for it.
  struct Row {
    std::uint64_t offset = 0;
    std::size_t text_begin = 0, text_size = 0;
    bool hit = false;
  };

  event::Wanted wanted(event::ShapeId shape) override;
  void consume(const event::EventBatch& batch) override;
  [[nodiscard]] bool is_wanted(const event::Shape& shape) const;
  [[nodiscard]] Field& learn(const event::Column& column);
  void test_rows(const event::EventBatch& batch);
  void test_extras(const event::EventBatch& batch);
  void take(const event::EventBatch& batch, std::size_t row, bool hit);
  void fill(const event::EventBatch& batch, std::size_t row, bool hit);
  void add_values(const event::Column& column, std::size_t row, bool only_met);
  void add_value(std::vector<triage::ShownValue>& to, std::string_view field, std::string_view text,
                 bool null, Mask met);
  void emit(event::SourceId source, std::uint64_t offset, std::uint64_t ordinal, bool hit,
            std::string_view text);
  void emit_with_context(event::SourceId source);

  const SearchOptions& options_;
  SearchPattern pattern_;
  event::Catalogue& catalogue_;
  const RecordFilter& filter_;
  const RenderHit& render_;
  Tally& tally_;
  EmitMatches emit_;
  std::optional<SearchPattern> channels_;
  std::optional<decode::RawFilter> raw_filter_;
  event::BatchBuilder builder_;
  decode::Decoder decoder_;
  std::vector<Field> fields_;  ///< by FieldId
  std::map<std::string, Mask, std::less<>> extra_terms_;
  std::vector<Mask> rows_;  ///< of the batch at hand
  triage::SearchHit hit_;
  std::string text_;  ///< of one record, or with context of the whole unit
  std::vector<Row> unit_rows_;
  sigma::Match match_;
};

}  // namespace landwarden::engine
