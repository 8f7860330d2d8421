// What logging there is, what its gaps cost in rules and techniques, and which settings buy most.
//
// Made from a survey (with the watches of the table), the rules that are loaded and the tables of
// content/coverage. Same input, same result. docs/coverage.md explains the numbers.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "assess/host_view.h"
#include "assess/plan.h"
#include "assess/rule_reach.h"
#include "assess/settings.h"
#include "assess/time_set.h"
#include "triage/survey.h"

namespace landwarden::assess {

enum class State : std::uint8_t {
  on,        ///< looked at over the whole period
  partly,    ///< over some of it
  off,       ///< never: not switched on, or no such log
  unproven,  ///< never: nothing shows whether it is on
};
[[nodiscard]] const char* to_text(State state);

struct SettingOnHost {
  std::size_t setting = 0;
  State state = State::off;
  Sight sight;
};

/// How good the records of one channel are, and how far back they go.
struct ChannelCoverage {
  std::string channel;
  std::uint64_t records = 0, kinds = 0;
  Time first = Time::unknown(), last = Time::unknown();
  std::uint64_t numbers_missing = 0, gaps = 0;
  bool numbered = false, excerpt = false;
  std::uint64_t without_time = 0, without_number = 0, whole_seconds = 0;
  std::vector<std::uint64_t> filled;  ///< by watch
};

struct ClockTrust {
  std::uint64_t sets = 0, jumps = 0, without_time = 0;
  std::int64_t farthest_seconds = 0;  ///< of both, without sign
  std::string time_zone;              ///< as the host told it; empty: not told
  [[nodiscard]] bool doubtful() const { return sets + jumps + without_time > 0; }
};

struct SignSeen {
  std::size_t sign = 0;  ///< index into SettingTable::signs()
  std::uint64_t records = 0;
  std::vector<triage::DayRun> days;
};

struct HostCoverage {
  std::string host, product;  ///< host is empty for the estate as a whole
  bool estate = false;
  std::vector<std::string> roles;
  std::uint64_t records = 0;
  TimeRange seen{Time::unknown(), Time::unknown()};
  std::vector<SettingOnHost> settings;  ///< that apply, in the table's order
  std::vector<ChannelCoverage> channels;
  std::vector<SignSeen> signs;
  ClockTrust clock;
  std::uint64_t rules_can = 0, rules = 0;            ///< that can fire, of those for such a host
  std::uint64_t techniques_can = 0, techniques = 0;  ///< of ATT&CK, of those that these rules name
};

/// What a setting is worth that is missing somewhere.
struct SettingCost {
  std::size_t setting = 0;
  std::uint64_t hosts_on = 0, hosts_partly = 0, hosts_without = 0, hosts_unproven = 0;
  std::uint64_t rules = 0;              ///< that cannot fire on some host and could with it
  std::vector<std::string> techniques;  ///< that no rule can show on some host and one could with it
};

struct Coverage {
  TimeRange period{Time::unknown(), Time::unknown()};
  std::vector<HostCoverage> hosts;  ///< the estate first, if anything in it applies; then by name
  std::vector<SettingCost> costs;   ///< of settings that apply to some host; in the table's order
  std::vector<PlanStep> plan;       ///< what buys most first
  std::uint64_t rules = 0, rules_somewhere = 0;            ///< loaded; that can fire on some host
  std::uint64_t techniques = 0, techniques_somewhere = 0;  ///< that the rules name
  std::uint64_t rules_without_way = 0;                     ///< whose records nothing here reads
};

struct CoverageOptions {
  Time since = Time::unknown(), until = Time::unknown();     ///< unknown: as the evidence
  std::vector<std::pair<std::string, std::string>> roles{};  ///< host, role
};

/// The period that an answer is about: what was asked for, else from the first record to the last.
[[nodiscard]] TimeRange period_of(const triage::Survey& survey, Time since, Time until);

[[nodiscard]] Coverage coverage_of(const triage::Survey& survey, const std::vector<RuleReach>& rules,
                                   const SettingTable& table, const CoverageOptions& options = {});

}  // namespace landwarden::assess
