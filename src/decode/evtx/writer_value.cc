#include "decode/evtx/writer_value.h"

#include <bit>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "decode/evtx/writer_binxml.h"

namespace landwarden::decode::evtx::write {
namespace {

Value number_value(ValueType type, std::uint64_t number, std::size_t width) {
  Value value;
  value.type = static_cast<std::uint8_t>(type);
  append_number(value.bytes, number, width);
  return value;
}

Value bytes_value(ValueType type, std::span<const std::byte> bytes) {
  return Value::raw(static_cast<std::uint8_t>(type), bytes);
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// Reads `digits` hexadecimal digits at `position` and moves it on.
std::optional<std::uint64_t> take_hex(std::string_view text, std::size_t& position, std::size_t digits) {
  if (position + digits > text.size()) return std::nullopt;
  std::uint64_t number = 0;
  const char* begin = text.data() + position;
  const auto [end, error] = std::from_chars(begin, begin + digits, number, 16);
  if (error != std::errc{} || end != begin + digits) return std::nullopt;
  position += digits;
  return number;
}

}  // namespace

void append_units(std::vector<std::byte>& out, std::u16string_view units) {
  std::size_t at = out.size();
  out.resize(at + 2 * units.size());
  for (const char16_t unit : units) {
    out[at++] = static_cast<std::byte>(unit & 0xff);
    out[at++] = static_cast<std::byte>(unit >> 8);
  }
}

std::u16string to_utf16(std::string_view utf8) {
  std::u16string units(utf8.size(), u'\0');  // never more units than bytes
  std::size_t size = 0;
  for (std::size_t position = 0; position < utf8.size();) {
    if (const auto byte = static_cast<unsigned char>(utf8[position]); byte < 0x80) {
      units[size++] = byte;
      ++position;
      continue;
    }
    const char32_t point = text::next_code_point(utf8, position);
    if (point < 0x10000) {
      units[size++] = static_cast<char16_t>(point);
    } else {
      units[size++] = static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10));
      units[size++] = static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3ff));
    }
  }
  units.resize(size);
  return units;
}

Guid Guid::of(std::uint32_t a, std::uint16_t b, std::uint16_t c, std::uint64_t d_big_endian) {
  std::vector<std::byte> bytes;
  append_number(bytes, a, 4);
  append_number(bytes, b, 2);
  append_number(bytes, c, 2);
  append_number(bytes, std::byteswap(d_big_endian), 8);
  Guid guid;
  std::copy(bytes.begin(), bytes.end(), guid.bytes.begin());
  return guid;
}

std::optional<Guid> Guid::parse(std::string_view text) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') text = text.substr(1, 36);
  if (text.size() != 36) return std::nullopt;
  constexpr std::array<std::size_t, 5> kDigits = {8, 4, 4, 4, 12};
  std::array<std::uint64_t, 5> parts{};
  std::size_t position = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && text[position++] != '-') return std::nullopt;
    const auto part = take_hex(text, position, kDigits[i]);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  return of(static_cast<std::uint32_t>(parts[0]), static_cast<std::uint16_t>(parts[1]),
            static_cast<std::uint16_t>(parts[2]), parts[3] << 48 | parts[4]);
}

std::string Guid::to_string() const {
  const auto byte = [this](std::size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  return fmt::format(
      "{{{:02x}{:02x}{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}"
      "}}",
      byte(3), byte(2), byte(1), byte(0), byte(5), byte(4), byte(7), byte(6), byte(8), byte(9), byte(10),
      byte(11), byte(12), byte(13), byte(14), byte(15));
}

std::optional<Sid> Sid::parse(std::string_view text) {
  if (!text.starts_with("S-")) return std::nullopt;
  std::vector<std::uint64_t> parts;
  for (std::size_t position = 2; position <= text.size();) {
    const std::size_t dash = std::min(text.find('-', position), text.size());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data() + position, text.data() + dash, number);
    if (error != std::errc{} || end != text.data() + dash) return std::nullopt;
    parts.push_back(number);
    position = dash + 1;
  }
  if (parts.size() < 2 || parts.size() > 2 + 255 || parts[0] > 255 || parts[1] >> 48 != 0)
    return std::nullopt;
  Sid sid;
  append_number(sid.bytes, parts[0], 1);
  append_number(sid.bytes, parts.size() - 2, 1);
  for (int shift = 40; shift >= 0; shift -= 8) append_number(sid.bytes, parts[1] >> shift & 0xff, 1);
  for (std::size_t i = 2; i < parts.size(); ++i) {
    if (parts[i] >> 32 != 0) return std::nullopt;
    append_number(sid.bytes, parts[i], 4);
  }
  return sid;
}

Value Value::raw(std::uint8_t type, std::span<const std::byte> bytes) {
  Value value;
  value.type = type;
  value.bytes.assign(bytes.begin(), bytes.end());
  return value;
}

Value Value::utf16(std::u16string_view units) {
  Value value;
  value.type = static_cast<std::uint8_t>(ValueType::string);
  append_units(value.bytes, units);
  return value;
}

Value Value::text(std::string_view utf8) {
  return utf16(to_utf16(utf8));
}
Value Value::ansi(std::string_view bytes) {
  return bytes_value(ValueType::ansi, as_bytes(bytes));
}
Value Value::int8(std::int8_t number) {
  return number_value(ValueType::int8, static_cast<std::uint8_t>(number), 1);
}
Value Value::uint8(std::uint8_t number) {
  return number_value(ValueType::uint8, number, 1);
}
Value Value::int16(std::int16_t number) {
  return number_value(ValueType::int16, static_cast<std::uint16_t>(number), 2);
}
Value Value::uint16(std::uint16_t number) {
  return number_value(ValueType::uint16, number, 2);
}
Value Value::int32(std::int32_t number) {
  return number_value(ValueType::int32, static_cast<std::uint32_t>(number), 4);
}
Value Value::uint32(std::uint32_t number) {
  return number_value(ValueType::uint32, number, 4);
}
Value Value::int64(std::int64_t number) {
  return number_value(ValueType::int64, static_cast<std::uint64_t>(number), 8);
}
Value Value::uint64(std::uint64_t number) {
  return number_value(ValueType::uint64, number, 8);
}
Value Value::float32(float number) {
  return number_value(ValueType::float32, std::bit_cast<std::uint32_t>(number), 4);
}
Value Value::float64(double number) {
  return number_value(ValueType::float64, std::bit_cast<std::uint64_t>(number), 8);
}
Value Value::boolean(std::uint32_t number) {
  return number_value(ValueType::boolean, number, 4);
}
Value Value::binary(std::span<const std::byte> bytes) {
  return bytes_value(ValueType::binary, bytes);
}
Value Value::guid(const Guid& guid) {
  return bytes_value(ValueType::guid, guid.bytes);
}
Value Value::size32(std::uint32_t number) {
  return number_value(ValueType::size, number, 4);
}
Value Value::size64(std::uint64_t number) {
  return number_value(ValueType::size, number, 8);
}
Value Value::filetime(Time time) {
  return number_value(ValueType::filetime, static_cast<std::uint64_t>(time.ticks), 8);
}

Value Value::systemtime(Time time) {
  const Civil civil = to_civil(time);
  constexpr std::int64_t kTicksPerDay = 86'400 * kTicksPerSecond;
  const auto weekday =
      (time.ticks / kTicksPerDay + 1) % 7;  // 1601-01-01 was a Monday; Windows counts from Sunday
  Value value;
  value.type = static_cast<std::uint8_t>(ValueType::systemtime);
  for (const std::int64_t part :
       {std::int64_t{civil.year}, std::int64_t{civil.month}, weekday, std::int64_t{civil.day},
        std::int64_t{civil.hour}, std::int64_t{civil.minute}, std::int64_t{civil.second},
        std::int64_t{civil.tick} / 10'000}) {
    append_number(value.bytes, static_cast<std::uint64_t>(part), 2);
  }
  return value;
}

Value Value::sid(const Sid& sid) {
  return bytes_value(ValueType::sid, sid.bytes);
}
Value Value::hex32(std::uint32_t number) {
  return number_value(ValueType::hex32, number, 4);
}
Value Value::hex64(std::uint64_t number) {
  return number_value(ValueType::hex64, number, 8);
}

Value Value::binxml(Instance instance) {
  Value value;
  value.type = static_cast<std::uint8_t>(ValueType::binxml);
  value.nested = std::make_shared<const Instance>(std::move(instance));
  return value;
}

Value Value::texts(std::span<const std::string> items) {
  Value value;
  value.type = static_cast<std::uint8_t>(ValueType::string) | kArrayFlag;
  for (const std::string& item : items) {
    append_units(value.bytes, to_utf16(item));
    append_number(value.bytes, 0, 2);
  }
  return value;
}

Value Value::array(ValueType item_type, std::span<const Value> items) {
  Value value;
  value.type = static_cast<std::uint8_t>(item_type) | kArrayFlag;
  for (const Value& item : items) value.bytes.insert(value.bytes.end(), item.bytes.begin(), item.bytes.end());
  return value;
}

}  // namespace landwarden::decode::evtx::write
