#include "base/time.h"

#include <cstring>

namespace landwarden {
namespace {

constexpr std::int64_t kDaysTo1970 = 134'774;  // from 1601-01-01

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil and civil_from_days.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

void civil_from_days(std::int64_t days, Civil& out) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  out.day = static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1);
  out.month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
  out.year = static_cast<int>(year_of_era + era * 400 + (out.month <= 2 ? 1 : 0));
}

void append_digits(std::string& out, unsigned value, int width) {
  char digits[10];
  for (int i = width - 1; i >= 0; --i) {
    digits[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(digits, static_cast<std::size_t>(width));
}

// Takes `width` digits off the front of `text`.
bool take_number(std::string_view& text, std::size_t width, int& value) {
  if (text.size() < width) return false;
  value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return true;
}

bool take(std::string_view& text, std::string_view accepted) {
  if (text.empty() || accepted.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Fraction digits to ticks; digits beyond the seventh are cut.
bool take_fraction(std::string_view& text, int& ticks) {
  ticks = 0;
  if (!take(text, ".,")) return true;
  int scale = 1'000'000;
  std::size_t count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    ticks += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
    if (++count > 12) return false;
  }
  return count > 0;
}

// "Z", "+hh:mm", "+hhmm" or nothing, as minutes east of UTC.
bool take_zone(std::string_view text, int& minutes) {
  minutes = 0;
  if (text.empty() || text == "Z" || text == "z" || text == " UTC" || text == " Z") return true;
  if (text.front() == ' ') text.remove_prefix(1);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hour = 0, minute = 0;
  if (!take_number(text, 2, hour)) return false;
  take(text, ":");
  if (!text.empty() && !take_number(text, 2, minute)) return false;
  minutes = sign * (hour * 60 + minute);
  return text.empty() && hour < 24 && minute < 60;
}

/// "2026-03-02T07:15:00.1234567Z", its fraction shorter or not there: what nearly all evidence has, in few
/// steps. False for anything else, and for what is no time.
bool take_usual(std::string_view text, Civil& out) {
  constexpr std::size_t kToSeconds = 19, kLongest = kToSeconds + 9;
  if (text.size() <= kToSeconds || text.size() > kLongest || text.back() != 'Z') return false;
  const char* const at = text.data();
  bool good = at[4] == '-' && at[7] == '-' && at[10] == 'T' && at[13] == ':' && at[16] == ':';
  const auto digit = [&](std::size_t i) {
    const unsigned value = static_cast<unsigned char>(at[i]) - unsigned{'0'};
    good = good && value <= 9;
    return static_cast<int>(value);
  };
  const auto two = [&](std::size_t i) { return digit(i) * 10 + digit(i + 1); };
  out.year = two(0) * 100 + two(2);
  out.month = two(5);
  out.day = two(8);
  out.hour = two(11);
  out.minute = two(14);
  out.second = two(17);
  out.tick = 0;
  if (text.size() > kToSeconds + 1) {
    good = good && at[kToSeconds] == '.' && text.size() > kToSeconds + 2;
    int scale = 1'000'000;
    for (std::size_t i = kToSeconds + 1; i + 1 < text.size(); ++i, scale /= 10) out.tick += digit(i) * scale;
  }
  return good && out.month >= 1 && out.month <= 12 && out.day >= 1 &&
         out.day <= days_in_month(out.year, out.month) && out.hour <= 23 && out.minute <= 59 &&
         out.second <= 60;
}

}  // namespace

int days_in_month(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

Civil to_civil(Time time) {
  Civil out{};
  std::int64_t seconds = time.ticks / kTicksPerSecond;
  std::int64_t tick = time.ticks % kTicksPerSecond;
  if (tick < 0) tick += kTicksPerSecond, --seconds;
  std::int64_t days = seconds / 86'400;
  std::int64_t rest = seconds % 86'400;
  if (rest < 0) rest += 86'400, --days;
  civil_from_days(days - kDaysTo1970, out);
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest / 60 % 60);
  out.second = static_cast<int>(rest % 60);
  out.tick = static_cast<int>(tick);
  return out;
}

Time from_civil(const Civil& c) {
  const std::int64_t days = days_from_civil(c.year, c.month, c.day) + kDaysTo1970;
  return {((days * 24 + c.hour) * 60 + c.minute) * 60 * kTicksPerSecond + c.second * kTicksPerSecond +
          c.tick};
}

Time from_unix(std::int64_t seconds, std::int64_t nanoseconds) {
  // About 29,000 years either way; beyond it the source is wrong and the time is unknown.
  if (seconds > 900'000'000'000 || seconds < -900'000'000'000) return Time::unknown();
  return {seconds * kTicksPerSecond + nanoseconds / 100 + kUnixEpochTicks};
}

void append_rfc3339(std::string& out, Time time) {
  if (!time.known()) return;
  const Civil c = to_civil(time);
  if (c.year < 0 || c.year > 9999) {
    out += std::to_string(c.year);
  } else {
    append_digits(out, static_cast<unsigned>(c.year), 4);
  }
  out += '-';
  append_digits(out, static_cast<unsigned>(c.month), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(c.day), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(c.hour), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(c.minute), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(c.second), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(c.tick), 7);
  out += 'Z';
}

std::string to_rfc3339(Time time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

std::optional<Time> parse_time(std::string_view text) {
  Civil c{};
  if (take_usual(text, c)) return from_civil(c);
  if (!take_number(text, 4, c.year) || !take(text, "-/") || !take_number(text, 2, c.month) ||
      !take(text, "-/") || !take_number(text, 2, c.day)) {
    return std::nullopt;
  }
  if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month(c.year, c.month)) return std::nullopt;
  if (text.empty()) return from_civil(c);
  if (!take(text, "Tt ") || !take_number(text, 2, c.hour) || !take(text, ":") ||
      !take_number(text, 2, c.minute)) {
    return std::nullopt;
  }
  if (take(text, ":") && !take_number(text, 2, c.second)) return std::nullopt;
  int zone = 0;
  if (c.hour > 23 || c.minute > 59 || c.second > 60 || !take_fraction(text, c.tick) ||
      !take_zone(text, zone)) {
    return std::nullopt;
  }
  Time time = from_civil(c);
  time.ticks -= zone * 60 * kTicksPerSecond;
  return time;
}

}  // namespace landwarden
