// Which rules run: where they come from, and which of them the user's options leave.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sigma/loader.h"
#include "sigma/rule.h"

namespace landwarden::cli {

/// As given on the command line. Empty lists leave everything.
struct RuleChoice {
  std::vector<std::string> paths;    ///< files, folders, archives; empty means the built-in rules
  std::vector<std::string> exclude;  ///< rule ids, or files that list them
  std::vector<std::string> only;     ///< rule ids, or titles with '*' and '?'
  std::vector<std::string> tags;     ///< "attack.t1003" covers "attack.t1003.001"; "attack." may be left out
  std::vector<std::string> status;
  std::optional<sigma::Level> min_level;
};

struct ChosenRules {
  std::vector<sigma::Rule> rules;
  std::vector<sigma::Diagnostic> diagnostics;  ///< of loading
  std::uint64_t left_out = 0;                  ///< loaded, but the options say no
};

/// Fails if a path cannot be read. `how` says which placeholders are known and which pipelines work on the
/// rules; they are loaded on as many threads as there are.
[[nodiscard]] Result<ChosenRules> choose_rules(const RuleChoice& choice, sigma::LoadOptions how = {});

/// What of the choice, besides the paths, decides which rules there are; the same words, the same rules.
/// Nothing if a list of ids cannot be read.
[[nodiscard]] std::optional<std::vector<std::string>> words_of(const RuleChoice& choice);

/// Whether `text` matches `pattern` with '*' and '?', without case.
[[nodiscard]] bool matches_wildcard(std::string_view text, std::string_view pattern);
/// Rule ids in a file: one a line, '#' begins a remark; lines "id: …" of rule files count too.
[[nodiscard]] Result<std::vector<std::string>> read_rule_ids(const std::string& file);

}  // namespace landwarden::cli
