// Points in time as Windows keeps them: 100 ns ticks since 1601-01-01 00:00 UTC ([MS-DTYP] 2.3.3 FILETIME).
//
// Every source's time fits without loss (nanosecond sources are cut to 100 ns; the source's own rendering
// stays in its field). Text is RFC 3339 in UTC with seven digits: "2026-03-02T07:15:00.1234567Z".

#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace landwarden {

struct Time {
  std::int64_t ticks = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] static constexpr Time unknown() { return {}; }
  [[nodiscard]] constexpr bool known() const { return ticks != std::numeric_limits<std::int64_t>::min(); }
  auto operator<=>(const Time&) const = default;
};

inline constexpr std::int64_t kTicksPerSecond = 10'000'000;
inline constexpr std::int64_t kUnixEpochTicks = 116'444'736'000'000'000;

/// Broken-down UTC time of the proleptic Gregorian calendar. `tick` counts 100 ns within the second.
struct Civil {
  int year, month, day, hour, minute, second, tick;
};
/// `month` from 1 to 12.
[[nodiscard]] int days_in_month(int year, int month);
[[nodiscard]] Civil to_civil(Time time);
[[nodiscard]] Time from_civil(const Civil& civil);
[[nodiscard]] Time from_unix(std::int64_t seconds, std::int64_t nanoseconds = 0);

/// Appends RFC 3339 with seven digits; an unknown time appends nothing.
void append_rfc3339(std::string& out, Time time);
[[nodiscard]] std::string to_rfc3339(Time time);

/// Reads RFC 3339 and its usual relatives: date alone, blank instead of T, 0 to 9 digits of fraction, "Z",
/// "+09:00" or no zone (taken as UTC). Nothing for anything else.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);

}  // namespace landwarden
