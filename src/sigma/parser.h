// Reads Sigma rule files: YAML text to rules, or the reasons why one cannot run.
//
// Implements the Sigma rules specification 2.1.0, several documents in a file and the old `action:
// global|reset|repeat` collections included. Every document gives a rule or at least one diagnostic that
// names it with file, line and reason. A rule whose condition ends in an aggregation (`| count() …`) gives
// two: what is counted, and a correlation over it, with a warning that shows it. Pure functions: any thread,
// any order.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "sigma/modifiers_pattern.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

class Processing;  // sigma/processing.h

struct ParseOptions {
  PlaceholderValues placeholders;  ///< for |expand; without it rules with placeholders are rejected
  const Processing* processing =
      nullptr;                 ///< pipelines that work on detections before their condition is read
  bool report_foreign = true;  ///< documents that are no Sigma rules at all are errors; else warnings
};

/// Appends the rules of one file. `file` is what the user calls it; it stands in every place.
void parse_rules(std::string_view yaml, const std::string& file, const ParseOptions& options,
                 std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics);

/// The same for one document that is YAML already; `action` is not looked at.
void parse_rule(const yaml::Node& document, const std::string& file, const ParseOptions& options,
                std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics);

}  // namespace landwarden::sigma
