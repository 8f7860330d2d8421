#include "sigma/text_table.h"

#include <algorithm>
#include <bit>

#include "base/hash.h"

namespace landwarden::sigma {

void TextTable::add(std::string_view text, std::uint32_t number) {
  own_entries_.push_back({hash_text(text), static_cast<std::uint32_t>(own_texts_.size()),
                          static_cast<std::uint32_t>(text.size()),
                          static_cast<std::uint32_t>(own_numbers_.size()), 1});
  own_texts_.insert(own_texts_.end(), text.begin(), text.end());
  own_numbers_.push_back(number);
}

void TextTable::build() {
  texts_ = own_texts_;
  // Entries of one text become one; numbers follow.
  std::ranges::stable_sort(own_entries_, [this](const Entry& a, const Entry& b) {
    return a.hash != b.hash ? a.hash < b.hash : text_of(a) < text_of(b);
  });
  std::vector<Entry> entries;
  std::vector<std::uint32_t> numbers;
  for (Entry entry : own_entries_) {
    const std::uint32_t number = own_numbers_[entry.first];
    if (!entries.empty() && entries.back().hash == entry.hash && text_of(entries.back()) == text_of(entry)) {
      ++entries.back().count;
    } else {
      entry.first = static_cast<std::uint32_t>(numbers.size());
      entries.push_back(entry);
    }
    numbers.push_back(number);
  }
  own_entries_ = std::move(entries);
  own_numbers_ = std::move(numbers);
  if (!own_entries_.empty()) own_slots_.assign(std::bit_ceil(2 * own_entries_.size()), 0);
  const std::size_t mask = own_slots_.size() - 1;
  for (std::uint32_t i = 0; i < own_entries_.size(); ++i) {
    std::size_t slot = own_entries_[i].hash & mask;
    while (own_slots_[slot] != 0) slot = (slot + 1) & mask;
    own_slots_[slot] = i + 1;
  }
  entries_ = own_entries_;
  numbers_ = own_numbers_;
  slots_ = own_slots_;
}

std::span<const std::uint32_t> TextTable::find(std::string_view text) const {
  if (slots_.empty()) return {};
  const std::uint64_t hash = hash_text(text);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && text_of(entry) == text) return numbers_.subspan(entry.first, entry.count);
  }
  return {};
}

void TextTable::save(Packer& out) const {
  out.put_array(entries_);
  out.put_array(texts_);
  out.put_array(numbers_);
  out.put_array(slots_);
}

bool TextTable::load(Unpacker& in, std::size_t numbers) {
  entries_ = in.array<Entry>();
  texts_ = in.array<char>();
  numbers_ = in.array<std::uint32_t>();
  slots_ = in.array<std::uint32_t>();
  if (in.failed()) return false;
  // A free slot ends every search.
  const bool room = slots_.empty()
                        ? entries_.empty()
                        : std::has_single_bit(slots_.size()) && std::ranges::find(slots_, 0U) != slots_.end();
  return room && std::ranges::all_of(slots_, [&](std::uint32_t slot) { return slot <= entries_.size(); }) &&
         std::ranges::all_of(numbers_, [&](std::uint32_t number) { return number < numbers; }) &&
         std::ranges::all_of(entries_, [&](const Entry& entry) {
           return entry.text <= texts_.size() && entry.size <= texts_.size() - entry.text &&
                  entry.first <= numbers_.size() && entry.count <= numbers_.size() - entry.first;
         });
}

}  // namespace landwarden::sigma
