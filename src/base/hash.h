// Hashing of bytes (XXH3, 64 bits): fast, good spread, not a defence against an adversary. Never an identity:
// whoever looks something up by it compares the bytes as well.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace landwarden {

[[nodiscard]] std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed = 0);
[[nodiscard]] inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed = 0) {
  return hash_bytes(text.data(), text.size(), seed);
}
/// Mixes a number into a running hash.
[[nodiscard]] constexpr std::uint64_t hash_combine(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 32);
}

/// The same use for what is short as a rule, without a call: up to 16 bytes two multiplications, up to 256
/// one more for every 16 bytes. Other numbers than hash_bytes() gives.
[[nodiscard]] inline std::uint64_t hash_short(const void* data, std::size_t size, std::uint64_t seed) {
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  const auto* at = static_cast<const unsigned char*>(data);
  const auto eight = [](const unsigned char* from) {
    std::uint64_t out;
    std::memcpy(&out, from, sizeof out);
    return out;
  };
  const auto four = [](const unsigned char* from) {
    std::uint32_t out;
    std::memcpy(&out, from, sizeof out);
    return std::uint64_t{out};
  };
  constexpr std::uint64_t kA = 0xA0761D6478BD642FULL, kB = 0xE7037ED1A0B428DBULL, kC = 0x8EBC6AF09C88C6E3ULL;
  std::uint64_t hash = seed ^ kC, first = 0, last = 0;
  if (size > 256) return hash_bytes(data, size, seed);
  if (size >= 8) {
    for (std::size_t left = size; left > 16; left -= 16, at += 16) {
      hash = mix(eight(at) ^ kA, eight(at + 8) ^ hash);
    }
    const auto* end = static_cast<const unsigned char*>(data) + size;
    first = eight(size >= 16 ? end - 16 : at);
    last = eight(end - 8);
  } else if (size >= 4) {
    first = four(at);
    last = four(at + size - 4);
  } else if (size > 0) {
    first = std::uint64_t{at[0]} << 16 | std::uint64_t{at[size >> 1]} << 8 | at[size - 1];
  }
  return mix(kB ^ size, mix(first ^ kA, last ^ hash));
}

/// For unordered containers with std::string keys that are asked by std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hash_text(text); }
};

}  // namespace landwarden
