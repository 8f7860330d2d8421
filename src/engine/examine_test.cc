#include "engine/examine.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "decode/evtx/writer.h"
#include "engine/survey.h"
#include "sigma/parser.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace write = decode::evtx::write;

constexpr std::string_view kRule = R"(
title: Whoami
id: 11111111-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection:
  any: {CommandLine|contains: 'whoami'}
  condition: any
level: low
)";
constexpr std::int64_t kStart = 1'772'323'200;  // 2026-03-01
constexpr std::int64_t kDay = 86'400;

/// Processes on three days, with a command line on the second and third; a logon that no rule looks at.
void put(const fs::path& path) {
  decode::evtx::Writer writer(write::FileOptions{});
  for (std::uint64_t number = 1; number <= 300; ++number) {
    write::EventRecord event;
    event.provider.name = "Microsoft-Windows-Security-Auditing";
    event.event_id = number % 3 == 0 ? 4624 : 4688;
    event.time = from_unix(kStart + static_cast<std::int64_t>(number - 1) / 100 * kDay + 60 +
                           static_cast<int>(number));
    event.channel = "Security";
    event.computer = "dc";
    event.record_id = number;
    write::EventData data;
    if (event.event_id == 4624) {
      data.fields.emplace_back("TargetUserName", write::Value::text("bob"));
    } else {
      data.fields.emplace_back("CommandLine", write::Value::text(number > 100 ? "whoami /all" : ""));
    }
    event.data = std::move(data);
    ASSERT_TRUE(writer
                    .add(write::Record{
                        .written = event.time, .content = write::lay_out(event, number), .record_id = number})
                    .has_value());
  }
  const std::vector<std::byte> bytes = writer.finish();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

struct Seen {
  std::uint64_t matches = 0;
  triage::Survey survey;
};

Seen look(const fs::path& path, bool at_once) {
  event::Catalogue catalogue;
  const auto sources = view::LogSources::built_in();
  std::vector<sigma::Rule> rules;
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::parse_rules(kRule, "rules.yml", {}, rules, diagnostics);
  const auto set = sigma::RuleSet::compile(std::move(rules), *sources, catalogue, diagnostics);
  const std::vector<triage::Watch> watches = {{"command", {"CommandLine"}}};
  Progress progress;
  const std::atomic<bool> stop = false;
  Seen out;
  const auto count = [&](const MatchView&) -> Result<void> {
    ++out.matches;
    return {};
  };
  HuntOptions options;
  options.evidence = {path.string()};
  options.threads = 2;
  if (at_once) {
    auto both = examine(options, watches, set, *sources, catalogue, progress, stop, count);
    EXPECT_TRUE(both.has_value());
    EXPECT_EQ(both->hunt.matches, out.matches);
    out.survey = std::move(both->survey);
  } else {
    EXPECT_TRUE(hunt(options, set, catalogue, progress, stop, count).has_value());
    auto alone = survey({.evidence = options.evidence, .threads = 2, .watches = watches}, set, *sources,
                        catalogue, progress, stop);
    EXPECT_TRUE(alone.has_value());
    out.survey = std::move(*alone);
  }
  return out;
}

TEST(Examine, GivesWhatHuntAndSurveyGiveByThemselves) {
  const fs::path path = fs::path(testing::TempDir()) / "landwarden_examine.evtx";
  put(path);
  const Seen one = look(path, true), other = look(path, false);
  fs::remove(path);
  EXPECT_EQ(one.matches, 133U);
  EXPECT_EQ(one.matches, other.matches);
  EXPECT_EQ(one.survey.records, 300U);
  EXPECT_EQ(one.survey.records, other.survey.records);
  ASSERT_EQ(one.survey.sources.size(), 1U);
  EXPECT_EQ(one.survey.sources[0].receipt.records_decoded, other.survey.sources[0].receipt.records_decoded);
  ASSERT_EQ(one.survey.logons.size(), other.survey.logons.size());
  EXPECT_EQ(one.survey.logons[0].count, other.survey.logons[0].count);
  ASSERT_EQ(one.survey.arrivals.size(), 2U);
  ASSERT_EQ(other.survey.arrivals.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(one.survey.arrivals[i].event_id, other.survey.arrivals[i].event_id);
    EXPECT_EQ(one.survey.arrivals[i].records, other.survey.arrivals[i].records);
    EXPECT_EQ(one.survey.arrivals[i].filled, other.survey.arrivals[i].filled);
    EXPECT_EQ(one.survey.arrivals[i].days.runs(), other.survey.arrivals[i].days.runs());
  }
}

TEST(Examine, TellsOnWhichDaysAFieldWasFilled) {
  const fs::path path = fs::path(testing::TempDir()) / "landwarden_examine_days.evtx";
  put(path);
  const Seen seen = look(path, true);
  fs::remove(path);
  const auto& arrivals = seen.survey.arrivals;
  ASSERT_EQ(arrivals.size(), 2U);
  const std::int32_t first = triage::day_of(from_unix(kStart));
  EXPECT_EQ(arrivals[0].event_id, 4624U);
  EXPECT_EQ(arrivals[0].days.runs(), (std::vector<triage::DayRun>{{first, first + 2, 0}}));
  EXPECT_EQ(arrivals[1].event_id, 4688U);
  EXPECT_EQ(arrivals[1].days.runs(),
            (std::vector<triage::DayRun>{{first, first, 0}, {first + 1, first + 2, 1}}));
  EXPECT_EQ(arrivals[1].filled, std::vector<std::uint64_t>{133});
}

}  // namespace
}  // namespace landwarden::engine
