// Matches in, findings out: what one rule saw on one host becomes one finding with a count, its span of time
// and one example.
//
// Memory is bounded by limits::kFindings and limits::kExample…, whatever the number of matches: beyond
// kFindings, new pairs of rule and host are only counted (Summary::remainder()); the counts by level and by
// rule stay exact. What is no Sigma rule (indicators) has numbers behind the last rule. The same matches in
// the same order give the same summary. Not thread-safe. Adding copies what it keeps.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "sigma/match.h"
#include "sigma/rule_table.h"
#include "triage/attack.h"
#include "triage/foreign_rule.h"

namespace landwarden::triage {

inline constexpr std::size_t kLevels = 5;

/// Rules without a level stand with the informational ones.
[[nodiscard]] inline sigma::Level level_of(const sigma::Rule& rule) {
  return rule.level.value_or(sigma::Level::informational);
}

/// One match that stands for the others.
struct Example {
  std::string channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t record_id = 0;  ///< event::kNoRecordId if the source has none
  std::string source;
  std::vector<sigma::FieldValues> matched;
  std::string why;
};

/// One rule on one host.
struct Finding {
  std::uint32_t rule = 0;  ///< for Summary::rule()
  std::string host;        ///< as first seen; hosts are told apart without case
  std::uint64_t count = 0;
  Time first = Time::unknown(), last = Time::unknown();
  Example example;  ///< of the first match in order
};

/// The findings of one rule on all hosts.
struct RuleFindings {
  std::uint32_t rule = 0;
  std::uint64_t count = 0;  ///< matches, of all hosts, also those beyond the limit
  Time first = Time::unknown(), last = Time::unknown();
  std::vector<const Finding*> findings;  ///< most matches first, then by host
};

struct LevelCount {
  std::uint64_t rules = 0, findings = 0, matches = 0;
};

/// What one tactic of ATT&CK was seen with.
struct TacticCount {
  std::size_t tactic = 0;  ///< index into AttackTable::tactics()
  std::uint64_t rules = 0, matches = 0;
};

class Summary {
 public:
  /// `rules` and `attack` must outlive the summary.
  Summary(const sigma::RuleTable& rules, const AttackTable& attack);

  /// A match of one of the rules that the summary was made with.
  void add(const sigma::Match& match, std::string_view source);
  /// A match of something else, which has a number behind them and outlives the summary.
  void add(const sigma::Match& match, const ForeignRule& foreign, std::string_view source);

  [[nodiscard]] const sigma::RuleTable& rules() const { return rules_; }
  /// What RuleFindings::rule and Finding::rule mean.
  [[nodiscard]] const sigma::Rule& rule(std::uint32_t number) const;
  /// The same if it is no Sigma rule; nullptr if it is.
  [[nodiscard]] const ForeignRule* foreign(std::uint32_t number) const;
  /// How many of what is no Sigma rule matched, of one ruleset (ForeignRule::ruleset).
  [[nodiscard]] LevelCount of_ruleset(std::string_view ruleset) const;
  [[nodiscard]] const AttackTable& attack() const { return attack_; }
  [[nodiscard]] std::uint64_t matches() const { return matches_; }
  [[nodiscard]] LevelCount of(sigma::Level level) const;
  /// Pairs of rule and host, those beyond the limit not counted.
  [[nodiscard]] std::size_t findings_total() const { return findings_.size(); }
  /// Rules of a level that matched, first seen first; at the same time in the order of the rules.
  [[nodiscard]] std::vector<RuleFindings> findings(sigma::Level level) const;
  /// In the order of AttackTable::tactics(), only those that were touched.
  [[nodiscard]] std::vector<TacticCount> tactics() const;
  /// "T1003.003" …, sorted; of rules that matched.
  [[nodiscard]] std::vector<std::string> techniques() const;
  /// Hosts with a finding, without those beyond the limit; sorted.
  [[nodiscard]] std::vector<std::string> hosts() const;
  /// Matches whose rule and host have no finding of their own because there were too many.
  [[nodiscard]] std::uint64_t remainder() const { return remainder_; }

 private:
  struct RuleTotal {
    std::uint64_t matches = 0;
    Time first = Time::unknown(), last = Time::unknown();
    const ForeignRule* foreign = nullptr;
  };
  void count(RuleTotal& total, const sigma::Match& match, std::string_view source);
  /// Calls `each` with number, rule and total of all that matched, in the order of numbers.
  template <class Each>
  void for_each_matched(const Each& each) const {
    for (std::uint32_t i = 0; i < totals_.size(); ++i) {
      if (totals_[i].matches > 0) each(i, rules_[i], totals_[i]);
    }
    for (const auto& [number, total] : foreign_) each(number, total.foreign->rule, total);
  }
  [[nodiscard]] Example take_example(const sigma::Match& match, std::string_view source);

  const sigma::RuleTable& rules_;
  const AttackTable& attack_;
  std::vector<Finding> findings_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>
      index_;                      ///< rule number, host folded
  std::string key_;                ///< reused for look-ups
  std::vector<RuleTotal> totals_;  ///< a rule each
  std::map<std::uint32_t, RuleTotal> foreign_;
  std::size_t example_bytes_ = 0;
  std::uint64_t matches_ = 0, remainder_ = 0;
};

}  // namespace landwarden::triage
