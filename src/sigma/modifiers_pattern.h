// String values of rules as patterns, and the modifiers that rewrite them: wildcards, |windash, |base64…,
// |utf16…, |expand.
//
// Escapes are Sigma's: '\' is itself except before '*', '?' and '\'. Pure functions; text is valid UTF-8.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// Reads a string value with Sigma's wildcards and escapes.
[[nodiscard]] Pattern parse_pattern(std::string_view value);
/// Nothing but this text.
[[nodiscard]] Pattern literal_pattern(std::string_view value);

void append_literal(Pattern& pattern, std::string_view literal);
void append_any_run(Pattern& pattern);
void prepend_any_run(Pattern& pattern);
/// Without '*' at the ends, for tests that look anywhere in the value anyway.
void strip_any_runs(Pattern& pattern);

/// Whether there is no wildcard in it, so that it can be encoded or name a field.
[[nodiscard]] bool is_literal(const Pattern& pattern);
/// The text of a literal pattern.
[[nodiscard]] std::string literal_text(const Pattern& pattern);

/// |windash: every dash or slash that is not behind a word character and stands before one becomes a dash
/// class.
[[nodiscard]] Pattern with_dash_classes(const Pattern& pattern);

/// What |wide, |utf16be and |utf16 make of a text before it is encoded in base64.
enum class Encoding : std::uint8_t { utf8, utf16le, utf16be, utf16 };
[[nodiscard]] std::string encode(std::string_view utf8, Encoding encoding);

[[nodiscard]] std::string base64(std::string_view bytes);
/// The three texts of which one occurs wherever `bytes` stand inside something encoded in base64.
[[nodiscard]] std::vector<std::string> base64_at_offsets(std::string_view bytes);

/// The values of a %placeholder%; nullptr if it is not known.
using PlaceholderValues = std::function<const std::vector<std::string>*(std::string_view name)>;
/// |expand: all patterns that come of putting values for the placeholders. Fails with the name of an unknown
/// one.
[[nodiscard]] Result<std::vector<Pattern>> expand_placeholders(const Pattern& pattern,
                                                               const PlaceholderValues& values);
/// Whether there is a %placeholder% in it ("\%" is a percent sign).
[[nodiscard]] bool has_placeholder(std::string_view text);
/// The same for a regular expression; values are put in as literals with Sigma's wildcards.
[[nodiscard]] Result<std::vector<std::string>> expand_regex(std::string_view regex,
                                                            const PlaceholderValues& values);

}  // namespace landwarden::sigma
