// Whether a backtracking engine (PCRE, .NET, Python) can take exponential time over a regular expression.
//
// Ours is linear whatever the expression; rules are shared with engines that are not. The answer is exact for
// the automaton behind the expression: two ways round a loop over the same text, with something behind the
// loop that can fail (exponential degree of ambiguity, Weber and Seidl 1991). Expressions with parts that
// this does not read (look-around, references) or with too many positions get no answer. Pure function.

#pragma once

#include <string_view>

namespace landwarden::sigma {

/// True only if there is a text over which a backtracking matcher tries exponentially many ways.
[[nodiscard]] bool backtracks_exponentially(std::string_view regex, bool ignore_case);

}  // namespace landwarden::sigma
