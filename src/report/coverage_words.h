// Words that all forms of a coverage report share: states, stretches of time, names of the estate.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assess/coverage.h"
#include "report/screen.h"

namespace landwarden::report {

/// "2026-03-02 14:05"; whole days without the hour. UTC.
[[nodiscard]] std::string moment_text(Time time);
/// "2026-03-02 to 2026-03-04" (the last day included), or with hours where they are not whole days.
[[nodiscard]] std::string range_text(const assess::TimeRange& range);
/// At most `most` of them, and how many more.
[[nodiscard]] std::string ranges_text(const assess::TimeSet& set, std::size_t most = 3);
/// "14 days", "6 h", "20 min".
[[nodiscard]] std::string length_text(std::int64_t seconds);
/// What is shown for a host; the estate's is empty.
[[nodiscard]] std::string host_text(std::string_view host, bool estate);
/// At most `most` names, and how many more.
[[nodiscard]] std::string names_text(const std::vector<std::string>& names, std::size_t most);
/// Why something was not seen: "no log of that time".
[[nodiscard]] std::string_view reason_text(assess::Blindness why);
[[nodiscard]] std::string_view state_text(assess::State state);
/// Of HtmlPage::badge.
[[nodiscard]] std::string_view state_kind(assess::State state);
[[nodiscard]] Ink state_ink(assess::State state);
/// "domain controller" for "domain_controller".
[[nodiscard]] std::string role_text(std::string_view role);
/// A share in whole per cent, never 0 for something nor 100 for less than all.
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole);

}  // namespace landwarden::report
