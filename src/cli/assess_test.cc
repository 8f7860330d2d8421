// Held to truth: the simulator plays the steps of an advisory with their logging on and off, and the verdicts
// must say so. It is the program's own way from evidence to verdict, without the command line.

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "assess/advisory.h"
#include "assess/verdict.h"
#include "cli/coverage_words.h"
#include "engine/examine.h"
#include "range/estate.h"
#include "report/assess_report.h"
#include "sigma/loader.h"
#include "triage/attack.h"

namespace landwarden::cli {
namespace {

namespace fs = std::filesystem;
using assess::Verdict;

/// What does not depend on the evidence: made once a process.
struct Ours {
  view::LogSources sources = *view::LogSources::built_in();
  event::Catalogue catalogue;
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::RuleSet rules =
      sigma::RuleSet::compile(sigma::load_built_in_rules({}).rules, sources, catalogue, diagnostics);
  CoverageTables tables = *coverage_tables(rules, sources);
  triage::AttackTable attack = *triage::AttackTable::built_in();
};

Ours& ours() {
  static Ours all;
  return all;
}

/// Everything of one look at one estate, asked one advisory.
struct Looked {
  assess::Advisory advisory;
  assess::Assessment assessment;

  [[nodiscard]] const assess::StepVerdict& step(std::string_view id) const {
    for (const assess::StepVerdict& verdict : assessment.steps) {
      if (advisory.steps[verdict.step].id == id) return verdict;
    }
    ADD_FAILURE() << "no step " << id;
    return assessment.steps.front();
  }
};

class AssessTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    // Two builds may be tried at the same time.
    folder_ = fs::path(testing::TempDir()) / fmt::format("landwarden_assess_{}_{}", name, ::getpid());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] static assess::Advisory advisory(const std::string& id) {
    auto read = assess::read_advisory(assess::find_advisory(id).value_or(""), id, ours().rules.rules(),
                                      ours().tables.reaches, ours().tables.settings);
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().to_string());
    return std::move(*read);
  }

  /// What the advisories say of one estate.
  [[nodiscard]] std::vector<Looked> look(const range::EstateOptions& options,
                                         const std::vector<std::string>& advisories,
                                         Time since = Time::unknown()) const {
    const auto written = range::write_estate(folder_, options);
    EXPECT_TRUE(written.has_value()) << (written ? "" : written.error().to_string());
    triage::Summary summary(ours().rules.rules(), ours().attack);
    engine::HuntOptions hunting;
    hunting.evidence = {folder_.string()};
    hunting.threads = 2;
    hunting.since = since;
    hunting.cut_texts = ours().sources.cut_texts();
    engine::Progress progress;
    const std::atomic<bool> stop = false;
    const auto seen =
        engine::examine(hunting, ours().tables.settings.watches(), ours().rules, ours().sources,
                        ours().catalogue, progress, stop, [&](const engine::MatchView& view) -> Result<void> {
                          summary.add(view.match, view.source);
                          return {};
                        });
    EXPECT_TRUE(seen.has_value());
    std::vector<Looked> out;
    for (const std::string& id : advisories) {
      out.push_back({advisory(id), {}});
      out.back().assessment = assess::assess(out.back().advisory, seen->survey, summary,
                                             ours().tables.settings, {.since = since});
    }
    return out;
  }
  [[nodiscard]] Looked look(const range::EstateOptions& options, Time since = Time::unknown()) const {
    return std::move(look(options, {"aa24-038a"}, since).front());
  }

  /// Silences that take away every kind of record by which the step could be seen.
  [[nodiscard]] static std::vector<range::Silence> silences_for(const assess::Advisory& advisory,
                                                                std::string_view step_id) {
    std::vector<range::Silence> out;
    for (const assess::Step& step : advisory.steps) {
      if (step.id != step_id) continue;
      for (const assess::Way& way : step.seen_by) {
        for (const std::size_t setting : way)
          silence_kind(ours().tables.settings.settings()[setting].records, out);
      }
    }
    return out;
  }
  static void silence_kind(const assess::RecordKind& kind, std::vector<range::Silence>& out) {
    for (const std::string& channel : kind.channels) {
      range::Silence silence{.host = {}, .channel = channel, .event_ids = {}, .field = {}};
      for (const std::uint32_t id : kind.event_ids)
        silence.event_ids.push_back(static_cast<std::uint16_t>(id));
      out.push_back(std::move(silence));
    }
  }

  fs::path folder_;
};

/// Steps of aa24-038a that the simulator plays.
constexpr const char* kPlayed[] = {"web-shell",          "session-then-survey",  "discovery-burst",
                                   "logon-records-read", "saved-sessions-read",  "directory-surveyed",
                                   "network-scanned",    "wmi-execution",        "psexec",
                                   "remote-copy",        "explicit-credentials", "shadow-copy",
                                   "ntds-copied",        "hives-saved",          "lsass-dumped",
                                   "browser-secrets",    "output-staged",        "archive-with-password",
                                   "carried-off",        "port-forwarding",      "reverse-proxy",
                                   "tool-fetched",       "logs-cleared",         "auditing-reduced",
                                   "traces-removed",     "names-disguised"};

TEST_F(AssessTest, StepsThatWerePlayedWithTheirLoggingOnAreFound) {
  const Looked looked = look({.further_steps = true});
  for (const char* id : kPlayed) {
    const assess::StepVerdict& step = looked.step(id);
    EXPECT_EQ(assess::to_text(step.verdict), std::string("found")) << id;
    ASSERT_EQ(step.hits.empty(), step.verdict != Verdict::found) << id;
  }
  EXPECT_EQ(assess::to_text(looked.step("towards-operations").verdict), std::string("found"));
}

TEST_F(AssessTest, ARoutineWithItsLoggingOnIsLookedAtAndNothingIsFound) {
  const Looked looked = look({.intrusion = false});
  for (const char* id : kPlayed)
    EXPECT_EQ(assess::to_text(looked.step(id).verdict), std::string("not-found")) << id;
  EXPECT_EQ(looked.assessment.count(Verdict::found), 0U);
}

TEST_F(AssessTest, AStepThatOnlySysmonShowsIsBlindOnHostsWithoutIt) {
  const Looked routine = look({.intrusion = false});
  EXPECT_EQ(assess::to_text(routine.step("towards-operations").verdict), std::string("partly-blind"));
}

/// Steps that are seen in the same ways are tried together.
TEST_F(AssessTest, StepsWhoseLoggingWasOffAreBlindAndNeverNotFound) {
  std::map<std::string, std::pair<std::vector<range::Silence>, std::vector<const char*>>> groups;
  const assess::Advisory steps = advisory("aa24-038a");
  for (const char* id : kPlayed) {
    std::vector<range::Silence> silences = silences_for(steps, id);
    ASSERT_FALSE(silences.empty()) << id;
    std::string key;
    for (const range::Silence& silence : silences)
      key += fmt::format("{}:{};", silence.channel, fmt::join(silence.event_ids, ","));
    groups[key].first = std::move(silences);
    groups[key].second.push_back(id);
  }
  for (const auto& [key, group] : groups) {
    const Looked looked = look({.further_steps = true, .silences = group.first});
    for (const char* id : group.second) {
      SCOPED_TRACE(testing::Message() << id << " without " << key);
      const assess::StepVerdict& step = looked.step(id);
      EXPECT_EQ(assess::to_text(step.verdict), std::string("blind"));
      EXPECT_FALSE(step.watched.empty());
      for (const assess::Watched& watched : step.watched) {
        EXPECT_TRUE(watched.looked.empty());
        EXPECT_FALSE(watched.blind.empty());
        for (const assess::BlindPart& part : watched.blind) EXPECT_FALSE(part.settings.empty());
      }
    }
  }
}

TEST_F(AssessTest, OneHostWithoutCommandLinesMakesAStepPartlyBlindThere) {
  const Looked looked =
      look({.intrusion = false,
            .silences = {
                {.host = "EVW-FS01", .channel = "Security", .event_ids = {4688}, .field = "CommandLine"}}});
  const assess::StepVerdict& step = looked.step("hives-saved");
  EXPECT_EQ(assess::to_text(step.verdict), std::string("partly-blind"));
  std::set<std::string> blind;
  for (const assess::Watched& watched : step.watched) {
    if (watched.blind.empty()) continue;
    blind.insert(watched.hosts.begin(), watched.hosts.end());
    ASSERT_EQ(watched.blind.size(), 1U);
    EXPECT_EQ(watched.blind[0].why, assess::Blindness::field_empty);
    ASSERT_EQ(watched.blind[0].settings.size(), 1U);
    EXPECT_EQ(ours().tables.settings.settings()[watched.blind[0].settings[0]].id, "process-command-line");
  }
  EXPECT_EQ(blind, (std::set<std::string>{"EVW-FS01.eldervalley.example"}));
}

TEST_F(AssessTest, TimeBeforeTheLogsIsBlind) {
  const Time since =
      from_civil({.year = 2026, .month = 1, .day = 1, .hour = 0, .minute = 0, .second = 0, .tick = 0});
  const Looked looked = look({.intrusion = false}, since);
  EXPECT_EQ(looked.assessment.count(Verdict::not_found), 0U);
  const assess::StepVerdict& step = looked.step("hives-saved");
  EXPECT_EQ(assess::to_text(step.verdict), std::string("partly-blind"));
  for (const assess::Watched& watched : step.watched) {
    ASSERT_FALSE(watched.blind.empty());
    EXPECT_EQ(watched.blind[0].times.ranges().front().begin, since);
  }
}

TEST_F(AssessTest, WithoutADomainControllerItsStepsAreBlind) {
  std::vector<range::Silence> all;
  for (const char* channel : {"Security", "System", "Application", "Microsoft-Windows-Sysmon/Operational"})
    all.push_back({.host = "EVW-DC01", .channel = channel, .event_ids = {}, .field = {}});
  const Looked looked = look({.intrusion = false, .silences = all});
  const assess::StepVerdict& step = looked.step("ntds-copied");
  EXPECT_EQ(assess::to_text(step.verdict), std::string("blind"));
  EXPECT_TRUE(step.no_such_host);
}

TEST_F(AssessTest, EveryBuiltInAdvisoryCanBeRead) {
  const auto ids = assess::built_in_advisories();
  EXPECT_EQ(ids, (std::vector<std::string>{"aa23-144a", "aa24-038a", "lotl-guide"}));
  const std::vector<Looked> all = look({}, ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string& id = ids[i];
    const Looked& looked = all[i];
    EXPECT_EQ(looked.advisory.id, id);
    EXPECT_GT(looked.assessment.count(Verdict::found), 0U) << id;
    for (const assess::Step& step : looked.advisory.steps) {
      if (!step.unseen.en.empty()) continue;
      EXPECT_FALSE(step.seen_by.empty()) << id << " " << step.id;
      EXPECT_FALSE(step.shown_by.empty()) << id << " " << step.id;
    }
  }
}

}  // namespace
}  // namespace landwarden::cli
