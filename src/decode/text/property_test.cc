// What is written is read back; where a file is cut does not matter; a damaged byte costs one event at most.
// Seeds are printed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "decode/decoded_rows.h"
#include "decode/text/recognise.h"
#include "decode/text/writer.h"

namespace landwarden::decode::text {
namespace {

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  /// Text that a program may be given: letters, blanks, quotes, control characters, characters of other
  /// scripts.
  std::string text(std::size_t longest) {
    static const std::string kPieces[] = {"a",    "Z9",    "/tmp/x", " ",    "\"",       "'",
                                          "\\",   "$(id)", "=",      "\t",   "\xC3\xA9", "\xE6\x97\xA5",
                                          "ABCD", "20",    "`",      "\x1B", ";",        ","};
    std::string out;
    for (std::size_t i = below(longest + 1); i > 0; --i) out += kPieces[below(std::size(kPieces))];
    return out;
  }

 private:
  std::mt19937 engine_;
};

Execution random_execution(Random& random, std::uint64_t serial) {
  Execution out;
  out.id = {.node = random.below(2) == 0 ? "web1" : "", .time = {}, .serial = serial};
  // Far apart: a damaged digit must not make one event's stamp another's.
  out.id.time = from_unix(1'700'000'000 + static_cast<std::int64_t>(serial) * 7'919'111);
  for (std::size_t i = 1 + random.below(5); i > 0; --i) out.arguments.push_back(random.text(12));
  out.exe = "/usr/bin/" + random.text(3);
  out.comm = random.text(2) + "c";
  out.cwd = "/" + random.text(3);
  out.key = random.below(2) == 0 ? "exec" : "";
  out.pid = static_cast<std::uint32_t>(random.below(50'000));
  out.user = random.below(2) == 0 ? "ann" : "";
  return out;
}

/// Records of several events, those of one in order, up to three of them mixed.
std::string mixed(Random& random, const std::vector<Execution>& events, std::size_t piece = 7500,
                  std::size_t line = 8000) {
  std::string out;
  for (std::size_t first = 0; first < events.size();) {
    const std::size_t together = std::min(1 + random.below(3), events.size() - first);
    std::vector<int> next(together, 0);
    for (std::size_t left = together * kExecutionRecords; left > 0; --left) {
      std::size_t which = random.below(together);
      while (next[which] == kExecutionRecords) which = (which + 1) % together;
      append_execution_record(out, events[first + which], next[which]++, piece, line);
    }
    first += together;
  }
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (&part == parts.data() ? "" : " ") + part;
  return out;
}

TEST(TextProperty, EveryValueOfAnExecutionComesBack) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<Execution> events;
    for (std::uint64_t i = 1; i <= 12; ++i) events.push_back(random_execution(random, i));
    const std::size_t piece = 1 + random.below(40);
    const DecodedRows decoded = decode_rows(mixed(random, events, piece, 100 + random.below(400)));
    EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
    ASSERT_EQ(decoded.rows.size(), events.size() * kExecutionRecords);
    for (const DecodedRow& row : decoded.rows) {
      const Execution& event = events.at(std::stoul(row.field("serial")) - 1);
      EXPECT_EQ(row.time, to_rfc3339(event.id.time));
      EXPECT_EQ(row.host, event.id.node);
      EXPECT_EQ(row.field("exe"), event.exe);
      EXPECT_EQ(row.field("comm"), event.comm);
      EXPECT_EQ(row.field("cwd"), event.cwd);
      EXPECT_EQ(row.field("pid"), std::to_string(event.pid));
      EXPECT_EQ(row.field("key"), event.key.empty() ? "(null)" : event.key);
      if (row.field("type") != "EXECVE") continue;
      for (std::size_t i = 0; i < event.arguments.size(); ++i)
        EXPECT_EQ(row.field("a" + std::to_string(i)), event.arguments[i]);
      EXPECT_EQ(row.field("CommandLine"), joined(event.arguments));
    }
  }
}

TEST(TextProperty, EveryCommandOfAHistoryComesBack) {
  for (const std::string form : {"bash", "zsh", "fish", "powershell"}) {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
      SCOPED_TRACE(form + ", seed " + std::to_string(seed));
      Random random(seed);
      std::string text;
      std::vector<std::string> expected;
      const bool timed = form != "powershell";
      for (int i = 0; i < 20; ++i) {
        std::string command = "c" + random.text(8);
        if (random.below(4) == 0) command += "x\ny" + random.text(3);
        // A mark at the end of a line would make it go on.
        command += "z";
        const Time time = timed ? from_unix(1'700'000'000 + i) : Time::unknown();
        append_history_entry(text, form, time, command);
        expected.push_back(to_rfc3339(time) + command);
      }
      std::vector<std::string> got;
      const std::string name = form == "fish"         ? "fish_history"
                               : form == "powershell" ? "ConsoleHost_history.txt"
                                                      : "." + form + "_history";
      for (const DecodedRow& row : decode_rows(text, 0, name).rows)
        got.push_back(row.time + row.field("CommandLine"));
      EXPECT_EQ(got, expected);
    }
  }
}

/// The rows of a text that is one unit, whatever its size.
std::vector<DecodedRow> rows_of_units(const std::string& text, std::size_t step) {
  return decode_rows(text, step).rows;
}

TEST(TextProperty, WhereItIsCutDoesNotMatter) {
  Random random(7);
  std::vector<Execution> events;
  for (std::uint64_t i = 1; i <= 400; ++i) events.push_back(random_execution(random, i));
  std::string text = mixed(random, events);
  const std::vector<DecodedRow> whole = rows_of_units(text, 0);
  ASSERT_EQ(whole.size(), events.size() * kExecutionRecords);
  for (const std::size_t step : {std::size_t{1}, std::size_t{777}, std::size_t{40'000}})
    EXPECT_TRUE(rows_of_units(text, step) == whole) << "step " << step;
}

TEST(TextProperty, UnitsOfAMegabytePartNoEvent) {
  Random random(8);
  std::vector<Execution> events;
  for (std::uint64_t i = 1; i <= 4000; ++i) events.push_back(random_execution(random, i));
  const std::string text = mixed(random, events);
  ASSERT_GT(text.size(), 2 * kUnitBytes);
  const DecodedRows decoded = decode_rows(text);
  ASSERT_EQ(decoded.rows.size(), events.size() * kExecutionRecords);
  for (const DecodedRow& row : decoded.rows) {
    const Execution& event = events.at(std::stoul(row.field("serial")) - 1);
    ASSERT_EQ(row.field("exe"), event.exe) << row.field("serial");
    ASSERT_EQ(row.field("cwd"), event.cwd) << row.field("serial");
  }
}

TEST(TextProperty, ADamagedByteCostsOneEventAtMost) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<Execution> events;
    for (std::uint64_t i = 1; i <= 10; ++i) events.push_back(random_execution(random, i));
    std::string text = mixed(random, events);
    const std::vector<DecodedRow> before = decode_rows(text).rows;
    const std::size_t at = random.below(text.size());
    // A byte belongs to its line; one at a line's border to the neighbour, too.
    const std::size_t begin = text.rfind('\n', at == 0 ? 0 : at - 1) + 1;
    std::vector<std::size_t> touched = {begin == text.size() ? 0 : begin};
    if (text[at] == '\n') touched.push_back(at + 1);
    if (at == begin && begin > 1) touched.push_back(text.rfind('\n', begin - 2) + 1);
    std::vector<std::string> hurt;
    for (const DecodedRow& row : before) {
      if (std::find(touched.begin(), touched.end(), row.offset) != touched.end())
        hurt.push_back(row.field("serial"));
    }
    text[at] = static_cast<char>(random.below(256));
    const DecodedRows after = decode_rows(text);
    EXPECT_EQ(after.receipt.records_seen, after.receipt.records_decoded + after.receipt.records_quarantined);
    for (const DecodedRow& row : before) {
      if (std::find(hurt.begin(), hurt.end(), row.field("serial")) != hurt.end()) continue;
      EXPECT_NE(std::find(after.rows.begin(), after.rows.end(), row), after.rows.end())
          << "byte " << at << " cost the record at " << row.offset;
    }
  }
}

TEST(TextEvidence, EveryLineOfRealLogsIsReadOrCounted) {
  namespace fs = std::filesystem;
  const char* named = std::getenv("LW_DATA");
  const char* home = std::getenv("HOME");
  const fs::path data =
      named != nullptr ? fs::path(named) : fs::path(home != nullptr ? home : ".") / "lw-data";
  std::vector<fs::path> files;
  for (const char* file : {"ait-log-parsing/data/2k/Audit/Audit_2k.log", "loghub/Linux/Linux_2k.log",
                           "loghub/OpenSSH/OpenSSH_2k.log", "loghub/Mac/Mac_2k.log"}) {
    if (fs::exists(data / file)) files.push_back(data / file);
  }
  for (const char* folder : {"audit-userspace/auparse/test", "ctdd-syslogs"}) {
    if (!fs::exists(data / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(data / folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && (name.ends_with(".log") || name.ends_with("syslog_log")))
        files.push_back(entry.path());
    }
  }
  if (files.empty()) GTEST_SKIP() << "no text logs in " << data;
  for (const fs::path& file : files) {
    std::ostringstream bytes;
    bytes << std::ifstream(file, std::ios::binary).rdbuf();
    std::uint64_t lines = 0;
    std::istringstream text(bytes.str());
    for (std::string line; std::getline(text, line);) {
      if (line.ends_with('\r')) line.pop_back();
      const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
      lines += !line.empty() && !goes_on && !is_separator(line) ? 1 : 0;
    }
    const DecodedRows decoded = decode_rows(bytes.str());
    std::uint64_t continued = 0;
    for (const event::Counted& counted : decoded.receipt.damage) continued += counted.count;
    EXPECT_EQ(decoded.receipt.records_seen + continued, lines) << file;
    EXPECT_EQ(decoded.receipt.records_quarantined, 0U) << file;
    EXPECT_EQ(decoded.rows.size(), decoded.receipt.records_decoded) << file;
  }
}

}  // namespace
}  // namespace landwarden::decode::text
