// Words that all forms of an assessment share.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assess/verdict.h"
#include "report/screen.h"

namespace landwarden::report {

[[nodiscard]] std::string_view verdict_text(assess::Verdict verdict);
/// Of HtmlPage::badge.
[[nodiscard]] std::string_view verdict_kind(assess::Verdict verdict);
[[nodiscard]] Ink verdict_ink(assess::Verdict verdict);
/// Host names as they are shown; the estate's by what it is.
[[nodiscard]] std::vector<std::string> shown_hosts(const assess::Watched& watched);
/// What would have had to be on: names of the settings, joined.
[[nodiscard]] std::string wanted_text(const assess::BlindPart& part, const assess::SettingTable& table);
/// One sentence that sums an assessment up.
[[nodiscard]] std::string summary_text(const assess::Assessment& assessment);

}  // namespace landwarden::report
