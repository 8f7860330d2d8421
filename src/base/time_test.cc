#include "base/time.h"

#include <gtest/gtest.h>

#include <string>

namespace landwarden {
namespace {

TEST(Time, WritesTheEpochOfFiletime) {
  EXPECT_EQ(to_rfc3339(Time{0}), "1601-01-01T00:00:00.0000000Z");
}

TEST(Time, WritesTheUnixEpoch) {
  EXPECT_EQ(to_rfc3339(from_unix(0)), "1970-01-01T00:00:00.0000000Z");
}

TEST(Time, KeepsHundredNanoseconds) {
  EXPECT_EQ(to_rfc3339(Time{kUnixEpochTicks + 1234567}), "1970-01-01T00:00:00.1234567Z");
}

TEST(Time, UnknownIsEmptyText) {
  EXPECT_EQ(to_rfc3339(Time::unknown()), "");
}

TEST(Time, ReadsWhatItWrites) {
  // A seeded walk over four centuries.
  std::uint64_t state = 20240207;
  for (int i = 0; i < 2000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const Time time{static_cast<std::int64_t>(state % 126'227'808'000'000'000ULL)};
    EXPECT_EQ(parse_time(to_rfc3339(time)), time) << to_rfc3339(time);
  }
}

TEST(Time, ReadsTheUsualForms) {
  const auto at = [](const char* text) { return to_rfc3339(parse_time(text).value_or(Time::unknown())); };
  EXPECT_EQ(at("2026-03-02"), "2026-03-02T00:00:00.0000000Z");
  EXPECT_EQ(at("2026-03-02 07:15"), "2026-03-02T07:15:00.0000000Z");
  EXPECT_EQ(at("2026-03-02T07:15:30Z"), "2026-03-02T07:15:30.0000000Z");
  EXPECT_EQ(at("2026-03-02T07:15:30.5+09:00"), "2026-03-01T22:15:30.5000000Z");
  EXPECT_EQ(at("2026/03/02 07:15:30.123456789 UTC"), "2026-03-02T07:15:30.1234567Z");
  EXPECT_EQ(at("2026-03-02T07:15:30-0130"), "2026-03-02T08:45:30.0000000Z");
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-02-29", "2026-03-02T25:00", "2026-03-02T07:15:30X",
                           "2026-03-02T07:15:30.", "yesterday", "2026-03-02T07:15:30+99:00"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, TakesFewStepsToTheSameEnd) {
  // What ends in "Z" is read in another way than what ends in "z".
  for (const std::string front :
       {"2026-03-02T07:15:30", "2026-03-02T07:15:30.1", "2026-03-02T07:15:30.1234567",
        "2026-03-02T07:15:30.12345678", "2026-03-02T07:15:30.", "2026-03-02T07:15:60", "2026-03-02T07:15:61",
        "2026-02-29T07:15:30", "2026-00-02T07:15:30", "2026-03-02T24:15:30", "2026-03-02T07:60:30",
        "2026-03-02T07:15:3x", "2026-03-02T07:15:30.1x", "2026/03-02T07:15:30", "x026-03-02T07:15:30",
        "2026-03-02 07:15:30", "2026-03-02T07:15:30,1", "2026-03-02T07:15"}) {
    EXPECT_EQ(parse_time(front + "Z"), parse_time(front + "z")) << front;
  }
}

TEST(Time, KnowsLeapDays) {
  EXPECT_TRUE(parse_time("2024-02-29"));
}

}  // namespace
}  // namespace landwarden
