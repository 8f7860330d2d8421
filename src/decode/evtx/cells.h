// The values of a template's instance as places with size and type (Cell): read out of its descriptors, and
// asked for what kinds of values are among them. Pure functions over numbers, four at a time.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/evtx/layout.h"

namespace landwarden::decode::evtx {

constexpr std::uint32_t described(std::uint8_t type, std::uint32_t size) {
  return size | std::uint32_t{type} << 16;
}

/// Of a cell whose type is special.
inline constexpr std::uint32_t kFirstSpecial = (std::uint32_t{value_type::kHex64} + 1) << 16;

/// Of a special type, or ANSI text.
constexpr bool is_odd(std::uint32_t one) {
  return one >= kFirstSpecial || one >> 16 == value_type::kAnsi;
}

struct Described {
  std::uint32_t end = 0;       ///< behind the last value
  std::uint32_t specials = 0;  ///< how many are of a special type or ANSI text
};

/// Reads `count` descriptors {u16 size, u8 type, u8 unused} of values that stand one behind the other from
/// `at` on: four at a time, places by sums that run over the four.
[[nodiscard]] Described describe(const std::byte* descriptors, std::uint32_t count, std::uint32_t at,
                                 Cell* out);

/// A bit for each slot of a special type or ANSI text, see kRestOfSlots.
[[nodiscard]] std::uint64_t special_slots(std::span<const Cell> cells);

[[nodiscard]] bool has_ansi(std::span<const Cell> cells);

}  // namespace landwarden::decode::evtx
