// The condition of a Sigma rule: "selection and not 1 of filter_*" as a tree over search identifiers.
//
// Grammar of the specification 2.1, as pySigma reads it; upper-case operators are taken with a warning.
// Recursion is bounded by limits::kSigmaDepth. Plain values, pure functions.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "sigma/parser_report.h"

namespace landwarden::sigma {

struct Condition {
  enum class Kind : std::uint8_t {
    all,      ///< "and": children
    any,      ///< "or": children
    negate,   ///< "not": one child
    search,   ///< the search identifier `name`
    nothing,  ///< "1 of x*" where no identifier has such a name: drops out of what it stands in
  };
  Kind kind = Kind::nothing;
  std::vector<Condition> children;
  std::string name;
};

/// Reads a condition over the search identifiers `names` (in file order). Failures are in the report;
/// `nothing` then. What drops out is already gone: `nothing` is only ever the root.
[[nodiscard]] Condition parse_condition(const yaml::Node& text, std::span<const std::string_view> names,
                                        RuleReport& report);

}  // namespace landwarden::sigma
