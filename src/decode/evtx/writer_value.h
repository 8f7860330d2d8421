// What the EVTX writer puts into substitution slots: typed BinXML values ([MS-EVEN6] 2.2.12,
// BinXmlValueType), with the identifiers (GUID, SID) they are made of.
//
// A Value owns its bytes in the form in which they stand in the file. `raw` makes values that Windows would
// not write, for tests and fuzz seeds. Plain data; any thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace landwarden::decode::evtx::write {

enum class ValueType : std::uint8_t {
  null = 0x00,
  string = 0x01,
  ansi = 0x02,
  int8 = 0x03,
  uint8 = 0x04,
  int16 = 0x05,
  uint16 = 0x06,
  int32 = 0x07,
  uint32 = 0x08,
  int64 = 0x09,
  uint64 = 0x0a,
  float32 = 0x0b,
  float64 = 0x0c,
  boolean = 0x0d,
  binary = 0x0e,
  guid = 0x0f,
  size = 0x10,
  filetime = 0x11,
  systemtime = 0x12,
  sid = 0x13,
  hex32 = 0x14,
  hex64 = 0x15,
  handle = 0x20,
  binxml = 0x21,
  xml = 0x23,
};
/// Set in a type byte: the value is an array of that type.
inline constexpr std::uint8_t kArrayFlag = 0x80;

/// A GUID in the byte order of the file (first three parts little-endian).
struct Guid {
  std::array<std::byte, 16> bytes{};

  /// "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}", braces optional. Nothing if it is not one.
  [[nodiscard]] static std::optional<Guid> parse(std::string_view text);
  /// Parts as Windows headers write them.
  [[nodiscard]] static Guid of(std::uint32_t a, std::uint16_t b, std::uint16_t c, std::uint64_t d_big_endian);
  [[nodiscard]] std::string to_string() const;  ///< lower case, in braces
  auto operator<=>(const Guid&) const = default;
};

/// A security identifier as its binary form.
struct Sid {
  std::vector<std::byte> bytes;

  /// "S-1-5-21-…". Nothing if it is not one.
  [[nodiscard]] static std::optional<Sid> parse(std::string_view text);
};

struct Instance;  // writer_binxml.h

struct Value {
  std::uint8_t type = 0;                   ///< ValueType, perhaps with kArrayFlag
  std::vector<std::byte> bytes;            ///< unused for binxml
  std::shared_ptr<const Instance> nested;  ///< for binxml: a template instance of its own

  [[nodiscard]] static Value null() { return {}; }
  [[nodiscard]] static Value text(std::string_view utf8);
  [[nodiscard]] static Value utf16(std::u16string_view units);  ///< may hold NULs and unpaired surrogates
  [[nodiscard]] static Value ansi(std::string_view bytes);
  [[nodiscard]] static Value int8(std::int8_t number);
  [[nodiscard]] static Value uint8(std::uint8_t number);
  [[nodiscard]] static Value int16(std::int16_t number);
  [[nodiscard]] static Value uint16(std::uint16_t number);
  [[nodiscard]] static Value int32(std::int32_t number);
  [[nodiscard]] static Value uint32(std::uint32_t number);
  [[nodiscard]] static Value int64(std::int64_t number);
  [[nodiscard]] static Value uint64(std::uint64_t number);
  [[nodiscard]] static Value float32(float number);
  [[nodiscard]] static Value float64(double number);
  [[nodiscard]] static Value boolean(
      std::uint32_t number);  ///< 32 bits; others than 0 and 1 occur in the wild
  [[nodiscard]] static Value binary(std::span<const std::byte> bytes);
  [[nodiscard]] static Value guid(const Guid& guid);
  [[nodiscard]] static Value size32(std::uint32_t number);
  [[nodiscard]] static Value size64(std::uint64_t number);
  [[nodiscard]] static Value filetime(Time time);
  [[nodiscard]] static Value systemtime(Time time);  ///< cut to milliseconds
  [[nodiscard]] static Value sid(const Sid& sid);
  [[nodiscard]] static Value hex32(std::uint32_t number);
  [[nodiscard]] static Value hex64(std::uint64_t number);
  [[nodiscard]] static Value binxml(Instance instance);
  /// Any type byte with any bytes.
  [[nodiscard]] static Value raw(std::uint8_t type, std::span<const std::byte> bytes);
  /// NUL-terminated strings back to back, as Windows keeps string arrays.
  [[nodiscard]] static Value texts(std::span<const std::string> items);
  /// Items of one fixed-size type; `item_type` is theirs.
  [[nodiscard]] static Value array(ValueType item_type, std::span<const Value> items);
};

/// UTF-8 to UTF-16 code units.
[[nodiscard]] std::u16string to_utf16(std::string_view utf8);

/// Appends an unsigned number, little-endian, `width` bytes wide.
inline void append_number(std::vector<std::byte>& out, std::uint64_t number, std::size_t width) {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(number >> (8 * i) & 0xff);
  out.insert(out.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(width));
}
void append_units(std::vector<std::byte>& out, std::u16string_view units);

}  // namespace landwarden::decode::evtx::write
