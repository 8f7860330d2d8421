#include "event/value_table.h"

#include <algorithm>
#include <limits>

#include "base/limits.h"

namespace landwarden::event {
namespace {
constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kKeptSlots = 1 << 14;
/// Texts of values that were interned raw stand together in blocks of these sizes, so that they never move.
constexpr std::size_t kFirstBlock = 1 << 10, kLastBlock = 64 << 10;
/// Numbers that a table finds again: their index stays in the processor's second cache. Of columns that have
/// more (times, process ids), a value that comes later costs more to find than to keep once more.
constexpr std::size_t kMostNumberSlots = 1 << 12;
/// Slots beyond which an index that finds nothing is not worth its place in the processor's cache.
constexpr std::size_t kSparseSlots = 1 << 10;
}  // namespace

void ValueTable::clear(bool refill) {
  constexpr std::size_t kFirstBytes = kFirstValue * sizeof(Entry) + sizeof(Head);
  if (load_ != nullptr && !entries_.empty()) load_->bytes -= bytes() - kFirstBytes;
  entries_.assign(kFirstValue, Entry{});
  slots_.assign(refill ? std::min(slots_.size(), kKeptSlots) : kFirstSlots, Slot{});
  mask_ = slots_.size() - 1;
  const std::size_t numbers = refill ? numbers_.size() : 0;
  numbers_.assign(numbers, NumberSlot{});
  numbers_used_ = slots_used_ = 0;
  shown_.clear();
  shown_text_.clear();
  shown_bytes_ = 0;
  // A table that had a large value once must not hold its memory for ever.
  if (bytes_.capacity() > (std::size_t{1} << 20)) bytes_ = std::string();
  bytes_.assign(sizeof(Head), '\0');  // no text stands at 0
  lookups_ = 0;
  overfull_ = false;
  ++generation_;
}

Code ValueTable::add(std::size_t slot, std::uint32_t hash, std::uint8_t kind, std::string_view raw,
                     ValueType type) {
  const auto code = static_cast<Code>(entries_.size());
  const std::size_t before = bytes_.size();
  const std::size_t at = (before + sizeof(Head) - 1) / sizeof(Head) * sizeof(Head);
  if (at / sizeof(Head) <= std::numeric_limits<std::uint32_t>::max()) {  // beyond, it is not found again
    slots_[slot] = {hash, static_cast<std::uint32_t>(at / sizeof(Head))};
    ++slots_used_;
  }
  const Head head{code, static_cast<std::uint32_t>(raw.size())};
  const std::size_t text = at + sizeof(Head) + 1, end = text + raw.size();
  bytes_.resize_and_overwrite(end, [&](char* bytes, std::size_t) {
    std::memset(bytes + before, 0, sizeof(Head));  // up to `at`
    std::memcpy(bytes + at, &head, sizeof head);
    bytes[text - 1] = static_cast<char>(kind);
    raw.copy(bytes + text, raw.size());  // of an empty view the data may be nowhere
    return end;
  });
  entries_.push_back({.place = text, .size = head.size, .shown = 0, .type = type, .kind = kind});
  if (slots_used_ * 2 > slots_.size()) grow();
  if (load_ != nullptr) note_load(bytes_.size() - before + sizeof(Entry));
  return code;
}

Code ValueTable::add_number(std::size_t slot, std::uint8_t kind, std::uint64_t number, std::uint32_t size) {
  const auto code = static_cast<Code>(entries_.size());
  entries_.push_back(
      {.place = number, .size = size, .shown = 0, .type = {}, .kind = kind, .is_number = true});
  numbers_[slot] = {number, code, kind};
  if (++numbers_used_ * 2 > numbers_.size()) grow_numbers();
  if (load_ != nullptr) note_load(sizeof(Entry));
  return code;
}

void ValueTable::make_text(const Entry& entry) const {
  scratch_.clear();
  const auto code = static_cast<Code>(&entry - entries_.data());
  entry.type = show_(entry.kind, std::as_bytes(std::span(raw(code).bytes)), scratch_);
  if (shown_text_.empty() || shown_text_.back().capacity() - shown_text_.back().size() < scratch_.size()) {
    shown_text_.emplace_back().reserve(
        std::max(std::clamp(shown_bytes_, kFirstBlock, kLastBlock), scratch_.size()));
  }
  std::string& block = shown_text_.back();
  block += scratch_;
  shown_.emplace_back(block.data() + block.size() - scratch_.size(), scratch_.size());
  entry.shown = static_cast<std::uint32_t>(shown_.size());
  const std::size_t added = scratch_.size() + sizeof(std::string_view);
  shown_bytes_ += added;
  if (load_ != nullptr) load_->bytes += added;
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
    if (moved.head == 0) continue;
    std::size_t slot = moved.hash & mask_;
    while (slots_[slot].head != 0) slot = (slot + 1) & mask_;
    slots_[slot] = moved;
  }
}

void ValueTable::grow_numbers() {
  if (numbers_.size() >= kMostNumberSlots) {
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
  const std::size_t values = entries_.size();
  if (overfull_ || (values <= limits::kSparseDictionaryValues && bytes() <= limits::kSparseDictionaryBytes))
    return;
  if (values > limits::kDictionaryValues || bytes() > limits::kDictionaryBytes ||
      ((values > limits::kSparseDictionaryValues || bytes() > limits::kSparseDictionaryBytes) &&
       values * 2 > lookups_)) {
    overfull_ = true;
    load_->overfull.push_back(this);
  }
}

}  // namespace landwarden::event
