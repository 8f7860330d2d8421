#include "assess/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace landwarden::assess {
namespace {

/// Correlations of correlations, as in reaches().
constexpr int kDepth = 16;

void settings_of(const std::vector<RuleReach>& rules, std::size_t rule, int depth,
                 std::set<std::size_t>& out) {
  for (const Way& way : rules[rule].ways) out.insert(way.begin(), way.end());
  if (depth == 0) return;
  for (const std::uint32_t part : rules[rule].parts) settings_of(rules, part, depth - 1, out);
}

struct Candidate {
  std::uint64_t host_techniques = 0, host_rules = 0;
  std::size_t setting = 0;
  std::vector<std::pair<std::size_t, Gain>> gains;  ///< group, what it gains
};

class Planner {
 public:
  Planner(std::vector<HostGroup> groups, const RuleIndex& rules, const SettingTable& table)
      : groups_(std::move(groups)), rules_(rules), table_(table) {
    for (const HostGroup& group : groups_) has_.push_back(rules_.reached(group.on));
  }

  [[nodiscard]] std::optional<PlanStep> next() {
    std::optional<Candidate> best;
    for (std::size_t setting = 0; setting < table_.settings().size(); ++setting) {
      Candidate candidate = try_setting(setting);
      if (candidate.host_rules == 0) continue;
      const auto worth = [](const Candidate& c) { return std::tie(c.host_techniques, c.host_rules); };
      if (!best || worth(candidate) > worth(*best)) best = std::move(candidate);
    }
    if (!best) return std::nullopt;
    return take(*best);
  }

 private:
  [[nodiscard]] Candidate try_setting(std::size_t setting) const {
    Candidate out{.host_techniques = 0, .host_rules = 0, .setting = setting, .gains = {}};
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const HostGroup& group = groups_[i];
      if (!group.applies[setting] || group.on[setting]) continue;
      Gain gain = rules_.gain(setting, group.on, has_[i]);
      if (gain.rules.empty()) continue;
      out.host_rules += gain.rules.size() * group.hosts.size();
      out.host_techniques += gain.techniques.size() * group.hosts.size();
      out.gains.emplace_back(i, std::move(gain));
    }
    return out;
  }
  [[nodiscard]] PlanStep take(const Candidate& best) {
    PlanStep out{.settings = {},
                 .hosts = {},
                 .rules = 0,
                 .host_rules = best.host_rules,
                 .techniques = {},
                 .host_techniques = best.host_techniques};
    std::set<std::size_t> settings{best.setting};
    std::set<std::uint32_t> rules, techniques;
    for (const auto& [i, gain] : best.gains) {
      HostGroup& group = groups_[i];
      out.hosts.insert(out.hosts.end(), group.hosts.begin(), group.hosts.end());
      for (const std::size_t setting : table_.with_needs(best.setting)) {
        if (!group.on[setting]) settings.insert(setting);
      }
      rules.insert(gain.rules.begin(), gain.rules.end());
      techniques.insert(gain.techniques.begin(), gain.techniques.end());
      group.on = rules_.with(group.on, best.setting);
      has_[i] = rules_.reached(group.on);
    }
    std::ranges::sort(out.hosts);
    out.settings.assign(settings.begin(), settings.end());
    out.rules = rules.size();
    for (const std::uint32_t technique : techniques) out.techniques.push_back(rules_.techniques()[technique]);
    return out;
  }

  std::vector<HostGroup> groups_;
  const RuleIndex& rules_;
  const SettingTable& table_;
  std::vector<Reached> has_;
};

}  // namespace

RuleIndex::RuleIndex(const std::vector<RuleReach>& rules, const SettingTable& table)
    : rules_(rules), table_(table), rules_of_(table.settings().size()) {
  std::map<std::string, std::uint32_t> numbers;
  for (const RuleReach& rule : rules) {
    for (const std::string& technique : rule.techniques) numbers.emplace(technique, 0);
  }
  for (auto& [technique, number] : numbers) {
    number = static_cast<std::uint32_t>(techniques_.size());
    techniques_.push_back(technique);
  }
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    techniques_of_.emplace_back();
    for (const std::string& technique : rules[i].techniques)
      techniques_of_.back().push_back(numbers[technique]);
    std::set<std::size_t> settings;
    settings_of(rules, i, kDepth, settings);
    for (const std::size_t setting : settings) rules_of_[setting].push_back(i);
  }
}

std::vector<bool> RuleIndex::with(const std::vector<bool>& on, std::size_t setting) const {
  std::vector<bool> out = on;
  for (const std::size_t one : table_.with_needs(setting)) out[one] = true;
  return out;
}

Reached RuleIndex::reached(const std::vector<bool>& on) const {
  Reached out{.rules = std::vector<bool>(rules_.size()), .techniques = std::vector<bool>(techniques_.size())};
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (!reaches(rules_, i, on)) continue;
    out.rules[i] = true;
    for (const std::uint32_t technique : techniques_of_[i]) out.techniques[technique] = true;
  }
  return out;
}

Gain RuleIndex::gain(std::size_t setting, const std::vector<bool>& on, const Reached& has) const {
  const std::vector<bool> then = with(on, setting);
  std::set<std::uint32_t> rules, techniques;
  for (const std::size_t one : table_.with_needs(setting)) {
    if (on[one]) continue;
    for (const std::uint32_t rule : rules_of_[one]) {
      if (has.rules[rule] || !reaches(rules_, rule, then)) continue;
      rules.insert(rule);
      for (const std::uint32_t technique : techniques_of_[rule]) {
        if (!has.techniques[technique]) techniques.insert(technique);
      }
    }
  }
  return {{rules.begin(), rules.end()}, {techniques.begin(), techniques.end()}};
}

std::vector<PlanStep> shortest_plan(std::vector<HostGroup> groups, const RuleIndex& rules,
                                    const SettingTable& table) {
  Planner planner(std::move(groups), rules, table);
  std::vector<PlanStep> out;
  while (auto step = planner.next()) out.push_back(std::move(*step));
  return out;
}

}  // namespace landwarden::assess
