// pySigma's processing pipelines: YAML that renames fields, changes log sources, adds conditions and rewrites
// values of rules, here before they are compiled.
//
// What of them works is in docs/sigma-semantics.md; everything else is refused with its place when a
// pipeline is read, never passed over. Pipelines work in the order of their priority, then as they were
// given. Immutable once made; any thread.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sigma/modifiers_pattern.h"
#include "sigma/parser_report.h"
#include "sigma/processing_draft.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

struct ProcessingPipeline;  // sigma/processing_pipeline.h

class Processing {
 public:
  /// Adds a pipeline file; `file` is for messages.
  [[nodiscard]] Result<void> add(std::string_view yaml, const std::string& file);
  [[nodiscard]] bool empty() const { return pipelines_.empty(); }

  /// `own`, and then what the pipelines' value_placeholders and wildcard_placeholders say. Does not outlive
  /// this.
  [[nodiscard]] PlaceholderValues placeholders(PlaceholderValues own) const;
  /// Works on a rule whose log source and metadata are read, and on its searches. What goes wrong is in the
  /// report.
  void apply(Rule& rule, Draft& draft, RuleReport& report) const;
  /// Renames the fields of correlations, once all rules are read. A condition on log sources is met if it is
  /// met by one of the rules that the correlation is over, as they are then.
  void apply_to_correlations(std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics) const;

 private:
  std::vector<std::shared_ptr<const ProcessingPipeline>> pipelines_;
};

}  // namespace landwarden::sigma
