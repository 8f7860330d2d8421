#include <gtest/gtest.h>

#include <random>

#include "event/builder.h"
#include "sigma/compiled.h"
#include "sigma/parser.h"

namespace landwarden::sigma {
namespace {

constexpr std::string_view kRules = R"(
title: processes
id: 00000000-0000-0000-0000-000000000001
status: test
level: high
tags: [attack.execution, attack.t1059.001]
description: of all kinds of predicates
references: [https://example.org]
logsource: {category: process_creation, product: windows}
detection:
  exact: {Image: C:\cmd.exe, ProcessId: 7}
  some:
    CommandLine|contains: [alpha, beta, 'ga*mma', 'x?y']
    CommandLine|re: '(?:foo|bar)[0-9]+baz'
    CommandLine|windash|contains: ' -enc '
    User|endswith: admin
    Hash|contains|cased: ABC
  more:
    Ip|cidr: [10.0.0.0/8, 'fd00::/8']
    Count|gt: 15
    Start|hour|gte: 22
    Gone: null
    There|exists: true
    Flag: true
    Other|fieldref: Image
    Free|re: '.{20,}'
  words: [sekurlsa, ' -x ']
  condition: exact or (some and not 1 of mo*) or words
---
title: counted
logsource: {product: windows, service: security}
detection:
  sel: {EventID: 4625}
  condition: sel | count() by User > 2
  timeframe: 5m
---
title: added
logsource: {product: windows, category: registry_add}
detection:
  sel: {TargetObject|endswith: '\Run'}
  condition: sel
)";

struct RuleSetPackingTest : testing::Test {
  event::Catalogue catalogue;
  view::LogSources sources = view::LogSources::built_in().value();

  RuleSet compiled(std::string_view text) {
    std::vector<Rule> rules;
    std::vector<Diagnostic> diagnostics;
    parse_rules(text, "rules.yml", {}, rules, diagnostics);
    for (const Diagnostic& d : diagnostics)
      EXPECT_NE(d.severity, Diagnostic::Severity::error) << d.error.message;
    return RuleSet::compile(std::move(rules), sources, catalogue, diagnostics);
  }
  struct Saved {
    std::vector<std::byte> head, blocks;
    bool operator==(const Saved&) const = default;
  };
  struct Blocks : RuleBlocks {
    explicit Blocks(std::vector<std::byte> held) : bytes(std::move(held)) {}
    bool read(std::uint64_t at, std::span<std::byte> out) const override {
      if (at > bytes.size() || out.size() > bytes.size() - at) return false;
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
      return true;
    }
    std::vector<std::byte> bytes;
  };
  Result<RuleSet> loaded(Saved saved) {
    const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(saved.head));
    Unpacker in(*owner);
    return RuleSet::load(in, owner, std::make_unique<Blocks>(std::move(saved.blocks)), sources, catalogue);
  }
  static Saved saved(const RuleSet& set) {
    Packer out, blocks;
    set.save(out, blocks);
    return {out.take(), blocks.take()};
  }

  struct Sink : event::BatchSink {
    explicit Sink(const RuleSet& rules) : matcher(rules) {}
    event::Wanted wanted(event::ShapeId shape) override { return matcher.wanted(shape); }
    void consume(const event::EventBatch& batch) override { matcher.match(batch, matches); }
    Matcher matcher;
    std::vector<Match> matches;
  };
  /// Records of random values, a third of them met by something.
  std::string matches_of(const RuleSet& set, unsigned seed) {
    Sink sink(set);
    event::BatchBuilder builder(catalogue, sink);
    std::mt19937 random(seed);
    static constexpr std::pair<const char*, std::array<const char*, 3>> kFields[] = {
        {"Image", {"C:\\CMD.exe", "x", "same"}},
        {"ProcessId", {"7", "8", "07"}},
        {"CommandLine", {"ALPHA gabbmma", "foo12baz x1y", "powershell \u2013enc \u00e4 sekurlsa"}},
        {"User", {"ADMIN", "bob", "x"}},
        {"Hash", {"ABC", "abc", "zABCz"}},
        {"Ip", {"10.1.1.1", "fd00::1", "nonsense"}},
        {"Count", {"16", "2", "0x20"}},
        {"Start", {"2026-01-01 23:00:00", "2026-01-01 01:00:00", ""}},
        {"Gone", {"", "1", "2"}},
        {"There", {"1", "", "2"}},
        {"Flag", {"TRUE", "false", "1"}},
        {"Other", {"same", "x", ""}},
        {"Free", {"aaaaaaaaaaaaaaaaaaaaaaaa", "short", "\u00e4"}},
        {"TargetObject", {"HKLM\\Run", "\\RUN", "z"}},
        {"EventType", {"CreateKey", "DeleteKey", "SetValue"}}};
    const std::pair<const char*, std::uint32_t> shapes[] = {{"Microsoft-Windows-Sysmon/Operational", 1},
                                                            {"Microsoft-Windows-Sysmon/Operational", 12},
                                                            {"Security", 4625}};
    builder.begin_unit({});
    for (int i = 0; i < 400; ++i) {
      const auto& [channel, id] = shapes[random() % std::size(shapes)];
      event::ShapeWriter& writer = builder.open(
          *catalogue.shape({.product = "windows", .channel = channel, .provider = "P", .event_id = id}));
      writer.begin_row({.time = from_unix(i), .record_id = static_cast<std::uint64_t>(i)});
      for (const auto& [name, values] : kFields) {
        if (random() % 2 == 0) continue;
        const auto column = *writer.column(*catalogue.field(name));
        writer.put(column, writer.table(column).intern(event::ValueType::text, values[random() % 3]));
      }
      const auto column = *writer.column(*catalogue.field("System.EventID"));
      writer.put(column, writer.table(column).intern(event::ValueType::integer, std::to_string(id)));
      writer.end_row();
    }
    builder.end_unit();
    std::string out;
    for (const Match& match : sink.matches) {
      out += set.rules()[match.rule].title + " " + std::to_string(match.record_id) + " " + match.why;
      for (const auto& [field, values] : match.matched) {
        out += " " + field;
        for (const std::string& value : values) out += "=" + value;
      }
      for (const auto& [field, values] : match.carried) out += " carried " + field;
      out += "\n";
    }
    return out;
  }
};

TEST_F(RuleSetPackingTest, MatchesAsBefore) {
  const RuleSet fresh = compiled(kRules);
  const auto again = loaded(saved(fresh));
  ASSERT_TRUE(again) << again.error().message;
  ASSERT_EQ(again->rules().size(), fresh.rules().size());
  EXPECT_EQ(again->has_correlations(), fresh.has_correlations());
  EXPECT_EQ(again->keyword_texts(), fresh.keyword_texts());
  for (unsigned seed = 0; seed < 20; ++seed) {
    const std::string expected = matches_of(fresh, seed);
    EXPECT_EQ(matches_of(*again, seed), expected);
    EXPECT_GT(expected.size(), 1000U);
  }
}

TEST_F(RuleSetPackingTest, SavesTheSameBytesOfTheSameRules) {
  EXPECT_EQ(saved(compiled(kRules)), saved(compiled(kRules)));
}

TEST_F(RuleSetPackingTest, RulesAreReadWholeWhenTheyMatch) {
  const auto again = loaded(saved(compiled(kRules)));
  ASSERT_TRUE(again);
  std::size_t at = 0;
  while (again->rules()[at].title != "processes") ++at;
  const Rule& rule = again->rules()[at];
  EXPECT_EQ(rule.level, Level::high);
  EXPECT_EQ(rule.tags.size(), 2U);
  EXPECT_EQ(rule.place.to_string(), "rules.yml:2:1");
  EXPECT_TRUE(rule.tests.empty());
  const Rule& whole = again->compiled().whole(static_cast<std::uint32_t>(at));
  EXPECT_EQ(&whole, &rule);
  EXPECT_EQ(rule.description, "of all kinds of predicates");
  EXPECT_EQ(rule.tests.front().place.file, "rules.yml");
  std::vector<Rule> parsed;
  std::vector<Diagnostic> diagnostics;
  parse_rules(kRules, "rules.yml", {}, parsed, diagnostics);
  EXPECT_EQ(to_text(rule.condition, rule), to_text(parsed.front().condition, parsed.front()));
}

TEST_F(RuleSetPackingTest, ABodyThatIsNotAsItWasSavedIsLeftOutAndCounted) {
  const RuleSet fresh = compiled(kRules);
  const Saved good = saved(fresh);
  const auto places = loaded(Saved(good));
  ASSERT_TRUE(places);
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  for (const BlockPlace& body : places->compiled().body_at) {
    for (const std::uint64_t at : {body.at, body.at + body.size / 2, body.at + body.size - 1}) {
      Saved bad = good;
      bad.blocks[at] ^= std::byte{4};
      const auto again = loaded(std::move(bad));
      ASSERT_TRUE(again);
      EXPECT_EQ(lines(matches_of(*again, 1)), lines(matches_of(fresh, 1))) << "it matches all the same";
      for (std::uint32_t rule = 0; rule < again->rules().size(); ++rule) {
        EXPECT_EQ(again->compiled().whole(rule).title, fresh.rules()[rule].title);
      }
      EXPECT_EQ(again->bodies_lost(), 1U);
      EXPECT_FALSE(again->damaged());
    }
  }
}

TEST_F(RuleSetPackingTest, WhatMatchingNeedsAndIsNotAsItWasSavedIsTold) {
  const Saved good = saved(compiled(kRules));
  const auto places = loaded(Saved(good));
  ASSERT_TRUE(places);
  EXPECT_FALSE(places->damaged());
  std::vector<BlockPlace> needed = {places->compiled().heads_at};
  for (const FieldSet& field : places->compiled().fields) needed.push_back(field.saved.place);
  for (const BlockPlace& place : needed) {
    for (const std::uint64_t at : {place.at, place.at + place.size / 2, place.at + place.size - 1}) {
      Saved bad = good;
      bad.blocks[at] ^= std::byte{1};
      const auto again = loaded(std::move(bad));
      ASSERT_TRUE(again);
      (void)matches_of(*again, 1);
      EXPECT_TRUE(again->damaged()) << at;
    }
    Saved bad = good;
    bad.blocks.resize(place.at + place.size - 1);
    const auto again = loaded(std::move(bad));
    ASSERT_TRUE(again);
    (void)matches_of(*again, 1);
    EXPECT_TRUE(again->damaged());
  }
}

TEST_F(RuleSetPackingTest, DamageOfAFieldIsHarmlessEvenWithTheRightDigest) {
  const Saved good = saved(compiled(kRules));
  const auto places = loaded(Saved(good));
  ASSERT_TRUE(places);
  std::mt19937 random(4711);
  int refused = 0;
  for (int round = 0; round < 400; ++round) {
    const auto& fields = places->compiled().fields;
    const BlockPlace& place = fields[random() % fields.size()].saved.place;
    Saved bad = good;
    const auto block = std::span(bad.blocks).subspan(place.at, place.size);
    for (int n = 0; n < 1 + round % 3; ++n)
      block[random() % block.size()] = static_cast<std::byte>(round % 5 == 0 ? 0xFF : random());
    const auto digest = std::ranges::search(bad.head, place.digest);
    ASSERT_FALSE(digest.empty());
    std::ranges::copy(digest_of(block), digest.begin());
    const auto again = loaded(std::move(bad));
    ASSERT_TRUE(again);
    (void)matches_of(*again, 1);
    refused += again->damaged() ? 1 : 0;
  }
  EXPECT_GT(refused, 50);
}

/// Who gets past the hash of the cache file meets this.
TEST_F(RuleSetPackingTest, DamageIsRefusedOrHarmless) {
  const Saved good = saved(compiled(kRules));
  const std::vector<std::byte>& bytes = good.head;
  std::mt19937 random(4711);
  int refused = 0;
  for (int round = 0; round < 400; ++round) {
    auto damaged = bytes;
    if (round % 4 == 0) damaged.resize(random() % damaged.size());
    for (int n = 0; n < 1 + round % 3 && !damaged.empty(); ++n)
      damaged[random() % damaged.size()] = static_cast<std::byte>(round % 5 == 0 ? 0xFF : random());
    const auto set = loaded({damaged, good.blocks});
    if (!set) {
      ++refused;
      continue;
    }
    (void)matches_of(*set, 1);
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace landwarden::sigma
