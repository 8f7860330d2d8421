#include "engine/survey.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "decode/evtx/writer.h"
#include "engine/survey_sketch.h"
#include "sigma/parser.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace write = decode::evtx::write;

constexpr std::string_view kRule = R"(
title: Any process
id: 11111111-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection:
  any: {CommandLine|contains: 'x'}
  condition: any
level: low
)";

constexpr std::int64_t kStart = 1'772'000'000;

write::EventRecord event(const std::string& host, std::uint64_t number, std::int64_t second,
                         std::uint16_t id = 4688) {
  write::EventRecord out;
  out.provider.name = id == 1102 ? "Microsoft-Windows-Eventlog" : "Microsoft-Windows-Security-Auditing";
  out.event_id = id;
  out.time = from_unix(kStart + second);
  out.channel = "Security";
  out.computer = host;
  out.record_id = number;
  write::EventData data;
  if (id == 1102) {
    data.fields.emplace_back("SubjectUserName", write::Value::text("mallory"));
    data.fields.emplace_back("SubjectDomainName", write::Value::text("PLANT"));
  } else if (id == 4624 || id == 4625) {
    data.fields.emplace_back("TargetUserName", write::Value::text("bob"));
    data.fields.emplace_back("LogonType", write::Value::text("3"));
    data.fields.emplace_back("IpAddress", write::Value::text("10.20.30.40"));
    data.fields.emplace_back("WorkstationName", write::Value::text("-"));
  } else {
    data.fields.emplace_back("CommandLine", write::Value::text(fmt::format("cmd /c x {}", number)));
  }
  out.data = std::move(data);
  return out;
}

class SurveyTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::path(testing::TempDir()) / ("landwarden_survey_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::vector<write::EventRecord>& events,
           write::FileOptions options = {}) {
    decode::evtx::Writer writer(options);
    for (const write::EventRecord& record : events) {
      ASSERT_TRUE(writer
                      .add(write::Record{.written = record.time,
                                         .content = write::lay_out(record, *record.record_id),
                                         .record_id = *record.record_id})
                      .has_value());
    }
    const std::vector<std::byte> bytes = writer.finish();
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  [[nodiscard]] triage::Survey look(unsigned threads = 1, bool backwards = false) const {
    event::Catalogue catalogue;
    const auto sources = view::LogSources::built_in();
    std::vector<sigma::Rule> rules;
    std::vector<sigma::Diagnostic> diagnostics;
    sigma::parse_rules(kRule, "rules.yml", {}, rules, diagnostics);
    const auto set = sigma::RuleSet::compile(std::move(rules), *sources, catalogue, diagnostics);
    SurveyOptions options{.evidence = {}, .threads = threads};
    for (const auto& entry : fs::directory_iterator(folder_))
      options.evidence.push_back(entry.path().string());
    std::ranges::sort(options.evidence);
    if (backwards) std::ranges::reverse(options.evidence);
    Progress progress;
    const std::atomic<bool> stop = false;
    auto result = survey(options, set, *sources, catalogue, progress, stop);
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : triage::Survey();
  }
  fs::path folder_;
};

std::vector<write::EventRecord> run(const std::string& host, std::uint64_t from, std::uint64_t to) {
  std::vector<write::EventRecord> out;
  for (std::uint64_t number = from; number <= to; ++number)
    out.push_back(event(host, number, static_cast<std::int64_t>(number)));
  return out;
}

TEST_F(SurveyTest, FindsNumbersThatAreMissingInsideALog) {
  auto events = run("dc", 100, 140);
  events.erase(events.begin() + 10, events.begin() + 13);
  put("a.evtx", events);
  const triage::Survey survey = look();
  ASSERT_EQ(survey.sources.size(), 1U);
  ASSERT_EQ(survey.sources[0].logs.size(), 1U);
  const triage::LogSurvey& log = survey.sources[0].logs[0];
  EXPECT_EQ(log.first_number, 100U);
  EXPECT_EQ(log.last_number, 140U);
  EXPECT_EQ(log.numbers_missing, 3U);
  ASSERT_EQ(log.gaps.size(), 1U);
  EXPECT_EQ(log.gaps[0].after, 109U);
  EXPECT_EQ(log.gaps[0].before, 113U);
  EXPECT_EQ(to_rfc3339(log.gaps[0].before_time), to_rfc3339(from_unix(kStart + 113)));
  EXPECT_FALSE(log.excerpt);
  EXPECT_EQ(log.jumps_total, 0U);
}

TEST_F(SurveyTest, TakesALogOfManyGapsForAnExcerpt) {
  std::vector<write::EventRecord> events;
  for (std::uint64_t number = 1; number < 40; number += 3)
    events.push_back(event("dc", number, static_cast<std::int64_t>(number)));
  put("a.evtx", events);
  EXPECT_TRUE(look().sources[0].logs[0].excerpt);
}

TEST_F(SurveyTest, DoesNotTakeALogThatWentOnAtItsBeginningForDamaged) {
  auto events = run("dc", 500, 600);
  for (auto& older : run("dc", 400, 499)) events.push_back(std::move(older));
  put("wrapped.evtx", events);
  const triage::LogSurvey log = look().sources[0].logs[0];
  EXPECT_EQ(log.gaps_total, 0U);
  EXPECT_EQ(log.jumps_total, 0U);
  EXPECT_EQ(log.numbers_repeated, 0U);
}

TEST_F(SurveyTest, SeesTheClockGoBackButNotRecordsSomeSecondsOutOfOrder) {
  put("a.evtx",
      {event("dc", 1, 10'000), event("dc", 2, 9'990), event("dc", 3, 10'001), event("dc", 4, 6'401)});
  const triage::LogSurvey log = look().sources[0].logs[0];
  EXPECT_EQ(log.jumps_total, 1U);
  ASSERT_EQ(log.jumps.size(), 1U);
  EXPECT_EQ(log.jumps[0].record_id, 4U);
  EXPECT_EQ(log.jumps[0].seconds_back(), 3600);
}

TEST_F(SurveyTest, SaysWhoClearedALogAndWhoLoggedOn) {
  put("a.evtx",
      {event("dc", 1, 1, 1102), event("dc", 2, 2, 4624), event("dc", 3, 3, 4625), event("dc", 4, 4, 4624)});
  const triage::Survey survey = look();
  EXPECT_EQ(survey.cleared_total, 1U);
  ASSERT_EQ(survey.cleared.size(), 1U);
  EXPECT_EQ(survey.cleared[0].account, "PLANT\\mallory");
  EXPECT_EQ(survey.cleared[0].channel, "Security");
  EXPECT_EQ(survey.cleared[0].record_id, 1U);
  ASSERT_EQ(survey.logons.size(), 2U);
  EXPECT_EQ(survey.logons[0].count, 2U);
  EXPECT_TRUE(survey.logons[0].success);
  EXPECT_EQ(survey.logons[0].account, "bob");
  EXPECT_EQ(survey.logons[0].type, "3");
  EXPECT_EQ(survey.logons[0].source_address, "10.20.30.40");
  EXPECT_EQ(survey.logons[0].source_host, "") << "a dash is nothing";
  EXPECT_FALSE(survey.logons[1].success);
  EXPECT_EQ(survey.records_without_rules, 4U);
  EXPECT_EQ(survey.rules.rules_without, 1U);
}

write::EventRecord classic(const std::string& host, std::uint64_t number, std::uint16_t id,
                           std::vector<std::string> strings) {
  write::EventRecord out = event(host, number, static_cast<std::int64_t>(number), id);
  out.provider = {.name = "EventLog", .guid = {}, .event_source_name = {}};
  out.channel = "System";
  out.data = write::ClassicData{.strings = std::move(strings), .binary = {}};
  return out;
}

TEST_F(SurveyTest, SaysWhatAHostSaysOfItself) {
  put("a.evtx", {classic("dc", 1, 6009, {"6.01.", "7601", "", "Multiprocessor Free", "0"}),
                 classic("dc", 2, 6009, {"10.00.", "19041", "", "Multiprocessor Free", "0"}),
                 classic("dc", 3, 6013, {"", "", "", "", "9", "60", "480 Pacific Standard Time"}),
                 classic("dc", 4, 6013, {"too", "few"}), classic("fs", 5, 6005, {})});
  put("b.evtx", {event("dc", 1, 50)});
  const triage::Survey survey = look();
  ASSERT_EQ(survey.hosts.size(), 2U);
  EXPECT_EQ(survey.hosts[0].host, "dc");
  EXPECT_EQ(survey.hosts[0].facts.os, "Windows 10.0 build 19041") << "the latest counts";
  EXPECT_EQ(survey.hosts[0].facts.time_zone, "UTC-08:00 Pacific Standard Time");
  EXPECT_EQ(survey.hosts[0].facts.last_start, from_unix(kStart + 2));
  EXPECT_EQ(survey.hosts[1].facts.last_start, from_unix(kStart + 5));
  EXPECT_EQ(survey.hosts[1].facts.os, "");
}

write::EventRecord clock_set(std::uint64_t number, std::int64_t from, std::int64_t to) {
  write::EventRecord out = event("dc", number, to, 4616);
  write::EventData data;
  data.fields = {{"SubjectUserName", write::Value::text("mallory")},
                 {"SubjectDomainName", write::Value::text("PLANT")},
                 {"PreviousTime", write::Value::filetime(from_unix(kStart + from))},
                 {"NewTime", write::Value::filetime(from_unix(kStart + to))},
                 {"ProcessName", write::Value::text("C:\\x.exe")}};
  out.data = std::move(data);
  return out;
}

TEST_F(SurveyTest, SaysWhoSetTheClockButNotThatItWasCorrected) {
  put("a.evtx", {clock_set(1, 1000, 1059), clock_set(2, 2000, 1900), clock_set(3, 5000, 9000)});
  const triage::Survey survey = look();
  EXPECT_EQ(survey.clock_sets_total, 2U);
  ASSERT_EQ(survey.clock_sets.size(), 2U);
  EXPECT_EQ(survey.clock_sets[0].seconds(), -100);
  EXPECT_EQ(survey.clock_sets[0].account, "PLANT\\mallory");
  EXPECT_EQ(survey.clock_sets[0].process, "C:\\x.exe");
  EXPECT_EQ(survey.clock_sets[0].record_id, 2U);
  EXPECT_EQ(survey.clock_sets[1].seconds(), 4000);
}

TEST_F(SurveyTest, FindsACopyUnderAnotherNameAndAPartOfIt) {
  put("a.evtx", run("dc", 1, 300));
  put("b.evtx", run("dc", 1, 300));
  put("c.evtx", run("dc", 200, 260));
  put("d.evtx", run("other", 1, 300));
  const triage::Survey survey = look();
  ASSERT_EQ(survey.shared.size(), 3U);
  EXPECT_EQ(fs::path(survey.shared[0].first).filename(), "a.evtx");
  EXPECT_EQ(fs::path(survey.shared[0].second).filename(), "b.evtx");
  EXPECT_TRUE(survey.shared[0].exact && survey.shared[0].whole_first && survey.shared[0].whole_second);
  EXPECT_EQ(survey.shared[0].records, 300U);
  EXPECT_EQ(survey.shared[1].records, 61U);
  EXPECT_TRUE(survey.shared[1].whole_second);
  EXPECT_FALSE(survey.shared[1].whole_first);
}

TEST_F(SurveyTest, EstimatesTheCommonPartOfLargeCopies) {
  put("a.evtx", run("dc", 1, 6000));
  put("b.evtx", run("dc", 3001, 9000));
  const triage::Survey survey = look();
  ASSERT_EQ(survey.shared.size(), 1U);
  EXPECT_FALSE(survey.shared[0].exact);
  EXPECT_GT(survey.shared[0].records, 2500U);
  EXPECT_LT(survey.shared[0].records, 3500U);
  EXPECT_FALSE(survey.shared[0].whole_first || survey.shared[0].whole_second);
}

TEST_F(SurveyTest, KeepsTheHostsOfOneFileApart) {
  std::vector<write::EventRecord> events;
  for (std::uint64_t i = 0; i < 50; ++i) {
    events.push_back(event("dc", 1000 + i, static_cast<std::int64_t>(i)));
    events.push_back(event("fs", 7 + i, static_cast<std::int64_t>(i)));
  }
  put("forwarded.evtx", events);
  const triage::Survey survey = look();
  ASSERT_EQ(survey.sources[0].logs.size(), 2U);
  for (const triage::LogSurvey& log : survey.sources[0].logs) {
    EXPECT_EQ(log.records, 50U);
    EXPECT_EQ(log.gaps_total, 0U) << log.host;
  }
  EXPECT_EQ(survey.hosts.size(), 2U);
}

std::string text_of(const triage::Survey& survey) {
  std::string out = fmt::format("{} {} {}\n", survey.records, survey.bytes, survey.records_without_rules);
  for (const auto& source : survey.sources) {
    out += fmt::format("{} {} {}\n", source.receipt.source, source.records, source.receipt.notes.size());
    for (const auto& log : source.logs) {
      out += fmt::format(" {} {} {} {} {} {} {} {}", log.host, log.records, log.first_number, log.last_number,
                         log.numbers_missing, log.gaps_total, log.jumps_total, to_rfc3339(log.first));
      for (const auto& gap : log.gaps) out += fmt::format(" {}-{}", gap.after, gap.before);
    }
    for (const auto& count : source.events) out += fmt::format(" {}:{}", count.event_id, count.records);
  }
  for (const auto& pair : survey.shared)
    out += fmt::format("\n{} {} {}", pair.first, pair.second, pair.records);
  for (const auto& logon : survey.logons) out += fmt::format("\n{} {}", logon.host, logon.count);
  return out;
}

TEST_F(SurveyTest, SaysTheSameWithAnyThreadsAndOrder) {
  auto events = run("dc", 1, 12'000);
  events.erase(events.begin() + 5000, events.begin() + 5300);
  events.erase(events.begin() + 100);
  put("large.evtx", events);
  put("copy.evtx", events, {.dirty = true});
  put("other.evtx", run("fs", 5, 900));
  const std::string once = text_of(look(1));
  EXPECT_NE(once.find("301 2 0"), std::string::npos) << once;
  for (const unsigned threads : {2U, 8U}) {
    EXPECT_EQ(text_of(look(threads)), once);
    EXPECT_EQ(text_of(look(threads, true)), once);
  }
}

TEST(SourceFoldTest, GivesUpGapsWhenThereAreTooManyToKeep) {
  SourceFold fold("a");
  UnitSketch unit;
  unit.logs.emplace_back();
  unit.logs.back().records = limits::kSurveyRuns + 1;
  for (std::uint64_t i = 0; i <= limits::kSurveyRuns; ++i) unit.logs.back().add(i * 2, from_unix(kStart));
  fold.add(std::move(unit));
  fold.close();
  std::vector<triage::LogCleared> cleared;
  std::vector<triage::ClockSet> clock_sets;
  const triage::SourceSurvey survey = fold.take(cleared, clock_sets);
  EXPECT_TRUE(survey.logs[0].excerpt);
  EXPECT_EQ(survey.logs[0].gaps_total, 0U);
  EXPECT_EQ(survey.logs[0].numbers_missing, limits::kSurveyRuns);
}

TEST(RecordSampleTest, DependsOnTheSetAlone) {
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t i = 1; i <= 1000; ++i) hashes.push_back(i * 0x9E3779B97F4A7C15ULL);
  RecordSample all, halves;
  all.add(hashes, 100);
  halves.add({hashes.begin() + 500, hashes.end()}, 100);
  halves.add({hashes.begin(), hashes.begin() + 700}, 100);
  EXPECT_EQ(all.hashes(), halves.hashes());
  EXPECT_EQ(all.level(), halves.level());
  EXPECT_LE(all.hashes().size(), 100U);
}

}  // namespace
}  // namespace landwarden::engine
