// Carving from the evidence to the answer: a made disk image and a log with slack, hunted, searched and
// dumped with any number of threads.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "decode/evtx/format.h"
#include "decode/evtx/writer.h"
#include "engine/evtx_dump.h"
#include "engine/hunt.h"
#include "sigma/parser.h"
#include "view/log_sources.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace evtx = decode::evtx;

constexpr std::string_view kRules = R"(
title: Copies the directory database
id: 11111111-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection:
  tool: {CommandLine|contains: 'ntdsutil'}
  condition: tool
level: high
)";

std::string log_of(const std::string& host, std::uint64_t first, std::size_t records) {
  evtx::Writer writer({.first_record_id = first});
  for (std::size_t i = 0; i < records; ++i) {
    evtx::write::EventRecord event;
    event.provider = {.name = "Microsoft-Windows-Security-Auditing", .guid = {}, .event_source_name = {}};
    event.event_id = 4688;
    event.version = 2;
    event.time = from_unix(1'772'000'000 + static_cast<std::int64_t>(first + i));
    event.channel = "Security";
    event.computer = host;
    event.data = evtx::write::EventData{
        .fields = {{"NewProcessName", evtx::write::Value::text("C:\\Windows\\System32\\cmd.exe")},
                   {"CommandLine", evtx::write::Value::text(fmt::format(
                                       "{} {}", i % 3 == 0 ? "ntdsutil" : "whoami", first + i))}}};
    EXPECT_TRUE(writer.add(event).has_value());
  }
  const std::vector<std::byte> bytes = writer.finish();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t word(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
std::string chunk_of(const std::string& log, std::size_t number) {
  return log.substr(evtx::kFileHeaderBytes + number * evtx::kChunkBytes, evtx::kChunkBytes);
}

/// The first chunk was written again: behind its ten live records lie older ones.
std::string log_with_slack() {
  std::string log = log_of("pump-01", 5000, 10);
  const std::string before = chunk_of(log_of("pump-01", 1, 60), 0);
  std::size_t at = evtx::kChunkHeaderBytes;
  while (at < word(log, evtx::kFileHeaderBytes + 48)) at += word(before, at + 4);
  log.replace(evtx::kFileHeaderBytes + at, before.size() - at, before.substr(at));
  return log;
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

/// What a disk holds: chunks at any place, one twice, one without its front, and bytes of other things.
std::string disk_image() {
  const std::string log = log_of("server", 1, 1500), other = log_of("gone", 1, 300);
  std::string image = noise((1 << 20) + 77, 1);
  for (std::size_t i = 0; i < 4; ++i) image += chunk_of(log, i) + noise(5000 + 512 * i, 2);
  image += chunk_of(log, 1) + noise(300'000, 3) + chunk_of(other, 0).substr(3000);
  return image + std::string(200'000, '\0') + log + noise(1 << 20, 4);
}

class CarvingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / fmt::format("landwarden_carving_{}", ::getpid());
    fs::create_directories(folder_);
    put("disk.img", disk_image());
    put("slack.evtx", log_with_slack());
    put("whole.evtx", log_of("office", 1, 700));
  }
  void TearDown() override { fs::remove_all(folder_); }
  void put(const std::string& name, std::string_view bytes) const {
    std::ofstream(folder_ / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  fs::path folder_;
};

struct Hunted {
  std::vector<std::string> matches;
  std::string receipts;
  std::uint64_t carved = 0, marked = 0;
};

Hunted hunt_in(const fs::path& folder, bool carve, unsigned threads) {
  event::Catalogue catalogue;
  const auto sources = view::LogSources::built_in();
  std::vector<sigma::Rule> rules;
  std::vector<sigma::Diagnostic> diagnostics;
  sigma::parse_rules(std::string(kRules), "rules.yml", {}, rules, diagnostics);
  const sigma::RuleSet set = sigma::RuleSet::compile(std::move(rules), *sources, catalogue, diagnostics);
  HuntOptions options;
  options.evidence = {folder.string()};
  options.threads = threads;
  options.decoding.carve = carve;
  Progress progress;
  const std::atomic<bool> stop = false;
  Hunted out;
  const auto result =
      hunt(options, set, catalogue, progress, stop, [&](const MatchView& view) -> Result<void> {
        out.matches.push_back(fmt::format("{} {} {} {} {}+{} {}", to_rfc3339(view.match.time),
                                          view.match.host, view.match.record_id, view.match.carved,
                                          view.source, view.match.offset, view.match.why));
        out.marked += view.match.carved ? 1 : 0;
        return {};
      });
  EXPECT_TRUE(result.has_value());
  if (!result) return out;
  for (const event::Receipt& receipt : result->receipts) {
    out.receipts += fmt::format("{} {} {} {} {}\n", receipt.source, receipt.records_seen,
                                receipt.records_decoded, receipt.records_quarantined, receipt.records_carved);
    for (const auto& damage : receipt.damage)
      out.receipts += fmt::format("  {} {}\n", damage.count, damage.what);
    out.carved += receipt.records_carved;
  }
  return out;
}

TEST_F(CarvingTest, AHuntGivesTheSameWithAnyNumberOfThreads) {
  const Hunted live = hunt_in(folder_, false, 1);
  EXPECT_EQ(live.carved, 0U);
  const Hunted one = hunt_in(folder_, true, 1);
  EXPECT_GT(one.carved, 1500U + 50 - 10) << "the image's records and those in the slack";
  EXPECT_GT(one.marked, 500U);
  EXPECT_EQ(one.matches.size() - one.marked, live.matches.size()) << "live records stay what they are";
  for (const unsigned threads : {2U, 4U}) {
    const Hunted many = hunt_in(folder_, true, threads);
    EXPECT_EQ(many.matches, one.matches) << threads;
    EXPECT_EQ(many.receipts, one.receipts) << threads;
  }
}

struct Dumped {
  std::string text;
  std::optional<DumpResult> result;
};

Dumped dump_of(const fs::path& folder, unsigned threads, bool carve, evtx::ExportFormat format = {}) {
  DumpOptions options{.evidence = {folder.string()}, .threads = threads, .format = format, .carve = carve};
  Progress progress;
  const std::atomic<bool> stop = false;
  Dumped out;
  std::mutex mutex;
  auto result = dump_evtx(options, progress, stop, [&](std::string_view piece) -> Result<void> {
    const std::lock_guard lock(mutex);
    out.text += piece;
    return {};
  });
  EXPECT_TRUE(result.has_value());
  if (result) out.result = std::move(*result);
  return out;
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(CarvingTest, ADumpGivesTheRecordsThatAHuntSeesAndMarksThem) {
  const std::uint64_t carved = hunt_in(folder_, true, 1).carved;
  const Dumped live = dump_of(folder_, 1, false), one = dump_of(folder_, 1, true);
  ASSERT_TRUE(live.result && one.result);
  EXPECT_EQ(one.result->records, live.result->records + carved);
  EXPECT_EQ(one.result->records_carved, carved);
  EXPECT_EQ(count_of(one.text, R"(},"lw.carved":true})"
                               "\n"),
            carved);
  EXPECT_EQ(count_of(live.text, "lw.carved"), 0U);
  EXPECT_FALSE(one.result->incomplete());
  for (const unsigned threads : {2U, 4U})
    EXPECT_EQ(dump_of(folder_, threads, true).text, one.text) << threads;
  const Dumped xml = dump_of(folder_, 2, true, evtx::ExportFormat::xml);
  EXPECT_EQ(count_of(xml.text, "\n<!--carved--><Event"), carved);
  EXPECT_EQ(count_of(xml.text, "</Event>\n"), one.result->records);
}

}  // namespace
}  // namespace landwarden::engine
