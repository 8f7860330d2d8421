#include "event/value_table.h"

#include <algorithm>

#include "base/limits.h"

namespace landwarden::event {
namespace {
constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kKeptSlots = 1 << 14;
/// Slots beyond which an index that finds nothing is not worth its place in the processor's cache.
constexpr std::size_t kSparseSlots = 1 << 10;
}  // namespace

void ValueTable::clear(bool refill) {
  if (load_ != nullptr && !entries_.empty()) load_->bytes -= bytes() - kFirstValue * sizeof(Entry);
  entries_.assign(kFirstValue, Entry{});
  slots_.assign(refill ? std::min(slots_.size(), kKeptSlots) : kFirstSlots, Slot{});
  mask_ = slots_.size() - 1;
  const std::size_t numbers = refill ? std::min(numbers_.size(), kKeptSlots) : 0;
  numbers_.assign(numbers, NumberSlot{});
  numbers_used_ = slots_used_ = 0;
  // A table that had a large value once must not hold its memory for ever.
  if (bytes_.capacity() > (std::size_t{1} << 20)) bytes_ = std::string();
  bytes_.clear();
  lookups_ = 0;
  overfull_ = false;
  ++generation_;
}

bool ValueTable::hardly_repeats(std::size_t slots) const {
  return slots >= kSparseSlots && entries_.size() * 2 > lookups_;
}

void ValueTable::grow() {
  if (hardly_repeats(slots_.size())) {
    std::fill(slots_.begin(), slots_.end(), Slot{});
    slots_used_ = 0;
    return;
  }
  std::vector<Slot> before(slots_.size() * 4);
  before.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& moved : before) {
    if (moved.code == 0) continue;
    std::size_t slot = moved.hash & mask_;
    while (slots_[slot].code != 0) slot = (slot + 1) & mask_;
    slots_[slot] = moved;
  }
}

void ValueTable::grow_numbers() {
  if (hardly_repeats(numbers_.size())) {
    std::fill(numbers_.begin(), numbers_.end(), NumberSlot{});
    numbers_used_ = 0;
    return;
  }
  std::vector<NumberSlot> before(numbers_.size() * 4);
  before.swap(numbers_);
  const std::size_t mask = numbers_.size() - 1;
  for (const NumberSlot& moved : before) {
    if (moved.code == 0) continue;
    std::size_t slot = number_slot(moved.kind, moved.number) & mask;
    while (numbers_[slot].code != 0) slot = (slot + 1) & mask;
    numbers_[slot] = moved;
  }
}

void ValueTable::note_load(std::size_t added) {
  load_->bytes += added;
  if (overfull_) return;
  const std::size_t values = entries_.size();
  if (values > limits::kDictionaryValues || bytes() > limits::kDictionaryBytes ||
      ((values > limits::kSparseDictionaryValues || bytes() > limits::kSparseDictionaryBytes) &&
       values * 2 > lookups_)) {
    overfull_ = true;
    load_->overfull.push_back(this);
  }
}

}  // namespace landwarden::event
