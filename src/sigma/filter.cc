#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "sigma/correlation_plan.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

bool is_called(const Rule& rule, const std::string& name) {
  return text::equal_folded(rule.id, name) || (!rule.name.empty() && rule.name == name);
}

/// What the filter's log source says, the rule's says too.
bool covers(const LogSource& filter, const LogSource& rule) {
  const auto part = [](const std::string& asked, const std::string& given) {
    return asked.empty() || text::equal_folded(asked, given);
  };
  return part(filter.category, rule.category) && part(filter.product, rule.product) &&
         part(filter.service, rule.service);
}

/// The filter's tree over tests that stand behind the rule's own. Names get the filter's in front, so that no
/// search of the rule is meant.
Expression renumbered(const Expression& tree, std::uint32_t first, const std::string& prefix) {
  Expression out;
  out.kind = tree.kind;
  out.test = tree.kind == Expression::Kind::test ? tree.test + first : 0;
  if (!tree.name.empty()) out.name = prefix + tree.name;
  for (const Expression& child : tree.children) out.children.push_back(renumbered(child, first, prefix));
  return out;
}

void apply(const Rule& filter, Rule& rule) {
  const auto first = static_cast<std::uint32_t>(rule.tests.size());
  rule.tests.insert(rule.tests.end(), filter.tests.begin(), filter.tests.end());
  Expression both;
  both.kind = Expression::Kind::all;
  both.children.push_back(std::move(rule.condition));
  both.children.push_back(renumbered(filter.condition, first, "filter '" + filter.title + "': "));
  rule.condition = std::move(both);
}

class Filters {
 public:
  Filters(std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics)
      : rules_(rules), diagnostics_(diagnostics) {}

  void apply_all() {
    for (const Rule& filter : rules_) {
      if (filter.kind == RuleKind::filter) apply_one(filter);
    }
    std::erase_if(rules_, [](const Rule& rule) { return rule.kind == RuleKind::filter; });
  }

 private:
  void apply_one(const Rule& filter) {
    for (const std::string& name : filter.filtered) explain(filter, name);
    for (Rule& rule : rules_) {
      if (rule.kind != RuleKind::detection || !covers(filter.logsource, rule.logsource)) continue;
      const auto named = [&](const std::string& name) { return is_called(rule, name); };
      if (!filter.filters_any && std::ranges::none_of(filter.filtered, named)) continue;
      if (rule.tests.size() + filter.tests.size() > limits::kSigmaNodes) {
        warn(filter, "the rule has too many tests to be filtered: '" + rule.title + "'", "split the filter");
        continue;
      }
      apply(filter, rule);
    }
  }

  /// Says why a filter that names a rule does nothing to it.
  void explain(const Rule& filter, const std::string& name) {
    bool found = false;
    for (const Rule& rule : rules_) {
      if (rule.kind == RuleKind::filter || !is_called(rule, name)) continue;
      found = true;
      if (rule.kind == RuleKind::correlation && !rule.correlation->aggregation) {
        warn(filter, "filters are not for correlations: '" + rule.title + "'",
             "name the rules that the correlation refers to");
      } else if (!rule.implied && !covers(filter.logsource, rule.logsource)) {
        warn(filter,
             "the log source of the filter is not that of the rule '" + rule.title + "': it runs unfiltered",
             "leave out of the filter's log source what the rule's does not say");
      }
    }
    if (!found) warn(filter, "no rule has the id or name '" + name + "': the filter does nothing to it");
  }

  void warn(const Rule& filter, std::string message, std::string hint = {}) {
    diagnostics_.push_back({Diagnostic::Severity::warning,
                            {ErrorCode::invalid, std::move(message), filter.place, std::move(hint)},
                            filter.id,
                            filter.title,
                            "filter"});
  }

  std::vector<Rule>& rules_;
  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

void apply_filters(std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics) {
  const bool any = std::ranges::any_of(rules, [](const Rule& rule) { return rule.kind == RuleKind::filter; });
  if (any) Filters(rules, diagnostics).apply_all();
}

}  // namespace landwarden::sigma
