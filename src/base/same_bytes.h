// Whether two stretches of memory are the same, for what is short as a rule: without a call.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace landwarden {

[[nodiscard]] inline bool same_bytes(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const char*>(left);
  const auto* b = static_cast<const char*>(right);
  if (size >= 16) {
    const auto differ = [&](std::size_t at) {
      std::uint64_t x[2], y[2];
      std::memcpy(x, a + at, sizeof x);
      std::memcpy(y, b + at, sizeof y);
      return ((x[0] ^ y[0]) | (x[1] ^ y[1])) != 0;
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
