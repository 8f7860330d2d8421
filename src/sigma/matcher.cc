#include "sigma/matcher.h"

#include "base/limits.h"
#include "event/builder.h"
#include "sigma/matcher_state.h"

namespace landwarden::sigma {

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
    if (state.bits_stand) state.clear_bits();
  }
  if (plan.outcomes.size() > limits::kMatcherOutcomes) plan.outcomes.clear();
}

}  // namespace landwarden::sigma
