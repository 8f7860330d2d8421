#include "assess/coverage.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "assess/made_survey.h"
#include "event/catalogue.h"
#include "sigma/lint_tables.h"
#include "sigma/parser.h"
#include "triage/attack.h"

namespace landwarden::assess {
namespace {

/// The built-in table, and rules against it.
class CoverageTest : public testing::Test {
 protected:
  void SetUp() override {
    auto table = SettingTable::built_in();
    ASSERT_TRUE(table.has_value()) << table.error().to_string();
    table_ = std::move(*table);
  }
  [[nodiscard]] std::size_t setting(std::string_view id) const {
    const auto found = table_.find(id);
    EXPECT_TRUE(found.has_value()) << id;
    return found.value_or(0);
  }
  [[nodiscard]] const SettingOnHost* on(const Coverage& coverage, std::string_view host,
                                        std::string_view id) const {
    for (const HostCoverage& one : coverage.hosts) {
      if (one.host != host || one.estate) continue;
      const auto found = std::ranges::find(one.settings, setting(id), &SettingOnHost::setting);
      return found == one.settings.end() ? nullptr : &*found;
    }
    return nullptr;
  }
  [[nodiscard]] std::vector<RuleReach> reaches(std::string_view yaml) {
    std::vector<sigma::Rule> rules;
    std::vector<sigma::Diagnostic> diagnostics;
    sigma::parse_rules(std::string(yaml), "rules.yml", {}, rules, diagnostics);
    EXPECT_TRUE(diagnostics.empty());
    const auto sources = view::LogSources::built_in();
    const auto lint = sigma::LintTables::built_in();
    const auto attack = triage::AttackTable::built_in();
    return reach_of(sigma::RuleTable(std::move(rules)), *sources, lint->fields, *attack, table_);
  }
  [[nodiscard]] State state(const MadeSurvey& made, std::string_view host, std::string_view id) const {
    const Coverage coverage = coverage_of(made.survey(), {}, table_);
    const SettingOnHost* found = on(coverage, host, id);
    EXPECT_NE(found, nullptr) << id;
    return found == nullptr ? State::off : found->state;
  }
  SettingTable table_;
};

TEST_F(CoverageTest, ProcessCreationThatArrivesEveryDayIsOn) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 10).kind(4624, 1, 10);
  EXPECT_EQ(state(made, "pc", "process-creation"), State::on);
  EXPECT_EQ(state(made, "pc", "logon"), State::on);
  EXPECT_EQ(state(made, "pc", "sysmon-process"), State::off);
}

TEST_F(CoverageTest, CommandLinesThatAreEmptyAreTold) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 10);
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  const SettingOnHost* line = on(coverage, "pc", "process-command-line");
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->state, State::off);
  EXPECT_FALSE(line->sight.blind[static_cast<std::size_t>(Blindness::field_empty)].empty());
  MadeSurvey filled(table_);
  filled.log("pc", "Security", 1, 10).kind(4688, 1, 10, "command");
  EXPECT_EQ(state(filled, "pc", "process-command-line"), State::on);
}

TEST_F(CoverageTest, DaysOnWhichTheHostWroteWithoutSteadyRecordsAreBlind) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 4).kind(4624, 1, 10);
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  const SettingOnHost* found = on(coverage, "pc", "process-creation");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->state, State::partly);
  EXPECT_EQ(found->sight.looked, TimeSet(made.days(1, 4)));
  EXPECT_EQ(found->sight.blind[static_cast<std::size_t>(Blindness::off)], TimeSet(made.days(5, 10)));
}

TEST_F(CoverageTest, AHostThatWasOffIsNotBlind) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 3).kind(4688, 6, 10);  // a weekend, numbers go on
  EXPECT_EQ(state(made, "pc", "process-creation"), State::on);
}

TEST_F(CoverageTest, AHostWhoseLogReachesBackThreeDaysIsBlindBefore) {
  MadeSurvey made(table_);
  made.log("dc", "Security", 1, 30).kind(4688, 1, 30);
  made.log("pc", "Security", 28, 30).kind(4688, 28, 30);
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  const SettingOnHost* found = on(coverage, "pc", "process-creation");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->sight.looked, TimeSet(made.days(28, 30)));
  EXPECT_EQ(found->sight.blind[static_cast<std::size_t>(Blindness::no_log)], TimeSet(made.days(1, 27)));
}

TEST_F(CoverageTest, APeriodBeforeAnyEvidenceIsBlind) {
  MadeSurvey made(table_);
  made.log("dc", "Security", 10, 30).kind(4688, 10, 30);
  const Coverage coverage = coverage_of(made.survey(), {}, table_, {.since = made.days(1, 1).begin});
  const SettingOnHost* found = on(coverage, "dc", "process-creation");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->sight.blind_at_all(), TimeSet(made.days(1, 9)));
}

TEST_F(CoverageTest, RareRecordsProveNothingByTheirAbsence) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 10);
  EXPECT_EQ(state(made, "pc", "other-object-access"), State::unproven);
  MadeSurvey once(table_);
  once.log("pc", "Security", 1, 10).kind(4688, 1, 10).kind(4698, 4, 4);
  EXPECT_EQ(state(once, "pc", "other-object-access"), State::on);
}

TEST_F(CoverageTest, MissingNumbersAreBlindWhereTheyAre) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 10).gap(4, 5);
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  const SettingOnHost* found = on(coverage, "pc", "process-creation");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->state, State::partly);
  EXPECT_EQ(found->sight.looked.common(TimeSet(made.days(4, 5))), TimeSet());
}

TEST_F(CoverageTest, OfAnExcerptOnlyTheDaysWithSuchRecordsWereLookedAt) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 10).kind(4688, 1, 2).kind(4688, 7, 7).excerpt();
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  const SettingOnHost* found = on(coverage, "pc", "process-creation");
  ASSERT_NE(found, nullptr);
  TimeSet days(made.days(1, 2));
  days.add(made.days(7, 7));
  EXPECT_EQ(found->sight.looked, days);
  EXPECT_EQ(state(made, "pc", "security-log"), State::unproven);
}

TEST_F(CoverageTest, ScriptBlocksThatDoNotComeWhilePowerShellStartsAreOff) {
  MadeSurvey made(table_);
  made.log("pc", "Windows PowerShell", 1, 10).kind(400, 1, 10);
  made.log("pc", "Microsoft-Windows-PowerShell/Operational", 1, 10).kind(4103, 1, 10).kind(4104, 2, 3);
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  const SettingOnHost* found = on(coverage, "pc", "powershell-scriptblock");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->sight.looked, TimeSet(made.days(2, 3)));
}

TEST_F(CoverageTest, AnArchivedLogAndItsSuccessorAreOne) {
  MadeSurvey made(table_);
  made.log("pc", "Security", 1, 5).kind(4688, 1, 5);
  made.log("pc", "Security", 7, 10).kind(4688, 7, 10).continues();  // a quiet day between, numbers go on
  EXPECT_EQ(state(made, "pc", "process-creation"), State::on);
  MadeSurvey lost(table_);
  lost.log("pc", "Security", 1, 5).kind(4688, 1, 5);
  lost.log("pc", "Security", 7, 10).kind(4688, 7, 10);
  EXPECT_EQ(state(lost, "pc", "process-creation"), State::partly);
}

TEST_F(CoverageTest, OnlyDomainControllersHaveADirectory) {
  MadeSurvey made(table_);
  made.log("dc", "Security", 1, 3).kind(4768, 1, 3);
  made.log("pc", "Security", 1, 3).kind(4688, 1, 3);
  const Coverage coverage = coverage_of(made.survey(), {}, table_);
  EXPECT_NE(on(coverage, "dc", "directory-service-access"), nullptr);
  EXPECT_EQ(on(coverage, "pc", "directory-service-access"), nullptr);
  const Coverage told = coverage_of(made.survey(), {}, table_, {.roles = {{"PC", "domain_controller"}}});
  EXPECT_NE(on(told, "pc", "directory-service-access"), nullptr);
}

constexpr std::string_view kRules = R"(
title: Line
id: 11111111-0000-4000-8000-000000000001
name: line
tags: [attack.execution, attack.t1059.003]
logsource: {product: windows, category: process_creation}
detection: {a: {CommandLine|contains: x}, condition: a}
---
title: Name only
id: 11111111-0000-4000-8000-000000000002
name: name_only
tags: [attack.discovery, attack.t1033]
logsource: {product: windows, category: process_creation}
detection: {a: {Image|endswith: '\whoami.exe'}, condition: a}
---
title: Original name
id: 11111111-0000-4000-8000-000000000003
tags: [attack.stealth, attack.t1036.003]
logsource: {product: windows, category: process_creation}
detection: {a: {OriginalFileName: 'net.exe'}, condition: a}
---
title: Task made
id: 11111111-0000-4000-8000-000000000004
tags: [attack.persistence, attack.t1053.005]
logsource: {product: windows, service: security}
detection: {a: {EventID: 4698}, condition: a}
---
title: Both
id: 11111111-0000-4000-8000-000000000005
tags: [attack.execution, attack.t1047]
correlation: {type: temporal, rules: [line, name_only], group-by: [Computer], timespan: 5m}
---
title: By what the line means
id: 11111111-0000-4000-8000-000000000006
tags: [attack.t1047]
logsource: {product: windows, category: process_creation}
detection:
  meaning: {lw.action|contains: wmi_process_create}
  line: {CommandLine|contains: 'process call create'}
  condition: meaning or line
)";

TEST_F(CoverageTest, RulesNeedTheFieldsThatTheyAskFor) {
  const auto rules = reaches(kRules);
  ASSERT_EQ(rules.size(), 6U);
  std::vector<bool> settings(table_.settings().size());
  settings[setting("task-scheduler-log")] = true;
  EXPECT_FALSE(assess::reaches(rules, 0, settings)) << "it names the program and nothing else";
  EXPECT_FALSE(assess::reaches(rules, 5, settings));
  settings[setting("process-creation")] = true;
  EXPECT_FALSE(assess::reaches(rules, 5, settings)) << "without a line there is no meaning";
  EXPECT_FALSE(assess::reaches(rules, 0, settings)) << "there is no command line";
  EXPECT_TRUE(assess::reaches(rules, 1, settings));
  EXPECT_FALSE(assess::reaches(rules, 2, settings)) << "4688 has no original name";
  EXPECT_FALSE(assess::reaches(rules, 4, settings));
  settings[setting("process-command-line")] = true;
  EXPECT_TRUE(assess::reaches(rules, 0, settings));
  EXPECT_TRUE(assess::reaches(rules, 4, settings));
  EXPECT_TRUE(assess::reaches(rules, 5, settings));
  EXPECT_FALSE(assess::reaches(rules, 3, settings));
}

TEST_F(CoverageTest, ThePlanTakesFirstWhatBuysMostAndEndsWhenNothingIsLeft) {
  const auto rules = reaches(kRules);
  MadeSurvey made(table_);
  made.log("pc", "System", 1, 10).kind(7036, 1, 10);
  made.log("fs", "Security", 1, 10).kind(4688, 1, 10, "command");
  const Coverage coverage = coverage_of(made.survey(), rules, table_);
  EXPECT_EQ(coverage.rules_somewhere, 4U);
  ASSERT_EQ(coverage.plan.size(), 2U);
  EXPECT_EQ(coverage.plan[0].settings, std::vector{setting("sysmon-process")});
  EXPECT_EQ(coverage.plan[0].hosts, (std::vector<std::string>{"fs", "pc"}));
  EXPECT_EQ(coverage.plan[0].host_rules, 6U);
  EXPECT_EQ(coverage.plan[0].host_techniques, 5U);
  EXPECT_EQ(coverage.plan[1].settings, std::vector{setting("other-object-access")});
  EXPECT_EQ(coverage.plan[1].rules, 1U);
}

TEST_F(CoverageTest, EverySettingHasARemedyAndBothLanguages) {
  for (const Setting& one : table_.settings()) {
    EXPECT_FALSE(one.remedies.empty()) << one.id;
    EXPECT_FALSE(one.name.ja.empty()) << one.id;
  }
}

TEST_F(CoverageTest, ALogThatNoTableNamesBecomesASettingOfItsOwn) {
  const auto rules = reaches(R"(
title: Odd
id: 11111111-0000-4000-8000-000000000006
tags: [attack.execution, attack.t1204]
logsource: {product: windows, service: printservice}
detection: {a: {EventID: 808}, condition: a}
)");
  ASSERT_EQ(rules.size(), 1U);
  ASSERT_FALSE(rules[0].ways.empty());
  EXPECT_TRUE(table_.settings()[rules[0].ways[0][0]].id.starts_with("log:windows/"));
}

TEST(SettingTable, NamesThePlaceOfWhatIsWrong) {
  const NamedText quality{"q.yaml", "watches: []\n"};
  const NamedText settings{
      "s.yaml",
      "settings:\n  - id: a\n    name: {en: A, ja: ア}\n    effort: policy\n    volume: small\n"
      "    remedies: {command: x}\n"};
  const auto arrivals = [&](std::string_view text) {
    return SettingTable::parse(settings, quality, {{"w.yaml", text}});
  };
  const auto unknown =
      arrivals("product: windows\narrivals:\n  - {setting: b, channel: X, rhythm: always}\n");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().place.file, "w.yaml");
  EXPECT_EQ(unknown.error().place.line, 3U);
  EXPECT_NE(unknown.error().message.find("'b'"), std::string::npos);
  const auto slip = arrivals("product: windows\narrivals:\n  - {setting: a, chanel: X, rhythm: always}\n");
  ASSERT_FALSE(slip.has_value());
  const auto rhythm = arrivals("product: windows\narrivals:\n  - {setting: a, channel: X, rhythm: daily}\n");
  ASSERT_FALSE(rhythm.has_value());
  EXPECT_NE(rhythm.error().hint.find("steady"), std::string::npos);
  const auto unused = arrivals("product: windows\narrivals: []\n");
  ASSERT_FALSE(unused.has_value());
  EXPECT_TRUE(
      arrivals("product: windows\narrivals:\n  - {setting: a, channel: X, rhythm: always}\n").has_value());
}

}  // namespace
}  // namespace landwarden::assess
