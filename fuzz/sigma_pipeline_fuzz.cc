// Any bytes as a processing pipeline: it is refused with a place, or it works on rules of every kind and what
// comes out is well formed, or refused with a reason.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "sigma/parser.h"
#include "sigma/processing.h"

namespace {

using namespace landwarden;

constexpr std::string_view kRules = R"(
title: one
name: one
tags: [attack.t1003]
logsource: {product: windows, category: process_creation}
detection:
  a: {Image|endswith: ['\x.exe', '\y*.exe'], User|neq: bob, N: 5, E|exists: true}
  b: [{C|contains|all: [p, q]}, {D|re: 'a+'}, {A|fieldref: B}]
  c: [word, 'an*other']
  d: {P|expand: '%servers%', Z: null}
  condition: a and not 1 of b or (c and d)
---
title: two
name: two
logsource: {product: linux, service: sshd}
detection: {s: {F: [1, true, x]}, condition: [s, not s]}
---
title: three
correlation: {type: value_count, rules: [one, two], group-by: [User, al], timespan: 5m,
  condition: {gte: 2, field: F}, aliases: {al: {one: A, two: B}}}
---
title: four
logsource: {product: windows}
filter: {rules: any, f: {User: x}, condition: not f}
)";

void check(const sigma::Expression& expression, const sigma::Rule& rule) {
  using Kind = sigma::Expression::Kind;
  LW_ASSERT(expression.kind != Kind::test || expression.test < rule.tests.size());
  LW_ASSERT(expression.kind != Kind::negate || expression.children.size() == 1);
  for (const sigma::Expression& child : expression.children) check(child, rule);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sigma::Processing processing;
  const auto added = processing.add({reinterpret_cast<const char*>(data), size}, "fuzz.yml");
  if (!added) {
    LW_ASSERT(!added.error().message.empty() && added.error().place.file == "fuzz.yml");
    return 0;
  }
  static const std::vector<std::string> servers = {"dc01", "file*"};
  sigma::ParseOptions options;
  options.placeholders =
      processing.placeholders([](std::string_view name) { return name == "servers" ? &servers : nullptr; });
  options.processing = &processing;
  std::vector<sigma::Rule> rules;
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::parse_rules(kRules, "rules.yml", options, rules, diagnostics);
  processing.apply_to_correlations(rules, diagnostics);
  LW_ASSERT(rules.size() == 4 || !diagnostics.empty());
  for (const sigma::Rule& rule : rules) check(rule.condition, rule);
  return 0;
}
