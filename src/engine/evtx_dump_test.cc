// The order of what is dumped, and what stops a dump. Files come from our own writer.

#include "engine/evtx_dump.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "decode/evtx/writer.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace write = decode::evtx::write;

class EvtxDump : public ::testing::Test {
 protected:
  EvtxDump() : folder_(fs::temp_directory_path() / ("lw-dump-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~EvtxDump() override { fs::remove_all(folder_); }

  void add_log(const std::string& name, const std::string& host, int events) {
    write::Writer writer;
    for (int i = 0; i < events; ++i) {
      write::EventRecord event;
      event.provider.name = "Provider";
      event.event_id = static_cast<std::uint16_t>(i % 2 == 0 ? 4624 : 4625);
      event.time = Time{from_unix(1'772'000'000 + i).ticks};
      event.channel = "Security";
      event.computer = host;
      event.data =
          write::EventData{.fields = {{"Filler", write::Value::text(std::string(2000, 'x'))},
                                      {"Number", write::Value::uint32(static_cast<std::uint32_t>(i))}}};
      ASSERT_TRUE(writer.add(event));
    }
    const std::vector<std::byte> bytes = writer.finish();
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }

  Result<DumpResult> dump(DumpOptions options, std::string& text) {
    options.evidence = {folder_.string()};
    Progress progress;
    return dump_evtx(options, progress, stop_, [&](std::string_view piece) -> Result<void> {
      const std::lock_guard lock(mutex_);
      text += piece;
      return {};
    });
  }

  fs::path folder_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
};

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_F(EvtxDump, IsTheSameWithAnyNumberOfThreads) {
  add_log("b.evtx", "b", 1500);
  add_log("a.evtx", "a", 900);
  std::string one;
  const auto result = dump({.evidence = {}, .threads = 1}, one);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->records, 2400);
  EXPECT_EQ(result->sources, 2);
  EXPECT_EQ(result->bytes, one.size());
  EXPECT_EQ(lines(one), 2400);
  EXPECT_NE(one.find("\"Computer\":\"a\""), std::string::npos);
  EXPECT_LT(one.find("\"Computer\":\"a\""), one.find("\"Computer\":\"b\""));
  for (const unsigned threads : {2U, 3U, 8U}) {
    std::string many;
    ASSERT_TRUE(dump({.evidence = {}, .threads = threads}, many));
    EXPECT_EQ(many, one) << threads;
  }
}

TEST_F(EvtxDump, WritesOneDocumentOfXml) {
  add_log("a.evtx", "a", 2);
  std::string text;
  ASSERT_TRUE(dump({.evidence = {}, .threads = 2, .format = decode::evtx::ExportFormat::xml}, text));
  EXPECT_TRUE(text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>\n<Event ")) << text;
  EXPECT_TRUE(text.ends_with("</Event>\n</Events>\n")) << text;
}

TEST_F(EvtxDump, LeavesOutWhatWasNotAskedFor) {
  add_log("a.evtx", "DC01", 10);
  std::string text;
  const auto by_id = dump({.evidence = {}, .event_ids = {"4625"}}, text);
  ASSERT_TRUE(by_id);
  EXPECT_EQ(by_id->records, 5);
  EXPECT_EQ(by_id->records_left_out, 5);
  const auto by_host = dump({.evidence = {}, .host = "dc*", .channels = {"SEC*"}}, text);
  ASSERT_TRUE(by_host);
  EXPECT_EQ(by_host->records, 10);
  const auto by_time =
      dump({.evidence = {}, .since = from_unix(1'772'000'003), .until = from_unix(1'772'000'005)}, text);
  ASSERT_TRUE(by_time);
  EXPECT_EQ(by_time->records, 2);
  const auto other = dump({.evidence = {}, .channels = {"System"}}, text);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->records, 0);
}

TEST_F(EvtxDump, LeavesOutEvidenceThatIsNoEventLogAndSaysSo) {
  add_log("a.evtx", "a", 1);
  std::ofstream(folder_ / "b.json") << R"({"Event":{"System":{"EventID":1}}})" << '\n';
  std::string text;
  const auto result = dump({.evidence = {}}, text);
  ASSERT_TRUE(result);
  EXPECT_EQ(lines(text), 1);
  EXPECT_EQ(result->sources_left_out, 1);
  EXPECT_FALSE(result->incomplete());
}

TEST_F(EvtxDump, EndsWhenItsOutputFails) {
  add_log("a.evtx", "a", 5000);
  DumpOptions options{.evidence = {folder_.string()}, .threads = 3};
  Progress progress;
  const auto result = dump_evtx(options, progress, stop_, [](std::string_view) -> Result<void> {
    return fail(ErrorCode::io, "no room");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "no room");
}

TEST_F(EvtxDump, StopsWhenItIsToldTo) {
  add_log("a.evtx", "a", 5000);
  stop_ = true;
  std::string text;
  const auto result = dump({.evidence = {}, .threads = 2}, text);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->interrupted);
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace landwarden::engine
