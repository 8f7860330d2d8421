#include <fmt/format.h>

#include "base/assert.h"
#include "base/text.h"
#include "sigma/matcher_state.h"

namespace landwarden::sigma {
namespace {

/// Whether `relation` holds of two values, or of two values folded.
bool related(std::string_view a, std::string_view b, Predicate::FieldRelation relation) {
  switch (relation) {
    case Predicate::FieldRelation::equals:
      return a == b;
    case Predicate::FieldRelation::contains:
      return a.find(b) != std::string_view::npos;
    case Predicate::FieldRelation::startswith:
      return a.starts_with(b);
    case Predicate::FieldRelation::endswith:
      return a.ends_with(b);
  }
  return false;
}

// One sentence for people: the tests that hit, in the rule's order.
std::string sentence(const Rule& rule, const std::vector<std::uint32_t>& tests) {
  constexpr std::size_t kShown = 6;
  if (tests.empty()) return "nothing that the rule excludes is there";
  std::string out;
  for (std::size_t i = 0; i < tests.size() && i < kShown; ++i) {
    if (i > 0) out += "; ";
    out += rule.tests[tests[i]].source;
  }
  if (tests.size() > kShown) out += fmt::format("; and {} more", tests.size() - kShown);
  return out;
}

}  // namespace

void Matcher::State::stand_bits(const Plan& plan) {
  if (bits_stand) return;
  bits_stand = true;
  if (bits.size() * 64 < plan.bits) {
    bits.resize(plan.bits / 64 + 1, 0);
    asked.resize(bits.size(), 0);
  }
  std::uint64_t* const words = bits.data();
  for (std::size_t i = 0; i < plan.tested_slots; ++i) {
    const auto met = hit_sets.at(combination[i]);
    if (met.empty()) continue;
    const std::uint32_t base = plan.slots[i].base;
    for (const std::uint32_t predicate : met) {
      const std::uint32_t at = base + predicate;
      words[at >> 6] |= std::uint64_t{1} << (at & 63);
      touched_bits.push_back(at);
    }
  }
}

void Matcher::State::clear_bits() {
  for (const std::uint32_t at : touched_bits) bits[at >> 6] = 0;
  for (const std::uint32_t at : touched_asked) bits[at >> 6] = asked[at >> 6] = 0;
  touched_bits.clear();
  touched_asked.clear();
  related_known.clear();
  folded_of.reset();
  bits_stand = false;
}

template <class Each>
bool Matcher::State::any_text(const RowContext& context, std::uint32_t slot, Each&& each) const {
  if (slot == kNone) return false;
  const Slot& at = context.plan->slots[slot];
  if (!at.parts.empty()) {
    const auto text = joined_text(at, bound[slot].parts, *context.batch, context.row);
    return text && each(std::string_view(*text));
  }
  const auto tell = [&](std::string_view value) {
    if (at.transform.none()) return each(value);
    const auto text = view::apply(at.transform, value);
    return text && each(std::string_view(*text));
  };
  bool there = false;
  for (const Column* column : {bound[slot].primary, bound[slot].system}) {
    if (column == nullptr || there) continue;
    for (const Code code : column->cell(context.row)) {
      there = true;
      if (code != event::kNull && tell(column->values->at(code).text)) return true;
    }
  }
  if (there) return false;
  for (const event::Extra& extra : context.batch->extras) {
    if (extra.row == context.row && extra.name == at.name && !extra.null && tell(extra.text)) return true;
  }
  return false;
}

bool Matcher::State::deferred_met(const RowContext& context, std::uint32_t slot, std::uint32_t predicate) {
  const Slot& at = context.plan->slots[slot];
  const std::uint32_t number = at.base + predicate;
  const std::uint64_t mask = std::uint64_t{1} << (number & 63);
  if ((asked[number >> 6] & mask) != 0) return bit(number);
  const FieldPredicates& predicates = rules.fields[at.field_set].predicates;
  const bool met = any_text(context, slot, [&](std::string_view value) {
    // Rules ask the same value for one thing after the other. What was made of values does not last.
    if (!folded_of || value.data() != folded_of->data() || value.size() != folded_of->size()) {
      folded.clear();
      text::append_folded(folded, value);
    }
    folded_of.reset();
    if (at.parts.empty() && at.transform.none()) folded_of = value;
    return predicates.meets(predicate, value, folded);
  });
  asked[number >> 6] |= mask;
  touched_asked.push_back(number);
  if (met) bits[number >> 6] |= mask;
  return met;
}

/// Tries one entry on a row. Nodes that could not be told are left in `open`, where a context has to be
/// asked.
class Matcher::State::Trial {
 public:
  Trial(State& state, const Plan& plan, const Entry& entry, const RowContext* context,
        std::vector<std::uint32_t>* open = nullptr)
      : state_(state),
        entry_(entry),
        program_(state.rules.programs[entry.rule]),
        naming_(plan.namings[entry.naming].data()),
        bases_(plan.bases[entry.naming].data()),
        context_(context),
        open_(open) {}

  [[nodiscard]] Verdict holds() { return node(root()); }
  /// The same, if that has been tried without a context and left these nodes open; the others decide nothing.
  [[nodiscard]] bool holds_with(std::span<const std::uint32_t> open) {
    return open.empty() || opened(root(), open) == Verdict::yes;
  }
  /// Appends the tests that hold and count towards the match; false if some of them cannot be told.
  [[nodiscard]] bool positive_tests(std::vector<std::uint32_t>& out) { return positive(root(), out); }

 private:
  // Through pointers: whoever compiled or loaded the programs has seen to the bounds.
  [[nodiscard]] std::uint32_t root() const { return static_cast<std::uint32_t>(program_.nodes.size() - 1); }
  [[nodiscard]] const std::uint32_t* children(const Node& node) const {
    return program_.children.data() + node.first;
  }

  /// Whether the bits tell.
  [[nodiscard]] static bool is_known(const TestRef& ref) {
    return ref.predicate != kNone && ref.deferred == 0;
  }

  [[nodiscard]] Verdict test(std::uint32_t index) {
    const TestRef& ref = program_.tests.data()[index];
    if (!is_known(ref)) return asked(index, ref);
    const std::uint32_t base = bases_[ref.field];
    return base != kNone && state_.bit(base + ref.predicate) ? Verdict::yes : Verdict::no;
  }

  /// What no bit tells.
  [[nodiscard]] Verdict asked(std::uint32_t index, const TestRef& ref) {
    const auto verdict = [](bool met) { return met ? Verdict::yes : Verdict::no; };
    if (ref.predicate == kNone && ref.other_field == kNone) return Verdict::no;  // what is never met
    if (context_ == nullptr) return Verdict::unknown;
    if (ref.predicate == kNone)
      return verdict(state_.fields_related(*context_, entry_, ref,
                                           state_.rules.whole(entry_.rule).tests[index].predicate));
    return verdict(naming_[ref.field] != kNone &&
                   state_.deferred_met(*context_, naming_[ref.field], ref.predicate));
  }

  [[nodiscard]] static Verdict negated(Verdict verdict) {
    if (verdict == Verdict::unknown) return verdict;
    return verdict == Verdict::yes ? Verdict::no : Verdict::yes;
  }

  [[nodiscard]] Verdict node(std::uint32_t index) {
    const std::size_t before = open_ != nullptr ? open_->size() : 0;
    const Verdict verdict = tried(program_.nodes.data()[index]);
    if (open_ != nullptr && verdict == Verdict::unknown) open_->push_back(index);
    if (open_ != nullptr && verdict != Verdict::unknown) open_->resize(before);
    return verdict;
  }

  [[nodiscard]] Verdict tried(const Node& node) {
    if (node.kind == Expression::Kind::test) return test(node.first);
    if (node.kind == Expression::Kind::negate) return negated(this->node(*children(node)));
    // One child decides: one that does not hold of `all`, one that does of `any`.
    const bool all = node.kind == Expression::Kind::all;
    const Verdict decides = all ? Verdict::no : Verdict::yes;
    Verdict out = all ? Verdict::yes : Verdict::no;
    const std::uint32_t* const end = children(node) + node.count;
    for (const std::uint32_t* child = children(node); child < end; ++child) {
      const Node& below = program_.nodes.data()[*child];
      const bool known = below.kind == Expression::Kind::test && is_known(program_.tests.data()[below.first]);
      const Verdict verdict = known ? test(below.first) : this->node(*child);
      if (verdict == decides) return decides;
      if (verdict == Verdict::unknown) out = verdict;
    }
    return out;
  }

  [[nodiscard]] Verdict opened(std::uint32_t index, std::span<const std::uint32_t> open) {
    const Node& node = program_.nodes.data()[index];
    if (node.kind == Expression::Kind::test) return test(node.first);
    if (node.kind == Expression::Kind::negate) return negated(opened(*children(node), open));
    const bool all = node.kind == Expression::Kind::all;
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const std::uint32_t child = children(node)[i];
      if (std::ranges::find(open, child) == open.end()) continue;
      if ((opened(child, open) == Verdict::yes) != all) return all ? Verdict::no : Verdict::yes;
    }
    return all ? Verdict::yes : Verdict::no;
  }

  // What stands under a `not` cannot count.
  [[nodiscard]] bool positive(std::uint32_t index, std::vector<std::uint32_t>& out) {
    const Node& node = program_.nodes[index];
    if (node.kind == Expression::Kind::negate) return true;
    if (node.kind == Expression::Kind::test) {
      const Verdict verdict = test(node.first);
      if (verdict == Verdict::yes) out.push_back(node.first);
      return verdict != Verdict::unknown;
    }
    for (std::uint32_t i = 0; i < node.count; ++i) {
      const std::uint32_t child = children(node)[i];
      const Verdict verdict = node.kind == Expression::Kind::all ? Verdict::yes : this->node(child);
      if (verdict == Verdict::unknown) return false;
      if (verdict == Verdict::yes && !positive(child, out)) return false;
    }
    return true;
  }

  State& state_;
  const Entry& entry_;
  const Program& program_;
  const std::uint32_t* naming_;
  const std::uint32_t* bases_;
  const RowContext* context_;
  std::vector<std::uint32_t>* open_;
};

Verdict Matcher::State::entry_holds(const Plan& plan, const Entry& entry, const RowContext* context,
                                    std::vector<std::uint32_t>* open) {
  for (const DemandRef& demand : rules.sources[entry.source].demands) {
    const std::uint32_t base = plan.bases[entry.naming][demand.field];
    const bool met = base != kNone && std::ranges::any_of(demand.predicates, [&](std::uint32_t predicate) {
                       return bit(base + predicate);
                     });
    if (!met) return Verdict::no;
  }
  return Trial(*this, plan, entry, context, open).holds();
}

// Whether the rule matches through no source that --strict-sources would leave. Entries of a rule are
// neighbours.
Verdict Matcher::State::only_fuller(const Plan& plan, std::uint32_t index, const RowContext* context) {
  const auto is_strict = [&](const Entry& entry) { return rules.sources[entry.source].source.strict; };
  if (is_strict(plan.entries[index])) return Verdict::no;
  bool unknown = false;
  for (const Entry& entry :
       std::ranges::equal_range(plan.entries, plan.entries[index].rule, {}, &Entry::rule)) {
    const Verdict verdict = is_strict(entry) ? entry_holds(plan, entry, context) : Verdict::no;
    if (verdict == Verdict::yes) return Verdict::no;
    unknown = unknown || verdict == Verdict::unknown;
  }
  return unknown ? Verdict::unknown : Verdict::yes;
}

std::optional<RuleHit> Matcher::State::hit_of(const Plan& plan, std::uint32_t index,
                                              const RowContext* context) {
  const Entry& entry = plan.entries[index];
  const Verdict fuller = only_fuller(plan, index, context);
  if (fuller == Verdict::unknown) return std::nullopt;
  RuleHit hit{.entry = index, .tests = {}, .why = {}, .only_fuller = fuller == Verdict::yes};
  if (!Trial(*this, plan, entry, context).positive_tests(hit.tests)) return std::nullopt;
  sort_and_unite(hit.tests);
  hit.why = sentence(rules.whole(entry.rule), hit.tests);
  return hit;
}

// Tries the rules whose witnesses were met. Entries are in rule order, and there is one match a rule,
// whatever sources cover the record: that of the first entry that holds.
Outcome Matcher::State::work_out(const Plan& plan) {
  Outcome fresh;
  stand_bits(plan);
  candidates = plan.always;
  for (const std::uint32_t at : touched_bits) {
    for (std::uint32_t i = plan.by_bit_begin[at]; i < plan.by_bit_begin[at + 1]; ++i)
      candidates.push_back(plan.by_bit[i]);
  }
  sort_and_unite(candidates);
  std::uint32_t held = kNone, undecided = kNone;  // the last rule of either kind
  for (const std::uint32_t index : candidates) {
    const Entry& entry = plan.entries[index];
    if (entry.rule == held) continue;
    open_nodes.clear();
    const Verdict verdict = entry_holds(plan, entry, nullptr, &open_nodes);
    if (verdict == Verdict::no) continue;
    if (verdict == Verdict::yes && entry.rule != undecided) {
      if (auto hit = hit_of(plan, index, nullptr)) {
        held = entry.rule;
        fresh.hits.push_back(std::move(*hit));
        continue;
      }
    }
    undecided = entry.rule;
    fresh.undecided.push_back({index, open_nodes});
  }
  return fresh;
}

const Outcome& Matcher::State::outcome(Plan& plan) {
  std::uint32_t& known = plan.outcomes.number_of(combination);
  if (known == Outcomes::kNew) known = plan.outcomes.keep(work_out(plan));
  return plan.outcomes.at(known);
}

std::vector<std::string> Matcher::State::texts_of(const RowContext& context, std::uint32_t slot) const {
  std::vector<std::string> out;
  (void)any_text(context, slot, [&](std::string_view text) {
    out.emplace_back(text);
    return false;
  });
  return out;
}

bool Matcher::State::fields_related(const RowContext& context, const Entry& entry, const TestRef& ref,
                                    const Predicate& p) {
  const Naming& naming = context.plan->namings[entry.naming];
  const std::uint32_t left_slot = naming[ref.field], right_slot = naming[ref.other_field];
  for (const Related& known : related_known) {
    if (known.left == left_slot && known.right == right_slot && known.relation == p.field_relation &&
        known.cased == p.pattern.cased)
      return known.holds;
  }
  const auto folded_into = [](std::string& out, std::string_view value) -> std::string_view {
    out.clear();
    text::append_folded(out, value);
    return out;
  };
  const bool holds = any_text(context, left_slot, [&](std::string_view left) {
    const std::string_view a = p.pattern.cased ? left : folded_into(compared[0], left);
    return any_text(context, right_slot, [&](std::string_view right) {
      return related(a, p.pattern.cased ? right : folded_into(compared[1], right), p.field_relation);
    });
  });
  related_known.push_back({left_slot, right_slot, p.field_relation, p.pattern.cased, holds});
  return holds;
}

void Matcher::State::collect(Plan& plan, const EventBatch& batch, std::size_t row, const Outcome& found,
                             std::vector<Match>& out) {
  const std::size_t first = out.size();
  for (const RuleHit& hit : found.hits) out.push_back(make_match(plan, batch, row, hit));
  if (found.undecided.empty()) return;
  stand_bits(plan);
  const RowContext context{&plan, &batch, row};
  std::uint32_t held = kNone;
  const std::size_t decided = out.size();
  for (const auto& [index, open] : found.undecided) {
    const Entry& entry = plan.entries[index];
    if (entry.rule == held || !Trial(*this, plan, entry, &context).holds_with(open)) continue;
    held = entry.rule;
    out.push_back(make_match(plan, batch, row, *hit_of(plan, index, &context)));
  }
  if (out.size() == decided) return;
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
            [](const Match& a, const Match& b) { return a.rule < b.rule; });
}

}  // namespace landwarden::sigma
