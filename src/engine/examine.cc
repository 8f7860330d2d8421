#include "engine/examine.h"

#include <new>
#include <utility>

#include "engine/survey_book.h"
#include "engine/survey_result.h"
#include "triage/event_titles.h"

namespace landwarden::engine {

Result<Examination> examine(const HuntOptions& options, const std::vector<triage::Watch>& watches,
                            const sigma::RuleSet& rules, const view::LogSources& sources,
                            event::Catalogue& catalogue, Progress& progress, const std::atomic<bool>& stop,
                            const std::function<Result<void>(const MatchView&)>& on_match) {
  const auto titles = triage::EventTitles::built_in();
  if (!titles) return std::unexpected(titles.error());
  SurveyBook book;
  HuntOptions surveying = options;
  surveying.as_it_comes = false;
  surveying.survey = &book;
  surveying.watches = watches;
  auto found = hunt(surveying, rules, catalogue, progress, stop, on_match);
  if (!found) return std::unexpected(std::move(found.error()));
  try {
    SurveyParts parts{.receipts = std::exchange(found->receipts, {}),
                      .first = found->first,
                      .last = found->last,
                      .records = found->records,
                      .interrupted = found->interrupted};
    triage::Survey survey = survey_of(std::move(parts), book, rules, sources, catalogue, *titles, false);
    return Examination{std::move(*found), std::move(survey)};
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "the survey needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
