// How the records of one shape that come from the same templates become rows: for every field that somebody
// wants, the column, the slot of the value, and what an empty one means. Made once, used for each record.
//
// Layouts belong to the plan of the outer template. One worker.

#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "decode/evtx/plan.h"
#include "event/builder.h"

namespace landwarden::decode::evtx {

/// The values of a record: of its outer template's instance and of the one embedded in it.
struct RecordValues {
  const RawValue* values[2] = {};
  std::uint32_t counts[2] = {};

  [[nodiscard]] RawValue at(unsigned instance, std::uint16_t slot) const {
    return slot < counts[instance] ? values[instance][slot] : RawValue{};
  }
};

/// Whether the field is left out because a value that it depends on is null.
[[nodiscard]] bool left_out(const FieldPlan& field, const RecordValues& record, unsigned instance);

class Layout {
 public:
  /// `inner` may be null. Plans and writer must outlive the layout.
  Layout(const Plan& outer, const Plan* inner, event::BatchBuilder& builder, event::ShapeWriter& writer);

  /// Puts all fields of the row begun last. `unit` numbers the work units of this worker: the bytes of all
  /// records put within one must stay until the next.
  void put(const RecordValues& record, std::uint64_t unit);

 private:
  struct Step {
    enum Kind : std::uint8_t { slot, literal, joined } kind = slot;
    std::uint8_t instance = 0;
    WhenEmpty when_empty = WhenEmpty::absent;
    bool extra = false;             ///< no column is left for it
    bool depends_on_own = false;    ///< absent if its own slot is null
    bool depends_on_other = false;  ///< on more than its own slot being null
    std::uint16_t number = 0;       ///< of the slot
    std::uint32_t column = 0;
    /// The value put last within this unit, and its code: most values are those of the record before. A
    /// literal has only the code; `empty` is that of empty text.
    RawValue last;
    event::Code code = event::kAbsent;
    event::Code empty = event::kAbsent;
    event::ValueTable* table = nullptr;
    const FieldPlan* field = nullptr;
  };
  void add(const Plan& plan, unsigned instance, std::size_t begin, std::size_t end,
           event::BatchBuilder& builder);
  void put_slot(Step& step, const RawValue& value);
  void put_value(Step& step, const RawValue& value);
  void put_empty(Step& step);
  void put_text(const Step& step, event::ValueType type, std::string_view text);
  void put_literal(Step& step);
  void put_joined(Step& step, const RecordValues& record);

  event::ShapeWriter& writer_;
  std::vector<Step> steps_;
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
  RawValue last_host;
  event::Code host = event::kAbsent;
};

}  // namespace landwarden::decode::evtx
