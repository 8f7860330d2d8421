#include "sigma/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/limits.h"

namespace landwarden::sigma {
namespace {

struct Parsed {
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;

  [[nodiscard]] std::vector<const Error*> of(Diagnostic::Severity severity) const {
    std::vector<const Error*> out;
    for (const Diagnostic& one : diagnostics) {
      if (one.severity == severity) out.push_back(&one.error);
    }
    return out;
  }
  [[nodiscard]] Error error() const {
    const auto errors = of(Diagnostic::Severity::error);
    EXPECT_EQ(errors.size(), 1u);
    return errors.empty() ? Error{} : *errors.front();
  }
  [[nodiscard]] Error warning() const {
    const auto warnings = of(Diagnostic::Severity::warning);
    EXPECT_EQ(warnings.size(), 1u);
    return warnings.empty() ? Error{} : *warnings.front();
  }
  [[nodiscard]] std::string tree() const {
    return rules.size() == 1 ? to_text(rules[0].condition, rules[0])
                             : std::to_string(rules.size()) + " rules";
  }
};

Parsed parse(std::string_view text, const ParseOptions& options = {}) {
  Parsed out;
  parse_rules(text, "r.yml", options, out.rules, out.diagnostics);
  return out;
}

/// A rule with this detection; its lines begin at line 5 with two spaces.
std::string rule(std::string_view detection) {
  return "title: T\nid: 00000000-0000-0000-0000-000000000001\nlogsource: {product: windows}\ndetection:\n" +
         std::string(detection);
}

TEST(SigmaParser, KeepsMetadataAsWritten) {
  const Parsed got = parse(R"(title: Dump
id: 5f113a8f-8b61-41ca-b90f-d374fa7e4a39
name: dump
status: test
description: d
author: [A, B]
references: https://example.org
date: 2024-01-02
modified: 2024/02/03
license: MIT
taxonomy: sigma
tags: [attack.t1003.003, stp.1]
falsepositives: [none]
fields: [CommandLine]
level: High
logsource: {category: process_creation, product: windows, service: s, definition: x}
detection: {s: {F: a}, condition: s}
ruletype: Sigma
nested: {a: 1}
)");
  ASSERT_EQ(got.rules.size(), 1u);
  const Rule& r = got.rules[0];
  EXPECT_EQ(r.title, "Dump");
  EXPECT_EQ(r.author, "A, B");
  EXPECT_EQ(r.date, "2024-01-02");
  EXPECT_EQ(r.modified, "2024/02/03");
  EXPECT_EQ(r.level, Level::high);
  EXPECT_EQ(r.references, std::vector<std::string>{"https://example.org"});
  EXPECT_EQ(r.tags.size(), 2u);
  EXPECT_EQ(r.logsource.category, "process_creation");
  EXPECT_EQ(r.logsource.service, "s");
  EXPECT_EQ(r.custom,
            (std::vector<std::pair<std::string, std::string>>{{"ruletype", "Sigma"}, {"nested", "…"}}));
  EXPECT_EQ(r.file, "r.yml");
  EXPECT_EQ(r.place.line, 1u);
}

TEST(SigmaParser, TestsKnowTheirSourceAndPlace) {
  const Parsed got = parse(
      rule("  sel:\n    CommandLine|contains:\n      - ntdsutil\n  k: [word]\n  condition: sel or k\n"));
  ASSERT_EQ(got.rules.size(), 1u);
  EXPECT_EQ(got.rules[0].tests[0].source, "CommandLine|contains: ntdsutil");
  EXPECT_EQ(got.rules[0].tests[0].place.to_string(), "r.yml:7:9");
  EXPECT_EQ(got.rules[0].tests[1].source, "keyword: word");
}

TEST(SigmaParser, BuildsTheTreeOfSearches) {
  EXPECT_EQ(
      parse(
          rule("  sel:\n    A: 1\n    B|endswith: ['\\x', y]\n  f: {C: null}\n  condition: sel and not f\n"))
          .tree(),
      R"((and sel=(and (A 1) (or (B "*\\x") (B "*y"))) (not f=(C null))))");
  EXPECT_EQ(parse(rule("  a: [{X: 1}, {X: 2, Y: 3}]\n  condition: [a, not a]\n")).tree(),
            "(or a=(or (X 1) (and (X 2) (Y 3))) (not a=(or (X 1) (and (X 2) (Y 3)))))");
}

TEST(SigmaParser, UnusedSearchesHaveNoTests) {
  const Parsed got = parse(rule("  a: {X: 1}\n  b: {Y: [1, 2]}\n  condition: b\n"));
  ASSERT_EQ(got.rules.size(), 1u);
  EXPECT_EQ(got.rules[0].tests.size(), 2u);
}

TEST(SigmaParser, SaysWhereAndHowToMend) {
  const Error modifier = parse(rule("  sel:\n    CommandLine|contians: x\n  condition: sel\n")).error();
  EXPECT_EQ(modifier.place.to_string(), "r.yml:6:17");
  EXPECT_EQ(modifier.hint, "did you mean 'contains'?");
  const Error search = parse(rule("  selection: {A: 1}\n  condition: not selektion\n")).error();
  EXPECT_EQ(search.place.to_string(), "r.yml:6:18");
  EXPECT_EQ(search.hint, "did you mean 'selection'?");
  EXPECT_EQ(
      parse("title: T\nlogsource: {product: windows}\ndetecton: {s: {A: 1}, condition: s}\n").error().hint,
      "did you mean it by 'detecton' in line 3?");
  EXPECT_EQ(parse(rule("  s: {A: 1}\n  conditon: s\n")).error().hint, "did you mean it by 'conditon'?");
}

TEST(SigmaParser, TellsAllErrorsOfARuleAtOnce) {
  const Parsed got = parse(rule("  s: {A|foo: 1, B|gt: x, C|re|contains: y}\n  condition: t\n"));
  EXPECT_TRUE(got.rules.empty());
  EXPECT_EQ(got.of(Diagnostic::Severity::error).size(), 4u);
  for (const Diagnostic& one : got.diagnostics) {
    EXPECT_EQ(one.title, "T");
    EXPECT_EQ(one.rule_id, "00000000-0000-0000-0000-000000000001");
  }
}

TEST(SigmaParser, RemarksOnWhatItTakesAnyway) {
  EXPECT_NE(parse(rule("  a: {X: 1}\n  condition: NOT a\n")).warning().hint.find("'not'"), std::string::npos);
  EXPECT_NE(parse(rule("  a: {X: 1}\n  condition: a and not 1 of f_*\n")).warning().message.find("drops out"),
            std::string::npos);
  EXPECT_NE(parse(rule("  a: {X|contains: 010}\n  condition: a\n")).warning().message.find("number 8"),
            std::string::npos);
  EXPECT_NE(parse(rule("  a: {X|contains: no}\n  condition: a\n")).warning().message.find("truth value"),
            std::string::npos);
  EXPECT_NE(parse(rule("  a: {X: 1}\n  timeframe: 5m\n  condition: a\n")).warning().message.find("timeframe"),
            std::string::npos);
  EXPECT_EQ(parse("levl: high\n" + rule("  a: {X: 1}\n  condition: a\n")).warning().hint,
            "did you mean 'level'?");
  EXPECT_EQ(parse("level: hihg\n" + rule("  a: {X: 1}\n  condition: a\n")).warning().hint,
            "did you mean 'high'?");
}

TEST(SigmaParser, ExpandsPlaceholdersFromLists) {
  const std::vector<std::string> admins = {"alice", "b*b"};
  const std::vector<std::string> hosts = {"x", "y"};
  ParseOptions options;
  options.placeholders = [&](std::string_view name) -> const std::vector<std::string>* {
    return name == "admins" ? &admins : name == "ho-sts" ? &hosts : nullptr;
  };
  EXPECT_EQ(parse(rule("  s: {U|expand|contains: '%admins%'}\n  condition: s\n"), options).tree(),
            R"(s=(or (U "*alice*") (U "*b*b*")))");
  EXPECT_EQ(parse(rule("  s: {U|expand: '%ho-sts%:%ho-sts%'}\n  condition: s\n"), options).tree(),
            R"(s=(or (U "x:x") (U "x:y") (U "y:x") (U "y:y")))");
  EXPECT_EQ(parse(rule("  s: {U|re|expand: '^%admins%$'}\n  condition: s\n"), options).tree(),
            "s=(or (U /^alice$/) (U /^b.*b$/))");
  EXPECT_EQ(parse(rule("  s: {U: '%admins%'}\n  condition: s\n"), options).tree(), "s=(U \"%admins%\")");
  EXPECT_EQ(parse(rule("  s: {U|expand: '\\%admins\\%'}\n  condition: s\n"), options).tree(),
            "s=(U \"%admins%\")");
  EXPECT_NE(
      parse(rule("  s: {U|expand: '%others%'}\n  condition: s\n"), options).error().message.find("%others%"),
      std::string::npos);
}

TEST(SigmaParser, ReadsSeveralDocuments) {
  const Parsed got = parse(rule("  a: {X: 1}\n  condition: a\n") + "---\n" +
                           rule("  b: {Y: 1}\n  condition: b\n") + "---\n");
  ASSERT_EQ(got.rules.size(), 2u);
  EXPECT_EQ(got.rules[1].place.line, 8u);
  EXPECT_TRUE(got.diagnostics.empty());
}

TEST(SigmaParser, ReadsGlobalResetAndRepeat) {
  const Parsed got = parse(R"(action: global
title: G
detection: {base: {X: 1}, condition: base and own}
---
logsource: {product: windows}
detection: {own: {A: 1}}
---
action: repeat
title: R
detection: {own: {B: 1}}
---
action: reset
---
title: Alone
logsource: {product: linux}
detection: {s: {C: 1}, condition: s}
)");
  ASSERT_EQ(got.rules.size(), 3u);
  EXPECT_EQ(to_text(got.rules[0].condition, got.rules[0]), "(and base=(X 1) own=(A 1))");
  EXPECT_EQ(got.rules[0].title, "G");
  EXPECT_EQ(to_text(got.rules[1].condition, got.rules[1]), "(and base=(X 1) own=(and (A 1) (B 1)))");
  EXPECT_EQ(got.rules[1].title, "R");
  EXPECT_EQ(to_text(got.rules[2].condition, got.rules[2]), "s=(C 1)");
}

TEST(SigmaParser, NamesWhatIsNoRule) {
  EXPECT_NE(parse("jobs: {}\n").error().message.find("not a Sigma rule"), std::string::npos);
  EXPECT_NE(parse("- a\n").error().message.find("not a Sigma rule"), std::string::npos);
  EXPECT_NE(parse("").error().message.find("no rule"), std::string::npos);
  EXPECT_EQ(parse("jobs: {}\n", {.placeholders = {}, .report_foreign = false})
                .of(Diagnostic::Severity::error)
                .size(),
            0u);
}

TEST(SigmaParser, ReadsExamples) {
  const Parsed got = parse(rule("  s: {X: 1}\n  condition: s\n") + R"(tests:
  - name: fires
    channel: Security
    provider: P
    event_id: 4688
    fields: {X: 1, Y: [a, b]}
  - {name: quiet, match: false, fields: {X: 2}}
)");
  ASSERT_EQ(got.rules.size(), 1u);
  const auto& examples = got.rules[0].examples;
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_EQ(examples[0].event_id, 4688u);
  EXPECT_EQ(examples[0].fields[1].second, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(examples[1].match);
  EXPECT_EQ(parse(rule("  s: {X: 1}\n  condition: s\n") + "tests: [{mach: true}]\n").error().hint,
            "did you mean 'match'?");
}

TEST(SigmaParser, ConditionsAreBounded) {
  const auto condition = [](const std::string& text) {
    return parse(rule("  a: {X: 1}\n  condition: " + text + "\n"));
  };
  EXPECT_EQ(condition(std::string(5000, '(') + "a" + std::string(5000, ')')).error().code, ErrorCode::limit);
  std::string nots;
  for (int i = 0; i < 5000; ++i) nots += "not ";
  EXPECT_EQ(condition(nots + "a").error().code, ErrorCode::limit);
  EXPECT_EQ(condition("a or " + std::string(limits::kSigmaConditionBytes, ' ') + "a and a").error().code,
            ErrorCode::limit);
  std::string wide = "  a: {X: [";
  for (int i = 0; i < 1000; ++i) wide += std::to_string(i) + ", ";
  wide += "1]}\n  condition: a";
  for (int i = 0; i < 1000; ++i) wide += " or a";
  EXPECT_EQ(parse(rule(wide + "\n")).error().code, ErrorCode::limit);
}

TEST(SigmaParser, SurvivesMutatedRules) {
  const std::string seed =
      rule(
          "  sel:\n    CommandLine|contains|windash|all: [' -x', '/y*?\\\\']\n    Image|re|i: 'a(b|c)+'\n"
          "    Ip|cidr: 10.0.0.0/8\n    T|hour|gte: 3\n    B|wide|base64offset|contains: abc\n"
          "  filter_a: [{A: null}, {B: [1, 2.5, yes]}, word]\n  _k: {'|all': [x, y]}\n"
          "  condition: (sel or not 1 of filter_*) and not all of _*\n") +
      "level: high\n---\naction: repeat\ntags: [&a x, *a]\n";
  ASSERT_EQ(parse(seed).rules.size(), 2u);
  constexpr std::string_view kSpice = "|*?\\'\":-[]{}()&%!\n\t \x80\xFFnotandof1";
  std::mt19937 random(20240501);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed;
    for (unsigned change = random() % 4 + 1; change > 0; --change) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = kSpice[random() % kSpice.size()];
          break;
        case 1:
          text.insert(at, 1, kSpice[random() % kSpice.size()]);
          break;
        case 2:
          text.erase(at, random() % 9 + 1);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 30));
      }
      if (text.empty()) text = "a";
    }
    const Parsed got = parse(text);
    ASSERT_TRUE(!got.rules.empty() || !got.diagnostics.empty()) << text;
    for (const Rule& one : got.rules) ASSERT_FALSE(to_text(one.condition, one).empty());
  }
}

}  // namespace
}  // namespace landwarden::sigma
