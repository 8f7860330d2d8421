// The `correlation` and `filter` parts of documents, and the aggregations of old conditions.
//
// Failures are in the report; the rule is filled only as far as that went.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/yaml.h"
#include "sigma/correlation.h"
#include "sigma/modifiers_pattern.h"
#include "sigma/parser_report.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// "15m" in ticks; nothing if it is no time span of at most limits::kCorrelationTimespanSeconds.
[[nodiscard]] std::optional<std::int64_t> parse_timespan(std::string_view text);

/// `document` is the whole one: `generate` may stand beside `correlation`.
void parse_correlation(const yaml::Node& document, RuleReport& report, Rule& rule);

class Processing;

void parse_filter(const yaml::Node& filter, const PlaceholderValues& placeholders,
                  const Processing* processing, RuleReport& report, Rule& rule);

/// What stands behind the '|' of a condition ("count(User) by Computer > 5"), which begins at `place`, with
/// the rule's `timeframe` or nullptr. Nothing if it cannot be run; the report says why.
[[nodiscard]] std::shared_ptr<Correlation> parse_aggregation(std::string_view text, const Place& place,
                                                             const yaml::Node* timeframe, RuleReport& report);

}  // namespace landwarden::sigma
