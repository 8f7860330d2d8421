#include "engine/indicator_matcher.h"

#include <algorithm>
#include <utility>

namespace landwarden::engine {

IndicatorMatcher::IndicatorMatcher(const intel::IndicatorSet& indicators, const intel::FieldTable& table,
                                   event::Catalogue& catalogue, std::uint32_t first_rule)
    : indicators_(indicators),
      table_(table),
      catalogue_(catalogue),
      heads_(catalogue),
      first_rule_(first_rule) {
  for (const std::string& name : table.spellings()) {
    const auto id = catalogue.field(name);
    if (!id) continue;  // more names than anybody has: such fields come as extras, by name
    asked_.push_back(*id);
    if (id->value >= fields_.size()) fields_.resize(id->value + std::size_t{1});
    fields_[id->value].use = table.use_of(name);
  }
  std::ranges::sort(asked_);
}

void IndicatorMatcher::learn(const event::Column& column, Field& field) {
  if (!field.known || field.generation != column.values->generation()) {
    field.known = true;
    field.generation = column.values->generation();
    field.met.assign(event::kFirstValue, 0);
    field.sets.clear();
  }
  for (auto code = static_cast<event::Code>(field.met.size()); code < column.values->end(); ++code) {
    terms_.clear();
    indicators_.test(column.values->at(code).text, *field.use, terms_);
    if (!terms_.empty()) field.sets.push_back(terms_);
    field.met.push_back(terms_.empty() ? 0 : static_cast<std::uint32_t>(field.sets.size()));
  }
}

void IndicatorMatcher::test_column(const event::Column& column) {
  if (column.field.value >= fields_.size()) return;
  Field& field = fields_[column.field.value];
  if (!field.use) return;
  learn(column, field);
  if (field.sets.empty()) return;
  const std::string_view name = catalogue_.field_name(column.field);
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    for (const event::Code code : column.cell(row)) {
      if (field.met[code] == 0) continue;
      for (const TermId term : field.sets[field.met[code] - 1])
        hits_.push_back({static_cast<std::uint32_t>(row), term, name, column.values->at(code).text});
    }
  }
}

void IndicatorMatcher::test_extras(const event::EventBatch& batch) {
  for (const event::Extra& extra : batch.extras) {
    const auto use = extra.null ? std::nullopt : table_.use_of(extra.name);
    if (!use) continue;
    terms_.clear();
    indicators_.test(extra.text, *use, terms_);
    for (const TermId term : terms_) hits_.push_back({extra.row, term, extra.name, extra.text});
  }
}

std::vector<RowMatch>& IndicatorMatcher::match(const event::EventBatch& batch) {
  hits_.clear();
  met_.clear();
  for (const event::Column& column : batch.columns) test_column(column);
  test_extras(batch);
  std::ranges::stable_sort(hits_, {}, &Hit::row);
  for (std::size_t begin = 0; begin < hits_.size();) {
    std::size_t end = begin;
    while (end < hits_.size() && hits_[end].row == hits_[begin].row) ++end;
    add_row(batch, begin, end);
    begin = end;
  }
  return met_;
}

/// The values of a row that an indicator's terms met, each once.
std::vector<sigma::FieldValues> IndicatorMatcher::matched_by(std::uint32_t indicator, std::size_t begin,
                                                             std::size_t end) const {
  std::vector<sigma::FieldValues> out;
  for (std::size_t i = begin; i < end; ++i) {
    const Hit& hit = hits_[i];
    if (!indicators_.has_term(indicator, hit.term)) continue;
    const auto same = [&](const sigma::FieldValues& one) {
      return one.field == hit.field && one.values.front() == hit.text;
    };
    if (std::ranges::none_of(out, same)) out.push_back({std::string(hit.field), {std::string(hit.text)}});
  }
  return out;
}

void IndicatorMatcher::add_row(const event::EventBatch& batch, std::size_t begin, std::size_t end) {
  terms_.clear();
  for (std::size_t i = begin; i < end; ++i) terms_.push_back(hits_[i].term);
  indicators_.complete(terms_, found_);
  for (const std::uint32_t indicator : found_) {
    const std::uint32_t row = hits_[begin].row;
    sigma::Match& match = met_.emplace_back(row, heads_.on(batch, row)).match;
    match.rule = first_rule_ + indicator;
    match.matched = matched_by(indicator, begin, end);
    match.why = to_text(indicators_.indicators()[indicator].terms);
  }
}

}  // namespace landwarden::engine
