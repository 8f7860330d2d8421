// What a survey keeps of one work unit, and of one source while its units come in order.
//
// A UnitSketch is made by a worker from rows in file order. A SourceFold takes the sketches of one source,
// first to last, so that its result depends on the evidence alone; it is bounded by limits::kSurvey*. Not
// thread-safe.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "event/catalogue.h"
#include "triage/survey.h"

namespace landwarden::engine {

/// Record numbers without a gap.
struct NumberRun {
  std::uint64_t first = 0, last = 0;
  Time first_time = Time::unknown(), last_time = Time::unknown();
};

/// A record's number and time.
struct NumberedTime {
  std::uint64_t number = 0;
  Time time = Time::unknown();
};

/// Jumps of one log: the farthest, and how many.
class ClockJumps {
 public:
  /// Looks at two records of a log that follow each other in the file.
  void compare(const NumberedTime& before, const NumberedTime& after);
  void add(const ClockJumps& later);
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] const std::vector<triage::ClockJump>& farthest() const { return farthest_; }

 private:
  void keep(const triage::ClockJump& jump);
  std::vector<triage::ClockJump> farthest_;  ///< in file order
  std::uint64_t total_ = 0;
};

/// What a log has of one shape.
struct ArrivalSketch {
  std::uint64_t records = 0, without_time = 0, without_number = 0, whole_seconds = 0;
  std::vector<std::uint64_t> filled;  ///< by watch
  triage::DayRuns days;

  void add(const ArrivalSketch& other);
};

struct LogSketch {
  std::string channel, host;
  std::uint64_t records = 0;
  Time first = Time::unknown(), last = Time::unknown();
  triage::HostFacts facts;
  bool numbered = false;
  NumberedTime head, tail;      ///< the first and the last numbered record, in file order
  std::vector<NumberRun> runs;  ///< in file order
  ClockJumps jumps;
  std::map<std::uint32_t, ArrivalSketch> arrivals;  ///< by ShapeId; empty unless asked for

  void add(std::uint64_t number, Time time);
};

struct UnitSketch {
  std::vector<LogSketch> logs;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> shapes;  ///< ShapeId, records
  std::vector<std::uint64_t> hashes;                            ///< of every numbered record
  std::vector<triage::LogCleared> cleared;
  std::uint64_t cleared_total = 0;
  std::vector<triage::ClockSet> clock_sets;
  std::uint64_t clock_sets_total = 0;
};

/// Hashes of a set of records that are below a bound, which is lowered until few enough are left: the same
/// records give the same sample, and two samples can be compared below the lower of their bounds.
class RecordSample {
 public:
  void add(const std::vector<std::uint64_t>& hashes, std::size_t most);
  void lower_to(unsigned level);
  [[nodiscard]] unsigned level() const { return level_; }
  /// Sorted, each once.
  [[nodiscard]] const std::vector<std::uint64_t>& hashes() const { return hashes_; }
  [[nodiscard]] std::size_t below(unsigned level) const;

 private:
  std::vector<std::uint64_t> hashes_;
  unsigned level_ = 0;  ///< the bound is 2^(64 - level)
};

class SourceFold {
 public:
  explicit SourceFold(std::string name) : name_(std::move(name)) {}
  void add(UnitSketch&& unit);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] RecordSample& sample() { return sample_; }
  [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& shapes() const { return shapes_; }
  [[nodiscard]] std::uint64_t cleared_total() const { return cleared_total_; }
  [[nodiscard]] std::uint64_t clock_sets_total() const { return clock_sets_total_; }
  /// No unit follows: the runs become gaps, and make room.
  void close();
  using Arrivals = std::map<std::pair<std::string, std::uint32_t>, ArrivalSketch>;  ///< by host, ShapeId
  /// Adds what came to that of other sources. Before take().
  void take_arrivals(Arrivals& arrivals);
  /// Everything but the receipt and the events. Once, after close().
  [[nodiscard]] triage::SourceSurvey take(std::vector<triage::LogCleared>& cleared,
                                          std::vector<triage::ClockSet>& clock_sets);

 private:
  struct Log {
    triage::LogSurvey survey;
    std::map<std::uint64_t, NumberRun> runs;  ///< by first number; apart from each other
    bool runs_dropped = false;
    NumberedTime tail;
    ClockJumps jumps;
    std::map<std::uint32_t, ArrivalSketch> arrivals;
  };
  void fold(Log& log, LogSketch&& sketch);
  void add_run(Log& log, NumberRun run);
  void drop_runs();
  static void find_gaps(Log& log);

  std::string name_;
  std::map<std::pair<std::string, std::string>, Log> logs_;
  std::map<std::uint32_t, std::uint64_t> shapes_;
  std::vector<triage::LogCleared> cleared_;
  std::vector<triage::ClockSet> clock_sets_;
  std::uint64_t cleared_total_ = 0, clock_sets_total_ = 0, records_ = 0, records_of_more_logs_ = 0;
  std::size_t runs_ = 0;
  Time first_ = Time::unknown(), last_ = Time::unknown();
  RecordSample sample_;
};

}  // namespace landwarden::engine
