#include "sigma/matcher.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "base/text.h"
#include "event/builder.h"
#include "sigma/field_order.h"
#include "sigma/joined_field.h"
#include "sigma/long_values.h"
#include "sigma/plan.h"
#include "sigma/whole_event.h"

namespace landwarden::sigma {
namespace {

using event::Code;
using event::Column;
using event::EventBatch;

bool related(std::string_view left, std::string_view right, Predicate::FieldRelation relation, bool cased) {
  const std::string a = cased ? std::string(left) : text::folded(left);
  const std::string b = cased ? std::string(right) : text::folded(right);
  switch (relation) {
    case Predicate::FieldRelation::equals:
      return a == b;
    case Predicate::FieldRelation::contains:
      return a.find(b) != std::string::npos;
    case Predicate::FieldRelation::startswith:
      return a.starts_with(b);
    case Predicate::FieldRelation::endswith:
      return a.ends_with(b);
  }
  return false;
}

void sort_and_unite(std::vector<std::uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
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

struct Matcher::State {
  explicit State(const RuleSet& set) : rules(set.compiled()) {}

  const RuleSet::Compiled& rules;
  HitSets hit_sets;
  std::map<std::vector<std::uint32_t>, std::unique_ptr<Plan>> plans;  ///< by plan_key()
  std::vector<Plan*> plan_of_shape;                                   ///< by ShapeId
  LongValues long_values;
  std::map<std::tuple<const event::ValueTable*, std::uint32_t, view::Transform>, ValueMemo> memos;
  std::map<std::pair<std::uint32_t, std::size_t>, JoinedMemo> joined_memos;  ///< by shape and slot

  FieldPredicates::Scratch scratch;
  std::vector<std::uint32_t> hits, merged, combination, candidates;
  std::vector<std::uint64_t> bits;
  std::vector<std::uint32_t> touched_bits;
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

  Outcome work_out(const Plan& plan);
  const Outcome& outcome(Plan& plan);
  void set_bits(const Plan& plan);
  void clear_bits();
  bool bit(std::uint32_t at) const { return (bits[at >> 6] >> (at & 63) & 1) != 0; }

  /// The row that field comparisons look at; only set while they are being evaluated.
  struct RowContext {
    const Plan* plan;
    const EventBatch* batch;
    std::size_t row;
  };
  bool test_holds(const Plan& plan, const Entry& entry, std::uint32_t test, const RowContext* context) const;
  bool holds(const Plan& plan, const Entry& entry, std::uint32_t node, const RowContext* context) const;
  bool entry_holds(const Plan& plan, const Entry& entry, const RowContext* context) const;
  bool only_fuller(const Plan& plan, std::uint32_t index, const RowContext* context) const;
  void positive_tests(const Plan& plan, const Entry& entry, std::uint32_t node, const RowContext* context,
                      std::vector<std::uint32_t>& out) const;
  RuleHit hit_of(const Plan& plan, std::uint32_t entry, const RowContext* context) const;
  bool fields_related(const RowContext& context, const Entry& entry, const TestRef& ref,
                      const Predicate& p) const;
  std::vector<std::string> texts_of(const RowContext& context, std::uint32_t slot) const;

  void collect(Plan& plan, const EventBatch& batch, std::size_t row, const Outcome& found,
               std::vector<Match>& out);
  Match make_match(const Plan& plan, const EventBatch& batch, std::size_t row, const RuleHit& hit);
  void add_matched(const Plan& plan, const Entry& entry, const EventBatch& batch, std::size_t row,
                   const RuleHit& hit, Match& match);
  void add_keyword_fields(const Plan& plan, const EventBatch& batch, std::size_t row,
                          const std::vector<std::uint32_t>& met, Match& match);
};

Plan& Matcher::State::plan_of(event::ShapeId shape) {
  if (shape.value >= plan_of_shape.size()) plan_of_shape.resize(shape.value + std::size_t{1});
  Plan*& known = plan_of_shape[shape.value];
  if (known != nullptr) return *known;
  const event::Shape& described = rules.catalogue->shape(shape);
  auto& plan = plans[plan_key(rules, described)];
  if (!plan) plan = make_plan(rules, described, hit_sets);
  known = plan.get();
  return *known;
}

// Evidence in which every value is new must not grow memory without bound: start over, at a batch's edge.
void Matcher::State::forget_if_large() {
  if (hit_sets.bytes() <= limits::kMatcherHitSetBytes) return;
  hit_sets.clear();
  memos.clear();
  joined_memos.clear();
  long_values.clear();
  plans.clear();
  plan_of_shape.clear();
}

ValueMemo* Matcher::State::memo(const Column& column, const view::Transform& transform,
                                std::uint32_t field_set) {
  ValueMemo& memo = memos[{column.values, field_set, transform}];
  memo.follow(*column.values);
  return &memo;
}

void Matcher::State::bind(const Plan& plan, const EventBatch& batch) {
  bound.assign(plan.slots.size(), {});
  keyword_columns.clear();
  live_slots.clear();
  combination.resize(plan.tested_slots);
  for (std::size_t i = 0; i < plan.slots.size(); ++i) {
    const Slot& slot = plan.slots[i];
    if (slot.name.empty()) {
      for (const Column& column : batch.columns) {
        keyword_columns.emplace_back(&column, memo(column, slot.transform, slot.field_set));
      }
      continue;
    }
    if (!slot.parts.empty()) {
      bind_joined(slot, i, batch);
      continue;
    }
    Bound& at = bound[i];
    at.primary = batch.column(slot.field);
    if (slot.system) at.system = batch.column(*slot.system);
    if (at.primary != nullptr) at.primary_memo = memo(*at.primary, slot.transform, slot.field_set);
    if (at.system != nullptr) at.system_memo = memo(*at.system, slot.transform, slot.field_set);
  }
  for (std::size_t i = 0; i < plan.tested_slots; ++i) {
    const Bound& at = bound[i];
    const bool absent = !plan.slots[i].name.empty() && at.primary == nullptr && at.system == nullptr &&
                        at.joined == nullptr && batch.extras.empty();
    if (absent) {
      combination[i] = plan.slots[i].absent_hits;
    } else {
      live_slots.push_back(i);
    }
  }
}

void Matcher::State::bind_joined(const Slot& slot, std::size_t index, const EventBatch& batch) {
  Bound& at = bound[index];
  for (const SlotPart& part : slot.parts) at.parts.push_back(batch.column(part.field));
  at.joined = &joined_memos[{batch.shape.value, index}];
  at.joined->follow(at.parts);
}

std::uint32_t Matcher::State::value_hits(const Slot& slot, const Column& column, ValueMemo& known,
                                         Code code) {
  if (code == event::kNull) return slot.null_hits;
  std::uint32_t& set = known.hits[code];
  if (set != ValueMemo::kUnknown) return set;
  event::Value value = column.values->at(code);
  std::optional<std::string> transformed;
  if (!slot.transform.none()) {
    transformed = view::apply(slot.transform, value.text);
    if (!transformed) return set = slot.absent_hits;
    value.text = *transformed;
  }
  // What a type may add to its text is for numbers alone, and those are short.
  const bool by_hash = value.type == event::ValueType::text && value.text.size() >= LongValues::kLeast;
  std::uint32_t* seen = by_hash ? &long_values.at(slot.field_set, value.text) : nullptr;
  if (seen != nullptr && *seen != LongValues::kUnknown) return set = *seen;
  rules.fields[slot.field_set].predicates.test(value, scratch, hits);
  set = hit_sets.intern(hits);
  if (seen != nullptr) *seen = set;
  return set;
}

std::uint32_t Matcher::State::cell_hits(const Slot& slot, const Column& column, ValueMemo& known,
                                        std::span<const Code> cell) {
  if (cell.size() == 1) return value_hits(slot, column, known, cell[0]);
  std::vector<std::uint32_t> all;
  bool any = slot.transform.none();
  for (const Code code : cell) {
    const std::uint32_t hits_of_value = value_hits(slot, column, known, code);
    // A transform may find nothing in some of the values.
    if (!slot.transform.none() && hits_of_value == slot.absent_hits) continue;
    any = true;
    const auto set = hit_sets.at(hits_of_value);
    all.insert(all.end(), set.begin(), set.end());
  }
  if (!any) return slot.absent_hits;
  sort_and_unite(all);
  return hit_sets.intern(all);
}

std::uint32_t Matcher::State::extra_hits(const Slot& slot, const EventBatch& batch, std::size_t row) {
  std::vector<std::uint32_t> all;
  bool any = false;
  for (const event::Extra& extra : batch.extras) {
    if (extra.row != row || extra.name != slot.name) continue;
    const FieldPredicates& predicates = rules.fields[slot.field_set].predicates;
    if (extra.null) {
      any = true;
      all.insert(all.end(), predicates.null_hits().begin(), predicates.null_hits().end());
      continue;
    }
    const auto text = view::apply(slot.transform, extra.text);
    if (!text) continue;
    any = true;
    predicates.test({extra.type, *text}, scratch, hits);
    all.insert(all.end(), hits.begin(), hits.end());
  }
  if (!any) return slot.absent_hits;
  sort_and_unite(all);
  return hit_sets.intern(all);
}

std::uint32_t Matcher::State::slot_hits(const Plan& plan, std::size_t index, const EventBatch& batch,
                                        std::size_t row) {
  const Slot& slot = plan.slots[index];
  if (slot.name.empty()) {
    // The decoder knows that no text of theirs is in this record, and shows only what others ask for.
    if (plan.wanted.all_by_text && !batch.rows[row].keywords) return hit_sets.intern({});
    return keyword_hits(slot, batch, row);
  }
  const Bound& at = bound[index];
  if (at.joined != nullptr) return joined_hits(slot, at, batch, row);
  if (at.primary != nullptr) {
    const auto cell = at.primary->cell(row);
    if (!cell.empty()) return cell_hits(slot, *at.primary, *at.primary_memo, cell);
  }
  if (at.system != nullptr) {
    const auto cell = at.system->cell(row);
    if (!cell.empty()) return cell_hits(slot, *at.system, *at.system_memo, cell);
  }
  return batch.extras.empty() ? slot.absent_hits : extra_hits(slot, batch, row);
}

std::uint32_t Matcher::State::joined_hits(const Slot& slot, const Bound& at, const EventBatch& batch,
                                          std::size_t row) {
  std::uint32_t* known = at.joined->at(at.parts, row);
  if (batch.extras.empty() && *known != ValueMemo::kUnknown) return *known;
  const auto text = joined_text(slot, at.parts, batch, row);
  std::uint32_t found = slot.absent_hits;
  if (text) {
    rules.fields[slot.field_set].predicates.test({event::ValueType::text, *text}, scratch, hits);
    found = hit_sets.intern(hits);
  }
  if (batch.extras.empty()) *known = found;
  return found;
}

std::uint32_t Matcher::State::keyword_hits(const Slot& slot, const EventBatch& batch, std::size_t row) {
  merged.clear();
  for (const auto& [column, known] : keyword_columns) {
    for (const Code code : column->cell(row)) {
      if (code == event::kNull) continue;
      const auto set = hit_sets.at(value_hits(slot, *column, *known, code));
      merged.insert(merged.end(), set.begin(), set.end());
    }
  }
  for (const event::Extra& extra : batch.extras) {
    if (extra.row != row || extra.null) continue;
    rules.fields[slot.field_set].predicates.test({extra.type, extra.text}, scratch, hits);
    merged.insert(merged.end(), hits.begin(), hits.end());
  }
  sort_and_unite(merged);
  return hit_sets.intern(merged);
}

void Matcher::State::set_bits(const Plan& plan) {
  if (bits.size() * 64 < plan.bits) bits.resize(plan.bits / 64 + 1, 0);
  for (std::size_t i = 0; i < plan.tested_slots; ++i) {
    for (const std::uint32_t predicate : hit_sets.at(combination[i])) {
      const std::uint32_t at = plan.slots[i].base + predicate;
      bits[at >> 6] |= std::uint64_t{1} << (at & 63);
      touched_bits.push_back(at);
    }
  }
}

void Matcher::State::clear_bits() {
  for (const std::uint32_t at : touched_bits) bits[at >> 6] = 0;
  touched_bits.clear();
}

bool Matcher::State::test_holds(const Plan& plan, const Entry& entry, std::uint32_t test,
                                const RowContext* context) const {
  const Program& program = rules.programs[entry.rule];
  const TestRef& ref = program.tests[test];
  if (ref.predicate != kNone) {
    const std::uint32_t base = plan.bases[entry.naming][ref.field];
    return base != kNone && bit(base + ref.predicate);
  }
  if (ref.other_field == kNone) return false;  // what is never met
  LW_ASSERT(context != nullptr);
  return fields_related(*context, entry, ref, rules.whole(entry.rule).tests[test].predicate);
}

bool Matcher::State::holds(const Plan& plan, const Entry& entry, std::uint32_t node_index,
                           const RowContext* context) const {
  const Program& program = rules.programs[entry.rule];
  const Node& node = program.nodes[node_index];
  const auto children =
      std::span(program.children).subspan(node.kind == Expression::Kind::test ? 0 : node.first, node.count);
  switch (node.kind) {
    case Expression::Kind::test:
      return test_holds(plan, entry, node.first, context);
    case Expression::Kind::negate:
      return !holds(plan, entry, children[0], context);
    case Expression::Kind::all:
      return std::ranges::all_of(children,
                                 [&](std::uint32_t child) { return holds(plan, entry, child, context); });
    case Expression::Kind::any:
      return std::ranges::any_of(children,
                                 [&](std::uint32_t child) { return holds(plan, entry, child, context); });
  }
  return false;
}

bool Matcher::State::entry_holds(const Plan& plan, const Entry& entry, const RowContext* context) const {
  for (const DemandRef& demand : rules.sources[entry.source].demands) {
    const std::uint32_t base = plan.bases[entry.naming][demand.field];
    const bool met = base != kNone && std::ranges::any_of(demand.predicates, [&](std::uint32_t predicate) {
                       return bit(base + predicate);
                     });
    if (!met) return false;
  }
  return holds(plan, entry, static_cast<std::uint32_t>(rules.programs[entry.rule].nodes.size() - 1), context);
}

// Whether the rule matches through no source that --strict-sources would leave. Entries of a rule are
// neighbours.
bool Matcher::State::only_fuller(const Plan& plan, std::uint32_t index, const RowContext* context) const {
  const auto is_strict = [&](const Entry& entry) { return rules.sources[entry.source].source.strict; };
  const std::uint32_t rule = plan.entries[index].rule;
  if (is_strict(plan.entries[index])) return false;
  const auto of_rule = std::ranges::equal_range(plan.entries, rule, {}, &Entry::rule);
  return std::ranges::none_of(
      of_rule, [&](const Entry& entry) { return is_strict(entry) && entry_holds(plan, entry, context); });
}

// The tests that hold and count towards the match; what stands under a `not` cannot.
void Matcher::State::positive_tests(const Plan& plan, const Entry& entry, std::uint32_t node_index,
                                    const RowContext* context, std::vector<std::uint32_t>& out) const {
  const Program& program = rules.programs[entry.rule];
  const Node& node = program.nodes[node_index];
  if (node.kind == Expression::Kind::negate) return;
  if (node.kind == Expression::Kind::test) {
    if (test_holds(plan, entry, node.first, context)) out.push_back(node.first);
    return;
  }
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const std::uint32_t child = program.children[node.first + i];
    if (node.kind == Expression::Kind::all || holds(plan, entry, child, context)) {
      positive_tests(plan, entry, child, context, out);
    }
  }
}

RuleHit Matcher::State::hit_of(const Plan& plan, std::uint32_t index, const RowContext* context) const {
  const Entry& entry = plan.entries[index];
  RuleHit hit{.entry = index, .tests = {}, .why = {}, .only_fuller = only_fuller(plan, index, context)};
  const auto root = static_cast<std::uint32_t>(rules.programs[entry.rule].nodes.size() - 1);
  positive_tests(plan, entry, root, context, hit.tests);
  sort_and_unite(hit.tests);
  hit.why = sentence(rules.whole(entry.rule), hit.tests);
  return hit;
}

// Sets the bits, tries the rules whose witnesses were met.
Outcome Matcher::State::work_out(const Plan& plan) {
  Outcome fresh;
  set_bits(plan);
  candidates = plan.always;
  for (const std::uint32_t at : touched_bits) {
    for (std::uint32_t i = plan.by_bit_begin[at]; i < plan.by_bit_begin[at + 1]; ++i)
      candidates.push_back(plan.by_bit[i]);
  }
  sort_and_unite(candidates);
  std::uint32_t last_rule = kNone;
  for (const std::uint32_t index : candidates) {
    const Entry& entry = plan.entries[index];
    if (rules.programs[entry.rule].compares_fields) {
      fresh.field_entries.push_back(index);
    } else if (entry.rule != last_rule && entry_holds(plan, entry, nullptr)) {
      last_rule =
          entry.rule;  // entries are in rule order: one match a rule, whatever sources cover the record
      fresh.hits.push_back(hit_of(plan, index, nullptr));
    }
  }
  clear_bits();
  return fresh;
}

const Outcome& Matcher::State::outcome(Plan& plan) {
  std::uint32_t& known = plan.outcomes.number_of(combination);
  if (known == Outcomes::kNew) known = plan.outcomes.keep(work_out(plan));
  return plan.outcomes.at(known);
}

std::vector<std::string> Matcher::State::texts_of(const RowContext& context, std::uint32_t slot) const {
  std::vector<std::string> out;
  if (slot == kNone) return out;
  const Slot& at = context.plan->slots[slot];
  if (!at.parts.empty()) {
    if (auto text = joined_text(at, bound[slot].parts, *context.batch, context.row))
      out.push_back(std::move(*text));
    return out;
  }
  const auto add = [&](std::string_view value) {
    if (at.transform.none()) {
      out.emplace_back(value);
    } else if (auto text = view::apply(at.transform, value)) {
      out.push_back(std::move(*text));
    }
  };
  for (const Column* column : {bound[slot].primary, bound[slot].system}) {
    if (column == nullptr || !out.empty()) continue;
    for (const Code code : column->cell(context.row)) {
      if (code != event::kNull) add(column->values->at(code).text);
    }
  }
  for (const event::Extra& extra : context.batch->extras) {
    if (extra.row == context.row && extra.name == at.name && !extra.null) add(extra.text);
  }
  return out;
}

bool Matcher::State::fields_related(const RowContext& context, const Entry& entry, const TestRef& ref,
                                    const Predicate& p) const {
  const Naming& naming = context.plan->namings[entry.naming];
  const auto left = texts_of(context, naming[ref.field]);
  const auto right = texts_of(context, naming[ref.other_field]);
  return std::ranges::any_of(left, [&](const std::string& a) {
    return std::ranges::any_of(
        right, [&](const std::string& b) { return related(a, b, p.field_relation, p.pattern.cased); });
  });
}

void Matcher::State::add_keyword_fields(const Plan& plan, const EventBatch& batch, std::size_t row,
                                        const std::vector<std::uint32_t>& met, Match& match) {
  const Slot& slot = plan.slots[*plan.keywords];
  const auto any_met = [&](std::uint32_t set) {
    const auto have = hit_sets.at(set);
    return std::ranges::any_of(
        met, [&](std::uint32_t p) { return std::binary_search(have.begin(), have.end(), p); });
  };
  std::vector<FieldValues> found;  // under full names
  for (const auto& [column, known] : keyword_columns) {
    for (const Code code : column->cell(row)) {
      if (code == event::kNull || !any_met(value_hits(slot, *column, *known, code))) continue;
      const std::string_view name = rules.catalogue->field_name(column->field);
      if (found.empty() || found.back().field != name) found.push_back({std::string(name), {}});
      found.back().values.emplace_back(column->values->at(code).text);
    }
  }
  for (const event::Extra& extra : batch.extras) {
    if (extra.row == row) found.push_back({extra.name, {extra.text}});
  }
  std::ranges::stable_sort(found, {}, [](const FieldValues& values) { return field_order(values.field); });
  for (FieldValues& values : found) {
    values.field = std::string(shown_name(values.field));
    match.matched.push_back(std::move(values));
  }
}

// The fields of the tests that hit, with the values that made them hit.
void Matcher::State::add_matched(const Plan& plan, const Entry& entry, const EventBatch& batch,
                                 std::size_t row, const RuleHit& hit, Match& match) {
  const Program& program = rules.programs[entry.rule];
  hit_fields.clear();  // in the rule's order
  for (const std::uint32_t test : hit.tests) {
    const std::uint32_t field = program.tests[test].field;
    if (std::find(hit_fields.begin(), hit_fields.end(), field) == hit_fields.end())
      hit_fields.push_back(field);
  }
  match.matched.reserve(hit_fields.size());
  for (const std::uint32_t field : hit_fields) {
    hit_predicates.clear();
    for (const std::uint32_t test : hit.tests) {
      if (program.tests[test].field == field) hit_predicates.push_back(program.tests[test].predicate);
    }
    const std::uint32_t slot_index = plan.namings[entry.naming][field];
    if (rules.fields[field].name.empty()) {
      add_keyword_fields(plan, batch, row, hit_predicates, match);
      continue;
    }
    FieldValues& values = match.matched.emplace_back();
    values.field = rules.fields[field].name;
    values.values = texts_of({&plan, &batch, row}, slot_index);
    if (values.values.size() < 2 || hit_predicates.front() == kNone) continue;
    std::erase_if(values.values, [&](const std::string& text) {  // of a list, only the elements that hit
      rules.fields[field].predicates.test({event::ValueType::text, text}, scratch, hits);
      return std::ranges::none_of(
          hit_predicates, [&](std::uint32_t p) { return std::binary_search(hits.begin(), hits.end(), p); });
    });
  }
}

Match Matcher::State::make_match(const Plan& plan, const EventBatch& batch, std::size_t row,
                                 const RuleHit& hit) {
  const Entry& entry = plan.entries[hit.entry];
  const event::RowMeta& meta = batch.rows[row];
  const event::Shape& shape = rules.catalogue->shape(batch.shape);
  Match match{.time = meta.time,
              .channel = shape.channel,
              .provider = shape.provider,
              .event_id = shape.event_id.value_or(0),
              .has_event_id = shape.event_id.has_value(),
              .record_id = meta.record_id,
              .offset = meta.offset,
              .source = batch.source,
              .rule = entry.rule,
              .why = hit.why,
              .carved = meta.carved,
              .only_fuller = hit.only_fuller};
  if (meta.host >= event::kFirstValue) match.host = batch.hosts->at(meta.host).text;
  add_matched(plan, entry, batch, row, hit, match);
  if (rules.options.all_fields) add_whole_event(batch, row, *rules.catalogue, match);
  for (const std::uint32_t field : rules.programs[entry.rule].carried) {
    const RowContext context{&plan, &batch, row};
    match.carried.push_back({rules.fields[field].name, texts_of(context, plan.namings[entry.naming][field])});
  }
  return match;
}

void Matcher::State::collect(Plan& plan, const EventBatch& batch, std::size_t row, const Outcome& found,
                             std::vector<Match>& out) {
  const std::size_t first = out.size();
  for (const RuleHit& hit : found.hits) out.push_back(make_match(plan, batch, row, hit));
  if (found.field_entries.empty()) return;
  set_bits(plan);
  const RowContext context{&plan, &batch, row};
  std::vector<RuleHit> more;
  for (const std::uint32_t index : found.field_entries) {
    const Entry& entry = plan.entries[index];
    const bool again = !more.empty() && plan.entries[more.back().entry].rule == entry.rule;
    if (!again && entry_holds(plan, entry, &context)) more.push_back(hit_of(plan, index, &context));
  }
  clear_bits();
  for (const RuleHit& hit : more) out.push_back(make_match(plan, batch, row, hit));
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
            [](const Match& a, const Match& b) { return a.rule < b.rule; });
}

Matcher::Matcher(const RuleSet& rules) : state_(std::make_unique<State>(rules)) {}
Matcher::~Matcher() = default;

event::Wanted Matcher::wanted(event::ShapeId shape) {
  return state_->plan_of(shape).wanted;
}

void Matcher::match(const EventBatch& batch, std::vector<Match>& out) {
  State& state = *state_;
  state.forget_if_large();
  Plan& plan = state.plan_of(batch.shape);
  if (plan.empty) return;
  state.bind(plan, batch);
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    for (const std::size_t slot : state.live_slots) {
      state.combination[slot] = state.slot_hits(plan, slot, batch, row);
    }
    const Outcome& found = state.outcome(plan);
    if (!found.nothing()) state.collect(plan, batch, row, found, out);
  }
  if (plan.outcomes.size() > limits::kMatcherOutcomes) plan.outcomes.clear();
}

}  // namespace landwarden::sigma
