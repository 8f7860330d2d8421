// Correlations with their references resolved: which rules feed them, and where each finds its values.
//
// Made by resolve_correlations() when a rule set is compiled; read by Correlator. Immutable then.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sigma/correlation.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

struct CorrelationPlan {
  static constexpr std::uint32_t kAbsent = 0xFFFF'FFFF;

  /// One of Correlation::rules. Positions are into Match::carried of that rule's matches.
  struct Member {
    std::uint32_t rule = 0;
    std::uint32_t slot = 0;  ///< the same for members that are the same rule, else counted up from 0
    std::vector<std::uint32_t> group;   ///< as Correlation::group_by
    std::vector<std::uint32_t> values;  ///< as Correlation::fields
  };

  std::uint32_t rule = 0;  ///< its own
  const Correlation* what = nullptr;
  std::vector<Member> members;
  std::uint32_t slots = 0;
  std::uint64_t most = 0;  ///< what it counts need not be told apart from more than this
  /// temporal_ordered: members in order, any one order is enough.
  std::vector<std::vector<std::uint32_t>> orders;
};

/// What came of resolving, over the rules as given.
struct ResolvedCorrelations {
  std::vector<CorrelationPlan> plans;  ///< each behind those that it refers to; only those that run
  std::vector<std::vector<std::string>> carried;  ///< of each rule: names of the fields its matches carry
};

/// `runs` says of each rule whether it can run; it is cleared for correlations that cannot, with a diagnostic
/// each. Sets `muted` and inherited levels. The plans point into `rules`' correlations.
[[nodiscard]] ResolvedCorrelations resolve_correlations(std::vector<Rule>& rules, std::vector<bool>& runs,
                                                        std::vector<Diagnostic>& diagnostics);

/// Of each rule whether a correlation that is `wanted` needs it, directly or through others.
[[nodiscard]] std::vector<bool> needed_by_correlations(const std::vector<Rule>& rules,
                                                       const std::vector<bool>& wanted);

/// Puts the filters among the rules into the conditions of those that they are for, and takes them out.
void apply_filters(std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics);

}  // namespace landwarden::sigma
