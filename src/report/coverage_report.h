// The answer of `landwarden coverage` in three forms: for a terminal, for programs, and as one HTML page.
//
// Pure; nothing of the evidence reaches a terminal or a browser unescaped. Lists of the terminal form are
// cut, never silently; `all` shows everything, and so do the other two forms. Fields of the JSON form:
// docs/coverage.md.

#pragma once

#include <string>

#include "assess/coverage.h"
#include "assess/settings.h"
#include "report/screen.h"
#include "triage/survey.h"

namespace landwarden::report {

struct CoverageScreenOptions {
  ScreenOptions screen;
  bool all = false;
};

[[nodiscard]] std::string coverage_screen(const assess::Coverage& coverage, const assess::SettingTable& table,
                                          const triage::Survey& survey, const CoverageScreenOptions& options);
[[nodiscard]] std::string coverage_json(const assess::Coverage& coverage, const assess::SettingTable& table,
                                        const triage::Survey& survey);
[[nodiscard]] std::string coverage_html(const assess::Coverage& coverage, const assess::SettingTable& table,
                                        const triage::Survey& survey);

}  // namespace landwarden::report
