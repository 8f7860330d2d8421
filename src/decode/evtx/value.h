// Values of binary XML ([MS-EVEN6] 2.2.14, types in 2.2.12): what is empty, what is an array, and the text
// that Windows shows for them. Pure functions; any bytes are accepted, what does not fit its type is shown as
// hexadecimal digits.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/same_bytes.h"
#include "base/time.h"
#include "decode/evtx/format.h"
#include "event/value_table.h"

namespace landwarden::decode::evtx {

namespace value_type {
inline constexpr std::uint8_t kNull = 0x00, kText = 0x01, kAnsi = 0x02, kInt8 = 0x03, kUint8 = 0x04,
                              kInt16 = 0x05, kUint16 = 0x06, kInt32 = 0x07, kUint32 = 0x08, kInt64 = 0x09,
                              kUint64 = 0x0a, kFloat = 0x0b, kDouble = 0x0c, kBool = 0x0d, kBinary = 0x0e,
                              kGuid = 0x0f, kSizeT = 0x10, kFileTime = 0x11, kSystemTime = 0x12, kSid = 0x13,
                              kHex32 = 0x14, kHex64 = 0x15, kHandle = 0x20, kBinXml = 0x21, kXml = 0x23,
                              kArray = 0x80;
}  // namespace value_type

/// One value as it stands in a record: views the record's bytes.
struct RawValue {
  const std::byte* data = nullptr;
  std::uint32_t size = 0;
  std::uint8_t type = value_type::kNull;

  [[nodiscard]] Bytes bytes() const { return {data, size}; }
};

/// `kind` for ValueTable::intern_raw: unlike those of values that are text already.
[[nodiscard]] constexpr std::uint8_t raw_kind(std::uint8_t type) {
  // No type up there is known: all are shown like binary values.
  return static_cast<std::uint8_t>(64 + (type < 0xc0 ? type : value_type::kBinary));
}

/// Size of the plain types that have one; 0 for the others.
[[nodiscard]] constexpr std::uint32_t fixed_size(std::uint8_t type) {
  constexpr std::uint8_t kSizes[] = {0, 0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4, 0, 16, 0, 8, 16, 0, 4, 8};
  return type < sizeof kSizes ? kSizes[type] : 0;
}

/// Types above the plain ones: handles, embedded streams and arrays.
[[nodiscard]] constexpr bool is_special(std::uint8_t type) {
  return type > value_type::kHex64;
}

/// Null, or nothing in it: such a value shows nothing, and its attribute is left out.
[[nodiscard]] inline bool is_empty(const RawValue& value) {
  if (value.type == value_type::kNull || value.size == 0) return true;
  // Text ends at its first NUL, as Windows shows it.
  if (value.type == value_type::kText || value.type == value_type::kXml)
    return value.size < 2 || load<std::uint16_t>(value.data) == 0;
  return value.type == value_type::kAnsi && value.data[0] == std::byte{0};
}

/// Whether two values have the same bytes and the same type.
[[nodiscard]] inline bool same_value(const RawValue& a, const RawValue& b) {
  return a.type == b.type && a.size == b.size && same_bytes(a.data, b.data, a.size);
}

/// Whether `type` is an array whose items can be told apart.
[[nodiscard]] bool is_list(std::uint8_t type);

/// The first item of the array `rest`, which moves on behind it. Call while rest.size > 0.
[[nodiscard]] RawValue next_item(RawValue& rest);

/// Appends the value's text.
event::ValueType render(std::uint8_t type, Bytes bytes, std::string& out);

/// render() for a dictionary: `kind` is raw_kind().
event::ValueType show(std::uint8_t kind, Bytes raw, std::string& out);

/// The value's code in a dictionary; not for empty ones and lists. Text is known by its UTF-8, numbers by
/// themselves, all else by its bytes. `scratch` is only room.
[[nodiscard]] event::Code intern(event::ValueTable& table, const RawValue& value, std::string& scratch);
/// Writes UTF-16 text that is ASCII as such; `out` has room for as many characters. How many it is, without
/// a NUL at the end; 0 if it is not ASCII, or not that simple.
[[nodiscard]] std::size_t to_ascii(char* out, Bytes text);
/// The same for text (types 01 and 23).
[[nodiscard]] event::Code intern_text(event::ValueTable& table, Bytes bytes, std::string& scratch);
/// The same for a number of a plain type, of that type's size.
template <class T>
[[nodiscard]] inline event::Code intern_number(event::ValueTable& table, std::uint8_t type, T number) {
  return table.intern_number(raw_kind(type), number, sizeof number, show);
}

/// The instant that a FILETIME or SYSTEMTIME means; unknown for other types and for values beyond any
/// calendar.
[[nodiscard]] Time to_time(const RawValue& value);

/// The number in an unsigned integer value; nothing for other types.
[[nodiscard]] std::optional<std::uint64_t> to_number(const RawValue& value);

}  // namespace landwarden::decode::evtx
