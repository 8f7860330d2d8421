#include "decode/json/planned_rows.h"

#include <charconv>
#include <cstring>
#include <utility>

#include "base/limits.h"

namespace landwarden::decode::json {

using event::Code;

namespace {

/// Of a value that is not looked at yet.
constexpr Code kNotFound = ~Code{0};
/// Codes that stand beside their columns at most: they stay in the processor's second cache.
constexpr std::size_t kStaged = 1 << 15;

}  // namespace

PlannedRows::PlannedRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths,
                         LayoutRows& rows)
    : builder_(builder), layouts_(layouts), rows_(rows), plans_(layouts, paths, rows) {}
PlannedRows::~PlannedRows() = default;

void PlannedRows::forget() {
  settle();
  lines_.forget();
  known_.clear();
  plans_.forget();
  epoch_ = rows_.shapes_epoch_;
}

/// Forgets what has grown too large, and what dictionaries have forgotten.
void PlannedRows::make_room() {
  if (epoch_ != rows_.shapes_epoch_ || plans_.full() || lines_.full()) forget();
  if (dictionary_epoch_ == builder_.dictionary_epoch()) return;
  dictionary_epoch_ = builder_.dictionary_epoch();
  plans_.forget_values();
}

bool PlannedRows::put(LayoutRows::Seen& seen, std::span<PathEntry* const> entries,
                      std::span<const std::string_view> tokens, bool in_place, std::string_view original,
                      std::uint64_t offset) {
  make_room();
  parsed_.placement = nullptr;
  parsed_.sequence = plans_.sequence_of(entries);
  if (parsed_.sequence == nullptr) return false;
  tokens_.clear();
  places_.clear();
  elsewhere_.clear();
  for (const std::string_view token : tokens) {
    if (token.empty()) return false;  // nothing but what the parser takes for blanks: no value
    const auto size = static_cast<std::uint32_t>(token.size());
    tokens_.push_back({token.data(), size, Token::kUnread});
    places_.push_back({static_cast<std::uint32_t>(places_.size()), size, Place::kElsewhere, 0});
    elsewhere_.push_back(token.data());
  }
  const Values values{original.data(), places_.data(), elsewhere_.data(), nullptr, &arena_};
  if (!put_all(seen, parsed_, values, {original, offset})) return false;
  if (!in_place) return true;
  const std::int32_t kind = lines_.learn(original, tokens_);
  if (kind == KnownLines::kUnknown) return true;
  if (static_cast<std::size_t>(kind) == known_.size()) known_.emplace_back();
  known_[static_cast<std::size_t>(kind)] = parsed_;
  return true;
}

std::size_t PlannedRows::put_known(LayoutRows::Seen& seen, std::string_view text, std::size_t readable,
                                   std::uint64_t offset) {
  make_room();
  const std::int32_t kind = lines_.find(text, readable);
  if (kind == KnownLines::kUnknown) return 0;
  const std::size_t size = lines_.size();
  Known& known = known_[static_cast<std::size_t>(kind)];
  plans_.met_again(*known.sequence);
  const Values values{text.data(), lines_.places().data(), lines_.elsewhere(), lines_.texts().data(),
                      &arena_};
  return put_changed(seen, known, values, {text.substr(0, size), offset}) ? size : 0;
}

/// A record whose values may all be others than those known.
bool PlannedRows::put_all(LayoutRows::Seen& seen, Known& known, const Values& values, const Record& record) {
  arena_.reset(2 * record.bytes.size());  // some values are read twice
  Placement* const before = std::exchange(known.placement, nullptr);
  known.plan = plans_.plan_of(*known.sequence, values);
  if (known.plan == nullptr) return false;
  Decision* const decision = plans_.decision_of(*known.plan, values);
  if (decision == nullptr) return false;
  Placement* const placement = plans_.placement_of(*known.plan, *decision, values);
  if (placement == nullptr) return false;
  const std::size_t size = known.plan->steps.size();
  if (before == nullptr || known.epoch != dictionary_epoch_) {
    known.codes.assign(size, kNotFound);
  } else if (before != placement) {
    for (std::size_t i = 0; i < size; ++i) {
      const Lately* const lately = placement->cells[i].lately;
      if (lately == nullptr || lately != before->cells[i].lately) known.codes[i] = kNotFound;
    }
  }
  known.epoch = dictionary_epoch_;
  known.decision = decision;
  known.placement = placement;
  wanted_.clear();
  for (std::size_t i = 0; i < size; ++i) {
    if (known.codes[i] == kNotFound) wanted_.push_back(static_cast<std::uint32_t>(i));
  }
  bool found = find_codes(known, wanted_, values);
  if (found && !placement->extras && !placement->writer->wanted().drop)
    found = read_meta(seen, known, values);
  if (!found || placement->extras) {
    known.placement = nullptr;
    return false;
  }
  put_row(seen, known, record);
  return true;
}

/// A record of a kind of lines whose last record is known.
bool PlannedRows::put_changed(LayoutRows::Seen& seen, Known& known, const Values& values,
                              const Record& record) {
  const std::span<const std::uint32_t> changed = lines_.changed();
  if (known.placement == nullptr || known.epoch != dictionary_epoch_)
    return put_all(seen, known, values, record);
  unsigned watch = 0;
  const std::uint8_t* const watches = known.decision->watch.data();
  for (const std::uint32_t number : changed) {
    const unsigned of_step = watches[number];
    watch |= of_step;
    if ((of_step & Decision::kIfNull) != 0 && values[number].front() == 'n') watch |= Decision::kAll;
  }
  arena_.reset(2 * record.bytes.size());
  if ((watch & Decision::kLayout) != 0 && plans_.plan_of(*known.sequence, values) != known.plan)
    watch |= Decision::kAll;
  if ((watch & Decision::kAll) != 0) {
    for (const std::uint32_t number : changed) known.codes[number] = kNotFound;
    return put_all(seen, known, values, record);
  }
  bool found = find_codes(known, changed, values);
  if (found && !known.placement->writer->wanted().drop) {
    if (!known.keeps_time || (watch & Decision::kTime) != 0) found = read_time(seen, known, values);
    if ((watch & Decision::kRecordId) != 0) found = found && read_record_id(known, values);
    if ((watch & Decision::kHost) != 0) found = found && read_host(known, values);
  }
  if (!found || known.placement->extras) {
    known.placement = nullptr;
    return false;
  }
  put_row(seen, known, record);
  return true;
}

void PlannedRows::put_row(LayoutRows::Seen& seen, const Known& known, const Record& record) {
  seen.layouts[known.plan->layout] = true;
  event::ShapeWriter& writer = *known.placement->writer;
  if (writer.wanted().drop) return;
  event::RowMeta meta = known.meta;
  meta.offset = record.offset;
  meta.original = record.bytes;
  writer.begin_row(meta);
  Placement& placement = *known.placement;
  if (placement.lists) {
    writer.put_row(placement.columns.data(), known.codes.data(), known.codes.size());
  } else {
    if (placement.rows.empty()) with_staged_.push_back(&placement);
    placement.rows.push_back(writer.rows() - 1);
    placement.staged.push_back(static_cast<std::uint32_t>(staged_.size()));
    staged_.insert(staged_.end(), known.codes.begin(), known.codes.end());
  }
  if (writer.full() || staged_.size() > kStaged) settle();
  writer.end_row();
}

/// A row's cells lie far from each other: they are written for many rows together, column by column.
void PlannedRows::settle() {
  for (Placement* const placement : with_staged_) {
    const std::size_t rows = placement->rows.size();
    const std::uint32_t* const numbers = placement->rows.data();
    const std::uint32_t* const staged = placement->staged.data();
    for (std::size_t i = 0; i < placement->cells.size(); ++i) {
      if (!placement->cells[i].column) continue;
      const Code* const codes = staged_.data() + i;
      Code* const cells = placement->writer->cells(placement->columns[i]);
      for (std::size_t row = 0; row < rows; ++row) {
        const Code code = codes[staged[row]];
        if (code != event::kAbsent) cells[numbers[row]] = code;
      }
    }
    placement->rows.clear();
    placement->staged.clear();
  }
  with_staged_.clear();
  staged_.clear();
}

void PlannedRows::end_unit() {
  settle();
  lines_.end_unit();
}

/// Time, host and record number of the row.
bool PlannedRows::read_meta(LayoutRows::Seen& seen, Known& known, const Values& values) {
  return read_record_id(known, values) && read_time(seen, known, values) && read_host(known, values);
}

bool PlannedRows::read_record_id(Known& known, const Values& values) {
  std::string_view text;
  if (!Plans::read_system(*known.plan, *known.decision, Decision::kRecordNumber, values, text)) return false;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, known.meta.record_id);
  if (error != std::errc{} || stop != end) known.meta.record_id = event::kNoRecordId;
  return true;
}

bool PlannedRows::read_time(LayoutRows::Seen& seen, Known& known, const Values& values) {
  const Plan& plan = *known.plan;
  std::string_view time;
  if (!Plans::read_system(plan, *known.decision, Decision::kCreated, values, time)) return false;
  for (const auto& [step, text] :
       {std::pair{plan.zone_local, &rows_.zone_local_}, std::pair{plan.zone_utc, &rows_.zone_utc_}}) {
    *text = {};
    Meaning meaning;
    if (step < 0) continue;
    if (!values.read(plan.deciding[static_cast<std::size_t>(step)].step, meaning)) return false;
    *text = meaning.text;
  }
  known.meta.time = rows_.time_of(seen, time, plan.layout);
  known.keeps_time = LayoutRows::says_its_zone(time);
  return true;
}

bool PlannedRows::read_host(Known& known, const Values& values) {
  std::string_view computer;
  if (!Plans::read_system(*known.plan, *known.decision, Decision::kComputer, values, computer)) return false;
  known.meta.host =
      computer.empty() ? event::kAbsent : builder_.hosts().intern(event::ValueType::text, computer);
  return true;
}

/// Makes codes: those of values that stood in their fields lately, or new ones. False if a token is refused.
/// Dictionaries lie in memory far from each other, so that it is waited for once for all values.
bool PlannedRows::find_codes(Known& known, std::span<const std::uint32_t> numbers, const Values& values) {
  if (slots_.size() < numbers.size()) slots_.resize(numbers.size());
  const Cell* const cells = known.placement->cells.data();
  Lately::Slot** slot = slots_.data();
  for (const std::uint32_t number : numbers) __builtin_prefetch(cells[number].lately);
  for (const std::uint32_t number : numbers) {
    Lately* const lately = cells[number].lately;
    const std::string_view token = values[number];
    const bool kept = lately != nullptr && token.size() <= lately->longest;
    *slot = kept ? &lately->slots[slot_number(token)] : nullptr;
    __builtin_prefetch(*slot++);
    if (lately != nullptr && lately->table != nullptr) {
      __builtin_prefetch(lately->table);
      __builtin_prefetch(reinterpret_cast<const char*>(lately->table) + 128);
    }
  }
  asked_.clear();
  slot = slots_.data();
  for (const std::uint32_t number : numbers) {
    Lately::Slot* const kept = *slot++;
    if (kept != nullptr && kept->is(values[number])) {
      known.codes[number] = kept->code;
      ++cells[number].lately->hits;
    } else if (!read_code(known, number, values, kept)) {
      return false;
    }
  }
  for (const Asked& asked : asked_) {
    const Code code = asked.lately->table->intern_hashed(asked.type, asked.text, asked.hash);
    known.codes[asked.number] = code;
    if (asked.slot == nullptr) {
      asked.lately->pass();
    } else {
      asked.lately->keep(*asked.slot, values[asked.number], code);
    }
  }
  return true;
}

/// Makes one code, or asks for it. False if the token is refused.
bool PlannedRows::read_code(Known& known, std::size_t number, const Values& values, Lately::Slot* slot) {
  const Plan& plan = *known.plan;
  const Step& step = plan.steps[number];
  Cell& cell = known.placement->cells[number];
  const DecidingStep* rewritten = step.deciding != Step::kPlain && cell.rule
                                      ? &plan.deciding[static_cast<std::size_t>(step.deciding)]
                                      : nullptr;
  if (rewritten != nullptr && rewritten->rewrite == nullptr) rewritten = nullptr;
  Meaning meaning;
  if (rewritten != nullptr) {
    meaning = {rewritten->rewritten_type, false, rewritten->rewritten};
  } else if (!values.read(number, meaning)) {
    return false;
  }
  const NullAs null_as = plan.layout < layouts_.size() ? step.null_as : NullAs::null;
  Code code = event::kAbsent;
  if (!meaning.null || null_as != NullAs::absent) {
    if (cell.lately == nullptr) {
      const auto how = rewritten != nullptr ? reinterpret_cast<std::uintptr_t>(rewritten->rewrite)
                                            : static_cast<std::uintptr_t>(null_as);
      plans_.find_column(*known.placement, number, known.decision->targets[number], how);
    }
    if (cell.lately->table != nullptr) {
      if (!meaning.null || null_as != NullAs::null) {
        const std::uint32_t hash = event::ValueTable::text_hash(meaning.type, meaning.text);
        cell.lately->table->expect_text(hash);
        asked_.push_back(
            {static_cast<std::uint32_t>(number), hash, meaning.type, meaning.text, cell.lately, slot});
        return true;
      }
      code = event::kNull;
    }
  }
  known.codes[number] = code;
  if (slot != nullptr) cell.lately->keep(*slot, values[number], code);
  return true;
}

}  // namespace landwarden::decode::json
