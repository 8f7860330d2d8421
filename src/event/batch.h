// Records of one shape as columns.
//
// A batch is filled by a BatchBuilder and handed to a BatchSink; it, the dictionaries that its codes point
// into, and the original bytes live until consume() returns. Cells are dictionary codes; see value_table.h.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/catalogue.h"
#include "event/evidence.h"
#include "event/value_table.h"

namespace landwarden::event {

/// One field of all rows of a batch.
struct Column {
  FieldId field;
  const ValueTable* values = nullptr;

  /// The values of a row: empty if absent, one code usually, several for a list. A code may be kNull.
  [[nodiscard]] std::span<const Code> cell(std::size_t row) const {
    if (row >= codes.size()) return {};
    const Code code = codes[row];
    if (code == kAbsent) return {};
    if ((code & kListFlag) == 0) return {&codes[row], 1};
    const List& list = lists[code & ~kListFlag];
    return std::span(list_codes).subspan(list.begin, list.size);
  }

  static constexpr Code kListFlag = 0x8000'0000;
  struct List {
    std::uint32_t begin, size;
  };
  std::vector<Code> codes;  ///< a row each, trailing absent ones may be missing; kListFlag | index into lists
  std::vector<List> lists;
  std::vector<Code> list_codes;
};

/// A field beyond what a shape may promote to columns, kept by name.
struct Extra {
  std::uint32_t row = 0;
  std::string name;
  ValueType type = ValueType::text;
  std::string text;
  bool null = false;
};

inline constexpr std::uint64_t kNoRecordId = std::numeric_limits<std::uint64_t>::max();

/// What is known of a record besides its fields.
struct RowMeta {
  Time time;  ///< the record's own creation time
  std::uint64_t record_id = kNoRecordId;
  std::uint64_t offset = 0;   ///< of the record in its (decompressed) source
  Code host = kAbsent;        ///< into BatchBuilder::hosts(), EventBatch::hosts
  std::string_view original;  ///< the record's bytes, inside the work unit
  bool keywords = true;       ///< may hold one of Wanted::texts
  bool carved = false;        ///< found where no live record stands: slack, unallocated space, memory
};

struct EventBatch {
  ShapeId shape;
  SourceId source;
  std::vector<RowMeta> rows;
  std::vector<Column> columns;  ///< in the order in which fields first appeared
  std::vector<Extra> extras;    ///< sorted by row
  const ValueTable* hosts = nullptr;

  [[nodiscard]] const Column* column(FieldId field) const {
    for (const Column& column : columns) {
      if (column.field == field) return &column;
    }
    return nullptr;
  }
};

/// Which fields of a shape somebody downstream will look at. Decoders need not make the others.
struct Wanted {
  bool drop = false;            ///< nobody wants records of this shape: count them and go on
  bool all = true;              ///< every field
  std::vector<FieldId> fields;  ///< sorted; meaningful if !all, or all_by_text
  /// With `all`: of records that hold none of `texts` in any of their values, `fields` are enough. Decoders
  /// that cannot tell make every field.
  bool all_by_text = false;
  /// A bit for each of the texts that whoever asks named (sigma::RuleSet::keyword_texts).
  std::uint64_t texts = ~std::uint64_t{0};

  [[nodiscard]] bool wants(FieldId field) const { return all || asks_for(field); }
  /// Whether it is one of `fields`.
  [[nodiscard]] bool asks_for(FieldId field) const;
};

/// Takes batches; one sink a worker, so it need not be thread-safe.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  /// Asked once for each shape that a worker meets; the answer must not change.
  [[nodiscard]] virtual Wanted wanted(ShapeId shape) = 0;
  virtual void consume(const EventBatch& batch) = 0;
};

}  // namespace landwarden::event
