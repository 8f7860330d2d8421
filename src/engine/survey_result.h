// The last step of a survey: what the book holds, with names and counts over all sources.

#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "engine/survey_book.h"
#include "event/catalogue.h"
#include "event/evidence.h"
#include "sigma/matcher.h"
#include "triage/event_titles.h"
#include "triage/survey.h"
#include "view/log_sources.h"

namespace landwarden::engine {

/// What the frame counted.
struct SurveyParts {
  std::vector<event::Receipt> receipts;  ///< by source name
  Time first = Time::unknown(), last = Time::unknown();
  std::uint64_t records = 0;
  bool interrupted = false;
};

[[nodiscard]] triage::Survey survey_of(SurveyParts&& from, SurveyBook& book, const sigma::RuleSet& rules,
                                       const view::LogSources& sources, const event::Catalogue& catalogue,
                                       const triage::EventTitles& titles, bool strict);

}  // namespace landwarden::engine
