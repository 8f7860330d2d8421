// Loads rule collections: files, folders, zip archives, and the rules that are built in.
//
// Files are parsed on several threads; the result does not depend on how many (sorted by file name, then by
// place). What cannot be read or run is a diagnostic, never a silent gap.

#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/parser.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// Looks at one file after it was parsed: its text, its name, its rules; may add findings.
using InspectFile = std::function<void(std::string_view text, const std::string& file,
                                       std::span<const Rule> rules, std::vector<Diagnostic>& diagnostics)>;

struct LoadOptions {
  unsigned threads = 1;
  PlaceholderValues placeholders;          ///< for |expand; called from several threads at once
  const Processing* processing = nullptr;  ///< pipelines that work on the rules
  InspectFile inspect = {};                ///< called from several threads at once
};

struct LoadedRules {
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
  std::size_t files = 0;        ///< rule files read: .yml and .yaml, and whatever was named directly
  std::size_t other_files = 0;  ///< passed over in folders and archives
};

/// A path is a file (whatever its name), a folder (all .yml and .yaml below it), or a zip archive of such.
[[nodiscard]] LoadedRules load_rules(const std::vector<std::string>& paths, const LoadOptions& options = {});

/// Whether a file in a folder is taken for one of rules.
[[nodiscard]] bool has_rule_name(std::string_view name);

/// The rules of content/rules/ that are built into the program.
[[nodiscard]] LoadedRules load_built_in_rules(const LoadOptions& options = {});

}  // namespace landwarden::sigma
