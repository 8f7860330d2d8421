#include "engine/survey_sketch.h"

#include <algorithm>
#include <iterator>

#include "base/limits.h"
#include "base/sorted.h"

namespace landwarden::engine {
namespace {

void widen(Time& first, Time& last, Time time) {
  if (!time.known()) return;
  if (!first.known() || time < first) first = time;
  if (!last.known() || time > last) last = time;
}

constexpr std::uint64_t bound_of(unsigned level) {
  return ~std::uint64_t{0} >> level;
}

}  // namespace

void ClockJumps::compare(const NumberedTime& before, const NumberedTime& after) {
  // A lower number is not a successor: logs that are full go on at their beginning.
  if (after.number <= before.number || !before.time.known() || !after.time.known()) return;
  const std::int64_t tolerated = limits::kSurveyClockJumpSeconds * kTicksPerSecond;
  if (after.time >= before.time || before.time.ticks - tolerated < after.time.ticks) return;
  ++total_;
  keep({.record_id = after.number, .before = before.time, .after = after.time});
}

void ClockJumps::keep(const triage::ClockJump& jump) {
  farthest_.push_back(jump);
  if (farthest_.size() <= limits::kSurveyListed) return;
  // Of equally far ones the last goes, so that the order of joining does not matter.
  auto least = farthest_.begin();
  for (auto at = farthest_.begin(); at != farthest_.end(); ++at) {
    if (at->before.ticks - at->after.ticks <= least->before.ticks - least->after.ticks) least = at;
  }
  farthest_.erase(least);
}

void ClockJumps::add(const ClockJumps& later) {
  total_ += later.total_;
  for (const triage::ClockJump& jump : later.farthest_) keep(jump);
}

void ArrivalSketch::add(const ArrivalSketch& other) {
  records += other.records;
  without_time += other.without_time;
  without_number += other.without_number;
  whole_seconds += other.whole_seconds;
  filled.resize(std::max(filled.size(), other.filled.size()));
  for (std::size_t i = 0; i < other.filled.size(); ++i) filled[i] += other.filled[i];
  days.add(other.days, triage::kDayRuns);
}

void LogSketch::add(std::uint64_t number, Time time) {
  if (numbered) jumps.compare(tail, {number, time});
  if (!numbered) head = {number, time};
  if (numbered && number == runs.back().last + 1) {
    runs.back().last = number;
    runs.back().last_time = time;
  } else {
    runs.push_back({number, number, time, time});
  }
  numbered = true;
  tail = {number, time};
}

void RecordSample::add(const std::vector<std::uint64_t>& hashes, std::size_t most) {
  for (const std::uint64_t hash : hashes) {
    if (hash <= bound_of(level_)) hashes_.push_back(hash);
  }
  sort_and_unite(hashes_);
  while (hashes_.size() > most && level_ < 63) lower_to(level_ + 1);
}

void RecordSample::lower_to(unsigned level) {
  if (level <= level_) return;
  level_ = level;
  hashes_.resize(below(level));
}

std::size_t RecordSample::below(unsigned level) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(hashes_, bound_of(level)) - hashes_.begin());
}

void SourceFold::add(UnitSketch&& unit) {
  for (const auto& [shape, records] : unit.shapes) {
    shapes_[shape] += records;
    records_ += records;
  }
  sample_.add(unit.hashes, limits::kSurveySample);
  cleared_total_ += unit.cleared_total;
  clock_sets_total_ += unit.clock_sets_total;
  const auto keep = [&](auto& kept, auto& more) {
    for (auto& entry : more) {
      if (kept.size() == limits::kSurveyCleared) return;
      entry.source = name_;
      kept.push_back(std::move(entry));
    }
  };
  keep(cleared_, unit.cleared);
  keep(clock_sets_, unit.clock_sets);
  for (LogSketch& sketch : unit.logs) {
    widen(first_, last_, sketch.first);
    widen(first_, last_, sketch.last);
    const auto found = logs_.find({sketch.channel, sketch.host});
    if (found != logs_.end()) {
      fold(found->second, std::move(sketch));
    } else if (logs_.size() < limits::kSurveyLogs) {
      Log& log = logs_[{sketch.channel, sketch.host}];
      log.survey.channel = sketch.channel;
      log.survey.host = sketch.host;
      fold(log, std::move(sketch));
    } else {
      records_of_more_logs_ += sketch.records;
    }
  }
}

void SourceFold::fold(Log& log, LogSketch&& sketch) {
  triage::LogSurvey& survey = log.survey;
  survey.records += sketch.records;
  survey.facts.add(sketch.facts);
  widen(survey.first, survey.last, sketch.first);
  widen(survey.first, survey.last, sketch.last);
  for (const auto& [shape, arrival] : sketch.arrivals) log.arrivals[shape].add(arrival);
  if (!sketch.numbered) return;
  if (survey.numbered) log.jumps.compare(log.tail, sketch.head);
  log.jumps.add(sketch.jumps);
  log.tail = sketch.tail;
  for (const NumberRun& run : sketch.runs) {
    if (!survey.numbered || run.first < survey.first_number) survey.first_number = run.first;
    if (!survey.numbered || run.last > survey.last_number) survey.last_number = run.last;
    survey.numbered = true;
    if (!log.runs_dropped) add_run(log, run);
  }
  if (runs_ > limits::kSurveyRuns) drop_runs();
}

/// Joins a run with those that it touches or overlaps.
void SourceFold::add_run(Log& log, NumberRun run) {
  auto at = log.runs.upper_bound(run.first);
  if (at != log.runs.begin() && std::prev(at)->second.last + 1 >= run.first) --at;
  while (at != log.runs.end() && at->second.first <= run.last + 1) {
    const NumberRun& other = at->second;
    const std::uint64_t from = std::max(other.first, run.first), to = std::min(other.last, run.last);
    if (from <= to) log.survey.numbers_repeated += to - from + 1;
    if (other.first <= run.first) {
      run.first = other.first;
      run.first_time = other.first_time;
    }
    if (other.last >= run.last) {
      run.last = other.last;
      run.last_time = other.last_time;
    }
    at = log.runs.erase(at);
    --runs_;
  }
  log.runs.emplace_hint(at, run.first, run);
  ++runs_;
}

/// The log with the most runs is an excerpt; its gaps would say nothing.
void SourceFold::drop_runs() {
  while (runs_ > limits::kSurveyRuns) {
    Log* most = nullptr;
    for (auto& [key, log] : logs_) {
      if (most == nullptr || log.runs.size() > most->runs.size()) most = &log;
    }
    runs_ -= most->runs.size();
    most->runs.clear();
    most->runs_dropped = true;
  }
}

void SourceFold::find_gaps(Log& log) {
  triage::LogSurvey& survey = log.survey;
  if (log.runs_dropped) {
    survey.excerpt = true;
    const std::uint64_t numbers = survey.last_number - survey.first_number + 1;
    survey.numbers_missing = numbers > survey.records ? numbers - survey.records : 0;
    return;
  }
  const NumberRun* before = nullptr;
  for (const auto& [first, run] : log.runs) {
    if (before != nullptr) {
      survey.gaps.push_back({before->last, run.first, before->last_time, run.first_time});
      survey.numbers_missing += survey.gaps.back().missing();
    }
    before = &run;
  }
  survey.gaps_total = survey.gaps.size();
  survey.excerpt = survey.gaps_total > survey.records / 4 || survey.numbers_missing / 4 > survey.records;
  if (survey.gaps.size() > limits::kSurveyListed) {
    std::ranges::stable_sort(survey.gaps, std::greater{}, &triage::NumberGap::missing);
    survey.gaps.resize(limits::kSurveyListed);
    survey.gaps.shrink_to_fit();
    std::ranges::sort(survey.gaps, {}, &triage::NumberGap::after);
  }
}

void SourceFold::close() {
  for (auto& [key, log] : logs_) {
    if (log.survey.numbered) find_gaps(log);
    log.survey.jumps = log.jumps.farthest();
    log.survey.jumps_total = log.jumps.total();
    log.runs.clear();
    log.jumps = {};
  }
  runs_ = 0;
}

void SourceFold::take_arrivals(Arrivals& arrivals) {
  for (auto& [key, log] : logs_) {
    for (const auto& [shape, arrival] : log.arrivals) arrivals[{log.survey.host, shape}].add(arrival);
    log.arrivals.clear();
  }
}

triage::SourceSurvey SourceFold::take(std::vector<triage::LogCleared>& cleared,
                                      std::vector<triage::ClockSet>& clock_sets) {
  triage::SourceSurvey survey;
  survey.records = records_;
  survey.first = first_;
  survey.last = last_;
  survey.records_of_more_logs = records_of_more_logs_;
  for (auto& [key, log] : logs_) survey.logs.push_back(std::move(log.survey));
  logs_.clear();
  std::ranges::move(cleared_, std::back_inserter(cleared));
  std::ranges::move(clock_sets_, std::back_inserter(clock_sets));
  return survey;
}

}  // namespace landwarden::engine
