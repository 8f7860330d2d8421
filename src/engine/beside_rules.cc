#include "engine/beside_rules.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sigma/whole_event.h"

namespace landwarden::engine {

BesideRules::BesideRules(const Beside* beside, event::Catalogue& catalogue, std::uint32_t first)
    : catalogue_(catalogue) {
  if (beside == nullptr) return;
  all_fields_ = beside->all_fields;
  if (beside->indicators)
    indicators_.emplace(beside->indicators->set, intel::FieldTable::built_in(), catalogue, first);
}

void BesideRules::want(event::Wanted& wanted) const {
  if (!indicators_) return;
  wanted.all = wanted.all || all_fields_;
  want_more(wanted, indicators_->fields());
}

void BesideRules::add_to(const event::EventBatch& batch, std::vector<sigma::Match>& matches) {
  if (!indicators_) return;
  std::vector<IndicatorMatcher::Met>& met = indicators_->match(batch);
  if (met.empty()) return;
  merged_.clear();
  auto next = matches.begin();
  std::uint32_t row = 0;
  for (IndicatorMatcher::Met& one : met) {
    if (all_fields_) sigma::add_whole_event(batch, one.row, catalogue_, one.match);
    // The rules' matches know their record, not their row.
    for (; row <= one.row; ++row) {
      while (next != matches.end() && next->offset == batch.rows[row].offset &&
             next->record_id == batch.rows[row].record_id) {
        merged_.push_back(std::move(*next++));
      }
    }
    merged_.push_back(std::move(one.match));
  }
  std::move(next, matches.end(), std::back_inserter(merged_));
  std::swap(merged_, matches);
}

void want_more(event::Wanted& wanted, const std::vector<event::FieldId>& more) {
  if (wanted.all && !wanted.all_by_text) return;
  wanted.fields.insert(wanted.fields.end(), more.begin(), more.end());
  std::ranges::sort(wanted.fields);
  wanted.fields.erase(std::unique(wanted.fields.begin(), wanted.fields.end()), wanted.fields.end());
}

const triage::ForeignRule& foreign_rule(const sigma::Match& match, std::uint32_t rules,
                                        const Beside& beside) {
  LW_ASSERT(beside.indicators && match.rule >= rules);
  return beside.indicators->as_rule(match.rule - rules);
}

}  // namespace landwarden::engine
