// The shortest list of settings that buys most: a greedy cover over hosts that lack the same.
//
// Each step takes the setting, with what it needs, that lets rules show the most techniques on hosts where
// none could; among equals that which lets most rules fire; among equals the first of the table. It ends when
// no setting adds a rule anywhere.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assess/rule_reach.h"
#include "assess/settings.h"

namespace landwarden::assess {

/// What hosts have on, by setting, and where a setting applies. Hosts alike are one group.
struct HostGroup {
  std::vector<std::string> hosts;
  std::vector<bool> on, applies;
};

/// What can be shown where some settings are on.
struct Reached {
  std::vector<bool> rules, techniques;  ///< by RuleIndex
};

/// What more settings bring.
struct Gain {
  std::vector<std::uint32_t> rules, techniques;
};

/// Rules by the settings that they could use; the reaches must outlive it.
class RuleIndex {
 public:
  RuleIndex(const std::vector<RuleReach>& rules, const SettingTable& table);

  [[nodiscard]] const std::vector<std::string>& techniques() const { return techniques_; }
  [[nodiscard]] std::size_t rules() const { return rules_.size(); }
  [[nodiscard]] Reached reached(const std::vector<bool>& on) const;
  /// What it brings to switch `setting` on, with what it needs, where `has` is what `on` reaches.
  [[nodiscard]] Gain gain(std::size_t setting, const std::vector<bool>& on, const Reached& has) const;
  /// `on` with a setting and what it needs.
  [[nodiscard]] std::vector<bool> with(const std::vector<bool>& on, std::size_t setting) const;

 private:
  const std::vector<RuleReach>& rules_;
  const SettingTable& table_;
  std::vector<std::string> techniques_;                    ///< sorted
  std::vector<std::vector<std::uint32_t>> techniques_of_;  ///< by rule
  std::vector<std::vector<std::uint32_t>> rules_of_;       ///< by setting
};

/// One line of the shortest list: switch these on, on these hosts.
struct PlanStep {
  std::vector<std::size_t> settings;  ///< with what they need and is missing
  std::vector<std::string> hosts;     ///< "" is the estate
  std::uint64_t rules = 0;            ///< different ones that it brings on any host
  std::uint64_t host_rules = 0;       ///< pairs of host and rule
  std::vector<std::string> techniques;
  std::uint64_t host_techniques = 0;
};

[[nodiscard]] std::vector<PlanStep> shortest_plan(std::vector<HostGroup> groups, const RuleIndex& rules,
                                                  const SettingTable& table);

}  // namespace landwarden::assess
