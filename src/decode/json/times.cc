#include "decode/json/times.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "base/time.h"

namespace landwarden::decode::json {
namespace {

constexpr std::int64_t kTicksPerMilli = kTicksPerSecond / 1000;

/// Takes a whole number off the front.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// "1600000000.1234567": the fraction in ticks; digits behind the seventh are nothing we keep.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  std::int64_t ticks = 0, unit = kTicksPerSecond / 10;
  if (text.empty()) return std::nullopt;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    ticks += (text.front() - '0') * unit;
    unit /= 10;
    text.remove_prefix(1);
  }
  return ticks;
}

std::optional<Time> since_epoch(std::string_view text) {
  const auto whole = take_number(text);
  if (!whole || *whole < 0) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction || !text.empty()) return std::nullopt;
  constexpr std::int64_t kMillis = 100'000'000'000, kMicros = kMillis * 1000, kFileTimes = kMicros * 1000,
                         kNanos = kFileTimes * 10;
  if (*whole < kMillis) return Time{kUnixEpochTicks + *whole * kTicksPerSecond + *fraction};
  if (*whole < kMicros) return Time{kUnixEpochTicks + *whole * kTicksPerMilli};
  if (*whole < kFileTimes) return Time{kUnixEpochTicks + *whole * 10};
  if (*whole < kNanos) return Time{*whole};
  return Time{kUnixEpochTicks + *whole / 100};
}

/// "/Date(1600000000123)/", also with a zone, which changes nothing: the number is UTC.
std::optional<Time> dot_net(std::string_view text) {
  if (!text.starts_with("/Date(") || !text.ends_with(")/")) return std::nullopt;
  text.remove_prefix(6);
  const auto millis = take_number(text);
  constexpr std::int64_t kFar = std::int64_t{1} << 48;
  if (!millis || *millis > kFar || *millis < -kFar) return std::nullopt;
  return Time{kUnixEpochTicks + *millis * kTicksPerMilli};
}

int month_named(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (name.starts_with(kMonths[i])) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

/// "3/2/2026" and "Mar 2, 2026": month, day, year.
bool take_date(std::string_view& text, Civil& civil) {
  civil.month = month_named(text);
  const bool named = civil.month > 0;
  if (named) {
    text.remove_prefix(3);
    if (!take(text, " ")) return false;
  } else {
    civil.month = static_cast<int>(take_number(text).value_or(0));
    if (!take(text, "/")) return false;
  }
  civil.day = static_cast<int>(take_number(text).value_or(0));
  if (!take(text, named ? ", " : "/")) return false;
  civil.year = static_cast<int>(take_number(text).value_or(0));
  return civil.month >= 1 && civil.month <= 12 && civil.day >= 1 && civil.day <= 31 && civil.year >= 1601 &&
         civil.year <= 9999;
}

/// "3/2/2026 7:15:00 AM", "3/2/2026, 7:15:00.123 PM", "Mar 2, 2026 7:15:00 AM".
std::optional<Time> american(std::string_view text) {
  Civil civil{};
  if (!take_date(text, civil)) return std::nullopt;
  take(text, ",");
  if (!take(text, " ")) return std::nullopt;
  civil.hour = static_cast<int>(take_number(text).value_or(-1));
  if (!take(text, ":")) return std::nullopt;
  civil.minute = static_cast<int>(take_number(text).value_or(-1));
  if (take(text, ":")) civil.second = static_cast<int>(take_number(text).value_or(-1));
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  if (!take(text, " ")) take(text, "\xE2\x80\xAF");  // newer .NET puts a narrow blank there
  if (take(text, "PM")) {
    civil.hour = civil.hour % 12 + 12;
  } else if (take(text, "AM")) {
    civil.hour %= 12;
  }
  if (!text.empty() || civil.hour < 0 || civil.hour > 23 || civil.minute < 0 || civil.minute > 59 ||
      civil.second < 0 || civil.second > 59) {
    return std::nullopt;
  }
  return Time{from_civil(civil).ticks + *fraction};
}

}  // namespace

std::string_view time_text(std::string_view text, std::string& buffer) {
  std::optional<Time> time = dot_net(text);
  if (!time) time = since_epoch(text);
  if (!time) time = american(text);
  if (!time) return text;
  buffer.clear();
  append_rfc3339(buffer, *time);
  return buffer.empty() ? text : std::string_view(buffer);
}

}  // namespace landwarden::decode::json
