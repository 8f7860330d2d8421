// A survey put together by hand, for tests: logs of hosts over days, as if they had been read.
//
//   made.log("pc", "Security", 1, 10).kind(4688, 1, 10, "command").gap(4, 5);
//
// Days count from 2026-03-01 = 1. Each log is a source of its own; record numbers begin far from each other.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "assess/settings.h"
#include "assess/time_set.h"
#include "triage/survey.h"

namespace landwarden::assess {

class MadeSurvey {
 public:
  /// `table` must outlive it.
  explicit MadeSurvey(const SettingTable& table) : table_(table) {}

  /// A whole log from the beginning of a day to the end of another. What follows is about it.
  MadeSurvey& log(std::string host, std::string channel, int first_day, int last_day);
  /// It has such records on these days; `filled` names a watch.
  MadeSurvey& kind(std::uint32_t event_id, int first_day, int last_day, std::string_view filled = {});
  /// Numbers are missing somewhere in these days.
  MadeSurvey& gap(int first_day, int last_day);
  MadeSurvey& excerpt();
  /// Its numbers go on where the log before it ended.
  MadeSurvey& continues();

  [[nodiscard]] const triage::Survey& survey() const;
  [[nodiscard]] static TimeRange days(int first, int last);

 private:
  [[nodiscard]] triage::LogSurvey& last() { return survey_.sources.back().logs.front(); }
  const SettingTable& table_;
  mutable triage::Survey survey_;
  std::uint64_t next_number_ = 1000;
};

}  // namespace landwarden::assess
