#include "cli/rule_settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/rule_choice.h"

namespace landwarden::cli {
namespace {

namespace fs = std::filesystem;

class RuleSettingsTest : public testing::Test {
 protected:
  RuleSettingsTest() {
    std::string name = (fs::temp_directory_path() / "rule_settings_test_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    words_.settings = put("settings.yaml", "placeholders: {}\n");
  }
  ~RuleSettingsTest() override { fs::remove_all(folder_); }

  std::string put(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  /// What is wrong with settings of this text, after the path.
  std::string refusal(const std::string& text) {
    words_.settings = put("settings.yaml", text);
    const auto read = read_rule_settings(words_);
    if (read) return {};
    EXPECT_EQ(read.error().place.file, words_.settings);
    return read.error().message;
  }
  static std::vector<std::string> values(const RuleSettings& settings, const std::string& name) {
    const auto* found = settings.loading().placeholders(name);
    return found == nullptr ? std::vector<std::string>{} : *found;
  }

  fs::path folder_;
  RuleSettingsWords words_;
};

TEST_F(RuleSettingsTest, HoldListsForPlaceholders) {
  put("settings.yaml", "placeholders:\n  Servers: [dc01, 'file*']\n  '%Administrators%': admin\n");
  const auto settings = read_rule_settings(words_).value();
  EXPECT_EQ(values(settings, "Servers"), (std::vector<std::string>{"dc01", "file*"}));
  EXPECT_EQ(values(settings, "Administrators"), (std::vector<std::string>{"admin"}));
  EXPECT_TRUE(values(settings, "Workstations").empty());
}

TEST_F(RuleSettingsTest, NameTablesAndPipelinesFromTheirOwnFolder) {
  put("mine.yaml", "product: acme\nservices: {pump: [Pump/Log]}\n");
  put("names.yml", "transformations: [{type: field_name_mapping, mapping: {A: B}}]\n");
  put("settings.yaml", "mappings: mine.yaml\npipelines: [names.yml]\n");
  const auto settings = read_rule_settings(words_).value();
  EXPECT_EQ(settings.sources.resolve("", "acme", "pump").sources.size(), 1U);
  EXPECT_NE(settings.loading().processing, nullptr);
}

TEST_F(RuleSettingsTest, SayWhatIsWrongWithThem) {
  EXPECT_EQ(refusal("placeholder: {}\n"), "unknown setting 'placeholder'");
  EXPECT_EQ(refusal("placeholders: [a]\n"), "placeholders: names with lists of values are expected");
  EXPECT_EQ(refusal("placeholders: {Servers: [{a: b}]}\n"), "Servers: a value is expected here");
  EXPECT_EQ(refusal("placeholders: {'a%b': x}\n"), "no rule can name this placeholder: 'a%b'");
  EXPECT_EQ(refusal("- a\n"), "settings are keys with values");
  words_.settings = (folder_ / "none.yaml").string();
  EXPECT_FALSE(read_rule_settings(words_));
}

TEST_F(RuleSettingsTest, BadMappingsSayWhere) {
  words_.mappings = {put("bad.yaml", "product: acme\nservice: {}\n")};
  const auto read = read_rule_settings(words_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().place.file, words_.mappings.front());
  EXPECT_EQ(read.error().place.line, 2U);
  EXPECT_EQ(read.error().message, "log-source table: unknown key: service");
}

TEST_F(RuleSettingsTest, HaveOtherWordsWhenAnythingInThemChanges) {
  const auto words = [&] { return read_rule_settings(words_).value().words; };
  const auto plain = words();
  EXPECT_EQ(words(), plain);
  put("settings.yaml", "placeholders: {Servers: x}\n");
  const auto listed = words();
  EXPECT_NE(listed, plain);
  words_.mappings = {put("mine.yaml", "product: acme\nservices: {pump: [a]}\n")};
  const auto mapped = words();
  EXPECT_NE(mapped, listed);
  put("mine.yaml", "product: acme\nservices: {pump: [b]}\n");
  EXPECT_NE(words(), mapped);
}

TEST_F(RuleSettingsTest, DecideWhichRulesRun) {
  RuleChoice choice;
  choice.paths = {put("r.yml",
                      "title: t\nlogsource: {product: windows, service: security}\n"
                      "detection: {s: {Host|expand: '%Servers%'}, condition: s}\n")};
  const auto without = choose_rules(choice, read_rule_settings(words_).value().loading());
  ASSERT_TRUE(without);
  EXPECT_TRUE(without->rules.empty());
  ASSERT_FALSE(without->diagnostics.empty());
  EXPECT_NE(without->diagnostics.front().error.hint.find("placeholders: Servers"), std::string::npos);
  put("settings.yaml", "placeholders: {Servers: dc01}\n");
  const auto settings = read_rule_settings(words_).value();
  EXPECT_EQ(choose_rules(choice, settings.loading()).value().rules.size(), 1U);
}

}  // namespace
}  // namespace landwarden::cli
