// Sets of moments as ranges that are apart: when a log was kept, and when not.
//
// Ranges are half-open. Plain values.

#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "triage/day_runs.h"

namespace landwarden::assess {

struct TimeRange {
  Time begin, end;  ///< end is outside
  bool operator==(const TimeRange&) const = default;
  [[nodiscard]] std::int64_t seconds() const { return (end.ticks - begin.ticks) / kTicksPerSecond; }
};

/// Blind time at the edges of a period that does not count: logs of different hosts never begin and end in
/// the same minute.
inline constexpr std::int64_t kEdgeSeconds = 3600;

class TimeSet {
 public:
  TimeSet() = default;
  explicit TimeSet(TimeRange range) { add(range); }
  /// Whole days; of those runs only that have all of `mask`.
  static TimeSet of_days(const triage::DayRuns& days, std::uint32_t mask = 0);

  void add(TimeRange range);  ///< empty and backward ranges add nothing
  void add(const TimeSet& other);
  [[nodiscard]] TimeSet common(const TimeSet& other) const;
  [[nodiscard]] TimeSet without(const TimeSet& other) const;

  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] std::int64_t seconds() const;
  /// In order, not touching each other.
  [[nodiscard]] const std::vector<TimeRange>& ranges() const { return ranges_; }
  bool operator==(const TimeSet&) const = default;
  /// Without what lies at the edges of `period` and is shorter than kEdgeSeconds.
  [[nodiscard]] TimeSet inside(TimeRange period) const;

 private:
  std::vector<TimeRange> ranges_;
};

}  // namespace landwarden::assess
