// What a Matcher knows and how it goes about a batch; private to matcher.cc, matcher_verdict.cc and
// matcher_match.cc.
//
// A row's values are looked up, or tested, slot by slot (matcher.cc); what follows for the rules is
// remembered for each combination of what was found (matcher_verdict.cc), as far as it follows from that
// alone: field comparisons and deferred predicates are asked of the row. What matched is written down in
// matcher_match.cc.

#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/sorted.h"
#include "sigma/joined_field.h"
#include "sigma/long_values.h"
#include "sigma/match_heads.h"
#include "sigma/matcher.h"
#include "sigma/plan.h"

namespace landwarden::sigma {

using event::Code;
using event::Column;
using event::EventBatch;

enum class Verdict : std::uint8_t { no, yes, unknown };

struct Matcher::State {
  explicit State(const RuleSet& set) : rules(set.compiled()), heads(*rules.catalogue) {}

  const RuleSet::Compiled& rules;
  MatchHeads heads;
  HitSets hit_sets;
  std::map<std::vector<std::uint32_t>, std::unique_ptr<Plan>> plans;  ///< by plan_key()
  std::vector<Plan*> plan_of_shape;                                   ///< by ShapeId
  LongValues long_values;
  std::map<std::tuple<const event::ValueTable*, std::uint32_t, view::Transform>, ValueMemo> memos;
  std::map<std::pair<std::uint32_t, std::size_t>, JoinedMemo> joined_memos;  ///< by shape and slot

  FieldPredicates::Scratch scratch;
  std::vector<std::uint32_t> hits, merged, combination, candidates, open_nodes;
  // The row at hand, once somebody needs them: which predicates it meets, and of which deferred ones that is
  // known.
  std::vector<std::uint64_t> bits, asked;
  std::vector<std::uint32_t> touched_bits, touched_asked;
  bool bits_stand = false;
  std::string folded;                         ///< the value that was asked last,
  std::optional<std::string_view> folded_of;  ///< and which that is, while the row's values stand
  std::string compared[2];                    ///< two fields' values, folded
  /// A comparison of two slots' values on the row at hand: copies and variants of a rule ask for the same.
  struct Related {
    std::uint32_t left, right;
    Predicate::FieldRelation relation;
    bool cased, holds;
  };
  std::vector<Related> related_known;
  std::vector<std::uint32_t> hit_fields, hit_predicates;  ///< of add_matched()

  /// A slot's columns in the batch at hand.
  struct Bound {
    const Column* primary = nullptr;
    const Column* system = nullptr;
    ValueMemo* primary_memo = nullptr;
    ValueMemo* system_memo = nullptr;
    std::vector<const Column*> parts = {};
    JoinedMemo* joined = nullptr;
  };
  std::vector<Bound> bound;
  std::vector<std::pair<const Column*, ValueMemo*>> keyword_columns;
  std::vector<std::size_t> live_slots;  ///< those that may differ from row to row

  Plan& plan_of(event::ShapeId shape);
  void forget_if_large();
  void bind(const Plan& plan, const EventBatch& batch);
  void bind_joined(const Slot& slot, std::size_t index, const EventBatch& batch);
  ValueMemo* memo(const Column& column, const view::Transform& transform, std::uint32_t field_set);

  std::uint32_t value_hits(const Slot& slot, const Column& column, ValueMemo& memo, Code code);
  std::uint32_t cell_hits(const Slot& slot, const Column& column, ValueMemo& memo,
                          std::span<const Code> cell);
  std::uint32_t extra_hits(const Slot& slot, const EventBatch& batch, std::size_t row);
  std::uint32_t slot_hits(const Plan& plan, std::size_t slot, const EventBatch& batch, std::size_t row);
  std::uint32_t joined_hits(const Slot& slot, const Bound& at, const EventBatch& batch, std::size_t row);
  std::uint32_t keyword_hits(const Slot& slot, const EventBatch& batch, std::size_t row);

  void stand_bits(const Plan& plan);
  void clear_bits();
  bool bit(std::uint32_t at) const { return (bits.data()[at >> 6] >> (at & 63) & 1) != 0; }

  Outcome work_out(const Plan& plan);
  const Outcome& outcome(Plan& plan);

  /// The row that a verdict may look at.
  struct RowContext {
    const Plan* plan;
    const EventBatch* batch;
    std::size_t row;
  };
  class Trial;
  // What `bits` alone can tell, if there is no context; with one nothing is unknown.
  Verdict entry_holds(const Plan& plan, const Entry& entry, const RowContext* context,
                      std::vector<std::uint32_t>* open = nullptr);
  Verdict only_fuller(const Plan& plan, std::uint32_t index, const RowContext* context);
  /// Of an entry that holds; nothing if the bits alone cannot tell all of it.
  std::optional<RuleHit> hit_of(const Plan& plan, std::uint32_t entry, const RowContext* context);
  bool deferred_met(const RowContext& context, std::uint32_t slot, std::uint32_t predicate);
  bool fields_related(const RowContext& context, const Entry& entry, const TestRef& ref, const Predicate& p);
  /// Calls each(text) for every value of the slot that is there and not null, until it says true; whether it
  /// did.
  template <class Each>
  bool any_text(const RowContext& context, std::uint32_t slot, Each&& each) const;
  std::vector<std::string> texts_of(const RowContext& context, std::uint32_t slot) const;

  void collect(Plan& plan, const EventBatch& batch, std::size_t row, const Outcome& found,
               std::vector<Match>& out);
  Match make_match(const Plan& plan, const EventBatch& batch, std::size_t row, const RuleHit& hit);
  void add_matched(const Plan& plan, const Entry& entry, const EventBatch& batch, std::size_t row,
                   const RuleHit& hit, Match& match);
  void add_keyword_fields(const Plan& plan, const EventBatch& batch, std::size_t row,
                          const std::vector<std::uint32_t>& met, Match& match);
};

}  // namespace landwarden::sigma
