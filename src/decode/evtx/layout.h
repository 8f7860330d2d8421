// How the records of one shape that come from the same templates become rows: for every field that somebody
// wants, the column, the slot of the value, and what an empty one means. Made once, used for each record.
//
// Records are only noted (add), as places of their values, and filled in by columns some hundred at a time
// (fill): values of one column are of one type and often the same, so that a loop over them goes straight.
//
// Layouts belong to the plan of the outer template. One worker.

#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "decode/evtx/cell.h"
#include "decode/evtx/plan.h"
#include "decode/evtx/seen_instance.h"
#include "decode/evtx/text_codes.h"
#include "event/builder.h"

namespace landwarden::decode::evtx {

/// The values of a record: of its outer template's instance and of the one embedded in it.
struct RecordValues {
  const std::byte* base = nullptr;
  const Cell* cells[2] = {};
  std::uint32_t counts[2] = {};

  [[nodiscard]] RawValue at(unsigned instance, std::uint16_t slot) const {
    if (slot >= counts[instance]) return {};
    const Cell cell = cells[instance][slot];
    if (cell.described == Cell::kNone) return {};
    return {base + cell.at, cell.size(), cell.type()};
  }
  [[nodiscard]] Cell cell(unsigned instance, std::uint16_t slot) const {
    return slot < counts[instance] ? cells[instance][slot] : Cell{};
  }
  /// A slot that the instance does not have is none that is null.
  [[nodiscard]] bool is_null(unsigned instance, std::uint16_t slot) const {
    return slot < counts[instance] && cells[instance][slot].type() == value_type::kNull;
  }
};

/// Whether the field is left out because a value that it depends on is null.
[[nodiscard]] bool left_out(const FieldPlan& field, const RecordValues& record, unsigned instance);

/// A record whose row has begun and whose cells are yet to be put.
struct WaitingRow {
  std::uint32_t row = 0;    ///< in the open batch
  std::uint32_t cells = 0;  ///< index of its first: those of the outer plan, then those of the inner one
};

class Layout {
 public:
  /// `inner` may be null. Plans and writer must outlive the layout. `whole`: every field, if the writer's
  /// shape is wanted so (event::Wanted::all_by_text).
  Layout(const Plan& outer, const Plan* inner, event::BatchBuilder& builder, event::ShapeWriter& writer,
         bool whole);

  /// Notes a row; true if it is the first since fill().
  bool add(WaitingRow row) {
    waiting_.push_back(row);
    return waiting_.size() == 1;
  }
  /// Puts the fields of all rows noted. `unit` numbers the work units of this worker.
  void fill(const std::byte* base, const Cell* cells, std::uint64_t unit, TextCodes& texts);

 private:
  struct Step {
    enum Kind : std::uint8_t { slot, literal, joined } kind = slot;
    std::uint8_t instance = 0;
    WhenEmpty when_empty = WhenEmpty::absent;
    bool extra = false;             ///< no column is left for it
    bool depends_on_own = false;    ///< absent if its own slot is null
    bool depends_on_other = false;  ///< on more than its own slot being null
    bool by_shape = false;          ///< its value decides about the shape: it is the same in all rows
    std::uint16_t number = 0;       ///< of the slot
    std::uint32_t cell = 0;         ///< the slot's, among those of a row
    std::uint32_t column = 0;
    /// Within this unit: the code of what is the same in all rows, and that of empty text.
    event::Code code = event::kAbsent;
    event::Code empty = event::kAbsent;
    event::ValueTable* table = nullptr;
    const FieldPlan* field = nullptr;
  };
  void add_steps(const Plan& plan, unsigned instance, std::size_t begin, std::size_t end,
                 event::BatchBuilder& builder);
  void sort_steps();
  [[nodiscard]] RecordValues values_of(const WaitingRow& row) const;

  void fill_column(Step& step);
  void fill_slots(Step& step, std::span<const WaitingRow> rows);
  std::size_t fill_empty(Step& step, std::span<const WaitingRow> rows, std::size_t i, event::Code* out);
  template <class T>
  std::size_t fill_numbers(Step& step, std::span<const WaitingRow> rows, std::size_t i, event::Code* out);
  std::size_t fill_texts(Step& step, std::span<const WaitingRow> rows, std::size_t i, event::Code* out);
  std::size_t fill_others(Step& step, std::span<const WaitingRow> rows, std::size_t i, event::Code* out);

  void put(Step& step, const WaitingRow& row);
  void put_slot(Step& step, std::uint32_t row, const RawValue& value);
  void put_value(Step& step, std::uint32_t row, const RawValue& value);
  void put_empty(Step& step, std::uint32_t row);
  void put_text(const Step& step, std::uint32_t row, event::ValueType type, std::string_view text);
  void put_joined(Step& step, std::uint32_t row, const RecordValues& record);
  [[nodiscard]] event::Code empty_code(Step& step);

  event::ShapeWriter& writer_;
  bool all_;  ///< fields, whoever wants them
  std::uint32_t outer_cells_, inner_cells_;
  std::vector<Step> columns_;  ///< each the only one for its column
  std::vector<Step> by_row_;   ///< those that share a column, and those without one
  std::vector<WaitingRow> waiting_, some_;
  const std::byte* base_ = nullptr;  ///< while filling
  const Cell* cells_ = nullptr;
  TextCodes* texts_ = nullptr;
  std::uint64_t unit_ = 0;
  std::string text_;
};

/// A shape that an outer template was seen with.
struct ShapePlan {
  event::ShapeWriter* writer = nullptr;
  /// The one for the record before.
  const Plan* last_inner = nullptr;
  bool last_whole = true;
  Layout* last = nullptr;
  struct Known {
    const Plan* inner = nullptr;  ///< template
    bool whole = true;
    std::unique_ptr<Layout> layout;
  };
  std::vector<Known> layouts;
};

/// A value that was met before: itself if it is as short as a number, else its bytes, while they stay.
class SeenValue {
 public:
  SeenValue() = default;
  SeenValue(const std::byte* base, Cell cell) : described_(cell.described) {
    if (is_short()) {
      number_ = load_number(base + cell.at, cell.size());
    } else if (described_ != Cell::kNone) {
      data_ = base + cell.at;
    }
  }

  [[nodiscard, gnu::always_inline]] bool is(const std::byte* base, Cell cell) const {
    if (cell.described != described_) return false;
    if (is_short()) return load_number(base + cell.at, cell.size()) == number_;
    return data_ == nullptr || same_bytes(base + cell.at, data_, cell.size());
  }
  /// Whether it means something when the bytes are gone.
  [[nodiscard]] bool stays() const { return data_ == nullptr; }

 private:
  [[nodiscard]] bool is_short() const {
    const std::uint32_t size = described_ & 0xffff;
    return size <= 2 || size == 4 || size == 8;
  }
  static std::uint64_t load_number(const std::byte* at, std::uint32_t size) {
    switch (size) {
      case 1:
        return load<std::uint8_t>(at);
      case 2:
        return load<std::uint16_t>(at);
      case 4:
        return load<std::uint32_t>(at);
      case 8:
        return load<std::uint64_t>(at);
      default:
        return 0;
    }
  }

  const std::byte* data_ = nullptr;
  std::uint64_t number_ = 0;
  std::uint32_t described_ = Cell::kNone;
};

/// By event id, version and what else of the shape is not the template's own text.
struct ShapePlans {
  explicit ShapePlans(const Plan& plan);

  /// A shape by what is watched, most often the event id: logs alternate between some.
  struct Recent {
    std::uint64_t unit = 0;  ///< that it belongs to; kAnyUnit: it says the same in all of them
    SeenValue watched[4];
    ShapePlan* shape = nullptr;
  };
  static constexpr std::uint64_t kAnyUnit = ~std::uint64_t{0};
  /// The one that the record would be known by, if it is; else what to write over.
  [[nodiscard]] Recent& recent_for(const RecordValues& record) { return recent[recent_index(record)]; }
  [[nodiscard, gnu::always_inline]] bool is(const Recent& known, const RecordValues& record) const {
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (!known.watched[i].is(record.base, record.cell(0, watched[i]))) return false;
    }
    return true;
  }

  /// Of the worker's units; what belongs to the one before is forgotten.
  void begin_unit(std::uint64_t number) {
    if (unit == number) return;
    unit = number;
    last = nullptr;
    host = event::kAbsent;
  }

  std::unordered_map<std::string, ShapePlan, TextHash, std::equal_to<>> by_key;
  std::uint64_t unit = 0;  ///< that `last` and the host belong to
  /// What instances were like lately, and which of them the last one was like.
  std::array<SeenInstance, 4> seen;
  std::size_t last_seen = 0, next_seen = 0;
  /// If the shape hangs on nothing but what these slots hold: those. Spares most records the look at
  /// dependencies.
  bool watches = false;
  std::vector<std::uint16_t> watched;
  std::vector<Recent> recent = std::vector<Recent>(32);
  /// Of a plan that does not watch: what decided about the record before.
  RawValue last_values[4];
  ShapePlan* last = nullptr;

  /// The slot of a System field that hangs on nothing else; kNoSlot: look at the plan.
  static constexpr std::uint16_t kNoSlot = 0xffff;
  std::uint16_t time_slot = kNoSlot, record_id_slot = kNoSlot, computer_slot = kNoSlot;
  bool same_host = false;  ///< for all: it is the template's own text
  SeenValue last_host;
  event::Code host = event::kAbsent;  ///< of the record before; absent: unknown

 private:
  [[nodiscard]] std::size_t recent_index(const RecordValues& record) const {
    if (watched.empty()) return 0;
    const Cell first = record.cell(0, watched[0]);
    return (first.size() >= 2 && first.described != Cell::kNone ? load<std::uint16_t>(record.base + first.at)
                                                                : first.size()) %
           recent.size();
  }
};

}  // namespace landwarden::decode::evtx
