#include "sigma/lint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

/// The codes that a rule with this log source and detection gives, in order of their places.
std::vector<std::string> codes(
    const std::string& detection,
    const std::string& head = "logsource: {product: windows, category: process_creation}\n") {
  static const auto tables = LintTables::built_in();
  static const auto sources = view::LogSources::built_in();
  EXPECT_TRUE(tables) << tables.error().to_string();
  const std::string yaml = "title: T\n" + head + detection;
  std::vector<Rule> rules;
  std::vector<Diagnostic> out;
  parse_rules(yaml, "rule.yml", {}, rules, out);
  Linter(*tables, *sources).file(yaml, "rule.yml", rules, out);
  std::ranges::stable_sort(
      out, {}, [](const Diagnostic& d) { return std::pair(d.error.place.line, d.error.place.column); });
  std::vector<std::string> found;
  for (const Diagnostic& diagnostic : out) found.emplace_back(code_of(diagnostic));
  return found;
}

using Codes = std::vector<std::string>;

std::string selection(const std::string& items) {
  return "detection:\n  selection:\n" + items + "  condition: selection\n";
}

std::string tagged(const std::string& tag) {
  return "logsource: {product: windows, category: process_creation}\ntags: [" + tag + "]\n";
}

const std::string kPlain = selection("    Image|endswith: '\\x.exe'\n");

TEST(Lint, ASoundRuleGivesNothing) {
  EXPECT_EQ(codes(kPlain), Codes{});
}

TEST(Lint, CodesAreInOrder) {
  EXPECT_TRUE(std::ranges::is_sorted(lint_codes(), {}, &LintCode::code));
}

TEST(Lint, TellsSearchesThatTheConditionDoesNotUse) {
  const std::string two = "detection:\n  a: {Image: x}\n  b: {Image: y}\n";
  EXPECT_EQ(codes(two + "  condition: a\n"), Codes{"unused-search"});
  EXPECT_EQ(codes(two + "  condition: 1 of them\n"), Codes{});
  EXPECT_EQ(codes(two + "  condition: [a, b]\n"), Codes{});
}

TEST(Lint, NamesTheParsersOwnFindings) {
  EXPECT_EQ(codes(selection("    Image|endwith: x\n")), Codes{"modifier"});
  EXPECT_EQ(codes("detection:\n  a: {Image: x}\n  condition: b\n"), Codes{"undefined-search"});
  EXPECT_EQ(codes("detection:\n  a: {Image: x}\n  condition: a and not 1 of f_*\n"),
            Codes{"undefined-search"});
  EXPECT_EQ(codes("detection:\n  a: {Image: x}\n  condition: a )\n"), Codes{"condition"});
  EXPECT_EQ(codes("detection:\n  a: {Image: x}\n  condition: NOT a\n"), Codes{"condition"});
  EXPECT_EQ(codes("detection:\n  a: {Image: x}\n"), Codes{"condition"});
  EXPECT_EQ(codes(selection("    Image|cidr: x\n")), Codes{"value"});
  EXPECT_EQ(codes(selection("    Image: 2026-01-02\n")), Codes{"value"});
  EXPECT_EQ(codes(selection("    Image|contains: no\n")), Codes{"typed-value"});
  EXPECT_EQ(codes(selection("    Image|contains|all: x\n")), Codes{"redundant-modifier"});
  EXPECT_EQ(codes(selection("    Image: x\n    Image: y\n")), Codes{"yaml"});
  EXPECT_EQ(codes(kPlain + "level: hihg\n"), Codes{"level"});
  EXPECT_EQ(codes(kPlain + "levle: high\n"), Codes{"unknown-key"});
  EXPECT_EQ(codes("correlation: {type: event_count, rules: [a], timespan: 1m}\n", ""), Codes{"correlation"});
  EXPECT_EQ(codes("filter: {rules: any, f: {Image: x}, condition: f}\n"), Codes{"filter"});
  EXPECT_EQ(codes("detection:\n  a: {Image: x}\n  condition: a | near a\n"), Codes{"not-run"});
  EXPECT_EQ(codes("x: 1\n", ""), Codes{"not-sigma"});
}

TEST(Lint, WhatAnAggregationCountsMayBeEveryRecord) {
  EXPECT_EQ(codes("detection:\n  a: {Image: '*'}\n  condition: a | count() by Image > 5\n"),
            Codes{"aggregation"});
}

TEST(Lint, TellsPartsThatExcludeEachOther) {
  const std::string both = "detection:\n  a: {Image|endswith: '\\a.exe'}\n  b: {Image|endswith: '\\b.exe'}\n";
  EXPECT_EQ(codes(both + "  condition: a and b\n"), Codes{"contradiction"});
  EXPECT_EQ(codes(both + "  condition: a or b\n"), Codes{});
  EXPECT_EQ(codes(both + "  condition: a and not b\n"), Codes{});
}

TEST(Lint, TellsAFilterThatTakesOutEverything) {
  const std::string rule = "detection:\n  a: {Image|endswith: '\\a.exe'}\n  f: {Image|endswith: '.exe'}\n";
  EXPECT_EQ(codes(rule + "  condition: a and not f\n"), Codes{"contradiction"});
  EXPECT_EQ(codes(rule + "  condition: f and not a\n"), Codes{});
}

TEST(Lint, TellsAValueThatAFilterTakesOutAgain) {
  EXPECT_EQ(codes("detection:\n  a:\n    Image|endswith:\n      - '\\a.exe'\n      - '\\b.exe'\n"
                  "  f: {Image|endswith: '\\b.exe'}\n  condition: a and not f\n"),
            Codes{"dead-value"});
}

TEST(Lint, TellsValuesThatOthersOfTheListCover) {
  EXPECT_EQ(codes(selection("    CommandLine|contains:\n      - mimi\n      - mimikatz\n")),
            Codes{"subsumed-value"});
  EXPECT_EQ(codes(selection("    CommandLine|contains:\n      - mimi\n      - MIMI\n")),
            Codes{"duplicate-value"});
  EXPECT_EQ(codes(selection("    CommandLine|contains:\n      - mimi\n      - mimi\n")),
            Codes{"duplicate-value"});
  EXPECT_EQ(codes(selection("    CommandLine|contains|all:\n      - mimi\n      - mimikatz\n")),
            Codes{"subsumed-value"});
  EXPECT_EQ(codes(selection("    CommandLine|contains:\n      - mimi\n      - katz\n")), Codes{});
  EXPECT_EQ(codes(selection("    CommandLine|base64offset|contains:\n      - mimi\n      - katz\n")),
            Codes{});
}

TEST(Lint, TellsRulesThatMatchEverything) {
  EXPECT_EQ(codes(selection("    Image: '*'\n")), Codes{"always-matches"});
  EXPECT_EQ(codes(selection("    Image: '*'\n    CommandLine|contains: x\n")), Codes{});
  EXPECT_EQ(codes(selection("    Image|contains:\n      - ''\n      - x\n")),
            (Codes{"always-matches", "match-all-value"}));
}

TEST(Lint, TellsFieldsThatTheLogSourceNeverHas) {
  EXPECT_EQ(codes(selection("    Commandline: x\n")), Codes{"unknown-field"});
  EXPECT_EQ(codes(selection("    NewProcessName: x\n")), Codes{});  // of Security 4688
  EXPECT_EQ(codes(selection("    EventID: 1\n")), Codes{});
  const std::string security = "logsource: {product: windows, service: security}\n";
  EXPECT_EQ(codes(selection("    Logon_Type: 3\n"), security), Codes{"unknown-field"});
  EXPECT_EQ(codes(selection("    SomethingOfLater: 3\n"), security), Codes{});  // the list is not complete
}

TEST(Lint, TellsEventIdsThatTheCategoryDoesNotHave) {
  EXPECT_EQ(codes(selection("    EventID: 10\n")), Codes{"event-id"});
  EXPECT_EQ(codes(selection("    EventID: 4688\n")), Codes{});
}

TEST(Lint, TellsValuesThatYamlReadsAsSomethingElse) {
  EXPECT_EQ(codes(selection("    Product: yes\n")), Codes{"typed-value"});
  EXPECT_EQ(codes(selection("    Product: 'yes'\n")), Codes{});
  EXPECT_EQ(codes(selection("    Product: true\n")), Codes{});
  EXPECT_EQ(codes(selection("    ProcessId: 010\n")), Codes{"typed-value"});
  EXPECT_EQ(codes(selection("    ProcessId: 10\n")), Codes{});
  EXPECT_EQ(codes(selection("    Product:\n    Image: x\n")), Codes{"empty-value"});
  EXPECT_EQ(codes(selection("    Product: null\n")), Codes{});
}

TEST(Lint, TellsEscapesThatTakeAWildcardsMeaning) {
  EXPECT_EQ(codes(selection("    Image: 'C:\\Temp\\*'\n")), Codes{"escaped-wildcard"});
  EXPECT_EQ(codes(selection("    Image: 'C:\\Temp\\\\*'\n")), Codes{});
  EXPECT_EQ(codes(selection("    CommandLine|contains: 'copy \\*'\n")), Codes{});
  EXPECT_EQ(codes(selection("    CommandLine|contains: '\\*avira\\*'\n")), Codes{});  // escaped on purpose
  EXPECT_EQ(codes(selection("    CommandLine|contains: ':\\*'\n")), Codes{});         // no drive before it
}

TEST(Lint, TellsWildcardsAndModifiersThatChangeNothing) {
  EXPECT_EQ(codes(selection("    CommandLine|contains: 'x*'\n")), Codes{"redundant-modifier"});
  EXPECT_EQ(codes(selection("    CommandLine|contains: 'x*y'\n")), Codes{});
  EXPECT_EQ(codes(selection("    CommandLine|endswith: 'x*'\n")), Codes{});
  EXPECT_EQ(codes(selection("    CommandLine|windash|contains: 'x'\n")), Codes{"redundant-modifier"});
  EXPECT_EQ(codes(selection("    CommandLine|windash|contains: ' \u2013x'\n")), Codes{});
}

TEST(Lint, TellsExpressionsThatOtherEnginesChokeOn) {
  EXPECT_EQ(codes(selection("    CommandLine|re: '(\\w+\\s?)+;'\n")), Codes{"exponential-regex"});
  EXPECT_EQ(codes(selection("    CommandLine|re: '(\\w+\\s)+;'\n")), Codes{});
}

TEST(Lint, TellsTagsThatDoNotExist) {
  EXPECT_EQ(codes(kPlain, tagged("attack.t1003.001, attack.credential-access, attack.g0007, cve.2021-44228")),
            Codes{});
  EXPECT_EQ(codes(kPlain, tagged("attack.t1003.099")), Codes{"unknown-technique"});
  EXPECT_EQ(codes(kPlain, tagged("attack.t1086")), Codes{"withdrawn-technique"});
  EXPECT_EQ(codes(kPlain, tagged("attack.t1685.001")), Codes{});  // of a later release
  EXPECT_EQ(codes(kPlain, tagged("attack.credential-acces")), Codes{"tag"});
  EXPECT_EQ(codes(kPlain, tagged("t1003")), Codes{"tag"});
}

TEST(Lint, TellsMetadataThatIsNotOfItsForm) {
  const std::string source = "logsource: {product: windows, category: process_creation}\n";
  EXPECT_EQ(codes(kPlain, source + "id: 12\n"), Codes{"id"});
  EXPECT_EQ(codes(kPlain, source + "status: stabel\n"), Codes{"status"});
  EXPECT_EQ(codes(kPlain, source + "date: 2026-02-30\n"), Codes{"date"});
  EXPECT_EQ(codes(kPlain, source + "date: 2026/02/28\nmodified: 2025-01-01\n"), Codes{"date"});
  EXPECT_EQ(
      codes(kPlain, source + "related:\n  - {id: 00000000-0000-0000-0000-00000000000a, type: simlar}\n"),
      Codes{"related"});
  EXPECT_EQ(
      codes(kPlain, source + "related:\n  - {id: 00000000-0000-0000-0000-00000000000a, type: similar}\n"),
      Codes{});
  EXPECT_EQ(codes(kPlain, "logsource: {product: windows, categori: process_creation}\n"),
            Codes{"unknown-key"});
  EXPECT_EQ(codes(kPlain, source + "taxonomy: house\n"), Codes{"taxonomy"});
  EXPECT_EQ(codes(kPlain, source + "taxonomy: sigma\n"), Codes{});
  EXPECT_EQ(codes(kPlain, source + "scope: [server]\nlicense: MIT\nfalsepositives: [none]\n"), Codes{});
}

}  // namespace
}  // namespace landwarden::sigma
