#include "cli/rule_choice.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/diagnostics.h"
#include "cli/hunt_options.h"
#include "cli/progress_line.h"

namespace landwarden::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRules = R"(title: First
id: 00000000-0000-0000-0000-00000000000a
status: stable
level: high
tags: [attack.credential_access, attack.t1003.001]
logsource: {product: windows, category: process_creation}
detection: {selection: {CommandLine: x}, condition: selection}
---
title: Second
id: 00000000-0000-0000-0000-00000000000b
status: test
tags: [attack.t10031]
logsource: {product: windows, category: process_creation}
detection: {selection: {CommandLine: y}, condition: selection}
)";

class RuleChoiceTest : public testing::Test {
 protected:
  RuleChoiceTest() {
    std::string name = (fs::temp_directory_path() / "rule_choice_test_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::ofstream(folder_ / "rules.yml") << kRules;
    choice_.paths = {(folder_ / "rules.yml").string()};
  }
  ~RuleChoiceTest() override { fs::remove_all(folder_); }
  std::string chosen() {
    const auto rules = choose_rules(choice_);
    if (!rules) return rules.error().to_string();
    std::string out;
    for (const sigma::Rule& rule : rules->rules) out += rule.title.substr(0, 1);
    return out;
  }
  fs::path folder_;
  RuleChoice choice_;
};

TEST_F(RuleChoiceTest, WithoutOptionsAllRun) {
  EXPECT_EQ(chosen(), "FS");
}

TEST_F(RuleChoiceTest, RulesWithoutLevelCountAsInformational) {
  choice_.min_level = sigma::Level::informational;
  EXPECT_EQ(chosen(), "FS");
  choice_.min_level = sigma::Level::low;
  EXPECT_EQ(chosen(), "F");
}

TEST_F(RuleChoiceTest, ATagCoversItsSubTechniquesOnly) {
  for (const char* tag : {"t1003", "T1003", "attack.t1003", "attack.t1003.001", "credential-access"}) {
    choice_.tags = {tag};
    EXPECT_EQ(chosen(), "F") << tag;
  }
}

TEST_F(RuleChoiceTest, RulesAreNamedByIdOrTitle) {
  choice_.only = {"00000000-0000-0000-0000-00000000000B"};
  EXPECT_EQ(chosen(), "S");
  choice_.only = {"f*t"};
  EXPECT_EQ(chosen(), "F");
}

TEST_F(RuleChoiceTest, ExcludedByIdListOrRuleFile) {
  choice_.exclude = {"00000000-0000-0000-0000-00000000000A"};
  EXPECT_EQ(chosen(), "S");
  std::ofstream(folder_ / "known.txt") << "# known\n\n00000000-0000-0000-0000-00000000000b  # ours\r\n";
  choice_.exclude = {(folder_ / "known.txt").string()};
  EXPECT_EQ(chosen(), "F");
  choice_.exclude = {(folder_ / "rules.yml").string()};
  EXPECT_EQ(chosen(), "");
}

TEST_F(RuleChoiceTest, AListWithoutIdsIsAnError) {
  std::ofstream(folder_ / "empty.txt") << "# nothing\n";
  choice_.exclude = {(folder_ / "empty.txt").string()};
  EXPECT_NE(chosen().find("no rule ids"), std::string::npos);
}

TEST_F(RuleChoiceTest, AMissingPathIsAnErrorWithItsName) {
  choice_.paths = {"nowhere"};
  EXPECT_EQ(chosen().rfind("nowhere: cannot read rules", 0), 0U);
}

TEST(Wildcard, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches_wildcard("Port Proxy Added", "port*added"));
  EXPECT_TRUE(matches_wildcard("abc", "a?c"));
  EXPECT_TRUE(matches_wildcard("aXbXc", "a*x*c"));
  EXPECT_TRUE(matches_wildcard("", "*"));
  EXPECT_FALSE(matches_wildcard("abc", "ab"));
  EXPECT_FALSE(matches_wildcard("ab", "a?c"));
  EXPECT_TRUE(matches_wildcard("a*c", "a*c"));
}

TEST(HuntOptionsTest, DatesMeanTheirFirstMoment) {
  HuntWords words;
  words.evidence = {"x"};
  words.since = "2026-03-02";
  words.until = "2026-03-02T00:00:01Z";
  const auto settings = understand(words);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(to_rfc3339(settings->since), "2026-03-02T00:00:00.0000000Z");
}

TEST(HuntOptionsTest, TheFormatFollowsTheEndingUnlessSaid) {
  HuntWords words;
  words.evidence = {"x"};
  words.output = "t.csv";
  EXPECT_EQ(understand(words)->format, report::TimelineFormat::csv);
  words.format = "json";
  EXPECT_EQ(understand(words)->format, report::TimelineFormat::json);
  words.format = "";
  words.output = "-";
  EXPECT_EQ(understand(words)->format, report::TimelineFormat::jsonl);
}

TEST(ProgressText, SaysBytesSpeedMatchesAndTimeLeft) {
  engine::Progress progress;
  progress.bytes_total = 1'000'000'000;
  progress.bytes_done = 250'000'000;
  progress.records = 500'000;
  progress.matches = 12;
  const std::string text = progress_text(progress, 10, {.columns = 120, .unicode = true, .colour = false});
  EXPECT_EQ(text, "━━━━━─────────────── 25 % 250.0 MB of 1.0 GB · 50,000 events/s · 12 matches · 0:30 left");
}

TEST(ProgressText, KnowsNoEndOfStandardInputAndFitsTheLine) {
  engine::Progress progress;
  progress.bytes_done = 1000;
  const std::string text = progress_text(progress, 2, {.columns = 40, .unicode = false, .colour = false});
  EXPECT_EQ(text, "1.0 kB read | 0 events/s | 0 matches");
  EXPECT_LT(report::width_of(progress_text(progress, 2, {.columns = 20, .unicode = false, .colour = false})),
            20U);
}

TEST(Diagnostics, ReadLikeACompilers) {
  sigma::Diagnostic diagnostic;
  diagnostic.error = {ErrorCode::invalid, "no such modifier", {"a.yml", 7, 3, {}}, "there is contains"};
  diagnostic.title = "T";
  EXPECT_EQ(diagnostic_text(diagnostic), "a.yml:7:3: error: no such modifier [T] (there is contains)");
}

}  // namespace
}  // namespace landwarden::cli
