// Days of UTC in runs, each with what was seen on them. Days count from 1601-01-01 (base/time.h).
//
// Steady logs are one run, however long; so a year of a fleet stays small. Not thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace landwarden::triage {

inline constexpr std::int64_t kTicksPerDay = 86'400 * kTicksPerSecond;
[[nodiscard]] std::int32_t day_of(Time time);  ///< `time` is known
[[nodiscard]] Time start_of(std::int32_t day);

/// Runs kept of each kind of record in a log, 12 bytes each: three years of a kind that comes every other
/// day. Days beyond are left out, which makes a host look blind, never looked at.
inline constexpr std::size_t kDayRuns = 512;

/// Days `first` to `last`, both included.
struct DayRun {
  std::int32_t first = 0, last = 0;
  std::uint32_t mask = 0;
  bool operator==(const DayRun&) const = default;
};

class DayRuns {
 public:
  /// Adds the days; masks of days that are there already are joined. Beyond `most` runs a day that would
  /// need a new one is left out and counted.
  void add(DayRun run, std::size_t most);
  void add(const DayRuns& other, std::size_t most);

  /// By day, apart from each other or with different masks.
  [[nodiscard]] const std::vector<DayRun>& runs() const { return runs_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] bool empty() const { return runs_.empty(); }

 private:
  std::vector<DayRun> runs_;
  std::uint64_t left_out_ = 0;
};

}  // namespace landwarden::triage
