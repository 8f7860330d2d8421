// Turns records into batches: one builder a worker, fed by the decoders.
//
// Use, for each work unit: begin_unit(source); for each record: open(shape) → begin_row, put…, end_row; then
// end_unit(), which flushes every open batch to the sink. Batches close earlier at limits::kBatchRows. The
// bytes of the unit must stay until end_unit() returns. Not thread-safe.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "event/batch.h"

namespace landwarden::event {

class BatchBuilder;

/// The open batch of one shape. References to it stay valid as long as the builder.
class ShapeWriter {
 public:
  /// What the sink wants of this shape; if it says drop, no row may be begun.
  [[nodiscard]] const Wanted& wanted() const { return wanted_; }

  /// The number of a field's column in this shape, made when new; the same for the builder's life. Nothing
  /// when the shape has limits::kShapeColumns columns: use put_extra then.
  [[nodiscard]] std::optional<std::uint32_t> column(FieldId field);
  /// The dictionary into which codes for that column must be interned.
  [[nodiscard]] ValueTable& table(std::uint32_t column) { return *columns_[column].table; }

  void begin_row(const RowMeta& meta) { batch_.rows.push_back(meta); }
  /// Sets a cell of the row begun last; a second value for the same column makes it a list.
  [[gnu::always_inline]] void put(std::uint32_t column, Code code) {
    std::vector<Code>& codes = batch_.columns[column].codes;
    if (codes.size() + 1 == batch_.rows.size()) {
      codes.push_back(code);  // nearly always: the row's first value, right behind the row before
    } else {
      put_elsewhere(column, code);
    }
  }
  /// put() of one code after the other, but those that are kAbsent. Both have `size` elements.
  void put_row(const std::uint32_t* columns, const Code* codes, std::size_t size) {
    Column* const all = batch_.columns.data();
    const std::size_t before = batch_.rows.size() - 1;
    for (std::size_t i = 0; i < size; ++i) {
      if (codes[i] == kAbsent) continue;
      std::vector<Code>& cells = all[columns[i]].codes;
      if (cells.size() == before) {
        cells.push_back(codes[i]);
      } else {
        put_elsewhere(columns[i], codes[i]);
      }
    }
  }
  void put_extra(std::string_view name, ValueType type, std::string_view text, bool null = false);
  void end_row() {
    if (!listed_ || full()) list_or_flush();
  }

  // For decoders that begin rows first and fill them column by column, all before the batch closes: that is
  // when end_row() is called while full() holds, or at end_unit().
  [[nodiscard]] std::uint32_t rows() const { return static_cast<std::uint32_t>(batch_.rows.size()); }
  [[nodiscard]] bool full() const { return batch_.rows.size() >= limits::kBatchRows; }
  /// A column's cells, one for each row begun so far; valid until the next call that puts something.
  [[nodiscard]] Code* cells(std::uint32_t column) {
    std::vector<Code>& codes = batch_.columns[column].codes;
    if (codes.size() < batch_.rows.size()) codes.resize(batch_.rows.size());  // absent
    return codes.data();
  }
  /// As put(), for any row. The values of a row's list must be put without those of others between them.
  void put_at(std::uint32_t row, std::uint32_t column, Code code);
  void put_extra_at(std::uint32_t row, std::string_view name, ValueType type, std::string_view text,
                    bool null = false);

 private:
  friend class BatchBuilder;
  struct Slot {
    ValueTable* table;
  };
  ShapeWriter(BatchBuilder& builder, ShapeId shape);
  void list_or_flush();
  void flush();
  void put_elsewhere(std::uint32_t column, Code code) { put_at(rows() - 1, column, code); }

  BatchBuilder& builder_;
  Wanted wanted_;
  EventBatch batch_;
  std::vector<Slot> columns_;
  std::unordered_map<std::uint32_t, std::uint32_t> by_field_;
  bool listed_ = false;  ///< in the builder's list of batches with rows
};

class BatchBuilder {
 public:
  /// Both must outlive the builder.
  BatchBuilder(Catalogue& catalogue, BatchSink& sink) : catalogue_(catalogue), sink_(sink) {}
  BatchBuilder(const BatchBuilder&) = delete;
  BatchBuilder& operator=(const BatchBuilder&) = delete;

  [[nodiscard]] Catalogue& catalogue() { return catalogue_; }
  void begin_unit(SourceId source) { source_ = source; }
  [[nodiscard]] ShapeWriter& open(ShapeId shape);
  [[nodiscard]] ValueTable& hosts() { return hosts_; }
  void end_unit();

  /// Moves on whenever any dictionary was emptied: codes kept by a decoder from before are void.
  [[nodiscard]] std::uint64_t dictionary_epoch() const { return epoch_; }

 private:
  friend class ShapeWriter;
  ValueTable& table(FieldId field);
  void trim_dictionaries();

  Catalogue& catalogue_;
  BatchSink& sink_;
  SourceId source_;
  DictionaryLoad load_;
  ValueTable hosts_{&load_};
  std::unordered_map<std::uint32_t, std::unique_ptr<ValueTable>> tables_;
  std::unordered_map<std::uint32_t, std::unique_ptr<ShapeWriter>> shapes_;
  std::vector<ShapeWriter*> with_rows_;
  std::uint64_t epoch_ = 0;
};

}  // namespace landwarden::event
