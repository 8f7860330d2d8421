#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "sigma/matcher.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

struct KeywordTextsTest : testing::Test {
  event::Catalogue catalogue;
  view::LogSources sources = view::LogSources::built_in().value();
  std::vector<Rule> rules;
  std::optional<RuleSet> set;

  void rule(std::string_view logsource, std::string_view searches) {
    std::vector<Diagnostic> diagnostics;
    const std::string text =
        fmt::format("title: rule {}\nlogsource: {{{}}}\ndetection:\n{}", rules.size(), logsource, searches);
    parse_rules(text, "rule.yml", {}, rules, diagnostics);
    ASSERT_TRUE(diagnostics.empty()) << diagnostics.front().error.message;
  }
  event::Wanted wanted(std::string channel, std::uint32_t event_id, CompileOptions options = {}) {
    std::vector<Diagnostic> diagnostics;
    set.emplace(RuleSet::compile(rules, sources, catalogue, diagnostics, options));
    EXPECT_TRUE(diagnostics.empty());
    Matcher matcher(*set);
    return matcher.wanted(*catalogue.shape(
        {.product = "windows", .channel = std::move(channel), .provider = "P", .event_id = event_id}));
  }
};

using Texts = std::vector<std::string>;

TEST_F(KeywordTextsTest, RecordsWithoutTheWordsNeedOnlyTheFieldsThatRulesName) {
  rule("product: windows",
       "  words: [SekurLSA, \"*misc::*memory*\"]\n  other: {Image: x}\n  condition: words and not other\n");
  const auto shape = wanted("Security", 4688);
  EXPECT_TRUE(shape.all);
  EXPECT_TRUE(shape.all_by_text);
  EXPECT_TRUE(std::ranges::binary_search(shape.fields, *catalogue.field("NewProcessName")) ||
              std::ranges::binary_search(shape.fields, *catalogue.field("Image")));
  EXPECT_EQ(set->keyword_texts(), (Texts{"misc::", "sekurlsa"}));
}

TEST_F(KeywordTextsTest, OnlyRecordsOfTheRulesLogSourceAreAskedForMore) {
  rule("product: windows, service: system", "  words: [mimikatz]\n  condition: words\n");
  rule("product: windows, service: security", "  sel: {EventID: 4624}\n  condition: sel\n");
  EXPECT_FALSE(wanted("Security", 4624).all);
  EXPECT_TRUE(wanted("System", 7045).all_by_text);
}

TEST_F(KeywordTextsTest, ARecordIsLookedThroughForTheWordsOfItsOwnRulesOnly) {
  rule("product: windows", "  words: [SekurLSA, misc::memory]\n  condition: words\n");
  rule("product: windows, service: system", "  words: [mimikatz, misc::memory]\n  condition: words\n");
  const auto asked = [&](std::string channel) {
    const auto shape = wanted(std::move(channel), 1);
    Texts texts;
    for (std::size_t i = 0; i < set->keyword_texts().size(); ++i) {
      if ((shape.texts >> i & 1) != 0) texts.push_back(set->keyword_texts()[i]);
    }
    return texts;
  };
  EXPECT_EQ(asked("System"), (Texts{"mimikatz", "misc::memory", "sekurlsa"}));
  EXPECT_EQ(asked("Security"), (Texts{"misc::memory", "sekurlsa"}));
}

TEST_F(KeywordTextsTest, WordsThatNumbersAreRenderedToAreLookedForInEveryField) {
  for (const char* word :
       {"4688", "ab", "'0x1a4'", "false", "\"*\"", "\u00e4\u00f6\u00fc", "'|re': mimikatz"}) {
    rules.clear();
    const bool map = std::string_view(word).starts_with("'|");
    rule("product: windows", (map ? "  words: {" : "  words: [mimikatz, ") + std::string(word) +
                                 (map ? "}" : "]") + "\n  condition: words\n");
    const auto shape = wanted("Security", 4624);
    EXPECT_TRUE(shape.all) << word;
    EXPECT_FALSE(shape.all_by_text) << word;
    EXPECT_TRUE(set->keyword_texts().empty()) << word;
  }
}

TEST_F(KeywordTextsTest, ARuleOfVeryManyWordsDoesNotSpoilIt) {
  std::string many;
  for (char a = 'g'; a < 'p'; ++a) {
    for (char b = 'g'; b < 'p'; ++b) many += fmt::format("{}virus{}, ", a, b);
  }
  rule("product: windows, service: application", "  words: [" + many + "worm]\n  condition: words\n");
  rule("product: windows", "  words: [mimikatz]\n  condition: words\n");
  EXPECT_TRUE(wanted("Security", 4624).all_by_text);
  const auto application = wanted("Application", 1);
  EXPECT_TRUE(application.all);
  EXPECT_FALSE(application.all_by_text);
  EXPECT_EQ(set->keyword_texts(), Texts{"mimikatz"});
}

TEST_F(KeywordTextsTest, WhoShowsWholeRecordsNeedsAllOfThem) {
  rule("product: windows", "  words: [mimikatz]\n  condition: words\n");
  EXPECT_FALSE(wanted("Security", 4624, {.all_fields = true}).all_by_text);
}

}  // namespace
}  // namespace landwarden::sigma
