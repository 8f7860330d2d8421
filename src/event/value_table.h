// The dictionary of one field in one worker: every distinct value once, as type and UTF-8 rendering.
//
// Columns hold codes into it. It outlives batches, so that whatever was learnt about a value (which
// predicates it meets) can be kept in an array beside it: such memos are valid for one generation(). It is
// emptied, and the generation moves on, only between work units (BatchBuilder does it), when no batch refers
// to it. Not thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace landwarden::event {

/// What a value is; its rendering is always text, as the source shows it.
enum class ValueType : std::uint8_t {
  text,
  integer,
  uinteger,
  hex,
  real,
  boolean,
  time,
  guid,
  sid,
  ip,
  binary,
};

struct Value {
  ValueType type = ValueType::text;
  std::string_view text;  ///< UTF-8; lives until the table's next generation
};

/// Position in a ValueTable. Two codes are the same value only if they are equal; two renderings may
/// coincide.
using Code = std::uint32_t;
inline constexpr Code kAbsent = 0;  ///< the record has no such field
inline constexpr Code kNull = 1;    ///< the field is there and says "nothing" (JSON null)
inline constexpr Code kFirstValue = 2;

class ValueTable {
 public:
  ValueTable() { clear(); }

  /// The code of a value that is text already.
  Code intern(ValueType type, std::string_view utf8) {
    return find_or_add(static_cast<std::uint8_t>(type), utf8, [&](std::string&) { return type; }, true);
  }

  /// The code of a value known by its raw bytes, such as UTF-16 or a binary number. `kind` (>= 64) says how
  /// they are to be read and is part of the identity; `render(std::string& out) -> ValueType` is called on
  /// first sight only.
  template <class Render>
  Code intern_raw(std::uint8_t kind, std::span<const std::byte> raw, Render&& render) {
    return find_or_add(kind, {reinterpret_cast<const char*>(raw.data()), raw.size()}, render, false);
  }

  /// `code` >= kFirstValue.
  [[nodiscard]] Value at(Code code) const {
    const Entry& entry = entries_[code];
    return {entry.type, std::string_view(bytes_).substr(entry.text, entry.text_size)};
  }

  /// Codes below this are in use.
  [[nodiscard]] Code end() const { return static_cast<Code>(entries_.size()); }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size() + entries_.size() * sizeof(Entry); }

  /// Forgets all values; codes given out before are void.
  void clear();

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::size_t raw = 0;
    std::size_t text = 0;
    std::uint32_t raw_size = 0;
    std::uint32_t text_size = 0;
    ValueType type = ValueType::text;
    std::uint8_t kind = 0;
  };

  template <class Render>
  Code find_or_add(std::uint8_t kind, std::string_view raw, Render&& render, bool raw_is_text) {
    const std::uint64_t hash = hash_bytes(raw.data(), raw.size(), kind);
    std::size_t slot = hash & mask_;
    while (slots_[slot] != 0) {
      const Entry& entry = entries_[slots_[slot]];
      if (entry.hash == hash && entry.kind == kind &&
          std::string_view(bytes_).substr(entry.raw, entry.raw_size) == raw) {
        return slots_[slot];
      }
      slot = (slot + 1) & mask_;
    }
    Entry entry{.hash = hash,
                .raw = bytes_.size(),
                .text = bytes_.size(),
                .raw_size = static_cast<std::uint32_t>(raw.size()),
                .text_size = static_cast<std::uint32_t>(raw.size()),
                .type = ValueType::text,
                .kind = kind};
    bytes_ += raw;
    if (raw_is_text) {
      entry.type = render(bytes_);
    } else {
      entry.text = bytes_.size();
      entry.type = render(bytes_);
      entry.text_size = static_cast<std::uint32_t>(bytes_.size() - entry.text);
    }
    const auto code = static_cast<Code>(entries_.size());
    entries_.push_back(entry);
    slots_[slot] = code;
    if (entries_.size() * 2 > slots_.size()) grow();
    return code;
  }
  void grow();

  std::vector<Entry> entries_;
  std::vector<Code> slots_;  ///< open addressing, power of two; 0 is free
  std::size_t mask_ = 0;
  std::string bytes_;
  std::uint32_t generation_ = 0;
};

}  // namespace landwarden::event
