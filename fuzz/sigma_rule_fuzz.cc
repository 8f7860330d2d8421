// Any bytes as a rule file, and as a condition: nothing crashes, every document gives a rule or says why not,
// and every rule is well formed.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "sigma/condition.h"
#include "sigma/parser.h"

namespace {

using namespace landwarden;

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

void parse_file(std::string_view text) {
  std::vector<sigma::Rule> rules;
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::parse_rules(text, "fuzz.yml", {}, rules, diagnostics);
  bool may_be_silent =
      text.find("action") != std::string_view::npos;  // "global" and "reset" alone give nothing
  LW_ASSERT(!rules.empty() || !diagnostics.empty() || may_be_silent);
  for (const sigma::Rule& rule : rules) {
    check(rule.condition, rule);
    for (const sigma::Test& test : rule.tests) check(test.predicate.pattern);
    LW_ASSERT(!sigma::to_text(rule.condition, rule).empty());
  }
}

void parse_condition(std::string_view text) {
  constexpr std::array<std::string_view, 5> kNames = {"a", "b-c", "filter_1", "filter_2", "_x"};
  yaml::Node node;
  node.kind = yaml::Node::Kind::text;
  node.text = text;
  const std::string file = "fuzz.yml";
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::RuleReport report(file, diagnostics);
  const sigma::Condition condition = sigma::parse_condition(node, kNames, report);
  LW_ASSERT(condition.kind != sigma::Condition::Kind::nothing || !diagnostics.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  parse_file(text);
  parse_condition(text);
  return 0;
}
