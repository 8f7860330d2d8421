// A Sigma correlation after parsing: what it says, with its references still by name.
//
// Implements the Sigma correlations specification 2.1.0 and the conditions of 2.2 over rule names; where they
// are silent, docs/sigma-semantics.md. RuleSet::compile resolves the references. Plain values.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sigma/amount.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// The whole of the evidence: only aggregations of old have no time span.
inline constexpr std::int64_t kNoTimespan = std::numeric_limits<std::int64_t>::max();

struct Correlation {
  enum class Type : std::uint8_t {
    event_count,
    value_count,       ///< different values of `fields`
    temporal,          ///< different rules
    temporal_ordered,  ///< the same, in the order of `rules`
    value_sum,
    value_avg,
    value_percentile,
    value_median,
  };
  enum class Comparison : std::uint8_t { gt, gte, lt, lte, eq, neq };
  struct Bound {
    Comparison comparison = Comparison::gte;
    Amount value = 0;
  };
  /// A rule that is referred to, by id or name.
  struct Reference {
    std::string name;
    Place place;
  };
  struct Alias {
    std::string name;
    std::vector<std::pair<Reference, std::string>> fields;  ///< rule → its field
  };

  Type type = Type::event_count;
  std::vector<Reference> rules;
  std::vector<std::string> group_by;  ///< fields or aliases
  std::vector<Alias> aliases;
  std::int64_t timespan_ticks = kNoTimespan;
  std::string timespan;                 ///< as written; empty if there is none
  std::vector<Bound> bounds;            ///< all must hold
  std::optional<Expression> condition;  ///< temporal types: over `rules` (Expression::test counts there)
  std::vector<std::string> fields;      ///< value_…: the field; value_count: one or several
  Amount percentile = 0;
  bool generate = false;     ///< the rules that it refers to also give matches of their own
  bool aggregation = false;  ///< made of "| count() …" in a rule's condition
  Place place;
};

[[nodiscard]] const char* to_text(Correlation::Type type);
[[nodiscard]] const char* to_text(Correlation::Comparison comparison);
/// "gte 10", "gt 2 and lte 5"
[[nodiscard]] std::string to_text(const std::vector<Correlation::Bound>& bounds);
/// "event_count gte 10 in 5m by IpAddress, User"
[[nodiscard]] std::string to_text(const Correlation& correlation);

}  // namespace landwarden::sigma
