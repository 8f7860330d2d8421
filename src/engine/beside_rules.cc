#include "engine/beside_rules.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/sorted.h"
#include "sigma/whole_event.h"

namespace landwarden::engine {

BesideRules::BesideRules(const Beside* beside, event::Catalogue& catalogue, std::uint32_t first)
    : catalogue_(catalogue) {
  if (beside == nullptr) return;
  all_fields_ = beside->all_fields;
  if (beside->indicators)
    indicators_.emplace(beside->indicators->set, intel::FieldTable::built_in(), catalogue, first);
  if (beside->yara)
    yara_ = std::make_unique<YaraMatcher>(*beside->yara, catalogue, first_yara(*beside, first));
}

void BesideRules::want(event::ShapeId shape, event::Wanted& wanted) {
  if (!any()) return;
  wanted.all = wanted.all || all_fields_;
  if (indicators_) want_more(wanted, indicators_->fields());
  if (yara_) want_more(wanted, yara_->fields(shape));
}

void BesideRules::add_to(const event::EventBatch& batch, std::vector<sigma::Match>& matches) {
  if (!any()) return;
  met_.clear();
  if (indicators_) std::swap(met_, indicators_->match(batch));
  const bool sorted = met_.empty();
  if (yara_) yara_->match(batch, met_);
  if (!sorted) std::ranges::stable_sort(met_, {}, &RowMatch::row);
  if (all_fields_) {
    for (RowMatch& one : met_) sigma::add_whole_event(batch, one.row, catalogue_, one.match);
  }
  merge_in_row_order(batch, met_, matches);
}

void want_more(event::Wanted& wanted, const std::vector<event::FieldId>& more) {
  if (wanted.all && !wanted.all_by_text) return;
  wanted.fields.insert(wanted.fields.end(), more.begin(), more.end());
  sort_and_unite(wanted.fields);
}

std::uint32_t first_yara(const Beside& beside, std::uint32_t rules) {
  return rules +
         (beside.indicators ? static_cast<std::uint32_t>(beside.indicators->set.indicators().size()) : 0);
}

const triage::ForeignRule& foreign_rule(const sigma::Match& match, std::uint32_t rules,
                                        const Beside& beside) {
  const std::uint32_t yara = first_yara(beside, rules);
  LW_ASSERT(match.rule >= rules &&
            (match.rule < yara ? beside.indicators.has_value() : beside.yara.has_value()));
  return match.rule < yara ? beside.indicators->as_rule(match.rule - rules)
                           : beside.yara->as_rule(match.rule - yara);
}

}  // namespace landwarden::engine
