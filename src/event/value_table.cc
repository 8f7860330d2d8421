#include "event/value_table.h"

#include "base/limits.h"

namespace landwarden::event {
namespace {
constexpr std::size_t kFirstSlots = 64;
}

void ValueTable::clear() {
  if (load_ != nullptr && !entries_.empty()) load_->bytes -= bytes() - kFirstValue * sizeof(Entry);
  entries_.assign(kFirstValue, Entry{});
  slots_.assign(kFirstSlots, Slot{});
  mask_ = kFirstSlots - 1;
  // A table that had a large value once must not hold its memory for ever.
  if (bytes_.capacity() > (std::size_t{1} << 20)) bytes_ = std::string();
  bytes_.clear();
  ++generation_;
}

void ValueTable::grow() {
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

void ValueTable::note_load(std::size_t added) {
  load_->bytes += added;
  load_->overfull |= bytes() > limits::kDictionaryBytes || end() > limits::kDictionaryValues;
}

}  // namespace landwarden::event
