// The answer of `landwarden assess` in three forms: for a terminal, for programs, and as one HTML page.
//
// Pure; nothing of the evidence reaches a terminal or a browser unescaped. Fields of the JSON form:
// docs/advisories.md.

#pragma once

#include <string>
#include <vector>

#include "assess/advisory.h"
#include "assess/verdict.h"
#include "report/screen.h"
#include "sigma/rule_table.h"

namespace landwarden::report {

/// All that the forms show; everything must outlive the call.
struct AssessReport {
  const assess::Advisory& advisory;
  const assess::Assessment& assessment;
  const assess::SettingTable& table;
  const triage::Survey& survey;
  const sigma::RuleTable& rules;
};

struct AssessScreenOptions {
  ScreenOptions screen;
  bool all = false;
  std::string written;  ///< where the page is; empty: nowhere
};

[[nodiscard]] std::string assess_screen(const AssessReport& report, const AssessScreenOptions& options);
[[nodiscard]] std::string assess_json(const AssessReport& report);
[[nodiscard]] std::string assess_html(const AssessReport& report);

}  // namespace landwarden::report
