#include "triage/day_runs.h"

#include <algorithm>

namespace landwarden::triage {
namespace {

/// Puts a run behind others that end before it, joined where it goes on with the same mask.
void append(std::vector<DayRun>& runs, DayRun run) {
  if (run.last < run.first) return;
  if (!runs.empty() && runs.back().last + 1 == run.first && runs.back().mask == run.mask) {
    runs.back().last = run.last;
  } else {
    runs.push_back(run);
  }
}

}  // namespace

std::int32_t day_of(Time time) {
  std::int64_t day = time.ticks / kTicksPerDay;
  if (time.ticks % kTicksPerDay < 0) --day;
  return static_cast<std::int32_t>(day);
}

Time start_of(std::int32_t day) {
  return {std::int64_t{day} * kTicksPerDay};
}

void DayRuns::add(DayRun run, std::size_t most) {
  const auto refused = [&](std::int64_t days) { left_out_ += static_cast<std::uint64_t>(days); };
  // Logs are written in the order of time, so nearly every day is the last one or the next.
  if (!runs_.empty() && run.first >= runs_.back().first && run.last <= runs_.back().last &&
      (run.mask | runs_.back().mask) == runs_.back().mask)
    return;
  if (runs_.empty() || run.first > runs_.back().last) {
    const bool joins = !runs_.empty() && runs_.back().last + 1 == run.first && runs_.back().mask == run.mask;
    if (!joins && runs_.size() >= most) return refused(std::int64_t{run.last} - run.first + 1);
    return append(runs_, run);
  }
  std::vector<DayRun> out;
  out.reserve(runs_.size() + 2);
  DayRun rest = run;
  for (const DayRun& old : runs_) {
    if (rest.last < rest.first || old.last < rest.first) {
      append(out, old);
      continue;
    }
    append(out, {rest.first, std::min(rest.last, old.first - 1), rest.mask});
    append(out, {old.first, std::min(old.last, rest.first - 1), old.mask});
    append(out, {std::max(old.first, rest.first), std::min(old.last, rest.last), old.mask | rest.mask});
    append(out, {std::max(old.first, rest.last + 1), old.last, old.mask});
    rest.first = std::max(rest.first, old.last + 1);
  }
  append(out, rest);
  if (out.size() > most && out.size() > runs_.size()) return refused(std::int64_t{run.last} - run.first + 1);
  runs_ = std::move(out);
}

void DayRuns::add(const DayRuns& other, std::size_t most) {
  for (const DayRun& run : other.runs_) add(run, most);
  left_out_ += other.left_out_;
}

}  // namespace landwarden::triage
