#include "event/builder.h"
#include "sigma/field_order.h"
#include "sigma/matcher_state.h"
#include "sigma/whole_event.h"

namespace landwarden::sigma {

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
      const FieldPredicates& predicates = rules.fields[field].predicates;
      predicates.test({event::ValueType::text, text}, scratch, hits);
      return std::ranges::none_of(hit_predicates, [&](std::uint32_t p) {
        return predicates.is_deferred(p) ? predicates.meets(p, text, scratch.folded)
                                         : std::binary_search(hits.begin(), hits.end(), p);
      });
    });
  }
}

Match Matcher::State::make_match(const Plan& plan, const EventBatch& batch, std::size_t row,
                                 const RuleHit& hit) {
  const Entry& entry = plan.entries[hit.entry];
  Match match = heads.on(batch, row);
  match.rule = entry.rule;
  match.why = hit.why;
  match.only_fuller = hit.only_fuller;
  add_matched(plan, entry, batch, row, hit, match);
  if (rules.options.all_fields) add_whole_event(batch, row, *rules.catalogue, match);
  for (const std::uint32_t field : rules.programs[entry.rule].carried) {
    const RowContext context{&plan, &batch, row};
    match.carried.push_back({rules.fields[field].name, texts_of(context, plan.namings[entry.naming][field])});
  }
  return match;
}

}  // namespace landwarden::sigma
