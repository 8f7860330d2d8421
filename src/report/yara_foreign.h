// Rules of YARA as a summary and a timeline name them.

#pragma once

#include <string_view>

#include "intel/yara_rules.h"
#include "triage/foreign_rule.h"

namespace landwarden::report {

/// ForeignRule::ruleset of YARA rules.
inline constexpr std::string_view kYaraRuleset = "yara";

/// The level: what the metadata `level` or `severity` says in Sigma's words; else of `score` (0 to 100) from
/// 80 on high, from 60 medium, from 40 low, below informational; medium if the rule says nothing.
[[nodiscard]] sigma::Level level_of(const intel::YaraRule& rule);

[[nodiscard]] triage::ForeignRule foreign_of(const intel::YaraRule& rule);

}  // namespace landwarden::report
