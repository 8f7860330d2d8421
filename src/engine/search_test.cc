#include "engine/search.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "decode/evtx/writer.h"
#include "engine/search_context.h"

namespace landwarden::engine {
namespace {

namespace fs = std::filesystem;
namespace write = decode::evtx::write;
using Kind = SearchTerm::Kind;

constexpr std::int64_t kStart = 1'772'000'000;
const std::vector<std::string> kCommands = {"cmd /c whoami",
                                            "powershell -enc AAAA",
                                            "net user bob /add",
                                            "C:\\Tools\\MimiKatz.exe",
                                            "ta\u017F\u212A list",
                                            "",
                                            "caf\u00E9 & \"quoted\"",
                                            "4688",
                                            "notepad.exe"};

write::EventRecord event(std::uint64_t number) {
  write::EventRecord out;
  out.provider.name = number % 3 == 0 ? "Microsoft-Windows-Sysmon" : "Microsoft-Windows-Security-Auditing";
  out.provider.literal = number % 4 == 0;
  out.event_id = number % 3 == 0 ? 1 : 4688;
  out.time = from_unix(kStart + static_cast<std::int64_t>(number));
  out.channel = number % 3 == 0 ? "Microsoft-Windows-Sysmon/Operational" : "Security";
  out.computer = number % 2 == 0 ? "DC01" : "FS01";
  out.record_id = number;
  if (number % 7 == 0) {
    out.data = write::ClassicData{.strings = {"first", kCommands[number % kCommands.size()]}, .binary = {}};
    return out;
  }
  write::EventData data;
  data.fields.emplace_back("CommandLine", write::Value::text(kCommands[number % kCommands.size()]));
  data.fields.emplace_back("Image",
                           write::Value::text(number % 5 == 0 ? "C:\\Windows\\net.exe" : "C:\\a.exe"));
  data.fields.emplace_back("Number", write::Value::text(fmt::format("n{}", number)));
  out.data = std::move(data);
  return out;
}

class SearchTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    folder_ = fs::path(testing::TempDir()) / ("landwarden_search_" + name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    options_.evidence = {folder_.string()};
    options_.threads = 1;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& name, std::uint64_t first, std::uint64_t last) {
    decode::evtx::Writer writer(write::FileOptions{});
    for (std::uint64_t number = first; number <= last; ++number) {
      const write::EventRecord record = event(number);
      ASSERT_TRUE(
          writer
              .add(write::Record{
                  .written = record.time, .content = write::lay_out(record, number), .record_id = number})
              .has_value());
    }
    const std::vector<std::byte> bytes = writer.finish();
    std::ofstream(folder_ / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  void look_for(Kind kind, std::string text, std::vector<std::string> fields = {}) {
    options_.terms.terms = {{kind, std::move(text), std::move(fields)}};
  }
  /// "a.evtx 12 Field=value[begin-end]…", "~" in front of context, "--" in front of a gap.
  std::vector<std::string> found() {
    std::vector<std::string> out;
    event::Catalogue catalogue;
    Progress progress;
    const std::atomic<bool> stop = false;
    const auto render = [](const triage::SearchHit& hit, std::string& text) {
      text += fmt::format("{}", hit.record_id);
      for (const triage::ShownValue& value : hit.found) {
        text += fmt::format(" {}={}", value.field, value.text);
        for (std::size_t i = value.spans_begin; i < value.spans_end; ++i)
          text += fmt::format("[{}-{}]", hit.spans[i].begin, hit.spans[i].end);
      }
    };
    const auto result =
        search(options_, catalogue, progress, stop, render, [&](const SearchLine& line) -> Result<void> {
          out.push_back(fmt::format("{}{}{} {}", line.gap ? "--" : "", line.context ? "~" : "",
                                    fs::path(line.source).filename().string(), line.text));
          return {};
        });
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
    if (result) records_ = result->records;
    return out;
  }

  fs::path folder_;
  SearchOptions options_;
  std::uint64_t records_ = 0;
};

TEST_F(SearchTest, FindsALiteralWithoutCaseAndMarksIt) {
  put("a.evtx", 1, 20);
  look_for(Kind::literal, "mimikatz");
  EXPECT_EQ(found(), (std::vector<std::string>{"a.evtx 3 CommandLine=C:\\Tools\\MimiKatz.exe[9-17]",
                                               "a.evtx 12 CommandLine=C:\\Tools\\MimiKatz.exe[9-17]"}));
  EXPECT_EQ(records_, 20U);
  options_.terms.case_sensitive = true;
  EXPECT_TRUE(found().empty());
}

TEST_F(SearchTest, KnowsOtherFormsOfLettersAndLists) {
  put("a.evtx", 1, 20);
  look_for(Kind::literal, "TASK list");
  EXPECT_EQ(found(), (std::vector<std::string>{"a.evtx 4 CommandLine=ta\u017F\u212A list[0-12]",
                                               "a.evtx 13 CommandLine=ta\u017F\u212A list[0-12]"}));
  look_for(Kind::literal, "first");
  EXPECT_EQ(found(), (std::vector<std::string>{"a.evtx 7 Data=first[0-5]", "a.evtx 14 Data=first[0-5]"}));
}

TEST_F(SearchTest, FindsWholeValuesOfAFieldWithWildcards) {
  put("a.evtx", 1, 12);
  look_for(Kind::wildcard, "*\\NET.exe", {"image"});
  EXPECT_EQ(found(), (std::vector<std::string>{"a.evtx 5 Image=C:\\Windows\\net.exe[0-18]",
                                               "a.evtx 10 Image=C:\\Windows\\net.exe[0-18]"}));
  look_for(Kind::wildcard, "net.exe", {"Image"});
  EXPECT_TRUE(found().empty());
  look_for(Kind::wildcard, "4688", {"EventID"});
  EXPECT_EQ(found().size(), 8U) << "System. may be left out";
}

TEST_F(SearchTest, AllPatternsOrAnyOrNone) {
  put("a.evtx", 1, 45);
  options_.terms.terms = {{Kind::literal, "user", {}}, {Kind::literal, "net.exe", {"Image"}}};
  const std::size_t any = found().size();
  options_.invert = true;
  EXPECT_EQ(found().size(), 45 - any);
  options_.invert = false;
  options_.terms.all = true;
  EXPECT_EQ(found(), (std::vector<std::string>{"a.evtx 20 CommandLine=net user bob /add[4-8] "
                                               "Image=C:\\Windows\\net.exe[11-18]"}));
}

TEST_F(SearchTest, LeavesOutWhatWasNotAskedFor) {
  put("a.evtx", 1, 30);
  look_for(Kind::regex, "^C:");
  options_.host = "dc*";
  options_.event_ids = {1};
  options_.channels = {"*sysmon*"};
  options_.since = from_unix(kStart + 7);
  options_.until = from_unix(kStart + 25);
  std::vector<std::string> numbers;
  for (const std::string& line : found()) numbers.push_back(line.substr(0, line.find(' ', 8)));
  EXPECT_EQ(numbers, (std::vector<std::string>{"a.evtx 12", "a.evtx 18", "a.evtx 24"}));
}

TEST_F(SearchTest, GivesTheSameWithAnyNumberOfThreadsInTheOrderOfTheEvidence) {
  put("b.evtx", 1, 9000);
  put("a.evtx", 100, 130);
  for (const std::size_t context : {0UL, 2UL}) {
    look_for(Kind::literal, context == 0 ? "whoami" : "n777");
    options_.context = context;
    options_.threads = 1;
    const auto one = found();
    options_.threads = 4;
    EXPECT_EQ(one, found());
    EXPECT_FALSE(one.empty());
  }
}

TEST_F(SearchTest, ShowsWhatStandsAroundAHit) {
  put("a.evtx", 1, 40);
  options_.terms.terms = {{Kind::wildcard, "n10", {"Number"}},
                          {Kind::wildcard, "n12", {"Number"}},
                          {Kind::wildcard, "n30", {"Number"}}};
  options_.context = 2;
  EXPECT_EQ(found(), (std::vector<std::string>{"~a.evtx 8", "~a.evtx 9", "a.evtx 10 Number=n10[0-3]",
                                               "~a.evtx 11", "a.evtx 12 Number=n12[0-3]", "~a.evtx 13",
                                               "~a.evtx 14", "--~a.evtx 28", "~a.evtx 29",
                                               "a.evtx 30 Number=n30[0-3]", "~a.evtx 31", "~a.evtx 32"}));
}

TEST(SearchContext, ReachesOverTheBordersOfWorkUnits) {
  std::vector<std::string> shown;
  const SearchContext::OnLine on_line = [&](const SearchLine& line) -> Result<void> {
    shown.push_back(fmt::format("{}{}{}", line.gap ? "--" : "", line.context ? "~" : "", line.text));
    return {};
  };
  SearchContext context(1, on_line);
  // Two units of two records and one of a single record; the hit is the last of the first and of the third.
  EXPECT_TRUE(context.feed(0, "a", 0, false, "1").has_value());
  EXPECT_TRUE(context.feed(0, "a", 1, true, "2").has_value());
  EXPECT_TRUE(context.feed(0, "a", 0, false, "3").has_value());
  EXPECT_TRUE(context.feed(0, "a", 1, false, "4").has_value());
  EXPECT_TRUE(context.feed(0, "a", 0, true, "5").has_value());
  EXPECT_TRUE(context.feed(1, "b", 0, false, "6").has_value());
  EXPECT_EQ(shown, (std::vector<std::string>{"~1", "2", "~3", "~4", "5"}));
}

/// Passing over records by their bytes must not change what is found.
void expect_filter_changes_nothing(SearchOptions& options, auto&& found) {
  for (const bool case_sensitive : {false, true}) {
    options.terms.case_sensitive = case_sensitive;
    options.raw_filter = false;
    const auto plain = found();
    options.raw_filter = true;
    EXPECT_EQ(plain, found()) << options.terms.terms[0].text << (case_sensitive ? " with case" : "");
  }
}

const std::vector<std::pair<Kind, std::string>> kPatterns = {{Kind::literal, "mimikatz"},
                                                             {Kind::literal, "task"},
                                                             {Kind::literal, "4688"},
                                                             {Kind::literal, "sysmon"},
                                                             {Kind::literal, "Security"},
                                                             {Kind::literal, "\" \""},
                                                             {Kind::literal, "caf\u00E9"},
                                                             {Kind::literal, "& \"q"},
                                                             {Kind::literal, "powershell -enc"},
                                                             {Kind::literal, "DC01"},
                                                             {Kind::literal, "user"},
                                                             {Kind::literal, "http"},
                                                             {Kind::regex, "mimi|whoami"},
                                                             {Kind::regex, "net +user"},
                                                             {Kind::regex, "[a-z]+ /c \\w+$"},
                                                             {Kind::regex, "ta.k list"},
                                                             {Kind::regex, "n1[0-9]{2}"},
                                                             {Kind::wildcard, "*\\net.exe"},
                                                             {Kind::wildcard, "*enc*"},
                                                             {Kind::wildcard, ""},
                                                             {Kind::wildcard, "4688"},
                                                             {Kind::literal, "S-1-5-18"},
                                                             {Kind::literal, "0x3e7"},
                                                             {Kind::literal, "T07:1"},
                                                             {Kind::literal, "ff"},
                                                             {Kind::literal, "true"},
                                                             {Kind::regex, "-468[0-9]|4624"},
                                                             {Kind::regex, "user$|^net"},
                                                             {Kind::regex, "\\bnet\\b +user"},
                                                             {Kind::regex, "[^a]etwork[ \\]]"},
                                                             {Kind::regex, "cmd.*exe"},
                                                             {Kind::regex, "(?s)a.*windows.*z"}};

TEST_F(SearchTest, PassingOverRecordsChangesNothing) {
  put("a.evtx", 1, 2000);
  for (const auto& [kind, text] : kPatterns) {
    look_for(kind, text);
    expect_filter_changes_nothing(options_, [this] { return found(); });
  }
}

TEST_F(SearchTest, PassingOverRecordsChangesNothingInRealLogs) {
  const char* data = std::getenv("LW_DATA");
  const char* home = std::getenv("HOME");
  const fs::path folder =
      data != nullptr ? fs::path(data) : fs::path(home != nullptr ? home : "") / "lw-data";
  std::vector<std::string> logs;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().extension() == ".evtx" && at->file_size() < (2U << 20))
      logs.push_back(at->path().string());
  }
  if (logs.empty()) GTEST_SKIP() << "no event logs below " << folder;
  std::ranges::sort(logs);
  options_.evidence.clear();
  for (std::size_t i = 0; i < logs.size(); i += logs.size() / 40 + 1) options_.evidence.push_back(logs[i]);
  for (const auto& [kind, text] : kPatterns) {
    look_for(kind, text);
    expect_filter_changes_nothing(options_, [this] { return found(); });
  }
}

TEST(SearchPattern, RefusesWhatCannotBeLookedFor) {
  EXPECT_FALSE(SearchPattern::compile({}));
  EXPECT_FALSE(SearchPattern::compile({.terms = {{Kind::literal, "", {}}}}));
  EXPECT_FALSE(SearchPattern::compile({.terms = {{Kind::regex, "(", {}}}}));
  EXPECT_FALSE(SearchPattern::compile({.terms = {{Kind::literal, "\xff", {}}}}));
  EXPECT_FALSE(SearchPattern::compile({.terms = std::vector<SearchTerm>(64, {Kind::literal, "x", {}})}));
}

TEST(SearchPattern, TakesBackslashesAsSigmaDoes) {
  const auto meets = [](const char* wildcard, const char* value) {
    const auto pattern = SearchPattern::compile({.terms = {{Kind::wildcard, wildcard, {}}}});
    return pattern && pattern->test(value, 1) != 0;
  };
  EXPECT_TRUE(meets("*\\net.exe", "C:\\net.exe"));
  EXPECT_TRUE(meets("a\\*b", "a*b"));
  EXPECT_FALSE(meets("a\\*b", "axb"));
  EXPECT_TRUE(meets("C:\\\\*", "C:\\x"));
  EXPECT_TRUE(meets("?", "\u00E9"));
  EXPECT_FALSE(meets("a.c", "abc"));
}

}  // namespace
}  // namespace landwarden::engine
