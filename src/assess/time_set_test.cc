#include "assess/time_set.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace landwarden::assess {
namespace {

TimeRange range(std::int64_t begin, std::int64_t end) {
  return {Time{begin}, Time{end}};
}

TEST(TimeSet, JoinsWhatTouchesAndDropsWhatIsEmpty) {
  TimeSet set;
  set.add(range(10, 20));
  set.add(range(30, 40));
  set.add(range(20, 30));
  set.add(range(50, 50));
  set.add(range(60, 55));
  EXPECT_EQ(set.ranges(), std::vector{range(10, 40)});
}

TEST(TimeSet, TakesOnlyDaysWithEveryBitOfTheMask) {
  triage::DayRuns days;
  days.add({1, 1, 1}, 10);
  days.add({2, 3, 3}, 10);
  const TimeSet set = TimeSet::of_days(days, 2);
  EXPECT_EQ(set.ranges(), (std::vector<TimeRange>{{triage::start_of(2), triage::start_of(4)}}));
}

TEST(TimeSet, ForgivesShortStretchesAtTheEdgesOnly) {
  const std::int64_t minute = 60 * kTicksPerSecond;
  const TimeRange period = range(0, 1000 * minute);
  TimeSet set;
  set.add(range(0, 30 * minute));
  set.add(range(500 * minute, 501 * minute));
  set.add(range(900 * minute, 1000 * minute));
  EXPECT_EQ(set.inside(period).ranges(),
            (std::vector{range(500 * minute, 501 * minute), range(900 * minute, 1000 * minute)}));
}

std::set<std::int64_t> members(const TimeSet& set) {
  std::set<std::int64_t> out;
  for (const TimeRange& one : set.ranges()) {
    for (std::int64_t at = one.begin.ticks; at < one.end.ticks; ++at) out.insert(at);
  }
  return out;
}

TEST(TimeSet, CommonAndWithoutAreThoseOfSets) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    TimeSet a, b;
    std::set<std::int64_t> in_a, in_b;
    for (int i = 0; i < 12; ++i) {
      const auto begin = static_cast<std::int64_t>(random() % 60),
                 end = begin + static_cast<std::int64_t>(random() % 8);
      TimeSet& set = i % 2 == 0 ? a : b;
      set.add(range(begin, end));
      for (std::int64_t at = begin; at < end; ++at) (i % 2 == 0 ? in_a : in_b).insert(at);
    }
    std::set<std::int64_t> both, only_a;
    for (const std::int64_t at : in_a) (in_b.contains(at) ? both : only_a).insert(at);
    EXPECT_EQ(members(a), in_a);
    EXPECT_EQ(members(a.common(b)), both);
    EXPECT_EQ(members(a.without(b)), only_a);
  }
}

}  // namespace
}  // namespace landwarden::assess
