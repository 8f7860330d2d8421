// A hunt and a survey in one reading of the evidence: what was found, and what could have been.
//
// examine() gives what hunt() and survey() give for the same evidence and rules. Stopping and failure as in
// hunt().

#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "base/result.h"
#include "engine/hunt.h"
#include "sigma/matcher.h"
#include "triage/survey.h"
#include "view/log_sources.h"

namespace landwarden::engine {

struct Examination {
  HuntResult hunt;  ///< without receipts: the survey has them
  triage::Survey survey;
};

/// With `watches` the survey has Survey::arrivals. `options.as_it_comes` is not for this: evidence that never
/// ends has no survey.
[[nodiscard]] Result<Examination> examine(const HuntOptions& options,
                                          const std::vector<triage::Watch>& watches,
                                          const sigma::RuleSet& rules, const view::LogSources& sources,
                                          event::Catalogue& catalogue, Progress& progress,
                                          const std::atomic<bool>& stop,
                                          const std::function<Result<void>(const MatchView&)>& on_match);

}  // namespace landwarden::engine
