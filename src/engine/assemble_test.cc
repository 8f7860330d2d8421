#include "engine/assemble.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "engine/hunt.h"
#include "engine/script_blocks_testing.h"
#include "sigma/parser.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRules = R"(
title: Over the cut
id: 00000000-0000-4000-8000-000000000001
logsource: {product: windows, category: ps_script}
detection:
  s: {ScriptBlockText|contains: Invoke-Hidden}
  condition: s
---
title: Both ends
id: 00000000-0000-4000-8000-000000000002
logsource: {product: windows, category: ps_script}
detection:
  s: {ScriptBlockText|contains|all: [front, 'back']}
  condition: s
---
title: In one part already
id: 00000000-0000-4000-8000-000000000003
logsource: {product: windows, category: ps_script}
detection:
  s: {ScriptBlockText|contains: back}
  condition: s
)";

class AssembleTest : public testing::Test {
 protected:
  AssembleTest() {
    std::string name = (fs::temp_directory_path() / "assemble_test_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::vector<sigma::Rule> rules;
    std::vector<sigma::Diagnostic> diagnostics;
    sigma::parse_rules(kRules, "rules.yml", {}, rules, diagnostics);
    set_.emplace(sigma::RuleSet::compile(std::move(rules), sources_, catalogue_, diagnostics));
    EXPECT_TRUE(diagnostics.empty());
  }
  ~AssembleTest() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::vector<Block>& blocks) {
    std::ofstream(folder_ / name, std::ios::binary) << log_of(blocks);
  }

  /// "title record-id parts" of every match, in order.
  std::vector<std::string> hunt_all(unsigned threads = 1, bool as_it_comes = false, bool assemble = true) {
    HuntOptions options;
    options.evidence = {folder_.string()};
    options.threads = threads;
    options.as_it_comes = as_it_comes;
    if (assemble) options.cut_texts = sources_.cut_texts();
    Progress progress;
    const std::atomic<bool> stop = false;
    std::vector<std::string> out;
    auto result =
        hunt(options, *set_, catalogue_, progress, stop, [&](const MatchView& view) -> Result<void> {
          out.push_back(fmt::format("{} {} {}", view.rule.title, view.match.record_id, view.match.parts));
          EXPECT_EQ(view.match.only_fuller, view.match.parts > 0);
          last_why_ = view.match.why;
          return {};
        });
    EXPECT_TRUE(result.has_value());
    if (result) result_ = std::move(*result);
    EXPECT_EQ(result_.matches, out.size());
    return out;
  }

  fs::path folder_;
  view::LogSources sources_ = view::LogSources::built_in().value();
  event::Catalogue catalogue_;
  std::optional<sigma::RuleSet> set_;
  HuntResult result_;
  std::string last_why_;
};

TEST_F(AssembleTest, RulesSeeTheWholeText) {
  put("a.evtx", {{"A", 1, 2, "x Invoke-Hi"}, {"A", 2, 2, "dden y"}});
  EXPECT_EQ(hunt_all(), (std::vector<std::string>{"Over the cut 1 2"}));
  EXPECT_EQ(last_why_,
            "ScriptBlockText|contains: Invoke-Hidden; in a text put together from 2 records: 1, 2");
  EXPECT_EQ(result_.assembled.texts, 1U);
  EXPECT_EQ(result_.assembled.matches, 1U);
  EXPECT_EQ(result_.only_fuller, 1U);
}

TEST_F(AssembleTest, PartsMayComeInAnyOrderAndBetweenOthers) {
  put("a.evtx", {{"B", 3, 3, "Hidden"},
                 {"A", 1, 2, "Invoke-"},
                 {"B", 1, 3, "Invo"},
                 {"C", 1, 1, "Invoke-"},
                 {"A", 2, 2, "nothing"},
                 {"B", 2, 3, "ke-"}});
  EXPECT_EQ(hunt_all(), (std::vector<std::string>{"Over the cut 3 3"}));
}

TEST_F(AssembleTest, ARuleThatMatchedAPartIsNotToldAgain) {
  put("a.evtx", {{"A", 1, 2, "front "}, {"A", 2, 2, "back"}});
  EXPECT_EQ(hunt_all(), (std::vector<std::string>{"Both ends 1 2", "In one part already 2 0"}));
}

TEST_F(AssembleTest, NothingIsPutTogetherUnlessAsked) {
  put("a.evtx", {{"A", 1, 2, "x Invoke-Hi"}, {"A", 2, 2, "dden y"}});
  EXPECT_TRUE(hunt_all(1, false, false).empty());
}

TEST_F(AssembleTest, WhatLacksAPartIsCounted) {
  put("a.evtx", {{"A", 1, 3, "Invoke-"}, {"A", 2, 3, "Hidden"}, {"B", 1, 2, "x"}});
  put("b.evtx", {{"A", 3, 3, " end"}});
  EXPECT_TRUE(hunt_all().empty()) << "parts of two files do not belong together";
  EXPECT_EQ(result_.assembled.texts, 0U);
  EXPECT_EQ(result_.assembled.incomplete, 3U);
}

TEST_F(AssembleTest, NumbersThatAreNoneAreLeftAlone) {
  put("a.evtx", {{"A", 0, 2, "Invoke-"}, {"A", 3, 2, "Hidden"}, {"A", 1, 4'000'000'000U, "Invoke-"}});
  EXPECT_TRUE(hunt_all().empty());
  EXPECT_EQ(result_.assembled.incomplete, 1U);
}

TEST_F(AssembleTest, TheAnswerIsTheSameWithAnyNumberOfThreads) {
  // Large enough for several work units, with texts across their edges.
  for (int file = 0; file < 3; ++file) {
    std::vector<Block> blocks;
    for (std::uint32_t i = 0; i < 400; ++i) {
      const std::string id = fmt::format("{}-{}", file, i / 2);
      blocks.push_back({id, i % 2 + 1, 2, (i % 2 == 0 ? "Invoke-Hi" : "dden ") + std::string(9000, 'x')});
      if (i % 2 == 0) blocks.back().text = std::string(9000, 'x') + "Invoke-Hi";
    }
    put(fmt::format("{}.evtx", file), blocks);
  }
  const auto one = hunt_all(1);
  EXPECT_EQ(one.size(), 600U);
  EXPECT_EQ(hunt_all(4), one);
  auto streamed = hunt_all(3, true);
  std::ranges::sort(streamed);
  auto sorted = one;
  std::ranges::sort(sorted);
  EXPECT_EQ(streamed, sorted);
}

/// Gives parts to an assembler by hand.
struct ByHand {
  explicit ByHand(const sigma::RuleSet& rules, event::Catalogue& all)
      : catalogue(all), assembler(&rules, catalogue, BesideRules(nullptr, catalogue, 0)) {}

  CutPart part(const std::string& key, std::uint32_t number, std::uint32_t total, std::string text) {
    CutPart out;
    out.shape = *catalogue.shape({.product = "windows",
                                  .channel = "Microsoft-Windows-PowerShell/Operational",
                                  .provider = "Microsoft-Windows-PowerShell",
                                  .event_id = 4104});
    out.text_field = *catalogue.field("ScriptBlockText");
    out.key = key;
    out.text = std::move(text);
    out.number = number;
    out.total = total;
    out.meta.offset = offset++;
    return out;
  }
  void add(CutPart one) {
    std::vector<CutPart> parts;
    parts.push_back(std::move(one));
    assembler.add({}, std::move(parts), [&](const sigma::Match&) { ++matches; });
  }

  event::Catalogue& catalogue;
  Assembler assembler;
  std::uint64_t offset = 0, matches = 0;
};

TEST_F(AssembleTest, TextsThatAreTooLongAreGivenUp) {
  ByHand by_hand(*set_, catalogue_);
  for (std::uint32_t i = 1; i <= 9; ++i) by_hand.add(by_hand.part("A", i, 10, std::string(1 << 20, 'x')));
  EXPECT_EQ(by_hand.assembler.report().given_up, 1U);
  by_hand.add(by_hand.part("B", 1, 2, "Invoke-"));
  by_hand.add(by_hand.part("B", 2, 2, "Hidden"));
  EXPECT_EQ(by_hand.matches, 1U);
}

TEST_F(AssembleTest, TheOldestAreGivenUpWhenTooMuchWaits) {
  ByHand by_hand(*set_, catalogue_);
  by_hand.add(by_hand.part("first", 1, 2, "Invoke-"));
  const std::size_t enough = limits::kCutTextBytes / (4 << 20) + 1;
  for (std::size_t i = 0; i < enough; ++i)
    by_hand.add(by_hand.part("k" + std::to_string(i), 1, 2, std::string(4 << 20, 'x')));
  EXPECT_GE(by_hand.assembler.report().given_up, 1U);
  by_hand.add(by_hand.part("first", 2, 2, "Hidden"));
  EXPECT_EQ(by_hand.matches, 0U) << "its first part is forgotten";
}

TEST_F(AssembleTest, CopiesOfAPartSayNothingNew) {
  ByHand by_hand(*set_, catalogue_);
  for (int copy = 0; copy < 3; ++copy) by_hand.add(by_hand.part("A", 1, 2, "Invoke-"));
  EXPECT_EQ(by_hand.assembler.report().texts, 0U);
  by_hand.add(by_hand.part("A", 2, 2, "Hidden"));
  EXPECT_EQ(by_hand.matches, 1U);
}

}  // namespace
}  // namespace landwarden::engine
