// Bytes looked at many at a time, as wide as the processor allows: what skeletons and the lines known by them
// share. The rooms of token.h's Width, as types that templates are made of.

#pragma once

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "decode/json/token.h"

namespace landwarden::decode::json {

/// What a value may begin with, and what else a number or a word may consist of.
inline constexpr auto kBeginsValue = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("\"0123456789-tfnNI")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
inline constexpr auto kInWord = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("0123456789-+.")) table[static_cast<unsigned char>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  return table;
}();

inline bool ends_line(const char* at, const char* text_end) {
  if (at >= text_end) return at == text_end;
  return *at == '\n' || (*at == '\r' && at + 1 < text_end && at[1] == '\n');
}

/// Whether those of 64 bytes are the same for which a bit is set: the first ones.
inline bool same64(const char* a, const char* b, std::uint64_t mask) {
  const auto differ = [&](int at) {
    const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at));
    const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at));
    return static_cast<std::uint16_t>(~_mm_movemask_epi8(_mm_cmpeq_epi8(left, right))) & (mask >> at);
  };
  if ((differ(0)) != 0) return false;
  if (mask >> 16 == 0) return true;
  if ((differ(16)) != 0) return false;
  if (mask >> 32 == 0) return true;
  return (differ(32) | differ(48)) == 0;
}

/// 16 bytes at a time, on any processor.
struct NarrowBlocks {
  static constexpr std::size_t kBytes = 16;
  /// A bit for each byte of a block that differs.
  static std::uint64_t differ(const char* a, const char* b) {
    const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
    const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    return 0xFFFFU & ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right)));
  }
  static bool same(const char* a, const char* b, std::uint64_t mask) { return same64(a, b, mask); }

  /// The first quote, or character that is not plain; null if there is none at `last`.
  static const char* telling(const char* at, const char* last) {
    for (; at <= last; at += kBytes) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      // Signed: what is not ASCII is below a blank, as control characters are.
      const __m128i uncommon =
          _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
      const __m128i telling = _mm_or_si128(uncommon, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(telling));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

/// The same, 32 at a time.
struct MiddleBlocks {
  static constexpr std::size_t kBytes = 32;
  [[gnu::target("avx2,bmi")]] static inline std::uint64_t differ(const char* a, const char* b) {
    const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
    const __m256i right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
    return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(left, right)));
  }
  [[gnu::target("avx2,bmi")]] static inline bool same(const char* a, const char* b, std::uint64_t mask) {
    if ((differ(a, b) & mask) != 0) return false;
    return mask >> 32 == 0 || (differ(a + 32, b + 32) & mask >> 32) == 0;
  }

  [[gnu::target("avx2,bmi")]] static inline const char* telling(const char* at, const char* last) {
    for (; at <= last; at += kBytes) {
      const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
      const __m256i uncommon = _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(' '), block),
                                               _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\')));
      const __m256i telling = _mm256_or_si256(uncommon, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"')));
      const auto mask = static_cast<unsigned>(_mm256_movemask_epi8(telling));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

/// The same, 64 at a time.
struct WideBlocks {
  static constexpr std::size_t kBytes = 64;
  [[gnu::target("avx512bw,bmi")]] static inline std::uint64_t differ(const char* a, const char* b) {
    return _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
  }
  [[gnu::target("avx512bw,bmi")]] static inline bool same(const char* a, const char* b, std::uint64_t mask) {
    return (differ(a, b) & mask) == 0;
  }

  [[gnu::target("avx512bw,bmi")]] static inline const char* telling(const char* at, const char* last) {
    for (; at <= last; at += kBytes) {
      const __m512i block = _mm512_loadu_si512(at);
      const std::uint64_t mask = _mm512_cmplt_epi8_mask(block, _mm512_set1_epi8(' ')) |
                                 _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')) |
                                 _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

/// What strings with escapes mean, of the record that is looked at.
struct ValueTexts {
  TextArena arena;
  std::vector<std::string_view> texts;  ///< Token::text is an index here

  void reset(std::size_t record_size) {
    arena.reset(record_size + kScanBytes);
    texts.clear();
  }
};

/// The end of the value at `begin`; null if it is a string that JSON does not allow or that is not closed at
/// `last`. What lies before `plain_to` is known to be the front of a string, and plain. `text` is as in
/// Token.
template <class Blocks>
[[gnu::always_inline]] inline const char* end_of_value(const char* begin, const char* plain_to,
                                                       const char* last, Width width, ValueTexts& texts,
                                                       std::int32_t& text) {
  const char* at = begin;
  if (*at != '"') {
    while (kInWord[static_cast<unsigned char>(*at)] && at <= last) ++at;
    text = Token::kUnread;
    return at;
  }
  at = Blocks::telling(plain_to, last);
  if (at == nullptr) return nullptr;
  text = Token::kInside;
  if (*at != '"') {
    std::string_view meant;
    at = end_of_string(begin + 1, last, width, texts.arena, meant);
    if (at == nullptr) return nullptr;
    if (meant.data() == nullptr) {
      text = Token::kUnread;
    } else if (meant.data() != begin + 1) {
      text = static_cast<std::int32_t>(texts.texts.size());
      texts.texts.push_back(meant);
    }
  }
  return at + 1;
}

}  // namespace landwarden::decode::json
