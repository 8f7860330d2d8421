#include "report/terminal.h"

#include <gtest/gtest.h>

#include "report/host_names.h"
#include "report/telling.h"

namespace landwarden::report {
namespace {

sigma::Test contains(std::string field, std::vector<std::string> literals) {
  sigma::Test test;
  test.field = std::move(field);
  test.predicate.kind = sigma::Predicate::Kind::pattern;
  auto& parts = test.predicate.pattern.parts;
  parts.push_back({sigma::Pattern::Kind::any_run, ""});
  for (std::string& literal : literals) {
    parts.push_back({sigma::Pattern::Kind::literal, std::move(literal)});
    parts.push_back({sigma::Pattern::Kind::any_run, ""});
  }
  return test;
}

sigma::Rule rule_of(std::string title, sigma::Level level, std::vector<sigma::Test> tests) {
  sigma::Rule rule;
  rule.id = title;
  rule.title = std::move(title);
  rule.level = level;
  rule.tests = std::move(tests);
  for (std::uint32_t i = 0; i < rule.tests.size(); ++i) {
    rule.condition.children.push_back(
        {.kind = sigma::Expression::Kind::test, .children = {}, .test = i, .name = {}});
  }
  return rule;
}

sigma::Match match_of(std::uint32_t rule, std::string host, std::int64_t second,
                      std::vector<sigma::FieldValues> matched) {
  sigma::Match match;
  match.rule = rule;
  match.host = std::move(host);
  match.time = from_unix(second, 0);
  match.matched = std::move(matched);
  return match;
}

constexpr std::int64_t kNight = 1772590451;  // 2026-03-04 02:14:11 UTC

class TerminalTest : public testing::Test {
 protected:
  TerminalTest() : attack_(triage::AttackTable::built_in().value()), steps_(NextSteps::built_in().value()) {
    rules_.add(rule_of("Active Directory database copied", sigma::Level::critical,
                       {contains("CommandLine", {"ntdsutil"}), contains("CommandLine", {"create full"})}));
    rules_.changeable(0).tags = {"attack.credential-access", "attack.t1003.003"};
    rules_.add(rule_of("User listed", sigma::Level::low, {contains("CommandLine", {"net user"})}));
    rules_.changeable(1).tags = {"attack.discovery"};
  }
  std::string text(const triage::Summary& summary, const Coverage& coverage, ScreenOptions screen) {
    return terminal_summary(summary, coverage, steps_,
                            {.screen = screen, .all = false, .timeline = {}, .own_rules = false});
  }
  Coverage coverage() {
    Coverage out;
    out.receipts = receipts_;
    out.channels = {{"Security", 1200}, {"System", 34}};
    out.hosts = {"DC01", "FS01"};
    out.first = from_unix(kNight - 86400, 0);
    out.last = from_unix(kNight + 60, 0);
    out.records = 1234;
    out.records_matched = 3;
    out.bytes = 1'150'000;
    out.rules_loaded = 2;
    return out;
  }
  triage::AttackTable attack_;
  NextSteps steps_;
  sigma::RuleTable rules_;
  std::vector<event::Receipt> receipts_;
};

TEST_F(TerminalTest, SaysHowBadItIsFirstAndReadsFromCriticalDown) {
  receipts_.resize(1);
  receipts_[0].source = "logs/dc01.evtx";
  receipts_[0].kind = "evtx";
  receipts_[0].records_seen = 1234;
  triage::Summary summary(rules_, attack_);
  summary.add(match_of(0, "DC01", kNight,
                       {{"CommandLine", {R"(ntdsutil "ac i ntds" ifm "create full C:\Windows\Temp\pro")"}}}),
              "logs/dc01.evtx");
  summary.add(match_of(1, "FS01", kNight, {{"CommandLine", {"net user /domain"}}}), "x");
  summary.add(match_of(1, "FS01", kNight + 9, {{"CommandLine", {"net user"}}}), "x");
  EXPECT_EQ(text(summary, coverage(), {.columns = 80, .unicode = true, .colour = false}),
            R"(1 CRITICAL · 1 low findings on 2 of 2 hosts

  Read      1,234 events from 1 file, 1.1 MB
  Period    2026-03-03 02:14:11 to 2026-03-04 02:15:11 UTC
  Channels  Security 1,200 · System 34
  Hosts     DC01 · FS01
  Matched   3 of 1,234 events (0.24 %), 3 matches
  Rules     2 loaded

CRITICAL  1 rule, 1 match ──────────────────────────────────────────────────────

  Active Directory database copied  T1003.003
    DC01  1×  2026-03-04 02:14:11
      CommandLine: «ntdsutil» "ac i ntds" ifm "«create full» C:\Windows\Temp\…

LOW  1 rule, 2 matches ─────────────────────────────────────────────────────────

  User listed
    FS01  2×  2026-03-04 02:14:11 to 02:14:20
      CommandLine: «net user» /domain

ATT&CK tactics touched, in the order of an intrusion ───────────────────────────
  Credential Access (1 rule) → Discovery (1 rule)

What to do next ────────────────────────────────────────────────────────────────
  1. The Active Directory database may have left the building. Keep DC01
     switched on and unplugged from the network, save its memory and logs, and
     plan to reset every domain password, krbtgt twice.
  2. Ask the owner of each account and host named above whether the action was
     theirs, by telephone rather than by mail. What nobody can explain is an
     incident: keep the evidence files as they are and write down who touched
     them.

Every match, one a line: add -o timeline.csv (or .jsonl, .json).
)");
}

TEST_F(TerminalTest, PutsColoursOnTheLevelAndTheTellingPart) {
  triage::Summary summary(rules_, attack_);
  summary.add(match_of(0, "DC01", kNight, {{"CommandLine", {"ntdsutil x"}}}), "x");
  const std::string shown = text(summary, coverage(), {.columns = 80, .unicode = true, .colour = true});
  EXPECT_TRUE(shown.starts_with("\x1b[1;97;41m 1 CRITICAL \x1b[0m")) << shown;
  EXPECT_NE(shown.find("\x1b[2mCommandLine: \x1b[0m\x1b[1;33mntdsutil\x1b[0m x\n"), std::string::npos)
      << shown;
}

TEST_F(TerminalTest, NothingOfTheEvidenceReachesTheTerminalRaw) {
  triage::Summary summary(rules_, attack_);
  summary.add(
      match_of(0, "DC\x1b[2J", kNight, {{"CommandLine", {"\x1b]0;x\x07ntdsutil \xE2\x80\xAE \xC2\x9B"}}}),
      "x");
  const std::string shown = text(summary, coverage(), {.columns = 80, .unicode = true, .colour = false});
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_NE(shown.find(R"(DC\x1b[2J)"), std::string::npos);
  EXPECT_NE(shown.find(R"(\x1b]0;x\x07«ntdsutil» \u{202e} \x9b)"), std::string::npos) << shown;
}

TEST_F(TerminalTest, WithoutUnicodeEverythingIsAscii) {
  triage::Summary summary(rules_, attack_);
  summary.add(match_of(0, "日本", kNight, {{"CommandLine", {"ntdsutil é"}}}), "x");
  for (const char c : text(summary, coverage(), {.columns = 80, .unicode = false, .colour = false})) {
    ASSERT_GE(c, 0);
  }
}

TEST_F(TerminalTest, NoFindingsSaysWhyThatMayBe) {
  triage::Summary summary(rules_, attack_);
  Coverage none = coverage();
  none.records_matched = 0;
  none.rules.rules_without = 1204;
  none.rules.rules_with_records = 40;
  none.rules.missing = {{"Microsoft-Windows-Sysmon/Operational", 1204}};
  const std::string shown = text(summary, none, {.columns = 100, .unicode = true, .colour = false});
  EXPECT_TRUE(shown.starts_with("No findings\n")) << shown;
  EXPECT_NE(shown.find("1,204 rules need Microsoft-Windows-Sysmon/Operational, and no such event was read"),
            std::string::npos)
      << shown;
}

TEST_F(TerminalTest, ProblemsAreNamedWithPlaceReasonAndRemedy) {
  receipts_.resize(8);
  receipts_[0].source = "a.evtx";
  receipts_[0].errors = {{ErrorCode::io, "cannot open: Permission denied", {}, "run it with more rights"}};
  receipts_[1].source = "b.evtx";
  receipts_[1].records_quarantined = 2;
  receipts_[1].quarantined = {{4096, 65536, "checksum is wrong"}};
  for (std::size_t i = 2; i < 8; ++i) {
    receipts_[i].source = "note" + std::to_string(i) + ".txt";
    receipts_[i].not_evidence = true;
  }
  triage::Summary summary(rules_, attack_);
  const std::string shown = text(summary, coverage(), {.columns = 120, .unicode = true, .colour = false});
  EXPECT_NE(shown.find("a.evtx: cannot open: Permission denied → run it with more rights"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("b.evtx: 2 events, the first at byte 4,096: checksum is wrong"), std::string::npos)
      << shown;
  EXPECT_NE(shown.find("6 files are no event log: note2.txt · note3.txt"), std::string::npos) << shown;
  EXPECT_NE(shown.find("note4.txt · 3 more (--all lists them)"), std::string::npos) << shown;
}

TEST_F(TerminalTest, ANarrowScreenGetsTimesWithoutSeconds) {
  triage::Summary summary(rules_, attack_);
  summary.add(match_of(0, "EVW-JUMP01", kNight - 90000, {{"CommandLine", {"ntdsutil create full"}}}),
              "a.evtx");
  summary.add(match_of(0, "EVW-JUMP01", kNight, {{"CommandLine", {"ntdsutil create full"}}}), "a.evtx");
  const std::string wide = text(summary, coverage(), {.columns = 80, .unicode = true, .colour = false});
  EXPECT_NE(wide.find("    EVW-JUMP01  2×  2026-03-03 01:14:11 to 2026-03-04 02:14:11\n"), std::string::npos)
      << wide;
  const std::string narrow = text(summary, coverage(), {.columns = 58, .unicode = true, .colour = false});
  EXPECT_NE(narrow.find("    EVW-JUMP01  2×  2026-03-03 01:14 to 2026-03-04 02:14\n"), std::string::npos)
      << narrow;
}

TEST_F(TerminalTest, DamageThatCostNothingIsALineForEachKind) {
  receipts_.resize(3);
  receipts_[0].source = "a.evtx";
  receipts_[0].damage = {{"log marked as in use", 1}, {"wrong checksum of a chunk's records", 1000}};
  receipts_[1].source = "b.evtx";
  receipts_[2].source = "c\x1b[31m.evtx";
  receipts_[2].damage = {{"log marked as in use", 1}};
  triage::Summary summary(rules_, attack_);
  TerminalOptions options{.screen = {.columns = 120, .unicode = true, .colour = false}};
  std::string shown = terminal_summary(summary, coverage(), steps_, options);
  EXPECT_NE(
      shown.find("Damage    log marked as in use (2×) in 2 files, the first a.evtx; read all the same\n"),
      std::string::npos)
      << shown;
  EXPECT_NE(
      shown.find("Damage    wrong checksum of a chunk's records (1,000×) in a.evtx; read all the same\n"),
      std::string::npos)
      << shown;
  options.all = true;
  shown = terminal_summary(summary, coverage(), steps_, options);
  EXPECT_NE(shown.find("  c\\x1b[31m.evtx\n      read all the same: log marked as in use (1×)\n"),
            std::string::npos)
      << shown;
}

TEST_F(TerminalTest, AllListsEveryFileThatWasNotRead) {
  receipts_.resize(9);
  for (std::size_t i = 0; i < 9; ++i) {
    receipts_[i].source =
        "a/very/long/path/that/would/not/fit/on/a/line/of/eighty/columns/with/the/rest/note" +
        std::to_string(i);
    receipts_[i].not_evidence = true;
  }
  triage::Summary summary(rules_, attack_);
  const std::string shown = terminal_summary(summary, coverage(), steps_,
                                             {.screen = {.columns = 80, .unicode = true, .colour = false},
                                              .all = true,
                                              .timeline = {},
                                              .own_rules = false});
  for (const event::Receipt& receipt : receipts_) {
    EXPECT_NE(shown.find("\n  " + receipt.source + "\n"), std::string::npos) << receipt.source;
  }
}

TEST_F(TerminalTest, ManyRulesAreCutAndTheRestCounted) {
  sigma::RuleTable many;
  for (int i = 0; i < 30; ++i) many.add(rule_of("rule " + std::to_string(i), sigma::Level::low, {}));
  triage::Summary summary(many, attack_);
  for (std::uint32_t i = 0; i < 30; ++i) summary.add(match_of(i, "A", kNight + i, {}), "x");
  const std::string shown = text(summary, coverage(), {.columns = 100, .unicode = true, .colour = false});
  EXPECT_NE(shown.find("and 26 more rules of level low with 26 matches: --all shows them"), std::string::npos)
      << shown;
  EXPECT_EQ(shown.find("rule 7"), std::string::npos);
}

std::string flat(const std::vector<Run>& runs) {
  std::string out;
  for (const Run& run : runs) out += run.telling ? "[" + run.text + "]" : run.text;
  return out;
}

TEST(Excerpt, ShortensAroundTheTellingPart) {
  const std::string text = std::string(100, 'a') + " ntdsutil " + std::string(100, 'b');
  const auto runs = excerpt(text, {{101, 109}}, 30, 2, true);
  EXPECT_EQ(flat(runs), "…aaaaaaaa [ntdsutil] bbbbbbbb…");
}

TEST(Excerpt, KeepsSeveralTellingPartsApart) {
  const std::string text = "one " + std::string(50, 'x') + " two " + std::string(50, 'y') + " three";
  const std::vector<Span> spans = {{0, 3}, {55, 58}, {110, 115}};
  const std::string shown = flat(excerpt(text, spans, 40, 2, true));
  EXPECT_NE(shown.find("[one]"), std::string::npos) << shown;
  EXPECT_NE(shown.find("[two]"), std::string::npos) << shown;
  EXPECT_NE(shown.find("[three]"), std::string::npos) << shown;
  EXPECT_LE(width_of(shown), 40U);
}

TEST(Excerpt, NeverGetsWiderThanAsked) {
  for (std::size_t columns = 8; columns < 60; ++columns) {
    const std::string text = "cmd /c 日本語 " + std::string(30, 'z') + " ntdsutil 漢字漢字漢字漢字漢字漢字";
    const std::string shown = flat(excerpt(text, {{0, 3}, {18, 40}}, columns, 2, true));
    EXPECT_LE(width_of(shown), columns) << shown;
  }
}

TEST(Excerpt, ATellingPartWiderThanTheLineIsCut) {
  const std::string shown = flat(excerpt(std::string(500, 'q'), {{100, 400}}, 20, 2, true));
  EXPECT_LE(width_of(shown), 20U);
  EXPECT_TRUE(shown.starts_with("…[qqq")) << shown;
}

TEST(Telling, FindsLiteralsWithoutCaseAndNotThoseOfFilters) {
  sigma::Rule rule = rule_of("r", sigma::Level::low,
                             {contains("CommandLine", {"NTDS", "ifm"}), contains("CommandLine", {"temp"})});
  rule.condition.children[1] = {.kind = sigma::Expression::Kind::negate,
                                .children = {rule.condition.children[1]},
                                .test = 0,
                                .name = {}};
  EXPECT_EQ(telling_parts(rule, "CommandLine", "x ntds y IFM temp"), (std::vector<Span>{{2, 6}, {9, 12}}));
  EXPECT_TRUE(telling_parts(rule, "Image", "x ntds y IFM temp").empty());
  EXPECT_TRUE(telling_parts(rule, "CommandLine", "only ntds").empty());
}

TEST(Telling, CommandLinesComeBeforePathsBeforeIds) {
  const std::vector<sigma::FieldValues> matched = {
      {"EventID", {"1"}}, {"Odd", {"2"}}, {"Image", {"3"}}, {"CommandLine", {"4"}}};
  std::string order;
  for (const auto* field : by_weight(matched)) order += field->values[0];
  EXPECT_EQ(order, "4321");
}

TEST(Telling, ShowsWhatARegularExpressionFinds) {
  sigma::Test test;
  test.field = "CommandLine";
  test.predicate.kind = sigma::Predicate::Kind::regex;
  test.predicate.text = "i[a-z]+ +n";
  test.predicate.regex_ignore_case = true;
  const sigma::Rule rule = rule_of("r", sigma::Level::low, {test});
  EXPECT_EQ(telling_parts(rule, "CommandLine", "ac INSTANCE ntds"), (std::vector<Span>{{3, 13}}));
}

TEST(HostNamesTest, LeaveOutADomainThatAllShare) {
  const std::vector<std::string> same = {"DC01.water.example", "FS01.WATER.example", "PC7"};
  EXPECT_EQ(HostNames(same).show("DC01.water.example"), "DC01");
  const std::vector<std::string> other = {"DC01.water.example", "FS01.power.example"};
  EXPECT_EQ(HostNames(other).show("DC01.water.example"), "DC01.water.example");
  const std::vector<std::string> twin = {"DC01.water.example", "FS01.water.example", "DC01"};
  EXPECT_EQ(HostNames(twin).show("DC01.water.example"), "DC01.water.example");
  EXPECT_EQ(HostNames().show(""), "(no host)");
}

TEST(Width, CountsWideAndCombiningCharacters) {
  EXPECT_EQ(width_of("日本"), 4U);
  EXPECT_EQ(width_of("e\xCC\x81"), 1U);
  EXPECT_EQ(shortened("日本語テキスト", 7, true), "日本語…");
  EXPECT_EQ(shortened_middle("/a/very/long/path/to/file.evtx", 15, true), "/a/v…/file.evtx");
}

TEST(Numbers, AreGrouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(bytes_text(999'960), "1.0 MB");
}

}  // namespace
}  // namespace landwarden::report
