// How the records of one shape that come from the same templates become rows: for every field that somebody
// wants, the column, the slot of the value, and what an empty one means. Made once, used for each record.
//
// Records are only noted (add), as places of their values, and filled in by columns some hundred at a time
// (fill): values of one column are of one type and often the same, so that a loop over them goes straight.
//
// Layouts belong to the plan of the outer template. One worker.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "decode/evtx/plan.h"
#include "event/builder.h"

namespace landwarden::decode::evtx {

/// A value in few bytes: where it stands, and size and type as the record describes them.
struct Cell {
  std::uint32_t at = 0;  ///< behind RecordValues::base
  std::uint32_t described = kNone;

  /// Of a slot that the instance does not have.
  static constexpr std::uint32_t kNone = 0xffff'ffff;

  [[nodiscard]] std::uint32_t size() const { return described & 0xffff; }
  [[nodiscard]] std::uint8_t type() const { return static_cast<std::uint8_t>(described >> 16); }
  /// Null or without bytes, whatever its type would make of them.
  [[nodiscard]] bool is_void() const { return described <= 0xffff || size() == 0 || described == kNone; }
};

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
  /// `inner` may be null. Plans and writer must outlive the layout.
  Layout(const Plan& outer, const Plan* inner, event::BatchBuilder& builder, event::ShapeWriter& writer);

  /// Notes a row; true if it is the first since fill().
  bool add(WaitingRow row) {
    waiting_.push_back(row);
    return waiting_.size() == 1;
  }
  /// Puts the fields of all rows noted. `unit` numbers the work units of this worker.
  void fill(const std::byte* base, const Cell* cells, std::uint64_t unit);

 private:
  struct Step {
    enum Kind : std::uint8_t { slot, literal, joined } kind = slot;
    std::uint8_t instance = 0;
    WhenEmpty when_empty = WhenEmpty::absent;
    bool extra = false;             ///< no column is left for it
    bool depends_on_own = false;    ///< absent if its own slot is null
    bool depends_on_other = false;  ///< on more than its own slot being null
    std::uint16_t number = 0;       ///< of the slot
    std::uint32_t cell = 0;         ///< the slot's, among those of a row
    std::uint32_t column = 0;
    /// Within this unit: the code of a literal, and that of empty text.
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
  std::uint32_t outer_cells_, inner_cells_;
  std::vector<Step> columns_;  ///< each the only one for its column
  std::vector<Step> by_row_;   ///< those that share a column, and those without one
  std::vector<WaitingRow> waiting_, some_;
  const std::byte* base_ = nullptr;  ///< while filling
  const Cell* cells_ = nullptr;
  std::uint64_t unit_ = 0;
  std::string text_;
};

/// A shape that an outer template was seen with.
struct ShapePlan {
  event::ShapeWriter* writer = nullptr;
  std::vector<std::pair<const Plan*, std::unique_ptr<Layout>>> layouts;  ///< by inner template
};

/// By event id, version and what else of the shape is not the template's own text.
struct ShapePlans {
  explicit ShapePlans(const Plan& plan);
  [[nodiscard]] bool is_as_before(const RecordValues& record) const;

  std::unordered_map<std::string, ShapePlan, TextHash, std::equal_to<>> by_key;
  /// The record before, while its bytes stay (one work unit): most records are of its shape, all of its host.
  std::uint64_t unit = 0;
  RawValue last_values[4];
  /// If the shape hangs on nothing but what these slots hold: those, and what they held. Spares most records
  /// the look at dependencies.
  bool watches = false;
  std::vector<std::uint16_t> watched;
  RawValue last_watched[4];
  ShapePlan* last = nullptr;
  /// Shapes of this unit by what is watched, most often the event id: logs alternate between some.
  struct Recent {
    std::uint64_t unit = 0;
    RawValue watched[4];
    ShapePlan* shape = nullptr;
  };
  std::vector<Recent> recent = std::vector<Recent>(32);
  [[nodiscard]] Recent& recent_for(const RecordValues& record);
  RawValue last_host;
  event::Code host = event::kAbsent;
};

}  // namespace landwarden::decode::evtx
