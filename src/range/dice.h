// Random numbers that are the same on every machine: PCG32 (pcg-random.org, XSH RR 64/32), with whole-number
// draws only, since the standard library's distributions differ between implementations. Plain value; one a
// stream, not thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/assert.h"

namespace landwarden::range {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed + kIncrement) { next(); }
  /// A stream of its own for each name, so that one actor's draws do not shift another's.
  Dice(std::uint64_t seed, std::string_view name) : Dice(mix(seed, name)) {}

  std::uint32_t next() {
    const std::uint64_t old = state_;
    state_ = old * 6364136223846793005ULL + kIncrement;
    const auto shifted = static_cast<std::uint32_t>(((old >> 18) ^ old) >> 27);
    const auto turn = static_cast<std::uint32_t>(old >> 59);
    return shifted >> turn | shifted << (-turn & 31);
  }
  std::uint64_t next64() {
    const std::uint64_t high = next();
    return high << 32 | next();
  }
  /// 0 … bound-1. The bias of the remainder is below one in a million for every bound used here.
  std::uint32_t below(std::uint32_t bound) {
    LW_ASSERT(bound > 0);
    return static_cast<std::uint32_t>(std::uint64_t{next()} * bound >> 32);
  }
  /// Both ends included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint32_t>(high - low + 1)));
  }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  template <class Item>
  const Item& pick(std::span<const Item> items) {
    return items[below(static_cast<std::uint32_t>(items.size()))];
  }
  template <class Item, std::size_t kCount>
  const Item& pick(const Item (&items)[kCount]) {
    return items[below(kCount)];
  }

 private:
  static constexpr std::uint64_t kIncrement = 1442695040888963407ULL;
  static constexpr std::uint64_t mix(std::uint64_t seed, std::string_view name) {
    for (const char letter : name) seed = (seed ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
    return seed ^ seed >> 29;
  }
  std::uint64_t state_;
};

}  // namespace landwarden::range
