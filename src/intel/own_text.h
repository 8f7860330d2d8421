// Texts in files of ours, which are YAML.

#pragma once

#include <string>
#include <string_view>

namespace landwarden::intel {

/// Whether a code point may not stand in a YAML file, or ends a line in it.
[[nodiscard]] bool is_unprintable(char32_t c);

/// Runs of blanks and of what is unprintable become one blank; none is left at the ends.
[[nodiscard]] std::string calm_text(std::string_view text);

/// A scalar in single quotes: nothing in it but its quotes means anything. What is unprintable must be gone.
[[nodiscard]] std::string quoted_value(std::string_view text);
/// calm_text() in quotes.
[[nodiscard]] std::string quoted_text(std::string_view text);

}  // namespace landwarden::intel
