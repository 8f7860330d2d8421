// The values that stood in one field lately, as they were written, and their codes: one that stands there
// again is found by a comparison, without asking what it means.
//
// One worker's.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/same_bytes.h"
#include "event/value_table.h"

namespace landwarden::decode::json {

/// Longer values are looked up in the dictionary.
inline constexpr std::size_t kKeptBytes = 56;

/// The slot in which a value is kept: of its first and last bytes. 8 bytes from its front on may be read.
inline std::size_t slot_number(std::string_view token) {
  std::uint64_t first = 0, last = 0;
  std::memcpy(&first, token.data(), sizeof first);
  if (token.size() >= 8) {
    std::memcpy(&last, token.data() + token.size() - 8, sizeof last);
  } else {
    first &= (std::uint64_t{1} << (8 * token.size())) - 1;
  }
  const std::uint64_t mixed = (first ^ std::rotl(last, 23)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(mixed >> 60);
}
/// The values that stood in a field lately, as they were written, and their codes. Without a table: nowhere.
struct Lately {
  static constexpr std::size_t kSlots = 16;
  /// So many values must not be found before none are looked for.
  static constexpr std::uint32_t kPatience = 256;
  /// Most fields are rare: so many values come before any are kept.
  static constexpr std::uint32_t kFirst = 4;

  struct alignas(64) Slot {
    std::uint32_t size;  ///< 0: nothing is kept
    event::Code code;
    char raw[kKeptBytes];

    [[nodiscard]] bool is(std::string_view token) const {
      return token.size() == size && landwarden::same_bytes(token.data(), raw, size);
    }
  };
  event::ValueTable* table = nullptr;
  std::uintptr_t how = 0;        ///< what becomes of a value on its way to the table
  std::uint32_t generation = 0;  ///< of the table
  std::uint32_t longest = 0;     ///< longer values are not kept
  std::uint32_t hits = 0, misses = 0;
  std::unique_ptr<Slot[]> slots;

  void begin() {
    for (std::size_t i = 0; slots != nullptr && i < kSlots; ++i) slots[i].size = 0;
    generation = table->generation();
    longest = slots == nullptr ? 0 : kKeptBytes;
    hits = misses = 0;
  }
  /// A value was not looked for.
  void pass() {
    if (slots != nullptr || ++misses < kFirst) return;
    slots = std::make_unique_for_overwrite<Slot[]>(kSlots);
    begin();
  }
  /// Keeps a value that was not found. Where they hardly repeat, none are kept.
  void keep(Slot& slot, std::string_view token, event::Code code) {
    slot.size = static_cast<std::uint32_t>(token.size());
    slot.code = code;
    std::memcpy(slot.raw, token.data(), token.size());
    miss();
  }

 private:
  void miss() {
    if (++misses < kPatience) return;
    if (hits < misses / 4) longest = 0;
    hits = misses = 0;
  }
};
static_assert(Lately::kSlots == 16);  // slot_number() gives four bits

}  // namespace landwarden::decode::json
