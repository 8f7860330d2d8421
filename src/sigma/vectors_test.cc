// Runs tests/golden/sigma/*.yaml: what the specification says about rules and single events.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "event/builder.h"
#include "sigma/matcher.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

namespace fs = std::filesystem;
using yaml::Node;

struct MatchingSink : event::BatchSink {
  explicit MatchingSink(Matcher& m) : matcher(m) {}
  event::Wanted wanted(event::ShapeId shape) override {
    event::Wanted out = matcher.wanted(shape);
    out.drop = false;
    return out;
  }
  void consume(const event::EventBatch& batch) override { matcher.match(batch, matches); }
  Matcher& matcher;
  std::vector<Match> matches;
};

event::ValueType type_of(const Node& value) {
  switch (value.kind) {
    case Node::Kind::integer:
      return event::ValueType::integer;
    case Node::Kind::real:
      return event::ValueType::real;
    case Node::Kind::boolean:
      return event::ValueType::boolean;
    default:
      return event::ValueType::text;
  }
}

void put(event::ShapeWriter& writer, event::Catalogue& catalogue, const std::string& name,
         const Node& value) {
  if (value.kind == Node::Kind::list) {
    for (const Node& item : value.items) put(writer, catalogue, name, item);
    return;
  }
  const auto column = writer.column(*catalogue.field(name));
  ASSERT_TRUE(column.has_value());
  writer.put(*column, value.kind == Node::Kind::null
                          ? event::kNull
                          : writer.table(*column).intern(type_of(value), value.text));
}

/// Whether a rule of its own set matches the event of a case.
bool matches(const RuleSet& set, event::Catalogue& catalogue, const Node& one) {
  Matcher matcher(set);
  MatchingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const Node* channel = one.find("channel");
  const Node* id = one.find("event_id");
  const auto shape =
      catalogue.shape({.product = "windows",
                       .channel = channel != nullptr ? channel->text : "Vectors",
                       .provider = "Vectors",
                       .event_id = id != nullptr ? static_cast<std::uint32_t>(id->integer) : 1});
  event::ShapeWriter& writer = builder.open(*shape);
  builder.begin_unit({});
  writer.begin_row({});
  for (const auto& [name, value] : one.find("event")->entries) put(writer, catalogue, name.text, value);
  writer.end_row();
  builder.end_unit();
  return !sink.matches.empty();
}

std::vector<Node> vectors_of(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  auto documents = yaml::parse(text.str(), path.string());
  EXPECT_TRUE(documents.has_value()) << (documents ? "" : documents.error().to_string());
  if (!documents || documents->empty()) return {};
  return documents->front().items;
}

std::vector<std::string> files() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(fs::path(LW_SOURCE_DIR) / "tests/golden/sigma")) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  }
  std::ranges::sort(out);
  return out;
}

struct Vectors : testing::TestWithParam<std::string> {
  fs::path path = fs::path(LW_SOURCE_DIR) / "tests/golden/sigma" / (GetParam() + ".yaml");
};

TEST_P(Vectors, AreParsedOrRejectedAsSaid) {
  for (const Node& vector : vectors_of(path)) {
    const std::string& name = vector.find("name")->text;
    std::vector<Rule> rules;
    std::vector<Diagnostic> diagnostics;
    parse_rule(*vector.find("rule"), path.string(), {}, rules, diagnostics);
    const auto error = std::ranges::find(diagnostics, Diagnostic::Severity::error, &Diagnostic::severity);
    const Node* expected = vector.find("error");
    if (expected == nullptr) {
      EXPECT_EQ(rules.size(), 1u) << name
                                  << (error == diagnostics.end() ? "" : ": " + error->error.to_string());
      continue;
    }
    EXPECT_TRUE(rules.empty()) << name;
    ASSERT_NE(error, diagnostics.end()) << name;
    EXPECT_NE(error->error.message.find(expected->text), std::string::npos)
        << name << ": " << error->error.message;
    EXPECT_GT(error->error.place.line, 0u) << name;
  }
}

TEST_P(Vectors, MatchAsSaid) {
  const view::LogSources sources = view::LogSources::built_in().value();
  for (const Node& vector : vectors_of(path)) {
    const Node* cases = vector.find("cases");
    if (cases == nullptr) continue;
    std::vector<Rule> rules;
    std::vector<Diagnostic> diagnostics;
    parse_rule(*vector.find("rule"), path.string(), {}, rules, diagnostics);
    if (rules.empty()) continue;
    const std::string tree = to_text(rules[0].condition, rules[0]);
    event::Catalogue catalogue;
    const RuleSet set = RuleSet::compile(std::move(rules), sources, catalogue, diagnostics);
    ASSERT_EQ(set.rules().size(), 1u) << vector.find("name")->text;
    for (const Node& one : cases->items) {
      EXPECT_EQ(matches(set, catalogue, one), one.find("match")->flag)
          << one.place(path.string()).to_string() << " (" << vector.find("name")->text << "): " << tree;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sigma, Vectors, testing::ValuesIn(files()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace landwarden::sigma
