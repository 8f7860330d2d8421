// Whether two stretches of memory are the same, for what is short as a rule: without a call.

#pragma once

#include <smmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace landwarden {

[[nodiscard, gnu::always_inline]] inline bool same_bytes(const void* left, const void* right,
                                                         std::size_t size) {
  const auto* a = static_cast<const char*>(left);
  const auto* b = static_cast<const char*>(right);
  if (size >= 16) {
    const auto differ = [&](std::size_t at) {
      return _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at)),
                           _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at)));
    };
    // What differs does so most often at the end.
    const __m128i last = differ(size - 16);
    if (_mm_testz_si128(last, last) == 0) return false;
    std::size_t at = 0;
    for (; at + 32 < size; at += 32) {
      const __m128i both = _mm_or_si128(differ(at), differ(at + 16));
      if (_mm_testz_si128(both, both) == 0) return false;
    }
    if (at + 16 >= size) return true;
    const __m128i rest = differ(at);
    return _mm_testz_si128(rest, rest) != 0;
  }
  const auto same_ends = [&]<class T>(T) {
    T x, y, v, w;
    std::memcpy(&x, a, sizeof x);
    std::memcpy(&y, b, sizeof y);
    std::memcpy(&v, a + size - sizeof v, sizeof v);
    std::memcpy(&w, b + size - sizeof w, sizeof w);
    return ((x ^ y) | (v ^ w)) == 0;
  };
  if (size >= 8) return same_ends(std::uint64_t{});
  if (size >= 4) return same_ends(std::uint32_t{});
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace landwarden
