#include "base/yaml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "base/limits.h"

namespace landwarden::yaml {
namespace {

Node one(std::string_view text) {
  auto documents = parse(text, "t.yml");
  EXPECT_TRUE(documents.has_value()) << (documents ? "" : documents.error().to_string());
  if (!documents || documents->empty()) return {};
  return documents->front();
}

Error error_of(std::string_view text) {
  auto documents = parse(text, "t.yml");
  EXPECT_FALSE(documents.has_value()) << text;
  return documents ? Error{} : documents.error();
}

using Kind = Node::Kind;

TEST(YamlScalar, IsTypedAsPyYamlDoes) {
  const std::vector<std::tuple<const char*, Kind, double>> table = {
      {"0", Kind::integer, 0},
      {"4688", Kind::integer, 4688},
      {"-5", Kind::integer, -5},
      {"+5", Kind::integer, 5},
      {"1_000", Kind::integer, 1000},
      {"0x1F", Kind::integer, 31},
      {"-0x1f", Kind::integer, -31},
      {"010", Kind::integer, 8},
      {"0b101", Kind::integer, 5},
      {"1:30", Kind::integer, 90},
      {"190:20:30", Kind::integer, 685230},
      {"0_7", Kind::integer, 7},
      {"08", Kind::text, 0},
      {"0o17", Kind::text, 0},
      {"1e5", Kind::text, 0},
      {"1.0", Kind::real, 1},
      {"1.5e+3", Kind::real, 1500},
      {"1.5e3", Kind::text, 0},
      {".5", Kind::real, 0.5},
      {"-.5", Kind::text, 0},
      {"1.", Kind::real, 1},
      {"6.8_5", Kind::real, 6.85},
      {"190:20:30.15", Kind::real, 685230.15},
      {".inf", Kind::real, HUGE_VAL},
      {"-.INF", Kind::real, -HUGE_VAL},
      {"0x", Kind::text, 0},
      {"1:60", Kind::text, 0},
      {"1:2:3", Kind::integer, 3723},
      {"12:5", Kind::integer, 725},
      {"+", Kind::text, 0},
      {"1-2", Kind::text, 0},
      {"1.2.3", Kind::text, 0},
      {"9223372036854775807", Kind::integer, 9223372036854775807.0},
      {"9223372036854775808", Kind::real, 9223372036854775808.0},
      {"-9223372036854775808", Kind::integer, -9223372036854775808.0}};
  for (const auto& [text, kind, value] : table) {
    const Node node = one("[" + std::string(text) + "]");
    ASSERT_EQ(node.items.size(), 1u) << text;
    EXPECT_EQ(node.items[0].kind, kind) << text;
    if (kind != Kind::text) {
      EXPECT_DOUBLE_EQ(node.items[0].real, value) << text;
    }
    EXPECT_EQ(node.items[0].text, text);
  }
}

TEST(YamlScalar, KnowsTheWordsOfYaml11) {
  for (const char* text : {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}) {
    EXPECT_EQ(one(text).kind, Kind::boolean) << text;
    EXPECT_TRUE(one(text).flag) << text;
  }
  for (const char* text : {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}) {
    EXPECT_EQ(one(text).kind, Kind::boolean) << text;
    EXPECT_FALSE(one(text).flag) << text;
  }
  for (const char* text : {"yEs", "y", "n", "nULL", "None", "truE"})
    EXPECT_EQ(one(text).kind, Kind::text) << text;
  for (const char* text : {"~", "null", "Null", "NULL", "---\n"})
    EXPECT_EQ(one(text).kind, Kind::null) << text;
}

TEST(YamlScalar, KnowsDates) {
  for (const char* text : {"2024-01-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5",
                           "2001-1-1 1:59:43", "2001-12-15 2:59:43.10", "2024-01-01T00:00:00Z"}) {
    EXPECT_EQ(one(text).kind, Kind::date) << text;
  }
  for (const char* text : {"2024/01/01", "2024-1-1", "2024-01-01T", "2024-01-01T00:00", "24-01-01"}) {
    EXPECT_EQ(one(text).kind, Kind::text) << text;
  }
}

TEST(YamlScalar, QuotedAndBlockScalarsAreText) {
  const Node node = one("a: '1'\nb: \"yes\"\nc: |\n  12\nd: >-\n  12\ne: !!str 5\n");
  for (const auto& [key, value] : node.entries) EXPECT_EQ(value.kind, Kind::text) << key.text;
  EXPECT_TRUE(node.find("a")->quoted);
  EXPECT_EQ(node.find("c")->text, "12\n");
  EXPECT_FALSE(node.find("e")->quoted);
}

TEST(YamlScalar, OnlyDoubleQuotesProcessBackslashes) {
  const Node node = one(R"([a\\b, 'a\\b', "a\\b", "\u00e9"])");
  EXPECT_EQ(node.items[0].text, R"(a\\b)");
  EXPECT_EQ(node.items[1].text, R"(a\\b)");
  EXPECT_EQ(node.items[2].text, R"(a\b)");
  EXPECT_EQ(node.items[3].text, "é");
}

TEST(Yaml, NodesKnowTheirPlaces) {
  const Node node = one("title: x\ndetection:\n  sel:\n    - äö: b\n");
  const Node& item = node.find("detection")->find("sel")->items[0];
  EXPECT_EQ(item.entries[0].first.line, 4u);
  EXPECT_EQ(item.entries[0].first.column, 7u);
  EXPECT_EQ(item.entries[0].second.column, 11u);
}

TEST(Yaml, DuplicateKeysAreErrorsWithBothPlaces) {
  const Error error = error_of("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(error.place.to_string(), "t.yml:3:1");
  EXPECT_NE(error.message.find("line 1"), std::string::npos);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(error_of(many + "k7: 2\n").place.line, 101u);
}

TEST(Yaml, AnchorsAliasesAndMergeKeysAreResolved) {
  const Node node =
      one("base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nm:\n  <<: [*b, *o]\n  x: 9\ncopy: *b\n");
  const Node& merged = *node.find("m");
  EXPECT_EQ(merged.find("x")->integer, 9);
  EXPECT_EQ(merged.find("y")->integer, 2);
  EXPECT_EQ(merged.find("z")->integer, 4);
  EXPECT_EQ(node.find("copy")->find("x")->integer, 1);
  EXPECT_EQ(one("'<<': 1").entries.size(), 1u);
}

TEST(Yaml, UnknownAndRecursiveAliasesAreErrors) {
  EXPECT_NE(error_of("a: *nothing\n").hint.find("quotes"), std::string::npos);
  EXPECT_NE(error_of("a: &a [*a]\n").message.find("inside its own"), std::string::npos);
}

TEST(Yaml, ABillionLaughsReachALimit) {
  std::string bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 8; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_EQ(error_of(bomb).code, ErrorCode::limit);
}

TEST(Yaml, DepthAndSizeAreBounded) {
  EXPECT_EQ(error_of(std::string(10'000, '[')).code, ErrorCode::limit);
  std::string steps;
  for (int i = 0; i < 200; ++i) steps += "- ";
  EXPECT_EQ(error_of(steps + "x").code, ErrorCode::limit);
  EXPECT_EQ(error_of(std::string(limits::kYamlBytes + 1, ' ')).code, ErrorCode::limit);
  std::string wide = "[";
  for (std::size_t i = 0; i <= limits::kYamlNodes; ++i) wide += "'',";
  EXPECT_EQ(error_of(wide + "]").code, ErrorCode::limit);
}

TEST(Yaml, SeveralDocumentsAndNone) {
  EXPECT_EQ(parse("a: 1\n---\nb: 2\n...\n", "t")->size(), 2u);
  EXPECT_TRUE(parse("", "t")->empty());
  EXPECT_TRUE(parse("# nothing\n", "t")->empty());
}

TEST(Yaml, ReadsMarksAndWindowsLineEnds) {
  EXPECT_EQ(one("\xEF\xBB\xBF"
                "a: 1\r\nb: x\r\n")
                .find("b")
                ->text,
            "x");
}

TEST(Yaml, SaysHowToMendTabsAndStrayStars) {
  const Error tab = error_of("a:\n\tb: 1\n");
  EXPECT_NE(tab.hint.find("tabs"), std::string::npos) << tab.to_string();
  EXPECT_EQ(tab.place.line, 2u);
  EXPECT_NE(error_of("a: *\\x\n").hint.find("quotes"), std::string::npos);
  EXPECT_NE(error_of("a: \"C:\\Windows\"\n").hint.find("single quotes"), std::string::npos);
}

TEST(Yaml, SaysWhereTextIsNotUtf8) {
  const Error error = error_of("a: 1\nb: ok\xFFx\n");
  EXPECT_EQ(error.place.to_string(), "t.yml:2:6");
}

TEST(Yaml, RefusesTagsAndComplexKeys) {
  EXPECT_NE(error_of("a: !!python/object:os.system x\n").message.find("tag"), std::string::npos);
  EXPECT_NE(error_of("? [a, b]\n: c\n").message.find("key"), std::string::npos);
  EXPECT_NE(error_of("a: !!int x\n").message.find("tag"), std::string::npos);
}

}  // namespace
}  // namespace landwarden::yaml
