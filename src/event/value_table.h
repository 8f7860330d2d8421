// The dictionary of one field in one worker: every distinct value once (nearly; see Code), as type and UTF-8
// rendering.
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
#include "base/same_bytes.h"

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

class ValueTable;

/// What the dictionaries that share it hold together.
struct DictionaryLoad {
  std::size_t bytes = 0;
  /// Those that should be emptied: beyond limits::kDictionaryBytes or kDictionaryValues; or beyond
  /// kSparseDictionaryValues or kSparseDictionaryBytes while most values were asked for once only, so that
  /// forgetting them costs nothing.
  std::vector<ValueTable*> overfull;
};

/// Position in a ValueTable. Equal codes are equal values. Equal values have equal codes as a rule, but not
/// always: a table of values that hardly repeat forgets where the older ones are rather than search them, and
/// the same text may come from values of different types.
using Code = std::uint32_t;
inline constexpr Code kAbsent = 0;  ///< the record has no such field
inline constexpr Code kNull = 1;    ///< the field is there and says "nothing" (JSON null)
inline constexpr Code kFirstValue = 2;

class ValueTable {
 public:
  /// `load`, if given, must outlive the table.
  explicit ValueTable(DictionaryLoad* load = nullptr) : load_(load) { clear(); }
  ValueTable(const ValueTable&) = delete;
  ValueTable& operator=(const ValueTable&) = delete;

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

  /// The code of a value known by a number of at most 64 bits; else as intern_raw().
  template <class Render>
  Code intern_number(std::uint8_t kind, std::uint64_t number, Render&& render) {
    if (numbers_.empty()) numbers_.resize(kFirstNumbers);
    ++lookups_;
    const std::size_t mask = numbers_.size() - 1;
    std::size_t slot = number_slot(kind, number) & mask;
    for (; numbers_[slot].code != 0; slot = (slot + 1) & mask) {
      if (numbers_[slot].number == number && numbers_[slot].kind == kind) return numbers_[slot].code;
    }
    return add_number(slot, kind, number, render);
  }

  /// `code` >= kFirstValue.
  [[nodiscard]] Value at(Code code) const {
    const Entry& entry = entries_[code];
    return {entry.type, {bytes_.data() + entry.text, entry.text_size}};
  }

  /// Codes below this are in use.
  [[nodiscard]] Code end() const { return static_cast<Code>(entries_.size()); }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }
  [[nodiscard]] std::size_t bytes() const {
    return bytes_.size() + entries_.size() * sizeof(Entry) + numbers_used_ * sizeof(NumberSlot);
  }

  /// Forgets all values; codes given out before are void. Some memory is kept if `refill` says that as many
  /// will come again.
  void clear(bool refill = false);

 private:
  /// The raw bytes end where the text begins, or are the text.
  struct Entry {
    std::size_t text = 0;
    std::uint32_t raw_size = 0;
    std::uint32_t text_size = 0;
    ValueType type = ValueType::text;
    std::uint8_t kind = 0;

    [[nodiscard]] std::size_t raw() const { return kind < kFirstRawKind ? text : text - raw_size; }
  };
  /// The hash stands beside the code: a slot of another value costs no look at its entry.
  struct Slot {
    std::uint32_t hash = 0;
    Code code = 0;
  };
  /// Numbers stand in their slots: no entry is looked at.
  struct NumberSlot {
    std::uint64_t number = 0;
    Code code = 0;
    std::uint8_t kind = 0;
  };
  static constexpr std::uint8_t kFirstRawKind = 64;
  static constexpr std::size_t kFirstNumbers = 32;

  static std::size_t number_slot(std::uint8_t kind, std::uint64_t number) {
    const auto product = static_cast<unsigned __int128>(number ^ 0xE7037ED1A0B428DBULL) *
                         (0xA0761D6478BD642FULL + 2 * std::uint64_t{kind});
    return static_cast<std::size_t>(static_cast<std::uint64_t>(product) ^
                                    static_cast<std::uint64_t>(product >> 64));
  }

  template <class Render>
  Code find_or_add(std::uint8_t kind, std::string_view raw, Render&& render, bool raw_is_text) {
    const auto hash = static_cast<std::uint32_t>(hash_short(raw.data(), raw.size(), kind));
    std::size_t slot = hash & mask_;
    ++lookups_;
    for (; slots_[slot].code != 0; slot = (slot + 1) & mask_) {
      if (slots_[slot].hash == hash && is(entries_[slots_[slot].code], kind, raw)) return slots_[slot].code;
    }
    return add(slot, hash, kind, raw, render, raw_is_text);
  }

  [[nodiscard]] bool is(const Entry& entry, std::uint8_t kind, std::string_view raw) const {
    return entry.kind == kind && entry.raw_size == raw.size() &&
           same_bytes(bytes_.data() + entry.raw(), raw.data(), raw.size());
  }

  template <class Render>
  [[gnu::noinline]] Code add(std::size_t slot, std::uint32_t hash, std::uint8_t kind, std::string_view raw,
                             Render&& render, bool raw_is_text) {
    const std::size_t before = bytes_.size();
    Entry entry{.text = before,
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
    slots_[slot] = {hash, code};
    if (++slots_used_ * 2 > slots_.size()) grow();
    if (load_ != nullptr) note_load(bytes_.size() - before + sizeof(Entry));
    return code;
  }
  template <class Render>
  [[gnu::noinline]] Code add_number(std::size_t slot, std::uint8_t kind, std::uint64_t number,
                                    Render&& render) {
    const std::size_t before = bytes_.size();
    Entry entry{.text = before, .kind = kind};
    entry.type = render(bytes_);
    entry.text_size = static_cast<std::uint32_t>(bytes_.size() - before);
    const auto code = static_cast<Code>(entries_.size());
    entries_.push_back(entry);
    numbers_[slot] = {number, code, kind};
    if (++numbers_used_ * 2 > numbers_.size()) grow_numbers();
    if (load_ != nullptr) note_load(entry.text_size + sizeof(Entry) + sizeof(NumberSlot));
    return code;
  }
  /// Whether most values so far were met once only, in a table so large that it matters.
  [[nodiscard]] bool hardly_repeats(std::size_t slots) const;
  void grow();
  void grow_numbers();
  void note_load(std::size_t added);

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< open addressing, power of two; code 0 is free
  std::size_t mask_ = 0;
  std::size_t slots_used_ = 0;
  std::vector<NumberSlot> numbers_;  ///< the same; empty until the first number
  std::size_t numbers_used_ = 0;
  std::string bytes_;
  std::uint32_t generation_ = 0;
  std::size_t lookups_ = 0;  ///< in this generation
  DictionaryLoad* load_ = nullptr;
  bool overfull_ = false;  ///< listed as such
};

}  // namespace landwarden::event
