// Runs tests/golden/sigma/*.yaml: what the specification says about rules and single events.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "event/builder.h"
#include "sigma/matcher.h"
#include "sigma/parser.h"
#include "sigma/processing.h"

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
  if (value.kind == Node::Kind::map) {
    for (const auto& [inner, item] : value.entries)
      put(writer, catalogue, name.empty() ? inner.text : name + "." + inner.text, item);
    return;
  }
  const auto column = writer.column(*catalogue.field(name));
  ASSERT_TRUE(column.has_value());
  writer.put(*column, value.kind == Node::Kind::null
                          ? event::kNull
                          : writer.table(*column).intern(type_of(value), value.text));
}

/// A number that the record itself writes in hexadecimal, as binary XML does.
void put_hexadecimal(event::ShapeWriter& writer, event::Catalogue& catalogue, const yaml::Entry& entry) {
  const auto column = writer.column(*catalogue.field(entry.first.text));
  writer.put(*column, writer.table(*column).intern(event::ValueType::hex, entry.second.text));
}

/// {text: a, times: 65536, then: b}
Node long_text(const Node& spec) {
  Node out;
  out.kind = Node::Kind::text;
  for (std::int64_t i = 0; i < spec.find("times")->integer; ++i) out.text += spec.find("text")->text;
  if (const Node* then = spec.find("then")) out.text += then->text;
  return out;
}

/// What the parser makes of a vector's rule, or of its file.
struct Parsed {
  Parsed(const Node& vector, const fs::path& path) {
    if (const Node* lists = vector.find("placeholders")) {
      for (const auto& [name, values] : lists->entries) {
        for (const Node& value : values.items) placeholders[name.text].push_back(value.text);
      }
    }
    if (const Node* pipeline = vector.find("pipeline")) {
      const auto added = processing.add(pipeline->text, path.string());
      EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().to_string());
    }
    ParseOptions options;
    options.placeholders = processing.placeholders([this](std::string_view name) {
      const auto found = placeholders.find(std::string(name));
      return found == placeholders.end() ? nullptr : &found->second;
    });
    options.processing = &processing;
    if (const Node* file = vector.find("file")) {
      parse_rules(file->text, path.string(), options, rules, diagnostics);
    } else {
      parse_rule(*vector.find("rule"), path.string(), options, rules, diagnostics);
    }
  }
  [[nodiscard]] std::vector<Diagnostic>::const_iterator error() const {
    return std::ranges::find(diagnostics, Diagnostic::Severity::error, &Diagnostic::severity);
  }

  std::map<std::string, std::vector<std::string>> placeholders;
  Processing processing;
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
};

/// The built-in tables, and what the vector adds.
view::LogSources sources_of(const Node& vector) {
  view::LogSources out = view::LogSources::built_in().value();
  if (const Node* mapping = vector.find("mapping")) {
    const auto added = out.add(mapping->text, "mapping");
    EXPECT_TRUE(added.has_value()) << (added ? "" : added.error().to_string());
  }
  return out;
}

/// Whether a rule of its own set matches the event of a case.
bool matches(const RuleSet& set, event::Catalogue& catalogue, const Node& one) {
  Matcher matcher(set);
  MatchingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const Node* channel = one.find("channel");
  const Node* id = one.find("event_id");
  const Node* product = one.find("product");
  const auto shape =
      catalogue.shape({.product = product != nullptr ? product->text : "windows",
                       .channel = channel != nullptr ? channel->text : "Vectors",
                       .provider = "Vectors",
                       .event_id = id != nullptr ? static_cast<std::uint32_t>(id->integer) : 1});
  event::ShapeWriter& writer = builder.open(*shape);
  builder.begin_unit({});
  writer.begin_row({});
  put(writer, catalogue, "", *one.find("event"));
  if (const Node* system = one.find("system")) put(writer, catalogue, "System", *system);
  if (const Node* hexadecimal = one.find("hexadecimal")) {
    for (const auto& entry : hexadecimal->entries) put_hexadecimal(writer, catalogue, entry);
  }
  if (const Node* repeated = one.find("repeated")) {
    for (const auto& [name, value] : repeated->entries) put(writer, catalogue, name.text, long_text(value));
  }
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
    if (entry.path().extension() == ".yaml" && entry.path().stem() != "chains")
      out.push_back(entry.path().stem().string());
  }
  std::ranges::sort(out);
  return out;
}

struct Vectors : testing::TestWithParam<std::string> {
  fs::path path = fs::path(LW_SOURCE_DIR) / "tests/golden/sigma" / (GetParam() + ".yaml");
};

TEST_P(Vectors, AreParsedOrRejectedAsSaid) {
  for (const Node& vector : vectors_of(path)) {
    const view::LogSources sources = sources_of(vector);
    const std::string& name = vector.find("name")->text;
    Parsed parsed(vector, path);
    event::Catalogue catalogue;
    const RuleSet set = RuleSet::compile(std::move(parsed.rules), sources, catalogue, parsed.diagnostics);
    const auto error = parsed.error();
    const Node* expected = vector.find("error");
    const bool failed = error != parsed.diagnostics.end();
    if (expected == nullptr) {
      EXPECT_FALSE(set.rules().empty()) << name << (failed ? ": " + error->error.to_string() : "");
      continue;
    }
    EXPECT_TRUE(set.rules().empty()) << name;
    ASSERT_TRUE(failed) << name;
    EXPECT_NE(error->error.message.find(expected->text), std::string::npos)
        << name << ": " << error->error.message;
    EXPECT_GT(error->error.place.line, 0u) << name;
  }
}

TEST_P(Vectors, WarnAsSaid) {
  for (const Node& vector : vectors_of(path)) {
    const Node* expected = vector.find("warning");
    if (expected == nullptr) continue;
    const Parsed parsed(vector, path);
    EXPECT_TRUE(std::ranges::any_of(parsed.diagnostics, [&](const Diagnostic& diagnostic) {
      return diagnostic.severity == Diagnostic::Severity::warning &&
             diagnostic.error.message.find(expected->text) != std::string::npos;
    })) << vector.find("name")->text;
  }
}

TEST_P(Vectors, MatchAsSaid) {
  for (const Node& vector : vectors_of(path)) {
    const Node* cases = vector.find("cases");
    if (cases == nullptr) continue;
    const view::LogSources sources = sources_of(vector);
    Parsed parsed(vector, path);
    if (parsed.rules.empty()) continue;
    const std::string tree = to_text(parsed.rules[0].condition, parsed.rules[0]);
    event::Catalogue catalogue;
    const RuleSet set = RuleSet::compile(std::move(parsed.rules), sources, catalogue, parsed.diagnostics);
    ASSERT_FALSE(set.rules().empty()) << vector.find("name")->text;
    for (const Node& one : cases->items) {
      EXPECT_EQ(matches(set, catalogue, one), one.find("match")->flag)
          << one.place(path.string()).to_string() << " (" << vector.find("name")->text << "): " << tree;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sigma, Vectors, testing::ValuesIn(files()),
                         [](const auto& each) { return each.param; });

/// Whether the parser takes `field|first|second: value`.
bool takes(const std::string& first, const std::string& second, const std::string& value) {
  const std::string text = "title: t\nlogsource: {product: windows}\ndetection:\n  s: {F|" + first + "|" +
                           second + ": " + value + "}\n  condition: s\n";
  const std::vector<std::string> list = {"one"};
  ParseOptions options;
  options.placeholders = [&](std::string_view) { return &list; };
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
  parse_rules(text, "chain.yml", options, rules, diagnostics);
  return !rules.empty();
}

/// A scalar as it stands in a rule.
std::string written(const Node& value) {
  return value.quoted ? "'" + value.text + "'" : value.text;
}

TEST(Chains, OfEveryTwoModifiersAreTakenOrRejectedAsSaid) {
  const std::vector<Node> vectors = vectors_of(fs::path(LW_SOURCE_DIR) / "tests/golden/sigma/chains.yaml");
  std::set<std::string> all;
  for (const Node& vector : vectors) {
    all.insert(vector.find("name")->text.substr(std::string_view("chains/").size()));
    for (const Node& next : vector.find("may_be_followed_by")->items) all.insert(next.text);
  }
  EXPECT_EQ(all.size(), 34u);
  for (const Node& vector : vectors) {
    const std::string first = vector.find("name")->text.substr(std::string_view("chains/").size());
    std::set<std::string> legal;
    for (const Node& next : vector.find("may_be_followed_by")->items) legal.insert(next.text);
    for (const std::string& second : all) {
      EXPECT_EQ(takes(first, second, written(*vector.find("value"))), legal.contains(second))
          << first << "|" << second;
    }
  }
}

}  // namespace
}  // namespace landwarden::sigma
