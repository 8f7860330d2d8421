// Interned sets of predicate numbers, and what is known of dictionary values. One worker's; not thread-safe.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/hash.h"
#include "event/value_table.h"

namespace landwarden::sigma {

/// Gives equal sets the same number; 0 is the empty set.
class HitSets {
 public:
  HitSets() { clear(); }
  /// `sorted` without repeats.
  [[nodiscard]] std::uint32_t intern(std::span<const std::uint32_t> sorted);
  [[nodiscard]] std::span<const std::uint32_t> at(std::uint32_t id) const {
    const Set& set = sets_[id];
    return {numbers_.data() + set.begin, set.size};
  }
  [[nodiscard]] std::size_t bytes() const { return numbers_.size() * 4 + sets_.size() * 24; }
  void clear();

 private:
  struct Set {
    std::uint64_t hash;
    std::uint32_t begin, size;
  };
  std::vector<Set> sets_;
  std::vector<std::uint32_t> numbers_, slots_;
  std::size_t mask_ = 0;
};

/// For each code of one dictionary, the hit set of its value; valid for one generation of the dictionary.
struct ValueMemo {
  static constexpr std::uint32_t kUnknown = 0xFFFF'FFFF;
  std::vector<std::uint32_t> hits;
  std::uint32_t generation = 0;

  /// Makes room for the dictionary as it is now, forgetting another generation's.
  void follow(const event::ValueTable& table) {
    if (generation != table.generation()) {
      hits.clear();
      generation = table.generation();
    }
    if (hits.size() < table.end()) hits.resize(table.end(), kUnknown);
  }
};

}  // namespace landwarden::sigma
