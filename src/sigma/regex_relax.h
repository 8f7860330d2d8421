// A cheaper expression that is found wherever the given one is: what tells most values apart before the
// given one is even compiled. RE2 makes a state for every count that a bounded repetition may be at
// (`[^\\]{1,256}$` over 200 paths: 30 ms); without the bounds there are a handful.
//
// Holds for expressions that RE2 takes: without look-around and references, something less bound is found in
// no fewer texts.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace landwarden::sigma {

/// The expression with its large bounded repetitions `{m,n}` as `*` or `+`; nothing if it has none, or if it
/// cannot be told what is one.
[[nodiscard]] std::optional<std::string> relaxed_regex(std::string_view regex);

}  // namespace landwarden::sigma
