// What an indicator's expression comes to: alternatives, each a set of values that have to be met together.
//
// STIX patterns and OpenIOC definitions are trees of OR and AND over comparisons. They are multiplied out
// here. A part that is not understood spoils what it is joined to by AND, and only that: an alternative with
// less in it than its author wrote would match more than was meant.

#pragma once

#include <string>
#include <vector>

#include "intel/indicator.h"

namespace landwarden::intel {

struct Alternatives {
  std::vector<std::vector<Term>> sets;      ///< each sorted, without doubles
  std::vector<std::string> not_understood;  ///< why parts were left out
};

[[nodiscard]] Alternatives one_of(IndicatorKind kind, std::string_view value);
[[nodiscard]] Alternatives not_understood(std::string why);
/// OR.
void add(Alternatives& to, Alternatives more);
/// AND; more than kAlternatives sets become one that is not understood.
void require(Alternatives& to, const Alternatives& also);

inline constexpr std::size_t kAlternatives = 1024;

}  // namespace landwarden::intel
