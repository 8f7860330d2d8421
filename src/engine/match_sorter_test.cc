#include "engine/match_sorter.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/limits.h"

namespace landwarden::engine {
namespace {

constexpr auto kNames = [](event::SourceId source) -> std::string_view {
  static constexpr std::array<std::string_view, 4> names = {"d.evtx", "c.evtx", "b.evtx", "a.evtx"};
  return names[source.value % names.size()];
};

/// Matches full of ties, in a random order.
std::vector<sigma::Match> many(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<sigma::Match> matches(count);
  for (std::size_t i = 0; i < count; ++i) {
    sigma::Match& match = matches[i];
    match.time = i % 17 == 0 ? Time::unknown() : Time{static_cast<std::int64_t>(i % 50)};
    match.host = fmt::format("host-{}", i % 3);
    match.channel = i % 2 == 0 ? "Security" : "System";
    match.record_id = i / 8;
    match.source = {static_cast<std::uint32_t>(i % 4)};
    match.offset = i / 4;
    match.rule = static_cast<std::uint32_t>(i);  // makes every match another
    match.why = std::string(i % 90, 'w');
  }
  std::shuffle(matches.begin(), matches.end(), random);
  return matches;
}

std::string folder() {
  return testing::TempDir();
}

struct Sorted {
  std::vector<std::uint32_t> rules;  ///< one number a match
  std::size_t runs = 0;
};

Sorted sort(const std::vector<sigma::Match>& matches, std::size_t sorters, std::size_t memory,
            std::size_t at_once) {
  std::vector<std::unique_ptr<MatchSorter>> owned;
  std::vector<MatchSorter*> all;
  for (std::size_t i = 0; i < sorters; ++i) {
    owned.push_back(std::make_unique<MatchSorter>(memory, folder(), kNames));
    all.push_back(owned.back().get());
  }
  for (std::size_t i = 0; i < matches.size(); ++i) EXPECT_TRUE(all[i % sorters]->add(matches[i]));
  Sorted result;
  for (MatchSorter* sorter : all) {
    sorter->finish();
    result.runs += sorter->runs();
  }
  const auto merged =
      merge_matches(all, folder(), kNames, at_once, [&](const sigma::Match& match) -> Result<void> {
        EXPECT_EQ(match.why.size(), match.rule % 90);
        result.rules.push_back(match.rule);
        return {};
      });
  EXPECT_TRUE(merged.has_value());
  return result;
}

TEST(MatchSorter, GivesTheSameOrderHoweverMatchesAreSpreadAndSpilled) {
  const Sorted memory_only = sort(many(3000, 1), 1, 64 << 20, 64);
  ASSERT_EQ(memory_only.rules.size(), 3000U);
  EXPECT_EQ(memory_only.runs, 0U);
  for (const std::size_t sorters : {1U, 2U, 8U}) {
    for (const std::size_t memory : {std::size_t{1}, std::size_t{5000}, std::size_t{100'000}}) {
      for (const std::size_t at_once : {2U, 3U, 64U}) {
        if (memory == 1 && at_once < 64) continue;  // thousands of runs: one fan-in is enough
        const Sorted spilled =
            sort(many(3000, static_cast<std::uint32_t>(sorters + memory)), sorters, memory, at_once);
        EXPECT_EQ(spilled.rules, memory_only.rules) << sorters << " " << memory << " " << at_once;
        if (memory < 10'000) {
          EXPECT_GT(spilled.runs, at_once);
        }
      }
    }
  }
}

TEST(MatchSorter, TakesAMatchLargerThanEveryBuffer) {
  std::vector<sigma::Match> matches = many(20, 3);
  for (sigma::Match& match : matches) match.event = {{"Payload", {std::string(3 << 20, 'p')}}};
  EXPECT_EQ(sort(matches, 2, 4 << 20, 2).rules, sort(many(20, 3), 1, 64 << 20, 2).rules);
}

TEST(MatchSorter, LeavesNothingInItsFolder) {
  const std::filesystem::path own = std::filesystem::path(folder()) / "landwarden_sorter_test";
  std::filesystem::create_directories(own);
  MatchSorter sorter(1, own.string(), kNames);
  for (const sigma::Match& match : many(10, 1)) ASSERT_TRUE(sorter.add(match));
  EXPECT_EQ(sorter.runs(), 10U);
  EXPECT_TRUE(std::filesystem::is_empty(own));
  std::filesystem::remove_all(own);
}

TEST(MatchSorter, SaysWhereItCannotSpillAndWhatToDo) {
  MatchSorter sorter(1, "/nonexistent/folder", kNames);
  EXPECT_FALSE(sorter.add(many(1, 1)[0]));
  EXPECT_FALSE(sorter.add(many(1, 1)[0]));
  ASSERT_TRUE(sorter.error().has_value());
  EXPECT_EQ(sorter.error()->code, ErrorCode::io);
  EXPECT_EQ(sorter.error()->place.file, "/nonexistent/folder");
  EXPECT_NE(sorter.error()->hint.find("TMPDIR"), std::string::npos);
  MatchSorter* all[] = {&sorter};
  EXPECT_FALSE(merge_matches(all, folder(), kNames, 2, [](const sigma::Match&) {
                 return Result<void>();
               }).has_value());
}

/// Files of this process may not grow beyond `bytes` while it lives: the same errors as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(MatchSorter, ReportsAFullDiskAndStops) {
  std::optional<Error> error;
  {
    const SmallDisk disk(4096);
    MatchSorter sorter(20'000, folder(), kNames);
    const std::vector<sigma::Match> matches = many(3000, 1);
    for (const sigma::Match& match : matches) {
      if (!sorter.add(match)) break;
    }
    error = sorter.error();
  }
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::io);
  EXPECT_FALSE(error->hint.empty());
}

TEST(MatchMerge, StopsAtTheFirstErrorOfItsCaller) {
  MatchSorter sorter(64 << 20, folder(), kNames);
  for (const sigma::Match& match : many(100, 1)) ASSERT_TRUE(sorter.add(match));
  sorter.finish();
  MatchSorter* all[] = {&sorter};
  int calls = 0;
  const auto merged = merge_matches(all, folder(), kNames, 2, [&](const sigma::Match&) -> Result<void> {
    return ++calls == 5 ? fail(ErrorCode::io, "closed pipe") : Result<void>();
  });
  ASSERT_FALSE(merged.has_value());
  EXPECT_EQ(merged.error().message, "closed pipe");
  EXPECT_EQ(calls, 5);
}

TEST(SpillFile, NoticesWhatCameBackDamaged) {
  auto file = SpillFile::create(folder());
  ASSERT_TRUE(file.has_value());
  RunWriter writer(*file);
  ASSERT_TRUE(writer.add(std::string(5000, 'r')).has_value());
  auto run = writer.finish();
  ASSERT_TRUE(run.has_value());
  // The same bytes with one flipped: the block's checksum does not fit, or its sizes do not.
  std::string bytes(run->end, '\0');
  ASSERT_TRUE((*file)->read(0, bytes.data(), bytes.size()).has_value());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const std::uint64_t begin = (*file)->size();
    ASSERT_TRUE((*file)->append(damaged).has_value());
    RunReader reader({*file, begin, (*file)->size()});
    std::string_view record;
    const auto first = reader.next(record);
    if (first) {  // a bit that the format does not use
      EXPECT_EQ(record, std::string(5000, 'r')) << at;
    }
  }
  RunReader beyond({*file, (*file)->size(), (*file)->size() + 100});
  std::string_view record;
  EXPECT_FALSE(beyond.next(record).has_value());
}

}  // namespace
}  // namespace landwarden::engine
