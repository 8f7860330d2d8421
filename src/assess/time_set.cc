#include "assess/time_set.h"

#include <algorithm>

namespace landwarden::assess {

TimeSet TimeSet::of_days(const triage::DayRuns& days, std::uint32_t mask) {
  TimeSet out;
  for (const triage::DayRun& run : days.runs()) {
    if ((run.mask & mask) == mask) out.add({triage::start_of(run.first), triage::start_of(run.last + 1)});
  }
  return out;
}

void TimeSet::add(TimeRange range) {
  if (range.begin >= range.end) return;
  if (ranges_.empty() || range.begin > ranges_.back().end) {
    ranges_.push_back(range);
    return;
  }
  const auto from = std::ranges::lower_bound(ranges_, range.begin, {}, &TimeRange::end);
  auto to = from;
  while (to != ranges_.end() && to->begin <= range.end) {
    range.begin = std::min(range.begin, to->begin);
    range.end = std::max(range.end, to->end);
    ++to;
  }
  ranges_.insert(ranges_.erase(from, to), range);
}

void TimeSet::add(const TimeSet& other) {
  for (const TimeRange& range : other.ranges_) add(range);
}

TimeSet TimeSet::common(const TimeSet& other) const {
  TimeSet out;
  auto theirs = other.ranges_.begin();
  for (const TimeRange& range : ranges_) {
    while (theirs != other.ranges_.end() && theirs->end <= range.begin) ++theirs;
    for (auto at = theirs; at != other.ranges_.end() && at->begin < range.end; ++at)
      out.add({std::max(range.begin, at->begin), std::min(range.end, at->end)});
  }
  return out;
}

TimeSet TimeSet::without(const TimeSet& other) const {
  TimeSet out;
  auto theirs = other.ranges_.begin();
  for (const TimeRange& range : ranges_) {
    while (theirs != other.ranges_.end() && theirs->end <= range.begin) ++theirs;
    Time from = range.begin;
    for (auto at = theirs; at != other.ranges_.end() && at->begin < range.end; ++at) {
      out.add({from, std::min(at->begin, range.end)});
      from = std::max(from, at->end);
    }
    out.add({from, range.end});
  }
  return out;
}

TimeSet TimeSet::inside(TimeRange period) const {
  TimeSet out;
  for (const TimeRange& range : ranges_) {
    const bool at_edge = range.begin == period.begin || range.end == period.end;
    if (!at_edge || range.seconds() >= kEdgeSeconds) out.add(range);
  }
  return out;
}

std::int64_t TimeSet::seconds() const {
  std::int64_t sum = 0;
  for (const TimeRange& range : ranges_) sum += range.seconds();
  return sum;
}

}  // namespace landwarden::assess
