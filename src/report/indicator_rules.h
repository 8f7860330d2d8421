// Indicators as a summary and a timeline name them: what stands where a rule stands.
//
// An indicator attributes nothing by itself, and what is said here says so. Its level follows from what it is
// worth on the day (intel::worth) and is never above medium. Not thread-safe; references stay valid.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "intel/indicator_set.h"
#include "triage/foreign_rule.h"

namespace landwarden::report {

/// ForeignRule::ruleset of indicators.
inline constexpr std::string_view kIndicatorRuleset = "indicators";

/// What is said beside every match of an indicator.
inline constexpr std::string_view kIndicatorNote =
    "An indicator is a lead, never a proof: names are shared, addresses change hands, lists hold mistakes. "
    "None of this says who it was.";

/// Worth from which an indicator is of a level; below the first it is informational.
inline constexpr unsigned kWorthLow = 25, kWorthMedium = 60;
[[nodiscard]] sigma::Level level_of_worth(unsigned worth);

/// `"indicator": "ip 192.0.2.1", "all": [{"kind": …}], "source": …`: members of a JSON object, the same
/// wherever an indicator's match is written.
void append_indicator_members(std::string& out, const intel::Indicator& indicator, unsigned worth);

class IndicatorRules {
 public:
  /// `indicators` must outlive it.
  IndicatorRules(const intel::IndicatorSet& indicators, Time today)
      : indicators_(indicators), today_(today) {}

  /// Made when first asked for.
  [[nodiscard]] const triage::ForeignRule& rule(std::uint32_t indicator);

 private:
  const intel::IndicatorSet& indicators_;
  Time today_;
  std::unordered_map<std::uint32_t, std::unique_ptr<const triage::ForeignRule>> made_;
};

}  // namespace landwarden::report
