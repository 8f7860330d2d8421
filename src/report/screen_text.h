// Text as it may stand on a terminal: how wide it is, and with everything made visible that a terminal would
// obey.
//
// Evidence is written by attackers. Control characters, escape sequences, and characters that reorder or hide
// text are shown as \x1b or \u{202e}. Without Unicode, everything beyond ASCII is shown that way.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::report {

/// Columns that a code point takes: 0, 1 or 2.
[[nodiscard]] int width_of(char32_t code_point);
/// Columns of `utf8`, which holds no control characters.
[[nodiscard]] std::size_t width_of(std::string_view utf8);

/// One character as it is shown.
struct Glyph {
  std::string text;
  std::size_t source = 0;  ///< offset in the text that it was made from
  std::size_t width = 0;
};

/// Runs of blanks, tabs and line ends become one blank each.
[[nodiscard]] std::vector<Glyph> glyphs_of(std::string_view utf8, bool unicode);
[[nodiscard]] std::string visible(std::string_view utf8, bool unicode);

/// Visible text of at most `columns`; what does not fit is replaced by "…" at the end, or in the middle.
[[nodiscard]] std::string shortened(std::string_view utf8, std::size_t columns, bool unicode);
[[nodiscard]] std::string shortened_middle(std::string_view utf8, std::size_t columns, bool unicode);
/// Appends blanks up to `columns`.
[[nodiscard]] std::string padded(std::string text, std::size_t columns);

/// A part of a text: [begin, end) in bytes.
struct Span {
  std::size_t begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

/// A run of shown text that is, or is not, a telling part.
struct Run {
  std::string text;
  bool telling = false;
};

/// `utf8` on at most `columns`, its telling parts kept and the rest shortened around them. `mark` is what a
/// telling part costs in columns besides its text (the signs around it where there is no colour). Spans are
/// sorted and do not overlap.
[[nodiscard]] std::vector<Run> excerpt(std::string_view utf8, const std::vector<Span>& telling,
                                       std::size_t columns, std::size_t mark, bool unicode);

}  // namespace landwarden::report
