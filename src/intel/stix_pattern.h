// Patterns of STIX 2.1 (section 9): comparisons of object paths with values, joined by AND and OR.
//
// Understood: '=' and IN, ISSUBSET for networks; AND and OR within an observation, OR between observations.
// Not understood, and named: what spans several observations (AND between them, FOLLOWEDBY, WITHIN, REPEATS,
// START), NOT, LIKE, MATCHES, other comparisons, and object paths that no field of a log holds. Recursion is
// bounded by limits::kStixPatternDepth.

#pragma once

#include <string_view>

#include "intel/alternatives.h"

namespace landwarden::intel {

/// Never fails: what is wrong with the text is in not_understood.
[[nodiscard]] Alternatives read_stix_pattern(std::string_view pattern);

}  // namespace landwarden::intel
