#include "report/yara_foreign.h"

#include <gtest/gtest.h>

namespace landwarden::report {
namespace {

intel::YaraRule made(std::vector<std::pair<std::string, std::string>> meta) {
  return {.name = "Loader", .file = "rules/a.yar", .tags = {"T1059", "loader"}, .meta = std::move(meta)};
}

TEST(YaraForeign, TheLevelIsWhatTheRuleSaysOfItself) {
  EXPECT_EQ(level_of(made({})), sigma::Level::medium);
  EXPECT_EQ(level_of(made({{"severity", "Critical"}})), sigma::Level::critical);
  EXPECT_EQ(level_of(made({{"level", "low"}, {"score", "90"}})), sigma::Level::low);
  EXPECT_EQ(level_of(made({{"severity", "5"}, {"score", "80"}})), sigma::Level::high);
  EXPECT_EQ(level_of(made({{"score", "79"}})), sigma::Level::medium);
  EXPECT_EQ(level_of(made({{"score", "40"}})), sigma::Level::low);
  EXPECT_EQ(level_of(made({{"score", "39"}})), sigma::Level::informational);
  EXPECT_EQ(level_of(made({{"score", "many"}})), sigma::Level::medium);
}

TEST(YaraForeign, SaysRuleFileTagsAndMetadata) {
  const auto foreign =
      foreign_of(made({{"description", "a \"loader\""}, {"author", "us"}, {"date", "2026-01-01"}}));
  EXPECT_EQ(foreign.ruleset, "yara");
  EXPECT_EQ(foreign.rule.title, "YARA: Loader");
  EXPECT_EQ(foreign.rule.id, "yara:Loader");
  EXPECT_EQ(foreign.line, "rules/a.yar: a \"loader\", us, 2026-01-01");
  EXPECT_EQ(foreign.details,
            R"({"rule": "Loader", "namespace": "rules/a.yar", "tags": ["T1059", "loader"], )"
            R"("meta": {"description": "a \"loader\"", "author": "us", "date": "2026-01-01"}})");
}

}  // namespace
}  // namespace landwarden::report
