#include "report/coverage_words.h"

#include <algorithm>

#include <fmt/format.h>

namespace landwarden::report {

std::string moment_text(Time time) {
  if (!time.known()) return "unknown";
  const Civil at = to_civil(time);
  const std::string day = fmt::format("{:04}-{:02}-{:02}", at.year, at.month, at.day);
  return time.ticks % triage::kTicksPerDay == 0 ? day : day + fmt::format(" {:02}:{:02}", at.hour, at.minute);
}

std::string range_text(const assess::TimeRange& range) {
  if (!range.begin.known() || !range.end.known()) return "unknown";
  const bool days =
      range.begin.ticks % triage::kTicksPerDay == 0 && range.end.ticks % triage::kTicksPerDay == 0;
  if (!days) return moment_text(range.begin) + " to " + moment_text(range.end);
  const std::string first = moment_text(range.begin);
  const std::string last = moment_text({range.end.ticks - triage::kTicksPerDay});
  return first == last ? first : first + " to " + last;
}

std::string ranges_text(const assess::TimeSet& set, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(most, set.ranges().size()); ++i)
    out += (i == 0 ? "" : "; ") + range_text(set.ranges()[i]);
  if (set.ranges().size() > most) out += fmt::format("; and {} more", set.ranges().size() - most);
  return out;
}

std::string length_text(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400;
  if (seconds >= 2 * kDay) return fmt::format("{:.1f} days", static_cast<double>(seconds) / kDay);
  if (seconds >= kHour) return fmt::format("{:.1f} h", static_cast<double>(seconds) / kHour);
  if (seconds >= kMinute) return fmt::format("{} min", seconds / kMinute);
  return fmt::format("{} s", seconds);
}

std::string host_text(std::string_view host, bool estate) {
  if (estate) return "the estate (sensors, services)";
  return host.empty() ? "(no host named)" : std::string(host);
}

std::string names_text(const std::vector<std::string>& names, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) out += fmt::format(" and {} more", names.size() - most);
  return out;
}

std::string_view reason_text(assess::Blindness why) {
  switch (why) {
    case assess::Blindness::no_log:
      return "no log of that time";
    case assess::Blindness::numbers_gone:
      return "records are missing there";
    case assess::Blindness::off:
      return "the log is there without such events: not switched on";
    case assess::Blindness::field_empty:
      return "the events are there without the field";
    case assess::Blindness::unproven:
      return "nothing shows that it is switched on";
  }
  return "";
}

std::string_view state_text(assess::State state) {
  switch (state) {
    case assess::State::on:
      return "arrives";
    case assess::State::partly:
      return "in part";
    case assess::State::off:
      return "missing";
    case assess::State::unproven:
      return "not shown";
  }
  return "";
}

std::string_view state_kind(assess::State state) {
  switch (state) {
    case assess::State::on:
      return "good";
    case assess::State::partly:
      return "part";
    case assess::State::off:
      return "bad";
    case assess::State::unproven:
      return "unknown";
  }
  return "";
}

Ink state_ink(assess::State state) {
  switch (state) {
    case assess::State::on:
      return Ink::good;
    case assess::State::partly:
      return Ink::medium;
    case assess::State::off:
      return Ink::bad;
    case assess::State::unproven:
      return Ink::faint;
  }
  return Ink::plain;
}

std::string role_text(std::string_view role) {
  std::string out(role);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  std::uint64_t share = (100 * part + whole / 2) / whole;
  if (share == 0 && part > 0) share = 1;
  if (share == 100 && part < whole) share = 99;
  return fmt::format("{} %", share);
}

}  // namespace landwarden::report
