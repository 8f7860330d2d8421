// The answer of `landwarden evidence` for a terminal: what is there, what is missing, what rules can do with
// it.
//
// First what to worry about (cleared logs, missing records, changed clocks, damage, copies), then hosts,
// channels with their events, logons, rules, and each file. Lists are cut, never silently; `all` shows
// everything. Pure, and nothing of the evidence reaches the terminal unescaped.

#pragma once

#include <string>

#include "report/screen.h"
#include "triage/survey.h"

namespace landwarden::report {

struct EvidenceScreenOptions {
  ScreenOptions screen;
  bool all = false;
  bool own_rules = false;  ///< the rules were named by the user
};

[[nodiscard]] std::string evidence_screen(const triage::Survey& survey, const EvidenceScreenOptions& options);

}  // namespace landwarden::report
