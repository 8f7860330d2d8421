#include "triage/day_runs.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace landwarden::triage {
namespace {

TEST(DayRuns, CountsDaysFrom1601AlsoBackwards) {
  EXPECT_EQ(day_of(Time{0}), 0);
  EXPECT_EQ(day_of(Time{kTicksPerDay - 1}), 0);
  EXPECT_EQ(day_of(Time{kTicksPerDay}), 1);
  EXPECT_EQ(day_of(Time{-1}), -1);
  EXPECT_EQ(start_of(2).ticks, 2 * kTicksPerDay);
}

TEST(DayRuns, JoinsDaysThatFollowEachOtherWithTheSameMask) {
  DayRuns days;
  days.add({1, 1, 3}, 100);
  days.add({2, 2, 3}, 100);
  days.add({4, 4, 3}, 100);
  EXPECT_EQ(days.runs(), (std::vector<DayRun>{{1, 2, 3}, {4, 4, 3}}));
}

TEST(DayRuns, LeavesDaysOutAndCountsThemBeyondTheLimit) {
  DayRuns days;
  days.add({1, 1, 0}, 1);
  days.add({2, 2, 0}, 1);  // joins
  days.add({9, 10, 0}, 1);
  EXPECT_EQ(days.runs(), (std::vector<DayRun>{{1, 2, 0}}));
  EXPECT_EQ(days.left_out(), 2U);
}

// Any order of adding gives what a map from day to mask gives.
TEST(DayRuns, AreTheSameAsAMapOfDays) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    DayRuns days;
    std::map<std::int32_t, std::uint32_t> wanted;
    for (int i = 0; i < 40; ++i) {
      const auto first = static_cast<std::int32_t>(random() % 50);
      const DayRun run{first, first + static_cast<std::int32_t>(random() % 6), 1U << (random() % 3)};
      days.add(run, 1000);
      for (std::int32_t day = run.first; day <= run.last; ++day) wanted[day] |= run.mask;
    }
    std::map<std::int32_t, std::uint32_t> got;
    for (std::size_t i = 0; i < days.runs().size(); ++i) {
      const DayRun& run = days.runs()[i];
      if (i > 0) {
        const DayRun& before = days.runs()[i - 1];
        EXPECT_TRUE(before.last < run.first);
        EXPECT_FALSE(before.last + 1 == run.first && before.mask == run.mask) << "runs that should be one";
      }
      for (std::int32_t day = run.first; day <= run.last; ++day) got[day] = run.mask;
    }
    EXPECT_EQ(got, wanted);
  }
}

}  // namespace
}  // namespace landwarden::triage
