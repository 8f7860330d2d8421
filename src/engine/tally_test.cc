#include "engine/tally.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/record_filter.h"

namespace landwarden::engine {
namespace {

TEST(Tally, CountsShapesHostsAndTimes) {
  event::ValueTable hosts;
  const event::Code a = hosts.intern(event::ValueType::text, "a"),
                    b = hosts.intern(event::ValueType::text, "b");
  event::EventBatch batch;
  batch.shape = {3};
  batch.hosts = &hosts;
  for (const event::Code host : {a, a, b, a, event::kAbsent}) {
    event::RowMeta row;
    row.host = host;
    row.time =
        batch.rows.empty() ? Time::unknown() : Time{static_cast<std::int64_t>(100 - batch.rows.size())};
    batch.rows.push_back(row);
  }
  Tally tally, other;
  tally.count(batch);
  tally.count_matches(batch.shape, 2, 3);
  other.count(batch);
  other.add(tally);
  EXPECT_EQ(other.records, 10U);
  EXPECT_EQ(other.records_matched, 2U);
  EXPECT_EQ(other.matches, 3U);
  EXPECT_EQ(other.shapes[3].records, 10U);
  EXPECT_EQ(other.shapes[3].records_matched, 2U);
  EXPECT_EQ(other.first, Time{96});
  EXPECT_EQ(other.last, Time{99});
  std::uint64_t others = 1;
  EXPECT_EQ(other.hosts.take(others), (std::map<std::string, std::uint64_t>{{"a", 6}, {"b", 2}}));
  EXPECT_EQ(others, 0U);
}

TEST(HostCounts, KeepsTheSameHostsWhoeverCountedThem) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back(fmt::format("h{:03}", i % 200));
  std::map<std::string, std::uint64_t> expected;
  for (int i = 0; i < 10; ++i) expected[fmt::format("h{:03}", i)] = 5;
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    std::shuffle(names.begin(), names.end(), random);
    std::vector<HostCounts> workers(1 + seed % 4, HostCounts(10));
    for (std::size_t i = 0; i < names.size(); ++i) workers[random() % workers.size()].count(names[i], 1);
    HostCounts all(10);
    for (const HostCounts& worker : workers) all.add(worker);
    std::uint64_t others = 0;
    EXPECT_EQ(all.take(others), expected) << seed;
    EXPECT_EQ(others, 950U) << seed;
  }
}

TEST(RecordFilter, TakesSinceIncludedAndUntilExcludedAndUnknownTimes) {
  const RecordFilter filter(Time{10}, Time{20}, "");
  EXPECT_FALSE(filter.passes(Time{9}, "h"));
  EXPECT_TRUE(filter.passes(Time{10}, "h"));
  EXPECT_TRUE(filter.passes(Time{19}, ""));
  EXPECT_FALSE(filter.passes(Time{20}, "h"));
  EXPECT_TRUE(filter.passes(Time::unknown(), "h"));
  EXPECT_FALSE(filter.passes_all());
  EXPECT_TRUE(RecordFilter({}, {}, "").passes_all());
}

TEST(RecordFilter, ComparesHostsWithoutCaseAndWithWildcards) {
  const auto passes = [](std::string_view pattern, std::string_view host) {
    return RecordFilter({}, {}, pattern).passes({}, host);
  };
  EXPECT_TRUE(passes("PUMP-01.water.example", "pump-01.WATER.example"));
  EXPECT_FALSE(passes("pump-01", "pump-01.water.example"));
  EXPECT_TRUE(passes("pump-*", "PUMP-01.water.example"));
  EXPECT_TRUE(passes("*.water.example", "pump-01.water.example"));
  EXPECT_TRUE(passes("p*p-?1*", "pump-01"));
  EXPECT_FALSE(passes("pump-?", "pump-01"));
  EXPECT_TRUE(passes("b?ro", "B\xC3\x9Cro"));
  EXPECT_FALSE(passes("pump", ""));
  EXPECT_TRUE(passes("*", ""));
  EXPECT_FALSE(passes("*a*a*a*a*a*b", std::string(200, 'a')));
}

TEST(RecordFilter, LooksAtEveryRowOfABatch) {
  event::ValueTable hosts;
  event::EventBatch batch;
  batch.hosts = &hosts;
  for (int i = 0; i < 5; ++i) {
    event::RowMeta row;
    row.host = hosts.intern(event::ValueType::text, fmt::format("host-{}", i));
    row.time = Time{i};
    batch.rows.push_back(row);
  }
  EXPECT_EQ(RecordFilter({}, {}, "host-4").passing(batch), 1U);
  EXPECT_EQ(RecordFilter({}, {}, "host-5").passing(batch), 0U);
  EXPECT_EQ(RecordFilter(Time{3}, {}, "host-2").passing(batch), 0U);
  EXPECT_EQ(RecordFilter(Time{4}, {}, "").passing(batch), 1U);
}

}  // namespace
}  // namespace landwarden::engine
