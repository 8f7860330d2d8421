// YARA in a hunt: scripts of PowerShell and files that are no event logs.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/beside_rules.h"
#include "engine/hunt.h"
#include "engine/script_blocks_testing.h"
#include "intel/limits.h"
#include "sigma/parser.h"
#include "view/log_sources.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

constexpr const char* kYara = R"(
rule Hidden { strings: $h = "Invoke-Hidden" $x = "xx" condition: $h and #x >= 0 }
rule Script { strings: $s = "param(" condition: $s and extension == ".ps1" }
rule Endless { strings: $e = "Endless" condition: $e and for all i in (1..1000000000000) : (i > 0) }
)";

class YaraHuntTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / (std::string("landwarden_yara_hunt_") +
                                              testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "evidence");
    std::vector<sigma::Rule> parsed;
    std::vector<sigma::Diagnostic> diagnostics;
    // A rule that is about none of this: what no rule asks for is looked at all the same.
    sigma::parse_rules(
        "title: None\nid: 11111111-0000-4000-8000-000000000001\n"
        "logsource: {product: windows, service: system}\n"
        "detection: {a: {EventID: 1}, condition: a}\n",
        "r.yml", {}, parsed, diagnostics);
    rules_.emplace(sigma::RuleSet::compile(std::move(parsed), *sources_, catalogue_, diagnostics));
    put_file("rules.yar", kYara);
    auto loaded = intel::YaraRules::load({(folder_ / "rules.yar").string()});
    ASSERT_TRUE(loaded.has_value()) << loaded.error().to_string();
    yara_.emplace(std::move(*loaded));
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put_file(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  void put_blocks(const std::string& name, const std::vector<Block>& blocks) const {
    put_file("evidence/" + name, log_of(blocks));
  }

  Texts hunt_all(unsigned threads = 1, std::vector<bool> left_out = {false, false, false}) {
    std::vector<triage::ForeignRule> names(yara_->rules().size());
    for (std::size_t i = 0; i < names.size(); ++i) names[i].rule.title = yara_->rules()[i].name;
    const auto texts = sources_->cut_texts();
    report_.emplace();
    const Beside beside{
        .indicators = {},
        .yara = HuntedYara{*yara_, texts,
                           [&](std::uint32_t rule) -> const triage::ForeignRule& { return names[rule]; },
                           std::move(left_out), *report_, longest_}};
    HuntOptions options;
    options.evidence = {(folder_ / "evidence").string()};
    options.threads = threads;
    options.cut_texts = texts;
    options.beside = &beside;
    Progress progress;
    const std::atomic<bool> stop = false;
    Texts out;
    auto result =
        hunt(options, *rules_, catalogue_, progress, stop, [&](const MatchView& view) -> Result<void> {
          const std::string source(view.source.substr(view.source.rfind("evidence/") + 9));
          std::string line = fmt::format("{} {} {}", source,
                                         view.match.has_event_id ? view.match.record_id : 0, view.rule.title);
          for (const sigma::FieldValues& field : view.match.matched) {
            if (field.field != "file")
              line += fmt::format(" {}={}", field.field, fmt::join(field.values, "|"));
          }
          if (view.match.parts > 0) line += fmt::format(" parts={}", view.match.parts);
          out.push_back(std::move(line));
          return {};
        });
    EXPECT_TRUE(result.has_value());
    if (result) {
      EXPECT_EQ(result->matches, out.size());
    }
    return out;
  }

  fs::path folder_;
  event::Catalogue catalogue_;
  Result<view::LogSources> sources_ = view::LogSources::built_in();
  std::optional<sigma::RuleSet> rules_;
  std::optional<intel::YaraRules> yara_;
  std::optional<YaraReport> report_;
  std::chrono::nanoseconds longest_ = limits::kYaraLongest;
};

TEST_F(YaraHuntTest, ScriptsAreScannedAlsoAcrossRecords) {
  put_blocks("a.evtx", {{"A", 1, 1, "1; Invoke-Hidden"},
                        {"B", 1, 2, "xx Invoke-"},
                        {"B", 2, 2, "Hidden"},
                        {"C", 1, 2, "Invoke-Hidden"},
                        {"C", 2, 2, " end"}});
  EXPECT_EQ(hunt_all(), (Texts{"a.evtx 1 Hidden $h=at 3: Invoke-Hidden",
                               "a.evtx 2 Hidden $h=at 3: Invoke-Hidden $x=at 0: xx parts=2",
                               "a.evtx 4 Hidden $h=at 0: Invoke-Hidden"}));
  EXPECT_EQ(report_->texts, 7U) << "five records, two texts put together";
}

TEST_F(YaraHuntTest, FilesThatAreNoEventLogsComeFirst) {
  put_blocks("a.evtx", {{"A", 1, 1, "Invoke-Hidden"}});
  put_file("evidence/z.ps1", "param($a)\nInvoke-Hidden\n");
  put_file("evidence/b.bin", std::string("\x7F\x01\0\0", 4) + "Invoke-Hidden");
  put_file("evidence/c.txt", "param($a)\n");
  EXPECT_EQ(hunt_all(),
            (Texts{"b.bin 0 Hidden $h=at 4: Invoke-Hidden", "z.ps1 0 Hidden $h=at 10: Invoke-Hidden",
                   "z.ps1 0 Script $s=at 0: param(", "a.evtx 1 Hidden $h=at 0: Invoke-Hidden"}));
  EXPECT_EQ(report_->files, 3U);
  EXPECT_TRUE(report_->problems.empty());
  EXPECT_EQ(hunt_all(1, {true, false, false}), Texts{"z.ps1 0 Script $s=at 0: param("});
}

TEST_F(YaraHuntTest, AFileThatIsTooLargeIsNamed) {
  std::ofstream(folder_ / "evidence/large.bin") << "no log";
  fs::resize_file(folder_ / "evidence/large.bin", limits::kYaraFileBytes + 1);
  EXPECT_TRUE(hunt_all().empty());
  ASSERT_EQ(report_->problems.size(), 1U);
  EXPECT_TRUE(report_->problems.front().place.file.ends_with("large.bin"));
  EXPECT_EQ(report_->files_given_up, 1U);
}

/// Each event counts whose text was not looked at, also where the same text comes again; the slow rule would
/// run for hours, so nothing here hangs on the clock.
TEST_F(YaraHuntTest, WhatTakesTooLongIsCountedAndNamed) {
  longest_ = std::chrono::nanoseconds(1);
  for (const char* log : {"a.evtx", "b.evtx"}) {
    put_blocks(log, {{"A", 1, 1, "Invoke-Hidden Endless"},
                     {"B", 1, 1, "Invoke-Hidden Endless"},
                     {"C", 1, 2, "Endless Invoke-Hid"},
                     {"C", 2, 2, "den Endless"}});
  }
  put_file("evidence/z.ps1", "Invoke-Hidden Endless");
  for (const unsigned threads : {1U, 4U}) {
    EXPECT_TRUE(hunt_all(threads).empty());
    EXPECT_EQ(report_->texts, 10U) << "four records and one text put together, twice";
    EXPECT_EQ(report_->texts_given_up, 10U);
    EXPECT_EQ(report_->files, 1U);
    EXPECT_EQ(report_->files_given_up, 1U);
    ASSERT_EQ(report_->problems.size(), 1U);
    EXPECT_TRUE(report_->problems.front().place.file.ends_with("z.ps1"));
    EXPECT_EQ(report_->problems.front().message, "YARA was not done with it in 1e-09 s");
  }
}

TEST_F(YaraHuntTest, TheAnswerIsTheSameWithAnyNumberOfThreads) {
  for (int file = 0; file < 3; ++file) {
    std::vector<Block> blocks;
    for (std::uint32_t i = 0; i < 300; ++i) {
      const std::string id = fmt::format("{}-{}", file, i / 2);
      blocks.push_back(
          {id, i % 2 + 1, 2,
           (i % 2 == 0 ? std::string(5000, '-') + "Invoke-Hi" : "dden") + std::to_string(i % 7)});
      if (i % 2 == 0) blocks.back().text.pop_back();
    }
    put_blocks(fmt::format("{}.evtx", file), blocks);
    put_file(fmt::format("evidence/{}.txt", file), "Invoke-Hidden");
  }
  const Texts one = hunt_all(1);
  EXPECT_EQ(one.size(), 453U);
  EXPECT_EQ(hunt_all(4), one);
}

}  // namespace
}  // namespace landwarden::engine
