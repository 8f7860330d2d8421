#include "triage/database_copies.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace landwarden::triage {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kLive = R"(C:\Windows\NTDS\ntds.dit)";
constexpr const char* kShadow = R"(\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\NTDS\ntds.dit)";
constexpr const char* kMedia = R"(C:\Windows\Temp\pro\Active Directory\ntds.dit)";

RecordPlace at(const std::string& host, int minute) {
  return {.time = Time{from_unix(1'772'000'000 + std::int64_t{60} * minute).ticks},
          .host = host,
          .source = host + ".evtx",
          .record_id = static_cast<std::uint64_t>(minute + 1'000'000),
          .offset = 0};
}

EngineRecord engine(int minute, EsentKind kind, const std::string& path, const std::string& moved_to = "",
                    const std::string& program = "ntdsutil", const std::string& host = "DC01.corp.example") {
  return {.place = at(host, minute),
          .event = {.kind = kind,
                    .program = program,
                    .process_id = 4412,
                    .instance = {},
                    .path = path,
                    .moved_to = moved_to,
                    .seconds = {}}};
}

FileCommand command(int minute, const std::string& action, Texts from, Texts to,
                    const std::string& host = "DC01.corp.example") {
  return {.place = at(host, minute),
          .action = action,
          .line = "line of minute " + std::to_string(minute),
          .from = std::move(from),
          .to = std::move(to)};
}

/// "host from|through|to: action@minute …"
std::string told(const DatabaseCopy& copy) {
  std::string out = fmt::format("{} {}|{}|{}:", copy.host, copy.from, copy.through, copy.to);
  for (const FileCommand& step : copy.steps)
    out += fmt::format(" {}@{}", step.action, step.place.record_id - 1'000'000);
  return out;
}

Texts told(const std::vector<EngineRecord>& records, const std::vector<FileCommand>& commands) {
  DatabaseCopyBook book;
  for (const EngineRecord& record : records) book.add(record);
  for (const FileCommand& one : commands) book.add(one);
  Texts out;
  for (const DatabaseCopy& copy : book.take().copies) out.push_back(told(copy));
  return out;
}

std::vector<EngineRecord> one_theft() {
  return {engine(10, EsentKind::moved, kLive, kShadow), engine(10, EsentKind::attached, kShadow),
          engine(11, EsentKind::created, kMedia), engine(14, EsentKind::detached, kMedia),
          engine(14, EsentKind::detached, kShadow)};
}

TEST(DatabaseCopies, SayWhichFileWentWhereFromHostToHost) {
  const std::vector<FileCommand> commands = {
      command(2, "shadow_copy_create", {"C:"}, {}),
      command(9, "ntds_copy", {}, {R"(C:\Windows\Temp\pro)"}),
      command(15, "archive_create_protected", {R"(C:\windows\temp\PRO\*)"}, {R"(C:\Windows\Temp\x.tmp)"}),
      command(16, "archive_create", {R"(C:\Windows\Temp\prod\a.txt)"}, {R"(C:\y.zip)"}),
      command(20, "file_copy_remote", {R"(C:\Windows\Temp\x.tmp)"}, {R"(\\FS02\c$\Users\Public\x.tmp)"}),
      command(21, "file_copy", {R"(C:\Users\Public\x.tmp)"}, {R"(D:\z.tmp)"}, "other.corp.example"),
      command(90, "file_copy", {R"(C:\Users\Public\x.tmp)"}, {R"(D:\share\z.tmp)"}, "fs02.corp.example"),
      command(95, "upload", {R"(D:\share\z.tmp)"}, {"http://203.0.113.9/"}, "fs02.corp.example"),
      command(99, "file_delete", {R"(\\127.0.0.1\c$\Windows\Temp\pro)"}, {}),
      command(60 * 24 * 31, "file_copy", {R"(C:\Windows\Temp\x.tmp)"}, {"C:\\late"}),
  };
  const Texts expected = {
      R"(DC01.corp.example C:\Windows\NTDS\ntds.dit|\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3|)"
      R"(C:\Windows\Temp\pro\Active Directory\ntds.dit: shadow_copy_create@2 ntds_copy@9 )"
      "archive_create_protected@15 file_copy_remote@20 file_copy@90 upload@95 file_delete@99"};
  EXPECT_EQ(told(one_theft(), commands), expected);
}

TEST(DatabaseCopies, AreTheSameInAnyOrderAndFromCopiesOfALog) {
  std::vector<EngineRecord> records = one_theft();
  std::vector<FileCommand> commands = {
      command(9, "ntds_copy", {}, {R"(C:\Windows\Temp\pro)"}),
      command(15, "file_copy", {R"(C:\Windows\Temp\pro)"}, {R"(D:\a)"}),
      command(16, "file_copy", {R"(D:\a)"}, {R"(E:\b)"}),
  };
  const Texts expected = told(records, commands);
  records.insert(records.end(), records.begin(), records.end());
  commands.push_back(commands.front());
  const std::uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20; ++i) {
    std::ranges::shuffle(records, random);
    std::ranges::shuffle(commands, random);
    EXPECT_EQ(told(records, commands), expected);
  }
}

TEST(DatabaseCopies, AreCountedByHostOverYears) {
  DatabaseCopyBook book;
  for (const int month : {0, 9, 40}) {
    for (EngineRecord record : one_theft()) {
      record.place.time.ticks += std::int64_t{month} * 30 * 86'400 * kTicksPerSecond;
      record.place.record_id += static_cast<std::uint64_t>(month) * 1000;
      record.place.host = month == 9 ? "dc01.CORP.example" : record.place.host;
      book.add(std::move(record));
    }
  }
  const DatabaseCopies found = book.take();
  ASSERT_EQ(found.copies.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found.copies[i].number, i + 1);
    EXPECT_EQ(found.copies[i].of, 3U);
    EXPECT_EQ(found.copies[i].closed.ticks - found.copies[i].created.ticks, 180 * kTicksPerSecond);
    EXPECT_EQ(found.copies[i].records.size(), 5U);
    EXPECT_FALSE(found.copies[i].made_by_command);
  }
}

TEST(DatabaseCopies, AreNotWhatTheDirectoryAndBackupsDo) {
  DatabaseCopyBook book;
  const std::string own = R"(D:\Directory\ntds.dit)";
  for (int day = 0; day < 20; ++day) {
    book.add(engine(day * 1440, EsentKind::attached, own, "", "lsass"));
    book.add(engine(day * 1440 + 5, EsentKind::detached, own, "", "lsass"));
    book.add(engine(day * 1440 + 60, EsentKind::attached, kShadow, "", "lsass"));
  }
  book.add(engine(1, EsentKind::created, R"(E:\NTDS\ntds.dit)", "", "lsass"));
  book.add(engine(2, EsentKind::created, R"(C:\Windows\SoftwareDistribution\DataStore.edb)", "", "svchost"));
  book.add(command(3, "archive_create", {R"(C:\plans)"}, {R"(C:\plans.zip)"}));
  const DatabaseCopies found = book.take();
  EXPECT_TRUE(found.copies.empty());
  ASSERT_EQ(found.usual.size(), 1U);
  EXPECT_EQ(found.usual.front().in_shadow_copies, 20U);
  EXPECT_EQ(found.usual.front().in_place, 1U);
}

TEST(DatabaseCopies, AreSeenByCommandsWhereTheEngineSaysNothing) {
  EXPECT_EQ(
      told({}, {command(1, "protected_file_copy", {kShadow}, {R"(C:\x\n.dit)"}),
                command(4, "file_copy", {R"(C:\x\n.dit)"}, {R"(D:\n.dit)"}),
                command(5, "protected_file_copy", {R"(C:\Windows\System32\config\SAM)"}, {"C:\\s"})}),
      Texts{R"(DC01.corp.example \Windows\NTDS\ntds.dit|\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3|)"
            R"(C:\x\n.dit: protected_file_copy@1 file_copy@4 protected_file_copy@5)"});
  EXPECT_TRUE(told({}, {command(1, "hive_save", {"HKLM\\SAM"}, {"C:\\s"})}).empty());
}

TEST(DatabaseCopies, LeaveOutWhatHasNoTime) {
  DatabaseCopyBook book;
  EngineRecord record = engine(1, EsentKind::created, kMedia);
  record.place.time = Time::unknown();
  book.add(record);
  const DatabaseCopies found = book.take();
  EXPECT_TRUE(found.copies.empty());
  EXPECT_EQ(found.records_left_out, 1U);
}

}  // namespace
}  // namespace landwarden::triage
