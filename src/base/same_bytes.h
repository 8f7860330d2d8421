// Whether two stretches of memory are the same, for what is short as a rule: without a call.

#pragma once

#include <emmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace landwarden {

[[nodiscard]] inline bool same_bytes(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const char*>(left);
  const auto* b = static_cast<const char*>(right);
  if (size >= 16) {
    const auto differ = [&](std::size_t at) {
      const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at));
      const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at));
      return _mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) != 0xffff;
    };
    // What differs does so most often at the end.
    if (differ(size - 16)) return false;
    for (std::size_t at = 0; at + 16 < size; at += 16) {
      if (differ(at)) return false;
    }
    return true;
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
