// The dictionary of one field in one worker: every distinct value once (nearly; see Code), as UTF-8 text with
// a type, or raw (a number, a GUID) until somebody asks for its text.
//
// Columns hold codes into it. It outlives batches, so that whatever was learnt about a value (which
// predicates it meets) can be kept in an array beside it: such memos are valid for one generation(). It is
// emptied, and the generation moves on, only between work units (BatchBuilder does it), when no batch refers
// to it. Not thread-safe.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
    const auto kind = static_cast<std::uint8_t>(type);
    return find_or_add(kind, utf8, type, hash_of(kind, utf8));
  }

  // The same in steps, for loops over many values: waiting for memory once for some of them.
  [[nodiscard]] static std::uint32_t text_hash(ValueType type, std::string_view utf8) {
    return hash_of(static_cast<std::uint8_t>(type), utf8);
  }
  void expect_text(std::uint32_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  Code intern_hashed(ValueType type, std::string_view utf8, std::uint32_t hash) {
    return find_or_add(static_cast<std::uint8_t>(type), utf8, type, hash);
  }
  /// Whether expecting numbers is worth its while.
  [[nodiscard]] bool has_many_numbers() const { return numbers_.size() > kNearNumbers; }
  void expect_number(std::uint8_t kind, std::uint64_t number) const {
    __builtin_prefetch(&numbers_[number_slot(kind, number) & (numbers_.size() - 1)]);
  }

  /// The text and the type of a value that is known by its raw bytes: appends what is shown. `kind` (>= 64)
  /// says how they are to be read.
  using Show = ValueType (*)(std::uint8_t kind, std::span<const std::byte> raw, std::string& out);

  /// The code of a value known by its raw bytes, such as a GUID. `kind` is part of the identity. `show` is
  /// called when somebody looks at the value, and must be the same function for all values of a table.
  Code intern_raw(std::uint8_t kind, std::span<const std::byte> raw, Show show) {
    show_ = show;
    const std::string_view bytes(reinterpret_cast<const char*>(raw.data()), raw.size());
    return find_or_add(kind, bytes, ValueType::binary, hash_of(kind, bytes));
  }

  /// The code of a value known by a number of `size` <= 8 bytes; else as intern_raw(). One kind, one size.
  Code intern_number(std::uint8_t kind, std::uint64_t number, std::uint32_t size, Show show) {
    if (numbers_.empty()) numbers_.resize(kFirstNumbers);
    ++lookups_;
    const std::size_t mask = numbers_.size() - 1;
    std::size_t slot = number_slot(kind, number) & mask;
    for (; numbers_[slot].code != 0; slot = (slot + 1) & mask) {
      if (numbers_[slot].number == number && numbers_[slot].kind == kind) return numbers_[slot].code;
    }
    show_ = show;
    return add_number(slot, kind, number, size);
  }

  /// `code` >= kFirstValue. A value that was interned raw is made into text here, once.
  [[nodiscard]] Value at(Code code) const {
    const Entry& entry = entries_[code];
    if (entry.kind < kFirstRawKind) return {entry.type, {bytes_.data() + entry.place, entry.size}};
    if (entry.shown == 0) make_text(entry);
    return {entry.type, shown_[entry.shown - 1]};
  }

  /// What was interned: text with its type, or raw bytes with their kind. Until the next value is interned.
  struct Raw {
    std::uint8_t kind = 0;
    std::string_view bytes;
  };
  [[nodiscard]] Raw raw(Code code) const {
    const Entry& entry = entries_[code];
    const char* at =
        entry.is_number ? reinterpret_cast<const char*>(&entry.place) : bytes_.data() + entry.place;
    return {entry.kind, {at, entry.size}};
  }

  /// Codes below this are in use.
  [[nodiscard]] Code end() const { return static_cast<Code>(entries_.size()); }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }
  [[nodiscard]] std::size_t bytes() const {
    return bytes_.size() + shown_bytes_ + entries_.size() * sizeof(Entry);
  }

  /// Forgets all values; codes given out before are void. Some memory is kept if `refill` says that as many
  /// will come again.
  void clear(bool refill = false);

 private:
  struct Entry {
    std::uint64_t place = 0;  ///< of the text or of the raw bytes in bytes_; a number: itself, little-endian
    std::uint32_t size = 0;   ///< of the text, the raw bytes, the number
    mutable std::uint32_t shown = 0;  ///< index in shown_, plus one; 0: nobody has looked at it yet
    mutable ValueType type = ValueType::text;
    std::uint8_t kind = 0;
    bool is_number = false;
  };
  /// The hash stands beside the place: a slot of another value costs no look at it. In bytes_, a Head and the
  /// kind stand in front of each text, so that finding it again costs one look, and none at its entry.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t head = 0;  ///< where it stands in bytes_, in units of sizeof(Head); 0: a free slot
  };
  struct Head {
    Code code = 0;
    std::uint32_t size = 0;
  };
  /// Numbers stand in their slots: no entry is looked at.
  struct NumberSlot {
    std::uint64_t number = 0;
    Code code = 0;
    std::uint8_t kind = 0;
  };
  static constexpr std::uint8_t kFirstRawKind = 64;
  static constexpr std::size_t kFirstNumbers = 32, kNearNumbers = 512;

  static std::size_t number_slot(std::uint8_t kind, std::uint64_t number) {
    const auto product = static_cast<unsigned __int128>(number ^ 0xE7037ED1A0B428DBULL) *
                         (0xA0761D6478BD642FULL + 2 * std::uint64_t{kind});
    return static_cast<std::size_t>(static_cast<std::uint64_t>(product) ^
                                    static_cast<std::uint64_t>(product >> 64));
  }

  static std::uint32_t hash_of(std::uint8_t kind, std::string_view raw) {
    return static_cast<std::uint32_t>(hash_short(raw.data(), raw.size(), kind));
  }
  Code find_or_add(std::uint8_t kind, std::string_view raw, ValueType type, std::uint32_t hash) {
    std::size_t slot = hash & mask_;
    ++lookups_;
    for (; slots_[slot].head != 0; slot = (slot + 1) & mask_) {
      if (slots_[slot].hash != hash) continue;
      const char* at = bytes_.data() + std::size_t{slots_[slot].head} * sizeof(Head);
      Head head;
      std::memcpy(&head, at, sizeof head);
      at += sizeof head;
      if (head.size == raw.size() && static_cast<std::uint8_t>(*at) == kind &&
          same_bytes(at + 1, raw.data(), raw.size())) {
        return head.code;
      }
    }
    return add(slot, hash, kind, raw, type);
  }

  Code add(std::size_t slot, std::uint32_t hash, std::uint8_t kind, std::string_view raw, ValueType type);
  Code add_number(std::size_t slot, std::uint8_t kind, std::uint64_t number, std::uint32_t size);
  void make_text(const Entry& entry) const;
  /// Whether most values so far were met once only, in a table so large that it matters.
  [[nodiscard]] bool hardly_repeats(std::size_t slots) const;
  void grow();
  void grow_numbers();
  void note_load(std::size_t added);

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< open addressing, power of two
  std::size_t mask_ = 0;
  std::size_t slots_used_ = 0;
  std::vector<NumberSlot> numbers_;  ///< the same; empty until the first number
  std::size_t numbers_used_ = 0;
  std::string bytes_;
  Show show_ = nullptr;
  /// Texts of values that were interned raw; they stay where they are.
  mutable std::vector<std::string_view> shown_;
  mutable std::vector<std::string> shown_text_;
  mutable std::size_t shown_bytes_ = 0;
  mutable std::string scratch_;
  std::uint32_t generation_ = 0;
  std::size_t lookups_ = 0;  ///< in this generation
  DictionaryLoad* load_ = nullptr;
  bool overfull_ = false;  ///< listed as such
};

}  // namespace landwarden::event
