// Advisories as data: the steps of an actor, what shows each of them, and which logging could have.
//
// Read from YAML (docs/advisories.md has the form; content/advisories holds those built in). A table that
// names a rule, a setting or a key that does not exist is refused, with the place. Plain values once read.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/rule_reach.h"
#include "assess/settings.h"
#include "base/result.h"
#include "sigma/rule_table.h"

namespace landwarden::assess {

struct Step {
  std::string id, phase;  ///< phase: a tactic as rules tag it, "initial-access"
  Text title, text;
  std::vector<std::string> techniques;  ///< "T1003.003"
  std::string hosts;                    ///< a role; "estate"; empty: every machine
  std::vector<std::string> rules;       ///< as named in the file, for messages and reports
  std::vector<std::uint32_t> shown_by;  ///< those rules, and all with one of the step's tags; indices, sorted
  sigma::Level level = sigma::Level::medium;  ///< matches below are everyday traces, not the step
  std::vector<Way> seen_by;                   ///< any of them
  Text unseen;  ///< why no log that can be read shows the step; then the rest is empty
};

struct Advisory {
  std::string id, source;
  Text title;
  std::vector<Step> steps;  ///< in the order of the file
};

/// "aa24-038a" …, sorted.
[[nodiscard]] std::vector<std::string> built_in_advisories();

/// The bytes of a built-in advisory, or nothing.
[[nodiscard]] std::optional<std::string_view> find_advisory(std::string_view id);

/// Rules are found by the path below content/rules without its suffix; `reaches` is what each of them needs.
/// A way that none of a step's rules can use is refused, or left out if it came with a named list of ways.
/// Adds the file's own kinds of records to `table`.
[[nodiscard]] Result<Advisory> read_advisory(std::string_view bytes, const std::string& file,
                                             const sigma::RuleTable& rules,
                                             const std::vector<RuleReach>& reaches, SettingTable& table);

}  // namespace landwarden::assess
