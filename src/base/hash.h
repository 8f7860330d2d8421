// Hashing of bytes (XXH3, 64 bits): fast, good spread, not a defence against an adversary. Never an identity:
// whoever looks something up by it compares the bytes as well.

#pragma once

#include <cstdint>
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

/// For unordered containers with std::string keys that are asked by std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hash_text(text); }
};

}  // namespace landwarden
