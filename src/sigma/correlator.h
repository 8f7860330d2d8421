// Runs the correlations of a rule set over its matches.
//
// Takes matches in the order of time (engine's order: time, host, channel, record id, source, offset, rule)
// and gives the correlations' own, each when the event that completed it is over. Windows slide with the
// events: they end at each event and hold what is at most the time span older. Nothing depends on anything
// but the sequence of matches. What a group keeps is bounded by the correlation's threshold where that is
// possible; over all, limits::kCorrelationEvents are kept, then the groups that were quiet longest are
// forgotten and counted. Not thread-safe; the rule set must outlive it.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "sigma/matcher.h"

namespace landwarden::sigma {

/// What the correlations did not look at, or forgot.
struct CorrelationLosses {
  std::uint64_t without_time = 0;  ///< matches on records that have no time
  std::uint64_t repeated = 0;   ///< matches on copies of a record that was seen already, as in another file
  std::uint64_t forgotten = 0;  ///< events that left their group before their time
};

class Correlator {
 public:
  explicit Correlator(const RuleSet& rules, std::size_t events_kept = limits::kCorrelationEvents);
  ~Correlator();
  Correlator(const Correlator&) = delete;
  Correlator& operator=(const Correlator&) = delete;

  /// Takes the next match; `file` is its source. Appends the correlations' matches of the event before it,
  /// those of muted correlations left out.
  void add(const Match& match, std::string_view file, std::vector<Match>& out);
  /// The same for the last event.
  void finish(std::vector<Match>& out);

  [[nodiscard]] const CorrelationLosses& losses() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace landwarden::sigma
