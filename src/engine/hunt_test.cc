#include "engine/hunt.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "decode/evtx/writer.h"
#include "sigma/parser.h"
#include "view/log_sources.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace write = decode::evtx::write;

constexpr std::string_view kRules = R"(
title: Copies the directory database
id: 11111111-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection:
  tool: {CommandLine|contains: 'ntdsutil'}
  condition: tool
level: high
---
title: Any new process on a pump
id: 11111111-0000-4000-8000-000000000002
logsource: {product: windows, service: security}
detection:
  new: {EventID: 4688, Computer|startswith: 'pump'}
  condition: new
level: low
)";

struct Rules {
  event::Catalogue catalogue;
  Result<view::LogSources> sources = view::LogSources::built_in();  ///< the rule set points into it
  std::optional<sigma::RuleSet> set;

  explicit Rules(const std::string& more = "", std::size_t running = 2) {
    std::vector<sigma::Rule> rules;
    std::vector<sigma::Diagnostic> diagnostics;
    sigma::parse_rules(std::string(kRules) + more, "rules.yml", {}, rules, diagnostics);
    EXPECT_TRUE(sources.has_value());
    set.emplace(sigma::RuleSet::compile(std::move(rules), *sources, catalogue, diagnostics));
    for (const sigma::Diagnostic& diagnostic : diagnostics) ADD_FAILURE() << diagnostic.error.to_string();
    EXPECT_EQ(set->rules().size(), running);
  }
};

write::EventRecord process_created(const std::string& host, std::size_t number,
                                   std::string_view command_line) {
  write::EventRecord event;
  event.provider.name = "Microsoft-Windows-Security-Auditing";
  event.provider.kernel = true;
  event.event_id = 4688;
  event.version = 2;
  // Many records share their time, so that the rest of the order counts.
  event.time = Time{from_unix(1'772'000'000 + static_cast<std::int64_t>(number / 50)).ticks};
  event.channel = "Security";
  event.computer = host;
  write::EventData data;
  data.fields.emplace_back("SubjectUserName", write::Value::text("operator"));
  data.fields.emplace_back("NewProcessName", write::Value::text("C:\\Windows\\System32\\cmd.exe"));
  data.fields.emplace_back("CommandLine", write::Value::text(command_line));
  event.data = std::move(data);
  return event;
}

/// A folder of logs: four hosts of some chunks each, one large one of several work units, and what goes wrong
/// in between.
class HuntTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::path(testing::TempDir()) / ("landwarden_hunt_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (int i = 0; i < 4; ++i)
      write_log(fmt::format("log-{}.evtx", i), fmt::format("pump-{:02}", i % 3), 200);
    write_log("server.evtx", "server", 6000);
    std::string damaged = read("log-1.evtx");
    std::fill_n(damaged.begin() + 4096 + 600, 900, '\x5A');
    put("damaged.evtx", damaged);
    put("cut.evtx", read("log-2.evtx").substr(0, 90'000));
    put("empty.evtx", "");
    put("notes.txt", "shopping: milk, bread\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write_log(const std::string& name, const std::string& host, std::size_t records) {
    decode::evtx::Writer writer;
    for (std::size_t i = 0; i < records; ++i) {
      const std::string command_line = i % 7 == 0 ? fmt::format("ntdsutil \"ac i ntds\" ifm {}", i)
                                                  : fmt::format("cmd /c echo {} {}", i, name);
      ASSERT_TRUE(writer.add(process_created(host, i, command_line)).has_value());
    }
    const std::vector<std::byte> bytes = writer.finish();
    put(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  void put(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder_ / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_)) all.push_back(entry.path().string());
    std::sort(all.begin(), all.end());
    return all;
  }
  [[nodiscard]] HuntOptions options() const {
    HuntOptions options;
    options.evidence = paths();
    options.threads = 1;
    return options;
  }

  fs::path folder_;
  Rules rules_;
};

struct Answer {
  std::vector<std::string> matches;
  std::string rest;  ///< everything else of the result, as text
  HuntResult result;
};

std::string rest_of(const HuntResult& result) {
  std::string text =
      fmt::format("{} {} {} {} {} {}\n", result.records, result.records_matched, result.matches, result.bytes,
                  to_rfc3339(result.first), to_rfc3339(result.last));
  for (const event::Receipt& receipt : result.receipts) {
    text +=
        fmt::format("{} {} {} {} {} {} {}", receipt.source, receipt.kind, receipt.bytes, receipt.records_seen,
                    receipt.records_decoded, receipt.records_quarantined, receipt.not_evidence);
    for (const auto& entry : receipt.quarantined)
      text += fmt::format(" {}+{} {}", entry.offset, entry.size, entry.reason);
    for (const auto& note : receipt.notes) text += " | " + note;
    for (const auto& error : receipt.errors) text += " ! " + error.to_string();
    text += '\n';
  }
  for (const ShapeCount& shape : result.shapes) {
    text += fmt::format("{} {} {} {} {}\n", shape.channel, shape.provider, shape.event_id, shape.records,
                        shape.records_matched);
  }
  for (const auto& [host, records] : result.hosts) text += fmt::format("{} {}\n", host, records);
  return text;
}

std::string text_of(const MatchView& view) {
  std::string text = fmt::format("{} {} {} {} {} {:x} {} {}", to_rfc3339(view.match.time), view.match.host,
                                 view.match.channel, view.match.record_id, view.source, view.match.offset,
                                 view.rule.id, view.match.why);
  for (const sigma::FieldValues& field : view.match.matched) {
    text += " " + field.field;
    for (const std::string& value : field.values) text += "=" + value;
  }
  return text;
}

Answer ask(const HuntOptions& options, Rules& rules, std::size_t stop_after = ~std::size_t{0}) {
  Progress progress;
  std::atomic<bool> stop = stop_after == 0;
  Answer answer;
  auto result =
      hunt(options, *rules.set, rules.catalogue, progress, stop, [&](const MatchView& view) -> Result<void> {
        answer.matches.push_back(text_of(view));
        if (answer.matches.size() >= stop_after) stop = true;
        return {};
      });
  EXPECT_TRUE(result.has_value());
  if (!result) return answer;
  answer.rest = rest_of(*result);
  answer.result = std::move(*result);
  EXPECT_EQ(answer.result.records, progress.records);
  EXPECT_EQ(answer.result.matches, answer.matches.size());
  return answer;
}

const event::Receipt* receipt_of(const HuntResult& result, std::string_view name) {
  for (const event::Receipt& receipt : result.receipts) {
    if (receipt.source.ends_with(name)) return &receipt;
  }
  return nullptr;
}

TEST_F(HuntTest, FindsWhatIsThereAndAccountsForEverySource) {
  const Answer answer = ask(options(), rules_);
  EXPECT_EQ(answer.result.receipts.size(), 9U);
  const event::Receipt* whole = receipt_of(answer.result, "server.evtx");
  ASSERT_NE(whole, nullptr);
  EXPECT_EQ(whole->kind, "evtx");
  EXPECT_EQ(whole->records_seen, 6000U);
  EXPECT_EQ(whole->records_decoded, 6000U);
  EXPECT_TRUE(whole->errors.empty());
  const event::Receipt* damaged = receipt_of(answer.result, "damaged.evtx");
  ASSERT_NE(damaged, nullptr);
  // A template is gone: the records that need it are there without names, and counted as damage.
  EXPECT_FALSE(damaged->damage.empty());
  EXPECT_EQ(damaged->records_seen, damaged->records_decoded + damaged->records_quarantined);
  EXPECT_GT(damaged->records_decoded, 0U);
  const event::Receipt* notes = receipt_of(answer.result, "notes.txt");
  ASSERT_NE(notes, nullptr);
  EXPECT_TRUE(notes->not_evidence);
  EXPECT_TRUE(answer.result.incomplete());
  EXPECT_FALSE(answer.result.interrupted);
  EXPECT_EQ(answer.result.hosts.at("server"), 6000U);
  // The other shape is that of the records without a template.
  ASSERT_EQ(answer.result.shapes.size(), 2U);
  const auto process =
      std::ranges::find(answer.result.shapes, 4688U, [](const auto& shape) { return shape.event_id; });
  ASSERT_NE(process, answer.result.shapes.end());
  EXPECT_GT(process->records, answer.result.records - 200);
  EXPECT_LT(process->records, answer.result.records);
  EXPECT_EQ(process->records_matched, answer.result.records_matched);
  // Of the whole logs alone: every 7th record of the server, and of the pumps every record, and every 7th
  // once more.
  EXPECT_GE(answer.matches.size(), 858U + 4 * (200U + 29U));
  EXPECT_TRUE(std::is_sorted(answer.matches.begin(), answer.matches.end(),
                             [](const auto& a, const auto& b) { return a.substr(0, 28) < b.substr(0, 28); }));
}

TEST_F(HuntTest, CorrelatesAcrossFilesWhateverTheirOrder) {
  Rules rules(R"(---
title: Copied on four hosts
id: 11111111-0000-4000-8000-000000000003
correlation:
  type: value_count
  rules: [11111111-0000-4000-8000-000000000001]
  timespan: 1h
  condition: {field: Computer, gte: 4}
)",
              3);
  const Answer expected = ask(options(), rules);
  const auto hit = std::ranges::find_if(expected.matches, [](const std::string& match) {
    return match.find("4 different Computer in 1h (gte 4): Copies the directory database") !=
           std::string::npos;
  });
  EXPECT_NE(hit, expected.matches.end());
  EXPECT_EQ(expected.result.correlation.matches, 1U);
  EXPECT_GT(expected.result.correlation.repeated,
            0U);                                     // the damaged and the cut log repeat records of others
  for (const std::string& match : expected.matches)  // it feeds the correlation only
    EXPECT_EQ(match.find("11111111-0000-4000-8000-000000000001"), std::string::npos);
  for (const unsigned threads : {1U, 4U}) {
    HuntOptions how = options();
    std::ranges::reverse(how.evidence);
    how.threads = threads;
    how.spill_bytes = 10'000;
    const Answer answer = ask(how, rules);
    EXPECT_EQ(answer.matches, expected.matches);
    EXPECT_EQ(answer.rest, expected.rest);
  }
}

TEST_F(HuntTest, AnswersTheSameForAnyThreadsFileOrderAndMemory) {
  const Answer expected = ask(options(), rules_);
  std::mt19937 random(11);
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (const std::uint64_t spill : {std::uint64_t{1}, std::uint64_t{100'000}, std::uint64_t{64} << 20}) {
      HuntOptions how = options();
      std::shuffle(how.evidence.begin(), how.evidence.end(), random);
      how.threads = threads;
      how.spill_bytes = spill;
      how.spill_folder = testing::TempDir();
      Rules fresh;  // other numbers for fields and shapes
      const Answer answer = ask(how, fresh);
      EXPECT_EQ(answer.matches, expected.matches) << threads << " threads, spill " << spill;
      EXPECT_EQ(answer.rest, expected.rest) << threads << " threads, spill " << spill;
    }
  }
}

TEST_F(HuntTest, HandsOverInSourceOrderAsItComes) {
  HuntOptions how = options();
  how.as_it_comes = true;
  const Answer expected = ask(how, rules_);
  Answer sorted = ask(options(), rules_);
  EXPECT_EQ(sorted.rest, expected.rest);
  std::vector<std::string> same = expected.matches;
  std::sort(same.begin(), same.end());
  std::sort(sorted.matches.begin(), sorted.matches.end());
  EXPECT_EQ(same, sorted.matches);
  for (const unsigned threads : {2U, 8U}) {
    how.threads = threads;
    EXPECT_EQ(ask(how, rules_).matches, expected.matches);
  }
}

TEST_F(HuntTest, InterruptedItGivesTheBeginningAndSaysSo) {
  HuntOptions how = options();
  how.as_it_comes = true;
  const Answer whole = ask(how, rules_);
  for (const unsigned threads : {1U, 4U}) {
    how.threads = threads;
    for (const std::size_t after : {0U, 1U, 100U, 700U, 5000U}) {
      const Answer part = ask(how, rules_, after);
      ASSERT_LE(part.matches.size(), whole.matches.size());
      if (part.matches.size() < whole.matches.size()) {
        EXPECT_TRUE(part.result.interrupted) << after;
      }
      EXPECT_EQ(part.result.records < whole.result.records, part.result.interrupted) << after;
      if (threads == 1) {
        EXPECT_TRUE(std::equal(part.matches.begin(), part.matches.end(), whole.matches.begin())) << after;
      }
    }
  }
  EXPECT_TRUE(ask(how, rules_, 0).matches.empty());
}

/// Standard input is a pipe while this lives.
class PipedInput {
 public:
  PipedInput() : handler_(::signal(SIGPIPE, SIG_IGN)), before_(::dup(STDIN_FILENO)) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    write_end_ = ends[1];
  }
  ~PipedInput() {
    ::dup2(before_, STDIN_FILENO);  // closes the reading end: whoever still writes fails
    ::close(before_);
    if (writer_.joinable()) writer_.join();
    ::close(write_end_);
    ::signal(SIGPIPE, handler_);
  }
  PipedInput(const PipedInput&) = delete;
  PipedInput& operator=(const PipedInput&) = delete;

  /// Writes and leaves the pipe open: the reader cannot know that nothing more will come.
  void write(std::string bytes) {
    writer_ = std::thread([this, all = std::move(bytes)] {
      for (std::string_view rest = all; !rest.empty();) {
        const ssize_t written = ::write(write_end_, rest.data(), rest.size());
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
      }
    });
  }

 private:
  void (*handler_)(int);
  int before_;
  int write_end_ = -1;
  std::thread writer_;
};

TEST_F(HuntTest, InterruptedWhileItWaitsForStandardInputItEnds) {
  HuntOptions how = options();
  how.evidence = {"-"};
  how.as_it_comes = true;
  how.threads = 2;
  PipedInput input;
  input.write(read("server.evtx"));
  const Answer part = ask(how, rules_, 20);  // after some matches, though the input is still open
  EXPECT_TRUE(part.result.interrupted);
  EXPECT_GE(part.matches.size(), 20U);
  ASSERT_EQ(part.result.receipts.size(), 1U);
  EXPECT_FALSE(part.result.receipts[0].errors.empty());
}

TEST_F(HuntTest, FiltersMatchesByTimeAndHostButCountsAllRecords) {
  const Answer all = ask(options(), rules_);
  HuntOptions how = options();
  how.host = "PUMP-0?";
  how.since = from_unix(1'772'000'001);
  how.until = from_unix(1'772'000'003);
  const Answer some = ask(how, rules_);
  EXPECT_EQ(some.result.records, all.result.records);
  std::vector<std::string> expected;
  for (const std::string& match : all.matches) {
    const Time time = parse_time(match.substr(0, 28)).value();
    if (time >= how.since && time < how.until && match.substr(29, 4) == "pump") expected.push_back(match);
  }
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(some.matches, expected);
  EXPECT_LT(some.result.records_matched, all.result.records_matched);
}

TEST_F(HuntTest, EndsWithTheErrorOfTheOutput) {
  for (const bool as_it_comes : {false, true}) {
    HuntOptions how = options();
    how.as_it_comes = as_it_comes;
    how.threads = 2;
    Progress progress;
    const std::atomic<bool> stop = false;
    int calls = 0;
    const auto result =
        hunt(how, *rules_.set, rules_.catalogue, progress, stop, [&](const MatchView&) -> Result<void> {
          return ++calls == 3 ? fail(ErrorCode::io, "cannot write: Broken pipe") : Result<void>();
        });
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().message, "cannot write: Broken pipe");
    EXPECT_EQ(calls, 3);
  }
}

TEST_F(HuntTest, ReadsTheRestWhenAPathIsNotThere) {
  HuntOptions how = options();
  how.evidence = {(folder_ / "no-such-log.evtx").string(), (folder_ / "log-0.evtx").string()};
  const Answer answer = ask(how, rules_);
  EXPECT_EQ(answer.result.records, 200U);
  EXPECT_TRUE(answer.result.incomplete());
  const event::Receipt* missing = receipt_of(answer.result, "no-such-log.evtx");
  ASSERT_NE(missing, nullptr);
  EXPECT_FALSE(missing->errors.empty());
  how.evidence.erase(how.evidence.begin());
  EXPECT_FALSE(ask(how, rules_).result.incomplete());
}

TEST(HuntResult, IsIncompleteOnlyIfEvidenceWasLost) {
  HuntResult result;
  result.receipts.resize(2);
  result.receipts[0].not_evidence = true;
  result.receipts[1].notes.push_back("dirty header");
  EXPECT_FALSE(result.incomplete());
  result.receipts[1].records_quarantined = 1;
  EXPECT_TRUE(result.incomplete());
  result.receipts[1].records_quarantined = 0;
  result.receipts[0].errors.push_back({ErrorCode::io, "cannot be opened", {}, {}});
  EXPECT_TRUE(result.incomplete());
}

}  // namespace
}  // namespace landwarden::engine
