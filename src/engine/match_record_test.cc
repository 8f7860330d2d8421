#include "engine/match_record.h"

#include <string>

#include <gtest/gtest.h>

#include "event/batch.h"

namespace landwarden::engine {
namespace {

sigma::Match sample() {
  sigma::Match match;
  match.time = Time{1234567};
  match.host = "pump-01";
  match.channel = "Security";
  match.provider = "Microsoft-Windows-Security-Auditing";
  match.event_id = 4688;
  match.has_event_id = true;
  match.record_id = 99;
  match.offset = 0x1200;
  match.source = {3};
  match.rule = 7;
  match.matched = {{"CommandLine", {"ntdsutil ifm"}}, {"Empty", {}}, {"List", {"a", "", "c"}}};
  match.why = "CommandLine|contains: ntdsutil";
  match.event = {{"System.Channel", {"Security"}}};
  return match;
}

std::string bytes_of(const sigma::Match& match) {
  std::string bytes;
  append_record(bytes, match);
  return bytes;
}

constexpr auto kNames = [](event::SourceId source) -> std::string_view {
  static constexpr std::string_view names[] = {"z.evtx", "a.evtx", "a.evtx"};
  return names[source.value];
};

void expect_same(const std::vector<sigma::FieldValues>& a, const std::vector<sigma::FieldValues>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].field, b[i].field);
    EXPECT_EQ(a[i].values, b[i].values);
  }
}

TEST(MatchRecord, ComesBackAsItWas) {
  const sigma::Match match = sample();
  sigma::Match back;
  back.matched = {{"left", {"over"}}, {"from", {}}, {"another", {}}, {"match", {}}};
  ASSERT_TRUE(read_record(bytes_of(match), back));
  EXPECT_EQ(back.time, match.time);
  EXPECT_EQ(back.host, match.host);
  EXPECT_EQ(back.channel, match.channel);
  EXPECT_EQ(back.provider, match.provider);
  EXPECT_EQ(back.event_id, match.event_id);
  EXPECT_TRUE(back.has_event_id);
  EXPECT_EQ(back.record_id, match.record_id);
  EXPECT_EQ(back.offset, match.offset);
  EXPECT_EQ(back.source, match.source);
  EXPECT_EQ(back.rule, match.rule);
  EXPECT_EQ(back.why, match.why);
  expect_same(back.matched, match.matched);
  expect_same(back.event, match.event);
}

TEST(MatchRecord, RefusesEveryTruncationAndWhatIsTooLong) {
  const std::string bytes = bytes_of(sample());
  sigma::Match match;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_record(std::string_view(bytes).substr(0, size), match)) << size;
  }
  EXPECT_FALSE(read_record(bytes + "x", match));
}

TEST(MatchRecord, SurvivesEveryFlippedByte) {
  const std::string bytes = bytes_of(sample());
  sigma::Match match;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char mask : {'\x01', '\x7F', '\xFF'}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      (void)read_record(damaged, match);
    }
  }
}

TEST(MatchOrder, GoesByTimeHostChannelRecordSourceNameOffsetRule) {
  std::vector<sigma::Match> ordered(9, sample());
  for (sigma::Match& match : ordered) match.source = {1};
  ordered[0].time = Time::unknown();  // unknown times first
  ordered[0].host = "zzz";
  ordered[1].host = "a";
  ordered[1].channel = "zzz";
  ordered[2].channel = "A";
  ordered[2].record_id = event::kNoRecordId;
  ordered[3].record_id = 1;
  ordered[3].source = {0};
  ordered[4].offset = 1;
  ordered[4].rule = 1000;
  ordered[5].rule = 0;
  ordered[6].rule = 7;
  ordered[7].source = {2};  // same name: as found
  ordered[8].source = {0};  // names are compared, not numbers
  for (std::size_t a = 0; a < ordered.size(); ++a) {
    for (std::size_t b = 0; b < ordered.size(); ++b) {
      const int by = compare_records(bytes_of(ordered[a]), bytes_of(ordered[b]), kNames);
      EXPECT_EQ(by < 0, a < b) << a << " " << b;
      EXPECT_EQ(by > 0, a > b) << a << " " << b;
    }
  }
}

TEST(MatchOrder, PutsRecordsWithoutIdBehindThoseWithOne) {
  sigma::Match with = sample(), without = sample();
  with.source = without.source = {0};
  without.record_id = event::kNoRecordId;
  EXPECT_LT(compare_records(bytes_of(with), bytes_of(without), kNames), 0);
}

}  // namespace
}  // namespace landwarden::engine
