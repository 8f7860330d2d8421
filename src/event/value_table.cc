#include "event/value_table.h"

namespace landwarden::event {
namespace {
constexpr std::size_t kFirstSlots = 64;
}

void ValueTable::clear() {
  entries_.assign(kFirstValue, Entry{});
  slots_.assign(kFirstSlots, 0);
  mask_ = kFirstSlots - 1;
  // A table that had a large value once must not hold its memory for ever.
  if (bytes_.capacity() > (std::size_t{1} << 20)) bytes_ = std::string();
  bytes_.clear();
  ++generation_;
}

void ValueTable::grow() {
  slots_.assign(slots_.size() * 4, 0);
  mask_ = slots_.size() - 1;
  for (Code code = kFirstValue; code < entries_.size(); ++code) {
    std::size_t slot = entries_[code].hash & mask_;
    while (slots_[slot] != 0) slot = (slot + 1) & mask_;
    slots_[slot] = code;
  }
}

}  // namespace landwarden::event
