// What one value of a record says, from the bytes that stand for it.
//
// A token is a string with its quotes, a number, or a word, without blanks around it; simdjson has found
// where it begins and ends and that it is UTF-8. More is taken than RFC 8259 allows where producers are known
// to write it: NaN and Infinity, and unpaired surrogates (U+FFFD). Any thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "event/value_table.h"

namespace landwarden::decode::json {

/// Bytes behind a token, and in front of what it is compared with, that may be read.
inline constexpr std::size_t kTokenSlack = 16;

/// Whether the `size` bytes at `a` and `b` are the same; kTokenSlack bytes behind them may be read.
[[nodiscard]] inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto differ = [&](std::size_t at) {
    std::uint64_t left = 0, right = 0;
    std::memcpy(&left, a + at, sizeof left);
    std::memcpy(&right, b + at, sizeof right);
    return left ^ right;
  };
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    if (differ(at) != 0) return false;
  }
  return at == size || differ(at) << (64 - 8 * (size - at)) == 0;  // little-endian: the first bytes are low
}

/// Memory for the texts of one record; views into it stay until reset().
class TextArena {
  /// Room behind what is written of a text.
  static constexpr std::size_t kSlack = 64;
  /// Memory that grew for one long record is not kept.
  static constexpr std::size_t kKeepBytes = 4 << 20;

 public:
  /// Room for texts of `size` bytes in all, and for the slack of one.
  void reset(std::size_t size) {
    used_ = 0;
    if (size + kSlack > size_ || size_ > kKeepBytes) resize(size + kSlack);
  }
  [[nodiscard]] char* front() { return bytes_.get() + used_; }
  void use(std::size_t size) { used_ += size; }

 private:
  void resize(std::size_t size);

  std::unique_ptr<char[]> bytes_;  ///< not touched before it is needed: most records need little of it
  std::size_t size_ = 0, used_ = 0;
};

/// A value's bytes in its record, and what is known of its text.
struct Token {
  static constexpr std::int32_t kUnread = -1;  ///< nothing
  static constexpr std::int32_t kInside = -2;  ///< it is what stands between the quotes
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::int32_t text = kUnread;  ///< else an index into texts that are kept beside the tokens

  [[nodiscard]] std::string_view raw() const { return {data, size}; }
};

/// The same where it stands in a record that is known by another (known_lines.h).
struct Place {
  static constexpr std::int32_t kElsewhere = -3;  ///< in `text`: the record has no bytes for it; not read yet
  std::uint32_t begin = 0;                        ///< in the record; elsewhere: an index
  std::uint32_t size = 0;
  std::int32_t text = Token::kUnread;
  /// Where it ends in the record: a word with the byte behind it, which says that it ends there. Of those
  /// elsewhere: where the one in front of them ends.
  std::uint32_t stop = 0;

  /// Of a value that stands there.
  [[nodiscard]] static Place in(const char* record, const char* data, std::size_t size, std::int32_t text) {
    Place place;
    place.begin = static_cast<std::uint32_t>(data - record);
    place.size = static_cast<std::uint32_t>(size);
    place.text = text;
    place.stop = place.begin + place.size + (*data == '"' ? 0 : 1);
    return place;
  }
};

/// How many bytes are looked at together: 16 on any processor, 32 with AVX2, 64 with AVX-512.
enum class Width : std::uint8_t { narrow, middle, wide };
[[nodiscard]] Width widest();

/// end_of_string() reads so many bytes behind where it is told to stop.
inline constexpr std::size_t kScanBytes = 128;

/// What strings with escapes mean, of the record that is looked at.
struct ValueTexts {
  TextArena arena;
  std::vector<std::string_view> texts;  ///< Token::text is an index here

  void reset(std::size_t record_size) {
    arena.reset(record_size + kScanBytes);
    texts.clear();
  }
};

/// The closing quote of the string whose inside begins at `inside`; null if it has a control character, is
/// not UTF-8, or is not closed at `last`. `text` is what it means, in its place or in the arena, or null
/// where that was not found out. The arena has room for what lies before `last`.
[[nodiscard]] const char* end_of_string(const char* inside, const char* last, Width width, TextArena& arena,
                                        std::string_view& text);

struct Meaning {
  event::ValueType type = event::ValueType::text;
  bool null = false;
  std::string_view text;  ///< in the token, or in the arena
};

/// Reads a token; kTokenSlack bytes behind it may be read. The arena has room for it. Gives the reason if it
/// is refused.
[[nodiscard]] const char* read_token(std::string_view token, TextArena& arena, Meaning& meaning);

/// What the inside of a string means; nothing is left out. False for an escape that JSON does not know.
[[nodiscard]] bool unescape(std::string_view inside, TextArena& arena, std::string_view& text);

}  // namespace landwarden::decode::json
