// Has this actor been here, and what could we not have seen: a verdict for each step of an advisory.
//
// A step is *found* if a rule for it matched (at its level or above) in the period. Otherwise each host that
// the step could have happened on is either *looked at* or *blind*, moment by moment, by what its logs show
// (assess/host_view.h). *Not found* is said only where every such host was looked at over the whole period
// but for short edges; some blindness makes it *partly blind*. Same input, same result.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assess/advisory.h"
#include "assess/coverage.h"
#include "assess/host_view.h"
#include "triage/summary.h"

namespace landwarden::assess {

/// Pairs of rule and host that one step of a report lists: who sees this many needs no more.
inline constexpr std::size_t kAssessHits = 1000;

enum class Verdict : std::uint8_t { found, not_found, partly_blind, blind };
[[nodiscard]] const char* to_text(Verdict verdict);  ///< "not-found", for programs

/// Matches of one rule on one host.
struct Hit {
  std::uint32_t rule = 0;
  std::string host;
  std::uint64_t count = 0;
  Time first = Time::unknown(), last = Time::unknown();
  triage::Example example;  ///< the first in order
};

/// Why nothing would have been seen, when, and the settings that would have changed it.
struct BlindPart {
  Blindness why = Blindness::no_log;
  std::vector<std::size_t> settings;
  TimeSet times;
  bool operator==(const BlindPart&) const = default;
};

/// Hosts that saw alike.
struct Watched {
  std::vector<std::string> hosts;
  bool estate = false;  ///< sensors and services instead of a host
  TimeSet looked;
  std::vector<BlindPart> blind;
};

struct StepVerdict {
  std::size_t step = 0;  ///< index into Advisory::steps
  Verdict verdict = Verdict::blind;
  std::vector<Hit> hits;  ///< by first time, at most kAssessHits
  std::uint64_t hits_left_out = 0;
  std::uint64_t everyday = 0;  ///< matches of the step's rules below its level
  std::vector<Watched> watched;
  bool no_such_host = false;  ///< the step is for hosts of a role, and none was seen
};

struct Assessment {
  TimeRange period{Time::unknown(), Time::unknown()};
  std::vector<StepVerdict> steps;     ///< as the advisory's
  std::vector<std::size_t> settings;  ///< that would have shown the most blind steps, most first
  [[nodiscard]] std::size_t count(Verdict verdict) const;
};

/// `found` holds the matches inside the period; `table` is the one the advisory was read with.
[[nodiscard]] Assessment assess(const Advisory& advisory, const triage::Survey& survey,
                                const triage::Summary& found, const SettingTable& table,
                                const CoverageOptions& options = {});

}  // namespace landwarden::assess
