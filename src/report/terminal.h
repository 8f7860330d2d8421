// The summary that a hunt ends with: what a tired defender must know, in one look, as text for a terminal.
//
// From the top: how bad it is, what was read and what was not, the findings from critical down, the tactics,
// and what to do. Lists are cut to fit a screen or two (see kRulesShown), never silently: each says how much
// more there is and how to see it. Pure: the same input gives the same text. Nothing of the evidence reaches
// the terminal unescaped.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "event/evidence.h"
#include "report/next_steps.h"
#include "report/screen.h"
#include "triage/rule_evidence.h"
#include "triage/summary.h"

namespace landwarden::report {

/// What an answer covers.
struct Coverage {
  std::span<const event::Receipt> receipts;
  std::vector<std::pair<std::string, std::uint64_t>> channels;  ///< with records, most first
  std::vector<std::string> hosts;                               ///< most records first
  Time first = Time::unknown(), last = Time::unknown();
  std::uint64_t records = 0, records_matched = 0, bytes = 0;
  std::uint64_t only_fuller = 0;       ///< matches that --strict-sources would not give
  std::uint64_t put_together = 0;      ///< texts that lay in several records
  std::uint64_t not_whole = 0;         ///< such texts of which a part is missing
  std::uint64_t records_left_out = 0;  ///< by --since, --until and --host
  std::uint64_t rules_loaded = 0, rules_failed = 0;
  std::uint64_t indicators = 0;  ///< looked for
  std::string yara;              ///< what was done with YARA rules; empty if there are none
  triage::RuleEvidence rules;
  bool interrupted = false;
};

struct TerminalOptions {
  ScreenOptions screen;
  bool all = false;        ///< every finding and every problem, however many
  std::string timeline;    ///< where the timeline went, for the last line; empty if there is none
  bool own_rules = false;  ///< the rules were named by the user
};

/// Rules shown of each level, critical first: with three lines a rule this is about two screens at worst.
inline constexpr std::array<std::size_t, triage::kLevels> kRulesShown = {12, 10, 6, 4, 2};
/// Hosts shown one by one of each rule.
inline constexpr std::size_t kHostsShown = 3;
/// Sources shown one by one of each kind of problem.
inline constexpr std::size_t kProblemsShown = 5;
/// Names of files that are no event logs; they are rarely what a person looks for.
inline constexpr std::size_t kOthersShown = 3;
/// Steps proposed.
inline constexpr std::size_t kStepsShown = 5;

[[nodiscard]] std::string terminal_summary(const triage::Summary& summary, const Coverage& coverage,
                                           const NextSteps& steps, const TerminalOptions& options);

}  // namespace landwarden::report
