// What has to be done for records of one shape: which fields to look at, which rules to try when which
// predicate is met. Shapes that the same log sources cover share a plan.
//
// A *slot* is a field of the record under a Sigma name. Its predicates get consecutive bits; all slots of a
// plan share one bit row. A rule's test stands at slot base + predicate number, so that programs need no copy
// for each shape.

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "sigma/compiled.h"
#include "sigma/hit_sets.h"

namespace landwarden::sigma {

/// A part of a field that is made of several.
struct SlotPart {
  event::FieldId field;
  view::JoinedPart part;
};

struct Slot {
  std::uint32_t field_set = 0;
  event::FieldId field;  ///< the record's own field
  std::optional<event::FieldId>
      system;        ///< looked at where `field` is absent: the System part's field of that name
  std::string name;  ///< of `field`, for extras
  view::Transform transform = {};
  std::vector<SlotPart> parts;  ///< there: the value is made of these, and `field` means nothing
  std::string separator;
  std::uint32_t base = 0;         ///< bit of its predicate 0
  std::uint32_t absent_hits = 0;  ///< hit set of an absent field
  std::uint32_t null_hits = 0;
};

/// A rule as it applies to the shape.
struct Entry {
  std::uint32_t rule;
  std::uint32_t source;  ///< index into Compiled::sources
  std::uint32_t naming;  ///< index into Plan::namings
};

/// Slot of each Sigma field under one view.
using Naming = std::vector<std::uint32_t>;  ///< by field set; kNone = no rule of this shape asks

/// A rule that matched, and the tests that made it match.
struct RuleHit {
  std::uint32_t entry;
  std::vector<std::uint32_t> tests;
  std::string why;
  bool only_fuller = false;  ///< as Match::only_fuller
};

/// An entry that must be tried on each row: its rule compares fields, or has deferred predicates.
struct Undecided {
  std::uint32_t entry;
  std::vector<std::uint32_t> open;  ///< nodes that nothing is known of; none: it holds, by what is open
};

/// What a combination of hit sets leads to, as far as that is independent of everything else in the record.
struct Outcome {
  std::vector<RuleHit> hits;         ///< by rule
  std::vector<Undecided> undecided;  ///< by rule

  [[nodiscard]] bool nothing() const { return hits.empty() && undecided.empty(); }
};

/// What combinations of hit sets, one a tested slot, lead to. Most lead to nothing.
class Outcomes {
 public:
  static constexpr std::uint32_t kNew = 0xFFFF'FFFF, kNothing = 0;

  /// Number of the combination's outcome, to be set by the caller where it is kNew. Valid until the next
  /// call.
  [[nodiscard]] std::uint32_t& number_of(std::span<const std::uint32_t> combination);
  [[nodiscard]] const Outcome& at(std::uint32_t number) const { return outcomes_[number]; }
  /// Keeps an outcome and gives its number.
  [[nodiscard]] std::uint32_t keep(Outcome outcome);
  [[nodiscard]] std::size_t size() const { return known_.size(); }
  void clear();

 private:
  struct Known {
    std::uint64_t hash;
    std::uint32_t outcome;
  };
  void grow();

  std::vector<Known> known_;
  std::vector<std::uint32_t> keys_;   ///< the combinations of known_, one behind the other
  std::vector<std::uint32_t> slots_;  ///< by hash: index in known_, plus one; a power of two
  std::deque<Outcome> outcomes_{1};   ///< the first is `nothing`
};

struct Plan {
  bool empty = true;  ///< no rule covers the shape
  bool all_fields = false;
  std::vector<Slot> slots;
  std::size_t tested_slots = 0;           ///< those behind are only carried to correlations
  std::optional<std::uint32_t> keywords;  ///< the slot of keyword predicates: all values of the record
  std::vector<Naming> namings;
  std::vector<std::vector<std::uint32_t>>
      bases;  ///< by naming and field set: Slot::base of its slot, or kNone
  std::vector<Entry> entries;
  std::vector<std::uint32_t> always;                ///< entries to try on every record
  std::vector<std::uint32_t> by_bit_begin, by_bit;  ///< for each bit the entries that have it as a witness
  std::uint32_t bits = 0;
  event::Wanted wanted;
  Outcomes outcomes;  ///< what was learnt
};

/// The log sources that cover a shape, and the fields that its records are seen to have besides: shapes that
/// have them in common have the same plan.
[[nodiscard]] std::vector<std::uint32_t> plan_key(const RuleSet::Compiled& compiled,
                                                  const event::Shape& shape);
[[nodiscard]] std::unique_ptr<Plan> make_plan(const RuleSet::Compiled& compiled, const event::Shape& shape,
                                              HitSets& hit_sets);

}  // namespace landwarden::sigma
