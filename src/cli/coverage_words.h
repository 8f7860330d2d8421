// What the commands coverage and assess share: the period and roles that they are about, and the tables that
// they need.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "assess/rule_reach.h"
#include "assess/settings.h"
#include "base/result.h"
#include "base/time.h"
#include "sigma/matcher.h"
#include "triage/survey.h"
#include "view/log_sources.h"

namespace landwarden::cli {

class Command;

/// As on the command line.
struct PeriodWords {
  std::string since, until;
  std::vector<std::string> controllers;
};
/// Adds --since, --until and --domain-controller; `words` must live until the command has run.
void add_period_options(Command command, PeriodWords& words);

struct Period {
  Time since = Time::unknown(), until = Time::unknown();
  std::vector<std::pair<std::string, std::string>> roles;
};
[[nodiscard]] Result<Period> understand(const PeriodWords& words);

/// Tables of content/coverage, and what the rules need of them.
struct CoverageTables {
  assess::SettingTable settings;
  std::vector<assess::RuleReach> reaches;
};
[[nodiscard]] Result<CoverageTables> coverage_tables(const sigma::RuleSet& rules,
                                                     const view::LogSources& sources);

/// Says what of the evidence could not be read, on standard error.
void say_unreadable(const triage::Survey& survey);

}  // namespace landwarden::cli
