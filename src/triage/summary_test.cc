#include "triage/summary.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "triage/attack.h"

namespace landwarden::triage {
namespace {

sigma::Rule rule(std::string id, std::optional<sigma::Level> level, std::vector<std::string> tags) {
  sigma::Rule out;
  out.id = std::move(id);
  out.title = "rule " + out.id;
  out.level = level;
  out.tags = std::move(tags);
  return out;
}

sigma::Match match(std::uint32_t of_rule, std::string host, std::int64_t second) {
  sigma::Match out;
  out.rule = of_rule;
  out.host = std::move(host);
  if (second >= 0) out.time = from_unix(second, 0);
  out.channel = "Security";
  out.matched = {{"CommandLine", {"second " + std::to_string(second)}}};
  return out;
}

class SummaryTest : public testing::Test {
 protected:
  SummaryTest() {
    auto table = AttackTable::built_in();
    EXPECT_TRUE(table.has_value());
    attack_ = std::move(*table);
    rules_ =
        sigma::RuleTable({rule("a", sigma::Level::high, {"attack.credential-access", "attack.t1003.003"}),
                          rule("b", std::nullopt, {"attack.execution"}),
                          rule("c", sigma::Level::high, {"attack.initial_access", "cve.2024-1"})});
  }
  AttackTable attack_;
  sigma::RuleTable rules_;
};

TEST_F(SummaryTest, GroupsByRuleAndHostWithoutCase) {
  Summary summary(rules_, attack_);
  summary.add(match(0, "DC01", 20), "x.evtx");
  summary.add(match(0, "dc01", 10), "x.evtx");
  summary.add(match(0, "FS01", 30), "y.evtx");
  const auto found = summary.findings(sigma::Level::high);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].count, 3U);
  ASSERT_EQ(found[0].findings.size(), 2U);
  EXPECT_EQ(found[0].findings[0]->host, "DC01");
  EXPECT_EQ(found[0].findings[0]->count, 2U);
  EXPECT_EQ(found[0].findings[0]->first, from_unix(10, 0));
  EXPECT_EQ(found[0].findings[0]->last, from_unix(20, 0));
  EXPECT_EQ(summary.of(sigma::Level::high).findings, 2U);
  EXPECT_EQ(summary.hosts(), (std::vector<std::string>{"DC01", "FS01"}));
}

TEST_F(SummaryTest, KeepsTheFirstMatchInOrderAsExample) {
  Summary summary(rules_, attack_);
  summary.add(match(0, "DC01", 20), "x.evtx");
  summary.add(match(0, "DC01", 10), "y.evtx");
  const auto found = summary.findings(sigma::Level::high);
  EXPECT_EQ(found[0].findings[0]->example.source, "x.evtx");
  EXPECT_EQ(found[0].findings[0]->example.matched[0].values[0], "second 20");
}

TEST_F(SummaryTest, WhatIsNoSigmaRuleIsCountedBesideTheRules) {
  Summary summary(rules_, attack_);
  const ForeignRule indicator{
      .rule = rule("ip", sigma::Level::low, {}), .ruleset = "indicators", .line = "", .details = "{}"};
  summary.add(match(3, "A", 1), indicator, "x");
  summary.add(match(3, "B", 2), indicator, "x");
  summary.add(match(0, "A", 1), "x");
  EXPECT_EQ(summary.of(sigma::Level::low).matches, 2U);
  EXPECT_EQ(summary.of_ruleset("indicators").rules, 1U);
  EXPECT_EQ(summary.of_ruleset("indicators").findings, 2U);
  EXPECT_EQ(summary.of_ruleset("yara").rules, 0U);
  const auto found = summary.findings(sigma::Level::low);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(&summary.rule(found[0].rule), &indicator.rule);
  EXPECT_EQ(summary.foreign(found[0].rule), &indicator);
  EXPECT_EQ(summary.foreign(0), nullptr);
  EXPECT_EQ(summary.tactics().size(), 1U);
}

TEST_F(SummaryTest, RulesWithoutLevelStandWithTheInformationalOnes) {
  Summary summary(rules_, attack_);
  summary.add(match(1, "A", 1), "x");
  EXPECT_EQ(summary.of(sigma::Level::informational).matches, 1U);
}

TEST_F(SummaryTest, AnUnknownTimeDoesNotMoveTheSpan) {
  Summary summary(rules_, attack_);
  summary.add(match(0, "A", -1), "x");
  EXPECT_FALSE(summary.findings(sigma::Level::high)[0].first.known());
  summary.add(match(0, "A", 5), "x");
  EXPECT_EQ(summary.findings(sigma::Level::high)[0].findings[0]->first, from_unix(5, 0));
}

TEST_F(SummaryTest, TacticsComeInTheOrderOfAnIntrusion) {
  Summary summary(rules_, attack_);
  summary.add(match(0, "A", 1), "x");
  summary.add(match(1, "A", 1), "x");
  summary.add(match(2, "A", 1), "x");
  std::vector<std::string> names;
  for (const TacticCount& count : summary.tactics()) names.push_back(attack_.tactics()[count.tactic].name);
  EXPECT_EQ(names, (std::vector<std::string>{"Initial Access", "Execution", "Credential Access"}));
  EXPECT_EQ(summary.techniques(), (std::vector<std::string>{"T1003.003"}));
}

TEST_F(SummaryTest, CountsWhatIsBeyondTheLimitAndKeepsTotalsExact) {
  Summary summary(rules_, attack_);
  for (std::size_t i = 0; i < limits::kFindings + 7; ++i)
    summary.add(match(0, "H" + std::to_string(i), 1), "x");
  EXPECT_EQ(summary.remainder(), 7U);
  EXPECT_EQ(summary.of(sigma::Level::high).matches, limits::kFindings + 7);
  EXPECT_EQ(summary.findings(sigma::Level::high)[0].count, limits::kFindings + 7);
}

TEST_F(SummaryTest, HugeValuesAreCutBetweenCodePoints) {
  Summary summary(rules_, attack_);
  sigma::Match huge = match(0, "A", 1);
  huge.matched[0].values[0].clear();
  for (std::size_t i = 0; i < limits::kExampleValueBytes; ++i) huge.matched[0].values[0] += "é";
  summary.add(huge, "x");
  const auto found = summary.findings(sigma::Level::high);
  const std::string& kept = found[0].findings[0]->example.matched[0].values[0];
  EXPECT_LE(kept.size(), limits::kExampleValueBytes + 3);
  EXPECT_TRUE(kept.ends_with("é…"));
}

TEST(Attack, ReadsTagsInEitherSpelling) {
  const auto table = AttackTable::built_in();
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->tactics().size(), 15U);
  EXPECT_EQ(table->read_tag("attack.credential_access").tactic,
            table->read_tag("attack.credential-access").tactic);
  EXPECT_EQ(table->tactics()[*table->read_tag("attack.defense-evasion").tactic].name, "Stealth");
  EXPECT_EQ(table->read_tag("attack.t1003.001").technique, "T1003.001");
  EXPECT_EQ(table->read_tag("attack.T1003").technique, "T1003");
  EXPECT_EQ(table->read_tag("attack.g0016").technique, "");
  EXPECT_FALSE(table->read_tag("cve.2021-44228").tactic.has_value());
}

}  // namespace
}  // namespace landwarden::triage
