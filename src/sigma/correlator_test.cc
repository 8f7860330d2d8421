#include "sigma/correlator.h"

#include <gtest/gtest.h>

#include "sigma/compiled.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

struct Correlating {
  event::Catalogue catalogue;
  view::LogSources sources = view::LogSources::built_in().value();
  std::vector<Diagnostic> diagnostics;
  std::optional<RuleSet> set;

  explicit Correlating(const std::string& correlation) {
    std::vector<Rule> rules;
    parse_rules(
        "title: a\nname: a\nlevel: low\nlogsource: {product: windows}\ndetection: {s: {F: a}, condition: s}\n"
        "---\ntitle: c\ncorrelation: " +
            correlation + "\n",
        "r.yml", {}, rules, diagnostics);
    set.emplace(RuleSet::compile(std::move(rules), sources, catalogue, diagnostics));
  }

  /// A match of rule a; its values are all `value`.
  [[nodiscard]] Match match(std::int64_t second, std::uint64_t record, const std::string& value) const {
    Match out;
    out.time = from_unix(1'700'000'000 + second);
    out.record_id = out.offset = record;
    out.host = "host";
    out.channel = "Security";
    for (std::uint32_t i = 0; i < set->rules().size(); ++i) {
      if (set->rules()[i].name == "a") out.rule = i;
    }
    for (const std::uint32_t field : set->compiled().programs[out.rule].carried)
      out.carried.push_back({set->compiled().fields[field].name, {value}});
    return out;
  }
};

TEST(CorrelatorTest, ForgetsTheQuietestGroupsAndSaysSo) {
  const Correlating made("{type: event_count, rules: [a], group-by: [G], timespan: 1d, condition: {gte: 2}}");
  Correlator correlator(*made.set, 100);
  std::vector<Match> found;
  for (std::uint64_t i = 0; i < 500; ++i)
    correlator.add(made.match(static_cast<std::int64_t>(i), i, std::to_string(i)), "f", found);
  EXPECT_GT(correlator.losses().forgotten, 300U);
  correlator.add(made.match(500, 500, "0"), "f", found);    // forgotten long since
  correlator.add(made.match(501, 501, "499"), "f", found);  // still known
  correlator.finish(found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].matched.at(0).values.at(0), "499");
}

TEST(CorrelatorTest, LosesNothingWhereWindowsRunEmpty) {
  const Correlating made("{type: event_count, rules: [a], group-by: [G], timespan: 1s, condition: {gte: 2}}");
  Correlator correlator(*made.set, 100);
  std::vector<Match> found;
  for (std::uint64_t i = 0; i < 5000; ++i)
    correlator.add(made.match(static_cast<std::int64_t>(i), i, std::to_string(i)), "f", found);
  EXPECT_EQ(correlator.losses().forgotten, 0U);
}

TEST(CorrelatorTest, KeepsNoMoreOfAGroupThanItsThresholdNeeds) {
  const Correlating made("{type: event_count, rules: [a], timespan: 1d, condition: {gte: 10}}");
  Correlator correlator(*made.set, 100);
  std::vector<Match> found;
  for (std::uint64_t i = 0; i < 5000; ++i)
    correlator.add(made.match(static_cast<std::int64_t>(i), i, ""), "f", found);
  correlator.finish(found);
  EXPECT_EQ(correlator.losses().forgotten, 0U);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].events_total, 10U);
  EXPECT_EQ(found[0].why, "10 events in 1d (gte 10): a");
}

TEST(CorrelatorTest, ListsAHundredEventsAndSaysHowManyThereWere) {
  const Correlating made("{type: event_count, rules: [a], timespan: 1d, condition: {gte: 150}}");
  Correlator correlator(*made.set);
  std::vector<Match> found;
  for (std::uint64_t i = 0; i < 150; ++i)
    correlator.add(made.match(static_cast<std::int64_t>(i), i, ""), "f", found);
  correlator.finish(found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].events.size(), limits::kCorrelationListed);
  EXPECT_EQ(found[0].events_total, 150U);
  EXPECT_EQ(found[0].events.front().record_id, 0U);
  EXPECT_EQ(found[0].record_id, 149U);
}

TEST(CorrelatorTest, CountsCopiesAndEventsWithoutTime) {
  const Correlating made("{type: event_count, rules: [a], timespan: 1d, condition: {gte: 2}}");
  Correlator correlator(*made.set);
  std::vector<Match> found;
  Match copy = made.match(0, 1, "");
  correlator.add(copy, "f", found);
  copy.source = {7};
  correlator.add(copy, "g", found);
  copy.time = Time::unknown();
  correlator.add(copy, "g", found);
  correlator.finish(found);
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(correlator.losses().repeated, 1U);
  EXPECT_EQ(correlator.losses().without_time, 1U);
}

TEST(CorrelatorTest, NamesHostAndChannelOnlyIfAllEventsShareThem) {
  const Correlating made("{type: event_count, rules: [a], timespan: 1d, condition: {gte: 2}}");
  Correlator correlator(*made.set);
  std::vector<Match> found;
  Match match = made.match(0, 1, "");
  correlator.add(match, "f", found);
  match = made.match(1, 2, "");
  match.host = "other";
  correlator.add(match, "f", found);
  correlator.finish(found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].host, "");
  EXPECT_EQ(found[0].channel, "Security");
  EXPECT_EQ(found[0].events[0].host, "host");
}

TEST(CorrelationRules, TakeTheHighestLevelAndMuteWhatTheyReferTo) {
  const Correlating made("{type: event_count, rules: [a], timespan: 1d, condition: {gte: 2}}");
  for (const Rule& rule : made.set->rules()) {
    EXPECT_EQ(rule.level, Level::low) << rule.title;
    EXPECT_EQ(rule.muted, rule.title == "a");
  }
}

TEST(CorrelationRules, LeaveTheOthersAloneWhereTheyCannotRun) {
  const Correlating made("{type: event_count, rules: [a, none], timespan: 1d, condition: {gte: 2}}");
  ASSERT_EQ(made.set->rules().size(), 1U);
  EXPECT_FALSE(made.set->rules()[0].muted);
  ASSERT_EQ(made.diagnostics.size(), 1U);
  EXPECT_EQ(made.diagnostics[0].error.place.line, 8U);
}

TEST(CorrelationRules, RunTheirOwnTests) {
  std::vector<Rule> rules;
  std::vector<Diagnostic> diagnostics;
  parse_rules(R"(title: a
name: a
logsource: {product: windows, category: process_creation}
detection: {s: {F: a}, condition: s}
---
title: c
correlation: {type: event_count, rules: [a], group-by: [G], timespan: 10s, condition: {gte: 3}}
tests:
  - name: three in ten seconds
    match: true
    events: [{rule: a, repeat: 3, every: 5s, fields: {F: a, G: x}}]
  - name: three in twelve seconds
    match: false
    events: [{repeat: 3, every: 6s, fields: {F: a, G: x}}]
  - name: of two groups
    match: false
    events:
      - {repeat: 2, fields: {F: a, G: x}}
      - {at: 1s, fields: {F: a, G: y}}
)",
              "r.yml", {}, rules, diagnostics);
  event::Catalogue catalogue;
  const view::LogSources sources = view::LogSources::built_in().value();
  const RuleSet set = RuleSet::compile(std::move(rules), sources, catalogue, diagnostics);
  ASSERT_EQ(set.rules().size(), 2U) << (diagnostics.empty() ? "" : diagnostics[0].error.to_string());
  for (std::uint32_t i = 0; i < 2; ++i) {
    for (const Example& example : set.rules()[i].examples)
      EXPECT_EQ(matches_example(set, catalogue, i, example), example.match) << example.name;
  }
}

TEST(Amounts, AreExact) {
  EXPECT_TRUE(parse_amount("0.1").value() + parse_amount("0.2").value() == parse_amount("0.3").value());
  EXPECT_TRUE(parse_amount("1e3").value() == amount_of(1000));
  EXPECT_TRUE(parse_amount("5e-3").value() == parse_amount(".005").value());
  EXPECT_EQ(to_text(parse_amount("-12.50").value()), "-12.5");
  EXPECT_EQ(to_text(parse_amount("007").value()), "7");
  for (const char* text : {"", "-", ".", "0x10", "1,5", " 1", "1 ", "1e", "1000000000000000000", "1e999"})
    EXPECT_FALSE(parse_amount(text).has_value()) << text;
}

}  // namespace
}  // namespace landwarden::sigma
