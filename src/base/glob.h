// The wildcards that people write for names: '*' any run, '?' one character.

#pragma once

#include <string_view>

namespace landwarden {

/// Whether `pattern` is all of `text`; both folded (base/text.h).
[[nodiscard]] bool glob(std::string_view pattern, std::string_view text);

}  // namespace landwarden
