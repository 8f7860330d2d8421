// What becomes of records that have the same paths in the same order: the layout, which path is which field,
// the columns. Found out once, as LayoutRows would for each of them.
//
// A plan is made for a sequence of paths when it is met first; where most are met once only (keys that are
// data), when it is met again. What a record becomes never depends on the plans:
// what they cannot say (layouts that make fields, look at values or undo escapes; bad tokens) is left to
// LayoutRows. One worker's; what is given out lives until forget().

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decode/json/lately.h"
#include "decode/json/layout_rows.h"
#include "decode/json/paths.h"
#include "decode/json/token.h"
#include "event/builder.h"

namespace landwarden::decode::json {

/// A record's values. Those that are not read yet are read here when they are wanted.
struct Values {
  const char* record = nullptr;
  const Place* places = nullptr;
  const char* const* elsewhere = nullptr;
  const std::string_view* texts = nullptr;
  TextArena* arena = nullptr;

  /// A value as it is written.
  [[nodiscard]] std::string_view operator[](std::size_t i) const {
    const Place& place = places[i];
    const char* const begin = place.text == Place::kElsewhere ? elsewhere[place.begin] : record + place.begin;
    return {begin, place.size};
  }
  /// What it says. False if its token is refused.
  [[nodiscard]] bool read(std::size_t i, Meaning& meaning) const {
    const Place& place = places[i];
    if (place.text >= 0) {
      meaning = {event::ValueType::text, false, texts[place.text]};
    } else if (place.text == Token::kInside) {
      meaning = {event::ValueType::text, false, {record + place.begin + 1, place.size - 2}};
    } else {
      return read_token((*this)[i], *arena, meaning) == nullptr;
    }
    return true;
  }
};

/// A value's place.
struct Step {
  static constexpr std::int32_t kPlain = -1;
  std::int32_t deciding = kPlain;  ///< index of its DecidingStep
  NullAs null_as = NullAs::null;
};

/// A step that others depend on: part of the System part, of a rule, or of the time zone.
struct DecidingStep {
  std::size_t step = 0;
  const Mapping* mapping = nullptr;
  const Rewrite* rewrite = nullptr;  ///< its rule's, if that changes anything
  // The rest is of the last value, and only where the rule changes something.
  std::string token;
  bool counts = false;      ///< there, and a value that its rule knows
  bool rewritable = false;  ///< its rule's rewriting gives something: `rewritten`
  event::ValueType rewritten_type = event::ValueType::text;
  std::string rewritten;
};

/// Where a step's codes go.
struct Cell {
  Lately* lately = nullptr;  ///< null: not known yet; it is asked for when there is a value
  bool column = false;       ///< it has one
  bool rule = false;         ///< by its rule: rewritten, and absent if null
};

/// The columns of one shape.
struct Placement {
  LayoutRows::Shape* shape = nullptr;
  event::ShapeWriter* writer = nullptr;  ///< the shape's; it stays when the shape is forgotten
  std::vector<Cell> cells;               ///< by step
  std::vector<std::uint32_t> columns;    ///< the same
  bool extras = false;                   ///< some fields have no column: left to LayoutRows
  std::vector<bool> taken;               ///< by column
  bool lists = false;                    ///< some values share a column
  /// Rows whose codes are not in the columns yet: their numbers.
  std::vector<std::uint32_t> rows;
  std::vector<std::uint32_t> staged;  ///< beside them: where the codes are
};

/// What follows from which deciding values are there.
struct Decision {
  /// What another value of a step changes beside its cell, a bit each.
  enum Watch : std::uint8_t {
    kAll = 1,     ///< perhaps everything
    kIfNull = 2,  ///< the same, if it is null
    kRecordId = 4,
    kTime = 8,
    kHost = 16,
    kLayout = 32,  ///< perhaps the layout
  };
  /// Members of the System part, by LayoutRows::System.
  enum System : std::size_t { kOfShape = 4, kComputer = 4, kRecordNumber = 5, kCreated = 6, kSystem = 7 };

  std::uint64_t nulls = 0, counting = 0, rewritable = 0;  ///< a bit each deciding step
  std::vector<std::uint32_t> targets;                     ///< by step
  std::vector<bool> by_rule;                              ///< by step
  std::vector<std::uint8_t> watch;                        ///< by step
  std::array<std::int32_t, kSystem> system{};  ///< the deciding steps that the System part comes from, or -1
  std::vector<std::unique_ptr<Placement>> placements;
  /// The placements used lately, by the tokens that make a shape: the first four of the System part.
  struct Used {
    std::array<std::uint32_t, kOfShape> sizes{};
    std::string tokens;
    Placement* placement = nullptr;
  };
  std::array<Used, 8> used;
};

/// What becomes of a sequence of paths in one layout.
struct Plan {
  std::span<PathEntry* const> entries;
  std::size_t layout = 0;
  bool usable = false;
  std::vector<Step> steps;
  std::vector<DecidingStep> deciding;
  std::vector<std::uint32_t> deciding_steps;    ///< their steps
  std::vector<std::uint32_t> rewriting;         ///< those of them whose rule changes something
  std::vector<std::uint32_t> asked;             ///< steps whose values may make it another layout
  std::uint64_t by_rules = 0;                   ///< a bit each that has a rule which does not
  std::int32_t zone_local = -1, zone_utc = -1;  ///< deciding steps
  std::size_t last = 0;                         ///< decision
  std::vector<std::unique_ptr<Decision>> decisions;
};

/// A sequence of paths. Some layouts are recognised by values, too.
struct Sequence {
  struct Asked {
    std::size_t value = 0;
    Paths::Asking asking;
    std::string token;  ///< the last one, or its front
    Needs meets = 0;
  };
  std::vector<PathEntry*> entries;
  Needs meets = 0, last_meets = 0;
  std::vector<Asked> asked;
  Plan* last = nullptr;
  std::vector<std::unique_ptr<Plan>> plans;  ///< one a layout
  bool met_again = false;
};

class Plans {
 public:
  /// All must outlive it.
  Plans(std::span<const Layout> layouts, Paths& paths, LayoutRows& rows);
  ~Plans();

  void forget();
  [[nodiscard]] bool full() const;
  /// Forgets what dictionaries have forgotten.
  void forget_values();

  /// Null where no plan is worth its while, or the sequence is too long.
  [[nodiscard]] Sequence* sequence_of(std::span<PathEntry* const> entries);
  /// A record has the sequence's paths, another one than that which it was made for.
  void met_again(Sequence& sequence) {
    if (sequence.met_again) return;
    sequence.met_again = true;
    if (not_met_again_ > 0) --not_met_again_;
  }
  /// Null if a token is refused, or the layout is not one for plans.
  [[nodiscard]] Plan* plan_of(Sequence& sequence, const Values& values);
  /// Null if a token is refused.
  [[nodiscard]] Decision* decision_of(Plan& plan, const Values& values);
  /// Null if a token is refused.
  [[nodiscard]] Placement* placement_of(const Plan& plan, Decision& decision, const Values& values);
  /// Finds where a step's codes go. `meaning`: what becomes of a value on its way there.
  void find_column(Placement& placement, std::size_t number, std::uint32_t target, std::uintptr_t meaning);

  /// A member of the System part: rewritten by its rule, or itself. False if its token is refused.
  [[nodiscard]] static bool read_system(const Plan& plan, const Decision& decision, std::size_t place,
                                        const Values& values, std::string_view& text);

 private:
  [[nodiscard]] std::unique_ptr<Plan> make(const Sequence& sequence, std::size_t layout);
  [[nodiscard]] bool is_plain(std::span<PathEntry* const> entries, std::size_t layout) const;
  [[nodiscard]] static std::pair<bool, Needs> met_by_front(const Paths::Asking& asking,
                                                           std::string_view inside);
  [[nodiscard]] bool read_rewritten(DecidingStep& step, const Values& values);
  [[nodiscard]] std::unique_ptr<Decision> decide(const Plan& plan, std::uint64_t nulls,
                                                 std::uint64_t counting, std::uint64_t rewritable) const;
  static void watch_deciding(const Plan& plan, Decision& decision);
  [[nodiscard]] Placement& placement_in(const Plan& plan, Decision& decision, LayoutRows::Shape& shape);

  std::span<const Layout> layouts_;
  Paths& paths_;
  LayoutRows& rows_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Sequence>> sequences_;  ///< by hash
  std::vector<std::uint64_t> met_once_;  ///< hashes of sequences without plans, by their last bits
  std::size_t not_met_again_ = 0;        ///< sequences with plans
  std::size_t cells_ = 0;                ///< of all plans
  std::vector<std::vector<std::unique_ptr<Lately>>> lately_;  ///< by target
  std::unique_ptr<Lately> nowhere_;                           ///< where values go that nobody wants
  std::string buffer_;
};

}  // namespace landwarden::decode::json
