#include "range/estate.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "decode/evtx/writer_value.h"
#include "range/dice.h"

namespace landwarden::range {
namespace {

namespace fs = std::filesystem;

/// Tests may run side by side, each in a process of its own.
fs::path own_folder(std::string_view name) {
  return fs::path(testing::TempDir()) / (std::string(name) + "_" + std::to_string(::getpid()));
}

/// One estate for the tests that only look at it: making one is most of their time.
class Estate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = own_folder("lw_estate");
    fs::remove_all(folder_);
    auto written = write_estate(folder_);
    ASSERT_TRUE(written.has_value()) << written.error().to_string();
    summary_ = *written;
    files_ = all_files(folder_);
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static std::map<std::string, std::string> all_files(const fs::path& folder);

  static inline fs::path folder_;
  static inline EstateSummary summary_;
  static inline std::map<std::string, std::string> files_;
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> Estate::all_files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).generic_string()] = contents(entry.path());
  }
  return files;
}

std::string as_utf16(std::string_view text) {
  std::vector<std::byte> bytes;
  decode::evtx::write::append_units(bytes, decode::evtx::write::to_utf16(text));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < width; ++i)
    number |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return number;
}

struct Header {
  std::uint64_t id;
  Time time;
  std::string_view bytes;
};

/// The records of a file, by magic and size.
std::vector<Header> records_of(std::string_view file) {
  std::vector<Header> records;
  for (std::size_t chunk = 4096; chunk < file.size(); chunk += 65536) {
    for (std::size_t at = chunk + 512; at + 28 < chunk + 65536 && number_at(file, at, 4) == 0x2a2a;
         at += number_at(file, at + 4, 4)) {
      records.push_back({number_at(file, at + 8, 8),
                         Time{static_cast<std::int64_t>(number_at(file, at + 16, 8))},
                         file.substr(at, number_at(file, at + 4, 4))});
    }
  }
  return records;
}

/// Whether a file of the step's channel holds a record with its text, at its time or within the next minute.
bool shows(const std::map<std::string, std::string>& files, const Step& step) {
  std::string name;
  for (const char letter : step.channel) name += letter == '/' ? std::string("%4") : std::string(1, letter);
  // Names stand once a chunk, so the record of a wrapper element need not hold its name.
  const std::string text = step.telling == "LogFileCleared" ? "" : as_utf16(step.telling);
  for (const auto& [file, bytes] : files) {
    if (file != step.host + "/" + name + ".evtx" && !file.starts_with(step.host + "/Archive-" + name))
      continue;
    for (const Header& record : records_of(bytes)) {
      const std::int64_t after = record.time.ticks - step.time.ticks;
      const bool near = after >= 0 && after < 60 * kTicksPerSecond;
      if (near && record.bytes.find(text) != std::string_view::npos) return true;
    }
  }
  return false;
}

TEST(Dice, GivesTheSameNumbersEverywhere) {
  Dice dice(42);
  EXPECT_EQ(dice.next(), 3270867926U);
  EXPECT_EQ(dice.next(), 1795671209U);
  EXPECT_NE(Dice(42, "a").next(), Dice(42, "b").next());
  EXPECT_NE(Dice(42, "a").next(), Dice(43, "a").next());
}

TEST(Dice, StaysInItsBounds) {
  Dice dice(7);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_LT(dice.below(6), 6U);
    seen.insert(dice.between(-2, 2));
  }
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
}

TEST_F(Estate, HoldsThreeDaysOfEightHosts) {
  EXPECT_GT(summary_.records, 20'000U);
  EXPECT_LT(summary_.records, 40'000U);
  EXPECT_LT(summary_.bytes, 60U << 20);
  std::set<std::string> seen;
  std::uint64_t records = 0;
  for (const EstateFile& file : summary_.files) {
    seen.insert(file.name.substr(0, file.name.find('/')));
    records += file.records;
    EXPECT_EQ(fs::file_size(folder_ / file.name), file.bytes) << file.name;
    EXPECT_GT(file.records, 0U) << file.name;
  }
  EXPECT_EQ(seen.size(), 8U);
  EXPECT_EQ(records, summary_.records);
  EXPECT_EQ(files_.size(), summary_.files.size() + 1) << "the logs and the marker, nothing else";
}

TEST_F(Estate, KeepsRecordsInTheOrderOfTimeWithIdsInARow) {
  for (const EstateFile& file : summary_.files) {
    const auto records = records_of(files_.at(file.name));
    ASSERT_EQ(records.size(), file.records) << file.name;
    for (std::size_t i = 1; i < records.size(); ++i) {
      ASSERT_EQ(records[i].id, records[i - 1].id + 1) << file.name;
      ASSERT_GE(records[i].time, records[i - 1].time) << file.name << " record " << records[i].id;
    }
    EXPECT_GE(records.front().time, *parse_time("2026-03-02T00:00:00Z"));
    EXPECT_LT(records.back().time, *parse_time("2026-03-05T00:00:00Z"));
  }
}

TEST_F(Estate, ShowsEveryStepOfTheIntrusion) {
  EXPECT_GE(summary_.intrusion.size(), 45U);
  std::set<std::string> where;
  std::set<std::uint16_t> ids;
  for (const Step& step : summary_.intrusion) {
    EXPECT_TRUE(shows(files_, step)) << step.host << " " << step.channel << " " << step.event_id << ": "
                                     << step.telling;
    where.insert(step.host);
    ids.insert(step.event_id);
  }
  EXPECT_EQ(where, (std::set<std::string>{"EVW-DC01", "EVW-FS01", "EVW-JUMP01"}));
  for (const std::uint16_t id :
       {1, 10, 11, 13, 21, 26, 104, 216, 325, 326, 327, 1102, 4104, 4624, 4648, 4688, 7045}) {
    EXPECT_TRUE(ids.contains(id)) << id;
  }
  EXPECT_TRUE(std::is_sorted(summary_.intrusion.begin(), summary_.intrusion.end(),
                             [](const Step& a, const Step& b) { return a.time < b.time; }));
}

TEST_F(Estate, LosesWhatTheIntruderCleared) {
  const auto before = records_of(files_.at("EVW-JUMP01/Archive-Security-2026-03-04-00-00-00-000.evtx"));
  const auto after = records_of(files_.at("EVW-JUMP01/Security.evtx"));
  ASSERT_FALSE(before.empty());
  ASSERT_FALSE(after.empty());
  EXPECT_NE(after.front().bytes.find(as_utf16("LogFileCleared")), std::string_view::npos);
  EXPECT_GT(after.front().id, before.back().id + 1) << "the records of the second night are gone";
}

TEST_F(Estate, IsTheSameAgainAndReplacesOnlyWhatItMade) {
  std::ofstream(folder_ / "notes.txt") << "mine";
  std::ofstream(folder_ / "EVW-DC01" / "old.evtx") << "stale";
  ASSERT_TRUE(write_estate(folder_).has_value());
  EXPECT_EQ(contents(folder_ / "notes.txt"), "mine");
  fs::remove(folder_ / "notes.txt");
  EXPECT_EQ(all_files(folder_), files_);
}

TEST_F(Estate, OfSomeMachinesHoldsTheSameFilesOfThem) {
  const fs::path other = own_folder("lw_estate_part");
  const auto part = write_estate(other, {.machines = {"EVW-DC01"}});
  ASSERT_TRUE(part.has_value());
  std::map<std::string, std::string> expected = files_;
  std::erase_if(expected, [](const auto& file) {
    return !file.first.starts_with("EVW-DC01/") && file.first != kEstateMarker;
  });
  EXPECT_EQ(part->files.size() + 1, expected.size());
  EXPECT_TRUE(all_files(other) == expected);
  fs::remove_all(other);
}

TEST_F(Estate, DiffersWithTheSeedAndGrowsWithTheScale) {
  const fs::path other = own_folder("lw_busier");
  fs::remove_all(other);
  const auto busier = write_estate(other, {.seed = 2, .days = 3, .scale = 2});
  ASSERT_TRUE(busier.has_value());
  EXPECT_GT(busier->records, summary_.records * 5 / 4);
  EXPECT_EQ(busier->intrusion.size(), summary_.intrusion.size());
  EXPECT_NE(busier->intrusion[5].time, summary_.intrusion[5].time);
  fs::remove_all(other);
}

TEST(EstateFolder, RefusesAFolderOfSomebodyElse) {
  const fs::path other = own_folder("lw_foreign");
  fs::create_directories(other);
  std::ofstream(other / "evidence.txt") << "mine";
  const auto refused = write_estate(other);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_TRUE(fs::exists(other / "evidence.txt"));
  EXPECT_FALSE(fs::exists(other / "EVW-DC01"));
  fs::remove_all(other);
}

TEST(EstateFolder, RefusesImpossibleOptions) {
  const fs::path other = own_folder("lw_never");
  for (const EstateOptions& options : {EstateOptions{.days = 2}, EstateOptions{.days = 32},
                                       EstateOptions{.scale = 0}, EstateOptions{.scale = 51}}) {
    const auto refused = write_estate(other, options);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  }
  EXPECT_FALSE(fs::exists(other));
}

}  // namespace
}  // namespace landwarden::range
