#include "sigma/hit_sets.h"

#include <algorithm>

namespace landwarden::sigma {

void HitSets::clear() {
  sets_.assign(1, Set{0, 0, 0});
  numbers_.clear();
  slots_.assign(1024, 0);
  mask_ = slots_.size() - 1;
}

std::uint32_t HitSets::intern(std::span<const std::uint32_t> sorted) {
  if (sorted.empty()) return 0;
  const std::uint64_t hash = hash_bytes(sorted.data(), sorted.size_bytes());
  std::size_t slot = hash & mask_;
  while (slots_[slot] != 0) {
    const Set& set = sets_[slots_[slot]];
    if (set.hash == hash && set.size == sorted.size() && std::ranges::equal(at(slots_[slot]), sorted))
      return slots_[slot];
    slot = (slot + 1) & mask_;
  }
  const auto id = static_cast<std::uint32_t>(sets_.size());
  slots_[slot] = id;
  sets_.push_back(
      {hash, static_cast<std::uint32_t>(numbers_.size()), static_cast<std::uint32_t>(sorted.size())});
  numbers_.insert(numbers_.end(), sorted.begin(), sorted.end());
  if (sets_.size() * 2 > slots_.size()) {
    slots_.assign(slots_.size() * 2, 0);
    mask_ = slots_.size() - 1;
    for (std::uint32_t i = 1; i < sets_.size(); ++i) {
      std::size_t at = sets_[i].hash & mask_;
      while (slots_[at] != 0) at = (at + 1) & mask_;
      slots_[at] = i;
    }
  }
  return id;
}

}  // namespace landwarden::sigma
