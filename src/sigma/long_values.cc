#include "sigma/long_values.h"

#include <utility>

namespace landwarden::sigma {
namespace {
constexpr std::size_t kFirstSlots = 1024;
}

LongValues::Slot& LongValues::slot_of(const KeyedHash::Value& hash, std::uint32_t field_set) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = (hash.low + field_set) & mask;
  while (slots_[at].used && (slots_[at].hash != hash || slots_[at].field_set != field_set))
    at = (at + 1) & mask;
  return slots_[at];
}

std::uint32_t& LongValues::at(std::uint32_t field_set, std::string_view text) {
  if (used_ >= kMost) clear();
  if ((used_ + 1) * 2 > slots_.size()) grow();
  const KeyedHash::Value hash = hash_.of(text);
  Slot& slot = slot_of(hash, field_set);
  if (!slot.used) {
    slot = {.hash = hash, .field_set = field_set, .hits = kUnknown, .used = true};
    ++used_;
  }
  return slot.hits;
}

void LongValues::grow() {
  std::vector<Slot> before(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  before.swap(slots_);
  for (const Slot& moved : before) {
    if (moved.used) slot_of(moved.hash, moved.field_set) = moved;
  }
}

void LongValues::clear() {
  slots_ = {};
  used_ = 0;
}

}  // namespace landwarden::sigma
