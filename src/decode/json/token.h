// What one value of a record says, from the bytes that stand for it.
//
// A token is a string with its quotes, a number, or a word, without blanks around it; simdjson has found
// where it begins and ends and that it is UTF-8. More is taken than RFC 8259 allows where producers are known
// to write it: NaN and Infinity, and unpaired surrogates (U+FFFD). Any thread.

#pragma once

#include <emmintrin.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "event/value_table.h"

namespace landwarden::decode::json {

/// Bytes behind a token, and in front of what it is compared with, that may be read.
inline constexpr std::size_t kTokenSlack = 16;

/// Whether the `size` bytes at `a` and `b` are the same; kTokenSlack bytes behind them may be read.
[[nodiscard]] inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto differ = [&](std::size_t at) {
    std::uint64_t left = 0, right = 0;
    std::memcpy(&left, a + at, sizeof left);
    std::memcpy(&right, b + at, sizeof right);
    return left ^ right;
  };
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    if (differ(at) != 0) return false;
  }
  return at == size || differ(at) << (64 - 8 * (size - at)) == 0;  // little-endian: the first bytes are low
}

/// end_of_string() reads so many bytes behind where it is told to stop.
inline constexpr std::size_t kScanBytes = 128;

/// As below, from the first byte on that is not a plain character.
[[nodiscard]] const char* end_of_uncommon_string(const char* at, const char* last);

/// The closing quote of the string whose inside begins at `at`; null if it has a control character, is not
/// UTF-8, or does not end. Nothing beyond kScanBytes behind `last` is read.
[[nodiscard]] inline const char* end_of_string(const char* at, const char* last) {
  for (; at <= last; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Signed: what is not ASCII is below a blank, as control characters are.
    const __m128i uncommon =
        _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    const __m128i telling = _mm_or_si128(uncommon, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(telling));
    if (mask == 0) continue;
    at += std::countr_zero(mask);
    return *at == '"' ? at : end_of_uncommon_string(at, last);
  }
  return nullptr;
}

/// Memory for the texts of one record; views into it stay until reset().
class TextArena {
 public:
  /// Room for texts of `size` bytes in all, and for the slack of one.
  void reset(std::size_t size);
  [[nodiscard]] char* front() { return bytes_.data() + used_; }
  void use(std::size_t size) { used_ += size; }

 private:
  std::vector<char> bytes_;
  std::size_t used_ = 0;
};

struct Meaning {
  event::ValueType type = event::ValueType::text;
  bool null = false;
  std::string_view text;  ///< in the token, or in the arena
};

/// Reads a token; kTokenSlack bytes behind it may be read. The arena has room for it. Gives the reason if it
/// is refused.
[[nodiscard]] const char* read_token(std::string_view token, TextArena& arena, Meaning& meaning);

/// What the inside of a string means; nothing is left out. False for an escape that JSON does not know.
[[nodiscard]] bool unescape(std::string_view inside, TextArena& arena, std::string_view& text);

}  // namespace landwarden::decode::json
