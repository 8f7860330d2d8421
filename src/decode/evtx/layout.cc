#include "decode/evtx/layout.h"

#include <algorithm>

namespace landwarden::decode::evtx {

using event::ValueType;

/// So many rows before a number is looked up, what the look-up needs is fetched.
constexpr std::ptrdiff_t kAhead = 8;

bool left_out(const FieldPlan& field, const RecordValues& record, unsigned instance) {
  for (const std::uint16_t dependency : field.dependencies) {
    if (record.is_null(instance, dependency)) return true;
  }
  return false;
}

ShapePlans::ShapePlans(const Plan& plan) : watches(true) {
  const auto field_at = [&](int index) -> const FieldPlan& {
    return plan.fields[static_cast<std::size_t>(index)];
  };
  const auto hangs_on_itself = [](const FieldPlan& field) {
    return std::ranges::all_of(field.dependencies,
                               [&](std::uint16_t slot) { return slot == field.parts[0].slot; });
  };
  for (const int index :
       {plan.system.event_id, plan.system.version, plan.system.channel, plan.system.provider}) {
    if (index < 0) continue;
    const FieldPlan& field = field_at(index);
    if (field.is_slot()) {
      watches = watches && hangs_on_itself(field);
      watched.push_back(field.parts[0].slot);
    } else {
      watches = watches && field.dependencies.empty();
    }
  }
  const auto slot_of = [&](int index) {
    if (index < 0 || !field_at(index).is_slot() || !hangs_on_itself(field_at(index))) return kNoSlot;
    return field_at(index).parts[0].slot;
  };
  time_slot = slot_of(plan.system.time);
  record_id_slot = slot_of(plan.system.record_id);
  computer_slot = slot_of(plan.system.computer);
  same_host = plan.system.computer < 0 || (field_at(plan.system.computer).is_literal() &&
                                           field_at(plan.system.computer).dependencies.empty());
}

Layout::Layout(const Plan& outer, const Plan* inner, event::BatchBuilder& builder, event::ShapeWriter& writer,
               bool whole)
    : writer_(writer),
      all_(writer.wanted().all && (whole || !writer.wanted().all_by_text)),
      outer_cells_(outer.cells),
      inner_cells_(inner != nullptr ? inner->cells : 0) {
  add_steps(outer, 0, 0, outer.embedded_at, builder);
  if (inner != nullptr) add_steps(*inner, 1, 0, inner->fields.size(), builder);
  add_steps(outer, 0, outer.embedded_at, outer.fields.size(), builder);
  sort_steps();
}

void Layout::add_steps(const Plan& plan, unsigned instance, std::size_t begin, std::size_t end,
                       event::BatchBuilder& builder) {
  const event::Wanted& wanted = writer_.wanted();
  for (std::size_t i = begin; i < end; ++i) {
    const FieldPlan& field = plan.fields[i];
    const auto id = field.id_in(builder.catalogue());
    if (!all_ && !(id && wanted.asks_for(*id))) continue;
    Step step{.kind = field.is_slot()      ? Step::slot
                      : field.is_literal() ? Step::literal
                                           : Step::joined,
              .instance = static_cast<std::uint8_t>(instance),
              .when_empty = field.when_empty,
              .field = &field};
    if (field.is_slot()) {
      step.number = field.parts[0].slot;
      step.cell = step.number + (instance == 0 ? 0 : outer_cells_);
      // No instance has so many values.
      if (step.number >= plan.cells) step.kind = Step::joined;
    }
    step.depends_on_own =
        field.is_slot() && field.dependencies.size() == 1 && field.dependencies[0] == step.number;
    step.depends_on_other = !field.dependencies.empty() && !step.depends_on_own;
    const SystemFields& system = plan.system;
    const int index = static_cast<int>(i);
    step.by_shape = instance == 0 && step.kind == Step::slot && !step.depends_on_other &&
                    (index == system.event_id || index == system.version || index == system.channel ||
                     index == system.provider);
    const auto column = id ? writer_.column(*id) : std::nullopt;
    step.extra = !column;
    if (column) {
      step.column = *column;
      step.table = &writer_.table(*column);
    }
    columns_.push_back(step);
  }
}

/// Fields whose values may become a list together are put row by row: a list's values are put in a row.
void Layout::sort_steps() {
  std::vector<std::uint32_t> uses;  // by column
  for (const Step& step : columns_) {
    if (step.extra) continue;
    if (uses.size() <= step.column) uses.resize(step.column + 1);
    ++uses[step.column];
  }
  const auto alone = [&](const Step& step) { return !step.extra && uses[step.column] == 1; };
  const auto shared = std::stable_partition(columns_.begin(), columns_.end(), alone);
  by_row_.assign(shared, columns_.end());
  columns_.erase(shared, columns_.end());
}

RecordValues Layout::values_of(const WaitingRow& row) const {
  const Cell* cells = cells_ + row.cells;
  return {base_, {cells, cells + outer_cells_}, {outer_cells_, inner_cells_}};
}

void Layout::fill(const std::byte* base, const Cell* cells, std::uint64_t unit, TextCodes& texts) {
  base_ = base;
  texts_ = &texts;
  cells_ = cells;
  if (unit_ != unit) {  // codes may be void
    unit_ = unit;
    for (Step& step : columns_) step.code = step.empty = event::kAbsent;
    for (Step& step : by_row_) step.code = step.empty = event::kAbsent;
  }
  for (Step& step : columns_) fill_column(step);
  if (!by_row_.empty()) {
    for (const WaitingRow& row : waiting_) {
      for (Step& step : by_row_) put(step, row);
    }
  }
  waiting_.clear();
}

void Layout::fill_column(Step& step) {
  std::span<const WaitingRow> rows = waiting_;
  if (step.depends_on_other) {
    some_.clear();
    for (const WaitingRow& row : rows) {
      if (!left_out(*step.field, values_of(row), step.instance)) some_.push_back(row);
    }
    rows = some_;
  }
  // What is not there may be so in two ways.
  const bool same = step.by_shape && !cells_[rows.front().cells + step.cell].is_void();
  if (step.kind == Step::slot && !same) return fill_slots(step, rows);
  if (step.kind == Step::joined) {
    for (const WaitingRow& row : rows) put_joined(step, row.row, values_of(row));
    return;
  }
  const std::vector<Part>& parts = step.field->parts;
  if (parts.empty() && step.when_empty == WhenEmpty::absent) return;
  event::Code* out = writer_.cells(step.column);
  if (step.code == event::kAbsent) {
    if (step.kind == Step::slot) {
      fill_slots(step, rows.first(1));
      step.code = out[rows.front().row];
    } else {
      step.code = parts.empty() ? empty_code(step) : step.table->intern(parts[0].type, parts[0].text);
    }
  }
  for (const WaitingRow& row : rows) out[row.row] = step.code;
}

/// Stretches of values of one kind, each in a loop of its own.
void Layout::fill_slots(Step& step, std::span<const WaitingRow> rows) {
  event::Code* out = writer_.cells(step.column);
  for (std::size_t i = 0; i < rows.size();) {
    const Cell cell = cells_[rows[i].cells + step.cell];
    if (cell.is_void()) {
      i = fill_empty(step, rows, i, out);
    } else if (cell.type() == value_type::kText) {
      i = fill_texts(step, rows, i, out);
    } else if (cell.size() != fixed_size(cell.type())) {
      i = fill_others(step, rows, i, out);
    } else if (cell.size() == 8) {
      i = fill_numbers<std::uint64_t>(step, rows, i, out);
    } else if (cell.size() == 4) {
      i = fill_numbers<std::uint32_t>(step, rows, i, out);
    } else if (cell.size() == 2) {
      i = fill_numbers<std::uint16_t>(step, rows, i, out);
    } else if (cell.size() == 1) {
      i = fill_numbers<std::uint8_t>(step, rows, i, out);
    } else {
      i = fill_others(step, rows, i, out);
    }
  }
}

std::size_t Layout::fill_empty(Step& step, std::span<const WaitingRow> rows, std::size_t i,
                               event::Code* out) {
  // Codes are absent until they are put.
  const bool shown = step.when_empty != WhenEmpty::absent;
  for (; i < rows.size(); ++i) {
    const Cell cell = cells_[rows[i].cells + step.cell];
    if (!cell.is_void()) break;
    if (shown && !(step.depends_on_own && cell.type() == value_type::kNull)) {
      out[rows[i].row] = empty_code(step);
    }
  }
  return i;
}

template <class T>
std::size_t Layout::fill_numbers(Step& step, std::span<const WaitingRow> rows, std::size_t i,
                                 event::Code* out) {
  const Cell* cells = cells_ + step.cell;
  const std::byte* base = base_;
  const WaitingRow* row = rows.data() + i;
  const WaitingRow* const end = rows.data() + rows.size();
  const Cell first = cells[row->cells];
  const std::uint8_t type = first.type();
  auto last = load<T>(base + first.at);
  event::Code code = intern_number(*step.table, type, last);
  const bool far = step.table->has_many_numbers();
  for (; row != end; ++row) {
    const Cell cell = cells[row->cells];
    if (cell.described != first.described) break;
    if (const auto number = load<T>(base + cell.at); number != last) {
      if (far && end - row > kAhead && cells[row[kAhead].cells].described == first.described)
        step.table->expect_number(raw_kind(type), load<T>(base + cells[row[kAhead].cells].at));
      last = number;
      code = intern_number(*step.table, type, number);
    }
    out[row->row] = code;
  }
  return static_cast<std::size_t>(row - rows.data());
}

std::size_t Layout::fill_texts(Step& step, std::span<const WaitingRow> rows, std::size_t i,
                               event::Code* out) {
  const Cell* cells = cells_ + step.cell;
  const std::byte* base = base_;
  const std::size_t count = rows.size();
  const auto put = [&](std::size_t row, std::size_t end, event::Code code) {
    for (; row < end; ++row) out[rows.data()[row].row] = code;
  };
  while (i < count) {
    const Cell cell = cells[rows.data()[i].cells];
    if (cell.type() != value_type::kText || cell.size() == 0) break;
    const std::size_t first = i++;
    const Bytes text{base + cell.at, cell.size()};
    for (; i < count; ++i) {
      const Cell next = cells[rows.data()[i].cells];
      if (next.described != cell.described || !same_bytes(base + next.at, text.data(), text.size())) break;
    }
    if (is_empty({text.data(), cell.size(), value_type::kText})) {
      if (step.when_empty != WhenEmpty::absent) put(first, i, empty_code(step));
    } else if (const event::Code code = texts_->find(*step.table, text); code != event::kAbsent) {
      put(first, i, code);
    } else {
      texts_->wait(*step.table, text, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(i));
      if (texts_->full()) texts_->resolve(*step.table, text_, put);
    }
  }
  texts_->resolve(*step.table, text_, put);
  return i;
}

std::size_t Layout::fill_others(Step& step, std::span<const WaitingRow> rows, std::size_t i,
                                event::Code* out) {
  const Cell* cells = cells_ + step.cell;
  const Cell first = cells[rows[i].cells];
  RawValue last{base_ + first.at, first.size(), first.type()};
  if (is_list(last.type)) {
    put_slot(step, rows[i].row, last);
    return i + 1;
  }
  const auto code_of = [&](const RawValue& value) {
    if (!is_empty(value)) return intern(*step.table, value, text_);
    return step.when_empty == WhenEmpty::absent ? event::kAbsent : empty_code(step);
  };
  event::Code code = code_of(last);
  for (; i < rows.size(); ++i) {
    const Cell cell = cells[rows[i].cells];
    if (cell.described != first.described) break;
    const std::byte* data = base_ + cell.at;
    if (!same_bytes(data, last.data, last.size)) {
      last.data = data;
      code = code_of(last);
    }
    out[rows[i].row] = code;
  }
  return i;
}

void Layout::put(Step& step, const WaitingRow& row) {
  const RecordValues record = values_of(row);
  if (step.depends_on_other && left_out(*step.field, record, step.instance)) return;
  if (step.kind == Step::slot) {
    if (step.depends_on_own && record.is_null(step.instance, step.number)) return;
    put_slot(step, row.row, record.at(step.instance, step.number));
  } else if (step.kind == Step::joined) {
    put_joined(step, row.row, record);
  } else if (const std::vector<Part>& parts = step.field->parts; parts.empty()) {
    put_empty(step, row.row);
  } else {
    put_text(step, row.row, parts[0].type, parts[0].text);
  }
}

void Layout::put_slot(Step& step, std::uint32_t row, const RawValue& value) {
  if (is_special(value.type) && value.size != 0 && is_list(value.type)) {
    for (RawValue rest = value; rest.size > 0;) put_value(step, row, next_item(rest));
  } else {
    put_value(step, row, value);
  }
}

void Layout::put_value(Step& step, std::uint32_t row, const RawValue& value) {
  if (is_empty(value)) return put_empty(step, row);
  if (step.extra) {
    text_.clear();
    const ValueType type = render(value.type, value.bytes(), text_);
    return writer_.put_extra_at(row, step.field->name, type, text_);
  }
  writer_.put_at(row, step.column, intern(*step.table, value, text_));
}

event::Code Layout::empty_code(Step& step) {
  if (step.when_empty == WhenEmpty::null) return event::kNull;
  if (step.empty == event::kAbsent) step.empty = step.table->intern(ValueType::text, {});
  return step.empty;
}

void Layout::put_empty(Step& step, std::uint32_t row) {
  if (step.when_empty == WhenEmpty::absent) return;
  const bool null = step.when_empty == WhenEmpty::null;
  if (step.extra) return writer_.put_extra_at(row, step.field->name, ValueType::text, {}, null);
  writer_.put_at(row, step.column, empty_code(step));
}

void Layout::put_text(const Step& step, std::uint32_t row, ValueType type, std::string_view text) {
  if (step.extra) return writer_.put_extra_at(row, step.field->name, type, text);
  writer_.put_at(row, step.column, step.table->intern(type, text));
}

void Layout::put_joined(Step& step, std::uint32_t row, const RecordValues& record) {
  std::string joined;
  for (const Part& part : step.field->parts) {
    if (!part.is_slot) {
      joined += part.text;
      continue;
    }
    const RawValue value = record.at(step.instance, part.slot);
    if (!is_empty(value)) render(value.type, value.bytes(), joined);
  }
  if (joined.empty()) return put_empty(step, row);
  put_text(step, row, ValueType::text, joined);
}

}  // namespace landwarden::decode::evtx
