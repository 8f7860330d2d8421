// Runs tests/golden/sigma/correlations/*.yaml: correlations and filters over sequences of events.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include <fmt/format.h>

#include "event/builder.h"
#include "sigma/correlator.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

namespace fs = std::filesystem;
using yaml::Node;

const fs::path kFolder = fs::path(LW_SOURCE_DIR) / "tests/golden/sigma/correlations";

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

void put(event::ShapeWriter& writer, event::Catalogue& catalogue, const std::string& name,
         const Node& value) {
  if (value.kind == Node::Kind::list) {
    for (const Node& item : value.items) put(writer, catalogue, name, item);
    return;
  }
  const auto column = writer.column(*catalogue.field(name));
  writer.put(*column, value.kind == Node::Kind::null
                          ? event::kNull
                          : writer.table(*column).intern(event::ValueType::text, value.text));
}

std::uint64_t number_or(const Node* node, std::uint64_t otherwise) {
  return node != nullptr ? static_cast<std::uint64_t>(node->integer) : otherwise;
}

Time time_of(const Node& at) {
  const double seconds = at.kind == Node::Kind::real ? at.real : static_cast<double>(at.integer);
  return {from_unix(1'700'000'000).ticks + std::llround(seconds * static_cast<double>(kTicksPerSecond))};
}

struct Loaded {
  std::vector<Diagnostic> diagnostics;
  event::Catalogue catalogue;
  view::LogSources sources = view::LogSources::built_in().value();
  std::optional<RuleSet> set;

  explicit Loaded(const Node& vector) {
    std::vector<Rule> rules;
    for (const Node& document : vector.find("documents")->items)
      parse_rule(document, "vectors.yaml", {}, rules, diagnostics);
    set.emplace(RuleSet::compile(std::move(rules), sources, catalogue, diagnostics));
  }
  [[nodiscard]] std::string said(Diagnostic::Severity severity) const {
    std::string out;
    for (const Diagnostic& one : diagnostics) {
      if (one.severity == severity) out += one.error.to_string() + "\n";
    }
    return out;
  }
};

/// The matches of one event, with its place in the sequence as record number.
std::vector<Match> matches_of(const Loaded& loaded, event::Catalogue& catalogue, const Node& one,
                              std::uint64_t number) {
  Matcher matcher(*loaded.set);
  MatchingSink sink(matcher);
  event::BatchBuilder builder(catalogue, sink);
  const Node* channel = one.find("channel");
  const auto shape =
      catalogue.shape({.product = "windows",
                       .channel = channel != nullptr ? channel->text : "Vectors",
                       .provider = "Vectors",
                       .event_id = static_cast<std::uint32_t>(number_or(one.find("event_id"), 1))});
  builder.begin_unit({});
  event::ShapeWriter& writer = builder.open(*shape);
  writer.begin_row({});
  for (const auto& [name, value] : one.find("event")->entries) put(writer, catalogue, name.text, value);
  writer.end_row();
  builder.end_unit();
  for (Match& match : sink.matches) {
    match.time = time_of(*one.find("at"));
    match.record_id = number_or(one.find("record"), number);
    match.source = {static_cast<std::uint32_t>(number_or(one.find("source"), 0))};
    match.offset = number;
    if (const Node* host = one.find("host")) match.host = host->text;
  }
  return std::move(sink.matches);
}

std::string shown(const Match& match, const RuleSet& set, bool with_events) {
  std::string out = fmt::format("{} at {}", set.rules()[match.rule].title, to_rfc3339(match.time));
  if (!with_events) return out;
  out += " of";
  for (const EventReference& event : match.events) out += fmt::format(" {}", event.offset);
  return out;
}

/// All matches that a user sees, in order.
std::vector<Match> run(Loaded& loaded, const Node& vector) {
  std::vector<Match> all;
  std::uint64_t number = 0;
  for (const Node& one : vector.find("events")->items) {
    for (Match& match : matches_of(loaded, loaded.catalogue, one, number)) all.push_back(std::move(match));
    ++number;
  }
  std::ranges::stable_sort(all, [](const Match& a, const Match& b) {
    return std::tie(a.time, a.host, a.record_id, a.source, a.rule) <
           std::tie(b.time, b.host, b.record_id, b.source, b.rule);
  });
  std::vector<Match> out;
  Correlator correlator(*loaded.set);
  for (const Match& match : all) {
    correlator.add(match, "file", out);
    if (!loaded.set->rules()[match.rule].muted) out.push_back(match);
  }
  correlator.finish(out);
  return out;
}

void check(const Node& vector) {
  const std::string& name = vector.find("name")->text;
  Loaded loaded(vector);
  const Node* error = vector.find("error");
  if (error != nullptr) {
    EXPECT_NE(loaded.said(Diagnostic::Severity::error).find(error->text), std::string::npos)
        << name << ": " << loaded.said(Diagnostic::Severity::error);
    return;
  }
  EXPECT_EQ(loaded.said(Diagnostic::Severity::error), "") << name;
  const Node* warning = vector.find("warning");
  const std::string warnings = loaded.said(Diagnostic::Severity::warning);
  if (warning == nullptr) {
    EXPECT_EQ(warnings, "") << name;
  } else {
    EXPECT_NE(warnings.find(warning->text), std::string::npos) << name << ": " << warnings;
  }
  std::vector<std::string> expected;
  for (const Node& hit : vector.find("hits")->items) {
    std::string text = fmt::format("{} at {}", hit.find("rule")->text, to_rfc3339(time_of(*hit.find("at"))));
    if (const Node* of = hit.find("of")) {
      text += " of";
      for (const Node& event : of->items) text += " " + event.text;
    }
    expected.push_back(std::move(text));
  }
  std::vector<std::string> got;
  for (const Match& match : run(loaded, vector)) {
    const bool correlation = loaded.set->rules()[match.rule].kind == RuleKind::correlation;
    got.push_back(shown(match, *loaded.set, correlation));
    if (correlation) {
      EXPECT_EQ(match.events_total, match.events.size()) << name;
    }
  }
  std::ranges::sort(expected);
  std::ranges::sort(got);
  EXPECT_EQ(got, expected) << name;
}

std::vector<std::string> files() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  }
  std::ranges::sort(out);
  return out;
}

struct CorrelationVectors : testing::TestWithParam<std::string> {};

TEST_P(CorrelationVectors, HoldAsSaid) {
  const fs::path path = kFolder / (GetParam() + ".yaml");
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  const auto documents = yaml::parse(text.str(), path.string());
  ASSERT_TRUE(documents.has_value()) << documents.error().to_string();
  for (const Node& vector : documents->front().items) check(vector);
}

INSTANTIATE_TEST_SUITE_P(Sigma, CorrelationVectors, testing::ValuesIn(files()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace landwarden::sigma
