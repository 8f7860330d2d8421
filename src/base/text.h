// Text as evidence holds it: UTF-16LE to UTF-8, validation, and case folding.
//
// Inside the program all text is valid UTF-8. What is not (unpaired surrogates, stray bytes) becomes U+FFFD,
// one for each unit or byte. Case folding is Unicode's simple folding (CaseFolding.txt, status C and S: one
// code point to one), so that
// '?' wildcards and offsets keep their meaning; ASCII takes a fast path.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace landwarden::text {

/// Appends UTF-16LE `units` (two bytes each; an odd last byte is dropped) as UTF-8.
void append_utf16le(std::string& out, std::span<const std::byte> units);

/// Appends a code point as UTF-8; surrogates and values above U+10FFFF become U+FFFD.
void append_code_point(std::string& out, char32_t code_point);

/// Decodes the code point that begins at `position` and moves it on; a stray byte gives U+FFFD and moves by
/// one.
[[nodiscard]] char32_t next_code_point(std::string_view utf8, std::size_t& position);

[[nodiscard]] bool is_utf8(std::string_view bytes);
/// Appends `bytes` with every stray byte replaced by U+FFFD.
void append_valid_utf8(std::string& out, std::string_view bytes);

[[nodiscard]] bool is_ascii(std::string_view bytes);

/// Simple case folding of one code point.
[[nodiscard]] char32_t fold(char32_t code_point);
/// Appends `utf8` folded. Valid UTF-8 in, valid UTF-8 out (lengths may differ).
void append_folded(std::string& out, std::string_view utf8);
[[nodiscard]] std::string folded(std::string_view utf8);
/// Whether both are the same after folding.
[[nodiscard]] bool equal_folded(std::string_view left, std::string_view right);

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// ASCII-only lower case, for names that are ASCII by specification.
[[nodiscard]] constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace landwarden::text
