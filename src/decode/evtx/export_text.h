// Text that grows at its end, and the writers that turn values of binary XML into it: escaped for JSON or for
// XML 1.0, straight from UTF-16, without a detour through a string of their own.
//
// What a value shows is what render() of value.h gives (docs/evtx.md, "Values"). JSON escapes control
// characters, DEL and U+0080 to U+009F among them, so that a terminal does not obey the evidence. XML 1.0
// cannot hold most control characters, nor U+FFFE and U+FFFF: they are written as _x0001_, and an underscore
// that could be taken for the begin of such a sequence as _x005F_ (the convention of Office Open XML and of
// .NET's XmlConvert), so that nothing is lost. Any bytes are accepted. One thread a TextOut.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "decode/evtx/value.h"

namespace landwarden::decode::evtx {

class TextOut {
 public:
  /// Where the next `size` bytes may be written; end_at() says how many were.
  [[nodiscard]] char* room(std::size_t size) {
    if (capacity_ - size_ < size) grow(size);
    return data_.get() + size_;
  }
  [[nodiscard]] char* room_begin() { return data_.get(); }
  /// Behind the last byte that may be written.
  [[nodiscard]] char* limit() { return data_.get() + capacity_; }
  void end_at(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

  void add(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void add(char c) {
    *room(1) = c;
    ++size_;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view text() const { return {data_.get(), size_}; }
  [[nodiscard]] std::string_view text_from(std::size_t begin) const { return text().substr(begin); }
  /// Takes back what stands behind the first `size` bytes.
  void cut(std::size_t size) { size_ = size; }
  /// Empty, and no larger in memory than `keep`.
  void clear(std::size_t keep);

 private:
  void grow(std::size_t more);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// How text is escaped.
enum class Escape : std::uint8_t { json, xml, xml_attribute };

/// Bytes that a value's text takes at most, with what writers may scribble behind it.
[[nodiscard]] constexpr std::size_t value_room(std::size_t size, std::uint8_t type) {
  return (type == value_type::kAnsi ? 8 : 4) * size + 160;
}

/// Writes UTF-16 up to its first NUL. `readable` is behind the last byte that may be read (not: used). Needs
/// value_room().
template <Escape kind>
[[nodiscard]] char* put_utf16(char* to, const std::byte* units, std::size_t count, const std::byte* readable);

/// Writes the text of one value, without quotes; nothing if it is empty. Needs value_room().
template <Escape kind>
[[nodiscard]] char* put_value(char* to, const RawValue& value, const std::byte* readable);

/// Whether JSON shows values of this type bare: integers and truth values.
[[nodiscard]] constexpr bool is_bare(const RawValue& value) {
  constexpr std::uint8_t kSizes[] = {1, 1, 2, 2, 4, 4, 8, 8};
  if (value.type >= value_type::kInt8 && value.type <= value_type::kUint64)
    return value.size == kSizes[value.type - value_type::kInt8];
  return value.type == value_type::kBool && value.size == 4;
}

/// Writes a value that is not empty as JSON: bare or in quotes. Needs value_room().
[[nodiscard]] inline char* put_json(char* to, const RawValue& value, const std::byte* readable) {
  if (is_bare(value)) return put_value<Escape::json>(to, value, readable);
  *to++ = '"';
  to = put_value<Escape::json>(to, value, readable);
  *to++ = '"';
  return to;
}

/// Appends UTF-8 (valid, as all text inside the program) escaped.
void add_escaped(TextOut& out, Escape kind, std::string_view utf8);
/// Appends UTF-16 escaped, up to its first NUL.
void add_escaped(TextOut& out, Escape kind, Bytes units);
/// Appends a value's text.
void add_value(TextOut& out, Escape kind, const RawValue& value);

/// Appends a name as XML allows it; every other character, and the colon of a prefix that nothing declares,
/// as _x003A_.
void add_xml_name(TextOut& out, Bytes units, bool keep_colon);

}  // namespace landwarden::decode::evtx
