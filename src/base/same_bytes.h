// Whether two stretches of memory are the same, for what is short as a rule: without a call.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace landwarden {

[[nodiscard, gnu::always_inline]] inline bool same_bytes(const void* left, const void* right,
                                                         std::size_t size) {
  const auto* a = static_cast<const char*>(left);
  const auto* b = static_cast<const char*>(right);
  if (size >= 16) {
    using Sixteen [[gnu::vector_size(16)]] = long long;  // the compiler's own, for no header is needed
    const auto differ = [&](std::size_t at) {
      Sixteen x, y;
      std::memcpy(&x, a + at, sizeof x);
      std::memcpy(&y, b + at, sizeof y);
      return x ^ y;
    };
    const auto is_zero = [](Sixteen bits) { return __builtin_ia32_ptestz128(bits, bits) != 0; };
    // What differs does so most often at the end.
    if (!is_zero(differ(size - 16))) return false;
    std::size_t at = 0;
    for (; at + 32 < size; at += 32) {
      if (!is_zero(differ(at) | differ(at + 16))) return false;
    }
    return at + 16 >= size || is_zero(differ(at));
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
