// What long texts met, by their hash, so that one that comes again after its dictionary was emptied is not
// looked through again. One worker's; not thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"

namespace landwarden::sigma {

class LongValues {
 public:
  /// Shorter texts are tested in less time than it takes to find them here.
  static constexpr std::size_t kLeast = 64;
  /// So many stand in some 100 MB of logs; each takes 32 bytes, and as much again to find it. With more of
  /// them everything is forgotten and begun anew.
  static constexpr std::size_t kMost = 1 << 17;
  static constexpr std::uint32_t kUnknown = 0xFFFF'FFFF;

  /// What is known of the text as a value of the field: kUnknown at first, to be set by the caller. Valid
  /// until the next call.
  [[nodiscard]] std::uint32_t& at(std::uint32_t field_set, std::string_view text);
  [[nodiscard]] std::size_t size() const { return used_; }
  void clear();

 private:
  struct Slot {
    KeyedHash::Value hash;
    std::uint32_t field_set = 0;
    std::uint32_t hits = kUnknown;
    bool used = false;
  };
  [[nodiscard]] Slot& slot_of(const KeyedHash::Value& hash, std::uint32_t field_set);
  void grow();

  KeyedHash hash_;
  std::vector<Slot> slots_;  ///< open addressing, a power of two
  std::size_t used_ = 0;
};

}  // namespace landwarden::sigma
