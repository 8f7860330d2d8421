// From texts to the numbers filed under them: a flat hash table, which can be saved and used where it was
// loaded.
//
// Fill with add(), then build() once; or load(). Afterwards immutable; any thread.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/packing.h"

namespace landwarden::sigma {

class TextTable {
 public:
  TextTable() = default;
  TextTable(const TextTable&) = delete;
  TextTable& operator=(const TextTable&) = delete;

  /// Several numbers may be filed under one text.
  void add(std::string_view text, std::uint32_t number);
  void build();
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// In the order in which they were added.
  [[nodiscard]] std::span<const std::uint32_t> find(std::string_view text) const;

  /// Of a built table. What load() reads must outlive the table; nothing is believed of it, numbers are below
  /// `numbers` afterwards.
  void save(Packer& out) const;
  [[nodiscard]] bool load(Unpacker& in, std::size_t numbers);

 private:
  /// One text; texts and numbers stand in texts_ and numbers_.
  struct Entry {
    std::uint64_t hash;
    std::uint32_t text, size;
    std::uint32_t first, count;
  };
  [[nodiscard]] std::string_view text_of(const Entry& entry) const {
    return {texts_.data() + entry.text, entry.size};
  }

  std::vector<Entry> own_entries_;
  std::vector<char> own_texts_;
  std::vector<std::uint32_t> own_numbers_, own_slots_;
  std::span<const Entry> entries_;  ///< by text
  std::span<const char> texts_;
  std::span<const std::uint32_t> numbers_;
  std::span<const std::uint32_t> slots_;  ///< by hash, index of the entry and 1; 0 = none; a power of two
};

}  // namespace landwarden::sigma
