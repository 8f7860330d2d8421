#include "event/builder.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace landwarden::event {

bool Wanted::asks_for(FieldId field) const {
  return std::binary_search(fields.begin(), fields.end(), field);
}

ShapeWriter::ShapeWriter(BatchBuilder& builder, ShapeId shape)
    : builder_(builder), wanted_(builder.sink_.wanted(shape)) {
  batch_.shape = shape;
  batch_.hosts = &builder.hosts_;
}

std::optional<std::uint32_t> ShapeWriter::column(FieldId field) {
  if (const auto found = by_field_.find(field.value); found != by_field_.end()) return found->second;
  if (columns_.size() >= limits::kShapeColumns) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(columns_.size());
  ValueTable& table = builder_.table(field);
  columns_.push_back({&table});
  batch_.columns.emplace_back().field = field;
  batch_.columns.back().values = &table;
  by_field_.emplace(field.value, index);
  return index;
}

void ShapeWriter::put_at(std::uint32_t row, std::uint32_t index, Code code) {
  LW_ASSERT(index < batch_.columns.size() && row < batch_.rows.size());
  Column& column = batch_.columns[index];
  if (column.codes.size() <= row) {
    column.codes.resize(row, kAbsent);
    column.codes.push_back(code);
    return;
  }
  // A second value: the cell becomes, or stays, a list. Lists grow only at the end, since nothing comes
  // between the values of one.
  Code& cell = column.codes[row];
  if (cell == kAbsent) {
    cell = code;
    return;
  }
  if ((cell & Column::kListFlag) == 0) {
    const auto begin = static_cast<std::uint32_t>(column.list_codes.size());
    column.list_codes.push_back(cell);
    cell = Column::kListFlag | static_cast<Code>(column.lists.size());
    column.lists.push_back({begin, 1});
  }
  column.list_codes.push_back(code);
  ++column.lists[cell & ~Column::kListFlag].size;
}

void ShapeWriter::put_extra(std::string_view name, ValueType type, std::string_view text, bool null) {
  LW_ASSERT(!batch_.rows.empty());
  put_extra_at(rows() - 1, name, type, text, null);
}

void ShapeWriter::put_extra_at(std::uint32_t row, std::string_view name, ValueType type,
                               std::string_view text, bool null) {
  batch_.extras.push_back({row, std::string(name), type, std::string(text), null});
}

void ShapeWriter::list_or_flush() {
  if (!listed_) {
    listed_ = true;
    builder_.with_rows_.push_back(this);
  }
  if (full()) flush();
}

void ShapeWriter::flush() {
  if (batch_.rows.empty()) return;
  batch_.source = builder_.source_;
  const auto by_row = [](const Extra& a, const Extra& b) { return a.row < b.row; };
  if (!std::is_sorted(batch_.extras.begin(), batch_.extras.end(), by_row)) {
    std::stable_sort(batch_.extras.begin(), batch_.extras.end(), by_row);
  }
  builder_.sink_.consume(batch_);
  batch_.rows.clear();
  batch_.extras.clear();
  for (Column& column : batch_.columns) {
    column.codes.clear();
    column.lists.clear();
    column.list_codes.clear();
  }
}

ShapeWriter& BatchBuilder::open(ShapeId shape) {
  auto& writer = shapes_[shape.value];
  if (!writer) writer.reset(new ShapeWriter(*this, shape));
  return *writer;
}

ValueTable& BatchBuilder::table(FieldId field) {
  auto& table = tables_[field.value];
  if (!table) table = std::make_unique<ValueTable>(&load_);
  return *table;
}

void BatchBuilder::end_unit() {
  for (ShapeWriter* writer : with_rows_) {
    writer->flush();
    writer->listed_ = false;
  }
  with_rows_.clear();
  trim_dictionaries();
}

void BatchBuilder::trim_dictionaries() {
  const bool all = load_.bytes > limits::kWorkerDictionaryBytes;
  if (!all && load_.overfull.empty()) return;
  for (ValueTable* table : load_.overfull) table->clear(!all);
  load_.overfull.clear();
  if (all) {
    for (const auto& [field, table] : tables_) table->clear();
    hosts_.clear();
  }
  ++epoch_;
}

}  // namespace landwarden::event
