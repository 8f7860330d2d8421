// What the renderings of values that are no text can look like. Pure functions.

#pragma once

#include <string_view>

namespace landwarden::event {

/// Whether a number, time, GUID, SID, truth value or binary may be rendered to something that holds
/// `literal`, whatever its case. What it says no to can only come out of text.
[[nodiscard]] bool may_be_rendered(std::string_view literal);

}  // namespace landwarden::event
