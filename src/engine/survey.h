// What is there, before any hunt: the same frame as hunt(), but records are counted instead of matched.
//
// survey() reads all evidence once, on `threads` workers, and sums up sources, logs, hosts, events, logons,
// cleared logs, gaps in record numbers, jumps of the clock, and sources that hold the same records. The rules
// are not run: they say which events anybody looks at. Same evidence and rules give the same result, whatever
// the number of threads and the order of paths. Memory is bounded by limits::kSurvey* and the number of
// sources. Stopping and failure as in hunt().

#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/hunt.h"
#include "sigma/matcher.h"
#include "triage/survey.h"

namespace landwarden::engine {

struct SurveyOptions {
  std::vector<std::string> evidence;  ///< paths, "-" is standard input
  unsigned threads = 0;               ///< 0 = as many as the machine has
  bool strict_sources = false;        ///< as the rules were compiled
  decode::DecodeOptions decoding{};
  /// With these the result has Survey::arrivals; at most triage::kWatches.
  std::vector<triage::Watch> watches{};
};

[[nodiscard]] Result<triage::Survey> survey(const SurveyOptions& options, const sigma::RuleSet& rules,
                                            const view::LogSources& sources, event::Catalogue& catalogue,
                                            Progress& progress, const std::atomic<bool>& stop);

}  // namespace landwarden::engine
