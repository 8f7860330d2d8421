// Any bytes as a rule file, correlations and filters among them: nothing crashes, every document gives a rule
// or says why not, every rule is well formed, and can be linted and compiled.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "event/catalogue.h"
#include "sigma/correlation.h"
#include "sigma/lint.h"
#include "sigma/matcher.h"
#include "sigma/parser.h"
#include "view/log_sources.h"

namespace {

using namespace landwarden;

constexpr std::size_t kLargestCompiled = 8192;  // larger inputs cost time and show nothing new

void check(const sigma::Expression& expression, const sigma::Rule& rule) {
  using Kind = sigma::Expression::Kind;
  LW_ASSERT(expression.kind != Kind::test || expression.test < rule.tests.size());
  LW_ASSERT(expression.kind != Kind::negate || expression.children.size() == 1);
  for (const sigma::Expression& child : expression.children) check(child, rule);
}

void check(const sigma::Pattern& pattern) {
  for (std::size_t i = 1; i < pattern.parts.size(); ++i) {
    const auto kind = pattern.parts[i].kind;
    const bool may_repeat = kind == sigma::Pattern::Kind::any_one || kind == sigma::Pattern::Kind::dash;
    LW_ASSERT(may_repeat || kind != pattern.parts[i - 1].kind);
  }
}

const std::vector<std::string>* placeholder(std::string_view name) {
  static const std::vector<std::string> values = {"one", "t*w?", "\\*", "%x%"};
  return name.starts_with("x") ? &values : nullptr;
}

/// Compiles the rules (references, filters, log sources, regular expressions); none is lost.
void compile(std::vector<sigma::Rule> rules) {
  static const view::LogSources sources = view::LogSources::built_in().value();
  // A filter without rules that it is for is nothing, and nothing to tell.
  const bool none = std::ranges::all_of(
      rules, [](const sigma::Rule& rule) { return rule.kind == sigma::RuleKind::filter; });
  event::Catalogue catalogue;
  std::vector<sigma::Diagnostic> diagnostics;
  const auto set = sigma::RuleSet::compile(std::move(rules), sources, catalogue, diagnostics);
  LW_ASSERT(!set.rules().empty() || !diagnostics.empty() || none);
  for (const sigma::Rule& rule : set.rules()) check(rule.condition, rule);
}

void lint(std::string_view text, const std::vector<sigma::Rule>& rules) {
  static const view::LogSources sources = view::LogSources::built_in().value();
  static const sigma::LintTables tables = sigma::LintTables::built_in().value();
  std::vector<sigma::Diagnostic> findings;
  sigma::Linter(tables, sources).file(text, "fuzz.yml", rules, findings);
  for (const sigma::Diagnostic& finding : findings) LW_ASSERT(!sigma::code_of(finding).empty());
}

void parse_file(std::string_view text) {
  std::vector<sigma::Rule> rules;
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::ParseOptions options;
  options.placeholders = placeholder;
  sigma::parse_rules(text, "fuzz.yml", options, rules, diagnostics);
  bool may_be_silent =
      text.find("action") != std::string_view::npos;  // "global" and "reset" alone give nothing
  LW_ASSERT(!rules.empty() || !diagnostics.empty() || may_be_silent);
  for (const sigma::Diagnostic& diagnostic : diagnostics) LW_ASSERT(!sigma::code_of(diagnostic).empty());
  for (const sigma::Rule& rule : rules) {
    check(rule.condition, rule);
    for (const sigma::Test& test : rule.tests) check(test.predicate.pattern);
    LW_ASSERT(rule.kind == sigma::RuleKind::correlation || !sigma::to_text(rule.condition, rule).empty());
    if (rule.correlation) LW_ASSERT(!sigma::to_text(*rule.correlation).empty());
  }
  if (text.size() > kLargestCompiled) return;
  lint(text, rules);
  compile(std::move(rules));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse_file({reinterpret_cast<const char*>(data), size});
  return 0;
}
