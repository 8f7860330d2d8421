// What is there before any hunt: logs, events, hosts, logons, gaps, copies. Plain values, made by
// engine/survey.
//
// A *log* is what one source has of one channel and one host: record numbers count there and nowhere else.
// Numbers missing between the first and the last are *gaps*; a record whose successor in number is older by
// limits::kSurveyClockJumpSeconds or more is a *clock jump*. Neither is proof of anything: docs/output.md
// says what they can mean.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "event/evidence.h"
#include "triage/day_runs.h"
#include "triage/rule_evidence.h"

namespace landwarden::triage {

/// Records with one channel, provider and event id.
struct EventCount {
  std::string product, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t records = 0;
  bool ruled = false;  ///< some loaded rule looks at such records
  std::string title;   ///< what such a record is about (event_titles.h); empty if it is not known
};

/// Record numbers that are missing: those between `after` and `before`.
struct NumberGap {
  std::uint64_t after = 0, before = 0;
  Time after_time = Time::unknown(), before_time = Time::unknown();  ///< of the records on both sides
  [[nodiscard]] std::uint64_t missing() const { return before - after - 1; }
};

struct ClockJump {
  std::uint64_t record_id = 0;  ///< of the record that is older than the one before it
  Time before = Time::unknown(), after = Time::unknown();
  [[nodiscard]] std::int64_t seconds_back() const { return (before.ticks - after.ticks) / kTicksPerSecond; }
};

/// What a host's records say of it; of several the latest.
struct HostFacts {
  std::string os;         ///< "Windows 10.0 build 19041", from event 6009
  std::string time_zone;  ///< "UTC-08:00 Pacific Standard Time", from event 6013
  Time os_told = Time::unknown(), time_zone_told = Time::unknown();
  Time last_start = Time::unknown();  ///< events 12, 6005, 6009

  void add(const HostFacts& other);
};

struct LogSurvey {
  std::string channel, host;
  HostFacts facts;
  std::uint64_t records = 0;
  Time first = Time::unknown(), last = Time::unknown();
  bool numbered = false;  ///< the records have numbers; the rest means nothing otherwise
  std::uint64_t first_number = 0, last_number = 0;
  std::uint64_t numbers_missing = 0;   ///< between the first and the last
  std::uint64_t numbers_repeated = 0;  ///< records whose number another record of this log had already
  std::uint64_t gaps_total = 0;
  std::vector<NumberGap> gaps;  ///< the largest, at most limits::kSurveyListed, by number
  /// So many gaps, or numbers missing, that the file is an excerpt (a filtered export, a forwarded part)
  /// rather than a whole log.
  bool excerpt = false;
  std::uint64_t jumps_total = 0;
  std::vector<ClockJump> jumps;  ///< the farthest, at most limits::kSurveyListed, in file order
};

/// A record that says that a log was cleared.
struct LogCleared {
  std::string source, host, channel, account;  ///< channel: the one that was cleared
  std::uint32_t event_id = 0;
  std::uint64_t record_id = 0;
  Time time = Time::unknown();
};

/// A record that says that the clock was set, by limits::kSurveyClockJumpSeconds or more.
struct ClockSet {
  std::string source, host, account, process;
  std::uint32_t event_id = 0;
  std::uint64_t record_id = 0;
  Time time = Time::unknown(), from = Time::unknown(), to = Time::unknown();
  [[nodiscard]] std::int64_t seconds() const { return (to.ticks - from.ticks) / kTicksPerSecond; }
};

/// Some fields that mean the same, as far as a survey asks for them: is any of them filled?
struct Watch {
  std::string name;
  std::vector<std::string> fields;  ///< names as the logs have them
};
/// Watches of one survey: a bit each in DayRun::mask.
inline constexpr std::size_t kWatches = 16;

/// What one host's log has of one kind of record, and on which days (of UTC).
struct Arrival {
  std::string host, product, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t records = 0;
  std::uint64_t without_time = 0, without_number = 0;
  std::uint64_t whole_seconds = 0;    ///< records whose time has no fraction
  std::vector<std::uint64_t> filled;  ///< records, by watch
  DayRuns days;                       ///< mask: watches that were filled at least once that day
};

struct SourceSurvey {
  event::Receipt receipt;
  std::uint64_t records = 0;
  Time first = Time::unknown(), last = Time::unknown();
  std::vector<EventCount> events;          ///< by channel, provider, event id
  std::vector<LogSurvey> logs;             ///< by channel, host
  std::uint64_t records_of_more_logs = 0;  ///< beyond limits::kSurveyLogs logs
};

/// Two sources with records in common, judged by a sample of both.
struct SharedRecords {
  std::string first, second;
  std::uint64_t records = 0;                       ///< estimated, unless `exact`
  bool exact = false;                              ///< all records of both were compared
  bool whole_first = false, whole_second = false;  ///< all (that were compared) of this one are in the other
};

struct HostSurvey {
  std::string host;
  std::uint64_t records = 0, sources = 0, logs = 0;
  Time first = Time::unknown(), last = Time::unknown();
  HostFacts facts;
};

/// Security 4624 and 4625, sessions of remote desktop services (21) and of their gateway (302).
struct LogonCount {
  std::string host, account, type;          ///< type: Windows' number; 21 and 302 have none
  std::string source_address, source_host;  ///< as the record has them; empty if it names none
  std::uint32_t event_id = 0;
  bool success = false;
  std::uint64_t count = 0;
};

struct Survey {
  std::vector<SourceSurvey> sources;  ///< by name
  std::vector<EventCount> events;     ///< of all sources, most records first
  std::vector<HostSurvey> hosts;      ///< most records first
  std::vector<LogCleared> cleared;    ///< by time; at most limits::kSurveyCleared a source
  std::uint64_t cleared_total = 0;
  std::vector<ClockSet> clock_sets;  ///< by time; at most limits::kSurveyCleared a source
  std::uint64_t clock_sets_total = 0;
  std::vector<SharedRecords> shared;  ///< by names
  std::uint64_t shared_left_out = 0;  ///< pairs beyond limits::kSurveyPairs
  std::vector<LogonCount> logons;     ///< most first
  std::uint64_t logons_left_out = 0;  ///< logons that `logons` does not count
  std::vector<Arrival> arrivals;      ///< by host, channel, provider, event id; only if they were asked for
  RuleEvidence rules;
  std::uint64_t rules_loaded = 0, rules_failed = 0;
  std::uint64_t records = 0, records_without_rules = 0, bytes = 0;
  Time first = Time::unknown(), last = Time::unknown();
  bool interrupted = false;

  /// Part of the evidence could not be read (exit code 3).
  [[nodiscard]] bool incomplete() const {
    for (const SourceSurvey& source : sources) {
      if (!source.receipt.errors.empty() || source.receipt.records_quarantined > 0) return true;
    }
    return false;
  }
};

}  // namespace landwarden::triage
