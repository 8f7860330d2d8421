// Between the ordered matches and whoever takes them: runs correlations over them, and leaves out matches
// that only correlations are told of.
//
// In the order of time a correlation's match is handed over when the event that completed it is over, so that
// the order of time is kept. Where matches come as they are found (standard input) each is handed over at
// once, and correlations see them when limits::kCorrelationLateSeconds of event time have passed, in order;
// what comes later than that is counted, not correlated. One thread.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/hunt.h"
#include "sigma/correlator.h"

namespace landwarden::engine {

class CorrelationStage {
 public:
  using HandOn = std::function<Result<void>(const MatchView&)>;

  /// All must outlive the stage.
  CorrelationStage(const sigma::RuleSet& rules, bool as_it_comes, const HandOn& hand_on);

  [[nodiscard]] Result<void> take(const sigma::Match& match, std::string_view source);
  /// What is left; call it once, at the end.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] CorrelationReport report() const;

 private:
  /// The engine's order of matches, for those that wait.
  using Order = std::tuple<std::int64_t, std::string, std::string, std::uint64_t, std::string, std::uint64_t,
                           std::uint32_t>;

  [[nodiscard]] Result<void> wait(const sigma::Match& match, std::string_view source);
  [[nodiscard]] Result<void> correlate(const sigma::Match& match, std::string_view source);
  [[nodiscard]] Result<void> hand_on_found();

  const sigma::RuleSet& rules_;
  const HandOn& hand_on_;
  bool as_it_comes_;
  sigma::Correlator correlator_;
  std::vector<sigma::Match> found_;
  std::unordered_map<std::uint32_t, std::string> names_;  ///< of sources, for matches that come behind them
  std::multimap<Order, sigma::Match> waiting_;
  std::int64_t latest_ = 0;  ///< of all that were seen
  std::int64_t done_ = 0;    ///< what is older than this comes too late
  CorrelationReport report_;
};

}  // namespace landwarden::engine
