// What a rule needs to be able to fire: which settings of logging make its records arrive, in which
// combinations.
//
// Derived from the rule's log source, from the event ids and fields that its condition demands in plain
// sight, and from the tables of content/coverage. What the tables do not judge is taken to be there.

#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "assess/settings.h"
#include "sigma/lint_tables.h"
#include "sigma/rule_table.h"
#include "triage/attack.h"
#include "view/log_sources.h"

namespace landwarden::assess {

/// Settings that must all be on, sorted.
using Way = std::vector<std::size_t>;

struct RuleReach {
  std::uint32_t rule = 0;            ///< index into the rules
  std::vector<Way> ways;             ///< any of them; none: no evidence that we read shows it
  std::vector<std::uint32_t> parts;  ///< of a correlation: reaches of the rules that it is made of
  bool all_parts = true;             ///< it needs all of them, not any
  std::vector<std::string> techniques;
};

/// Event ids that the condition demands; empty: any.
[[nodiscard]] std::set<std::uint32_t> demanded_ids(const sigma::Rule& rule);
/// Whether the condition can hold though `lacking` says of some fields that they are never there.
[[nodiscard]] bool can_hold(const sigma::Rule& rule, const std::function<bool(const std::string&)>& lacking);

/// One a rule, in the order of rules. Adds to `table` a setting for each log that it does not know.
[[nodiscard]] std::vector<RuleReach> reach_of(const sigma::RuleTable& rules, const view::LogSources& sources,
                                              const sigma::FieldTable& fields,
                                              const triage::AttackTable& attack, SettingTable& table);

/// Whether the rule can fire where `on` says of each setting that it is.
[[nodiscard]] bool reaches(const std::vector<RuleReach>& all, std::size_t rule, const std::vector<bool>& on);

}  // namespace landwarden::assess
