#include "decode/evtx/random_values.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/assert.h"

namespace landwarden::decode::evtx {

template <class N>
N RandomValues::edge() {
  static constexpr int kBits = std::numeric_limits<N>::digits;
  static constexpr N kExponent = kBits == 32 ? N{0x7f80'0000} : static_cast<N>(0x7ff0'0000'0000'0000);
  static constexpr N kTop = static_cast<N>(N{1} << (kBits - 1));
  static const N kEdges[] = {0,
                             1,
                             static_cast<N>(~N{0}),
                             kTop,
                             static_cast<N>(kTop - 1),
                             kExponent,
                             static_cast<N>(kExponent | kTop),
                             static_cast<N>(kExponent | 1),
                             static_cast<N>(kTop | 1)};
  if (one_in(2)) return kEdges[below(std::size(kEdges))];
  return static_cast<N>(random_() >> below(64));
}

template <class N>
KnownValue RandomValues::integer(T type) {
  const N n = static_cast<N>(edge<std::uint64_t>());
  KnownValue known{write::Value::raw(static_cast<std::uint8_t>(type), {}), {fmt::format("{}", +n)}};
  write::append_number(known.value.bytes, static_cast<std::uint64_t>(n), sizeof n);
  return known;
}

template <class R>
std::string RandomValues::shortest(R number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  char digits[64];
  std::string text(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  R again{};
  std::from_chars(text.data(), text.data() + text.size(), again);
  LW_ASSERT(again == number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

template <class R>
KnownValue RandomValues::real(T type, R number) {
  return {
      type == T::float32 ? write::Value::float32(static_cast<float>(number)) : write::Value::float64(number),
      {shortest(number)}};
}

KnownValue RandomValues::plain(T type) {
  switch (type) {
    case T::null:
      return {write::Value::null(), {""}};
    case T::string:
    case T::xml:
    case T::ansi:
      return text_value(type);
    case T::float32:
      return real(type, std::bit_cast<float>(edge<std::uint32_t>()));
    case T::float64:
      return real(type, std::bit_cast<double>(edge<std::uint64_t>()));
    case T::filetime:
    case T::systemtime:
      return time(type);
    case T::binary:
    case T::guid:
    case T::sid:
      return bytes(type);
    default:
      return number(type);
  }
}

KnownValue RandomValues::array(T type) {
  KnownValue list;
  list.value.type = static_cast<std::uint8_t>(type) | write::kArrayFlag;
  const bool narrow = one_in(2);
  const std::size_t count = type == T::size && narrow ? 1 + 2 * below(2) : below(5);
  while (list.texts.size() < count) {
    KnownValue item = type == T::size ? size(narrow) : plain(type);
    std::vector<std::byte>& bytes = list.value.bytes;
    bytes.insert(bytes.end(), item.value.bytes.begin(), item.value.bytes.end());
    if (type == T::string && !ends_in_nul(item.value.bytes, 2)) write::append_number(bytes, 0, 2);
    if (type == T::ansi && !ends_in_nul(item.value.bytes, 1)) write::append_number(bytes, 0, 1);
    list.texts.push_back(std::move(item.texts[0]));
  }
  return list;
}

std::string RandomValues::text(std::size_t most) {
  static constexpr const char* kPieces[] = {
      "a",           "Z",    "7",  " ",  "\\", "/",  "\"",   "'",  "<",  "&",        ">",
      "]]>",         "é",    "日", "😀", "\t", "\n", "\r\n", "%1", "{}", "\xC2\x85", "\xEF\xBF\xBD",
      "C:\\Windows", "Grüße"};
  static constexpr const char* kNotInXml[] = {"\x01", "\x1f", "\x7f", "\xEF\xBF\xBE", "_x0041_"};
  std::string out;
  for (std::size_t count = below(most + 1); count > 0; --count)
    out +=
        !for_xml_ && one_in(16) ? kNotInXml[below(std::size(kNotInXml))] : kPieces[below(std::size(kPieces))];
  // A blank line may be how somebody's XML is laid out.
  if (for_xml_ && out.find_first_not_of(" \t\r\n") == std::string::npos && !out.empty()) out += '.';
  return out;
}

bool RandomValues::ends_in_nul(const std::vector<std::byte>& bytes, std::size_t unit) {
  if (bytes.size() < unit) return false;
  return std::all_of(bytes.end() - static_cast<long>(unit), bytes.end(),
                     [](std::byte b) { return b == std::byte{0}; });
}

KnownValue RandomValues::number(T type) {
  switch (type) {
    case T::int8:
      return integer<std::int8_t>(type);
    case T::uint8:
      return integer<std::uint8_t>(type);
    case T::int16:
      return integer<std::int16_t>(type);
    case T::uint16:
      return integer<std::uint16_t>(type);
    case T::int32:
      return integer<std::int32_t>(type);
    case T::uint32:
      return integer<std::uint32_t>(type);
    case T::int64:
      return integer<std::int64_t>(type);
    case T::uint64:
      return integer<std::uint64_t>(type);
    case T::boolean: {
      KnownValue known = integer<std::int32_t>(type);
      if (known.texts[0] == "0") known.texts[0] = "false";
      if (known.texts[0] == "1") known.texts[0] = "true";
      return known;
    }
    default:
      return hexadecimal(type);
  }
}

KnownValue RandomValues::hexadecimal(T type) {
  if (type == T::size) return size(one_in(2));
  const auto n =
      type == T::hex64 || (type == T::handle && one_in(2)) ? edge<std::uint64_t>() : edge<std::uint32_t>();
  const bool wide = type == T::hex64 || n > 0xffff'ffff;
  std::vector<std::byte> bytes;
  write::append_number(bytes, n, wide ? 8 : 4);
  return {write::Value::raw(static_cast<std::uint8_t>(type), bytes), {fmt::format("0x{:x}", n)}};
}

KnownValue RandomValues::size(bool narrow) {
  const auto n = narrow ? edge<std::uint32_t>() : edge<std::uint64_t>();
  return {narrow ? write::Value::size32(static_cast<std::uint32_t>(n)) : write::Value::size64(n),
          {fmt::format("0x{:x}", n)}};
}

KnownValue RandomValues::time(T type) {
  using namespace std::chrono;
  if (type == T::systemtime) {
    if (one_in(8))
      return {write::Value::raw(0x12, std::vector<std::byte>(16)), {"1601-01-01T00:00:00.0000000Z"}};
    const auto ticks = static_cast<std::int64_t>(below(3'000'000'000'000'000'000) / 10'000 * 10'000);
    return {write::Value::systemtime(Time{ticks}), {shown(ticks)}};
  }
  const auto ticks = static_cast<std::int64_t>(edge<std::uint64_t>());
  return {write::Value::filetime(Time{ticks}), {ticks < 0 ? "0000-00-00T00:00:00.0000000Z" : shown(ticks)}};
}

std::string RandomValues::shown(std::int64_t ticks) {
  using namespace std::chrono;
  const std::int64_t seconds_of_day = ticks / 10'000'000 % 86'400;
  const year_month_day date{sys_days{year{1601} / 1 / 1} + days{ticks / 10'000'000 / 86'400}};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z", int{date.year()} % 10'000,
                     unsigned{date.month()}, unsigned{date.day()}, seconds_of_day / 3'600,
                     seconds_of_day / 60 % 60, seconds_of_day % 60, ticks % 10'000'000);
}

KnownValue RandomValues::bytes(T type) {
  if (type == T::sid) {
    std::string text = fmt::format("S-1-{}", below(1ULL << 48));
    for (std::uint64_t count = below(7); count > 0; --count)
      text += fmt::format("-{}", edge<std::uint32_t>());
    return {write::Value::sid(*write::Sid::parse(text)), {text}};
  }
  if (type == T::guid) {
    const write::Guid guid = write::Guid::of(static_cast<std::uint32_t>(random_()), 7, 0xabcd, random_());
    return {write::Value::guid(guid), {guid.to_string()}};
  }
  std::vector<std::byte> bytes(below(20));
  std::string text;
  for (std::byte& byte : bytes)
    text += fmt::format("{:02X}", std::to_integer<unsigned>(byte = std::byte(random_())));
  return {write::Value::binary(bytes), {text}};
}

KnownValue RandomValues::text_value(T type) {
  const bool ends = one_in(4);  // text with its NUL, and bytes behind it that Windows does not show
  if (type == T::ansi) {
    std::string bytes, utf8;
    for (std::uint64_t count = below(6); count > 0; --count) {
      const auto [in, out] = one_in(2) ? ansi_piece(codepage_) : std::pair("plain ", "plain ");
      bytes += in;
      utf8 += out;
    }
    if (ends) bytes += '\0';
    return {write::Value::ansi(bytes), {utf8}};
  }
  const std::string utf8 = text(12);
  std::u16string units = write::to_utf16(utf8);
  if (ends) units += u'\0';
  write::Value value = write::Value::utf16(units);
  value.type = static_cast<std::uint8_t>(type);
  return {value, {utf8}};
}

std::pair<const char*, const char*> RandomValues::ansi_piece(unsigned codepage) {
  switch (codepage) {
    case 437:
    case 850:
      return {"\x84\x81", "äü"};
    case 874:
      return {"\xA1", "ก"};
    case 932:
      return {"\x93\xFA\x96\x7B", "日本"};
    case 936:
      return {"\xD6\xD0", "中"};
    case 949:
      return {"\xC7\xD1", "한"};
    case 950:
      return {"\xA4\xA4", "中"};
    case 1250:
      return {"\xE8", "č"};
    case 1251:
      return {"\xCF\xF0\xE8", "При"};
    case 1253:
      return {"\xE1", "α"};
    case 1254:
      return {"\xFD", "ı"};
    case 1255:
      return {"\xE0", "א"};
    case 1256:
      return {"\xC8", "ب"};
    case 1257:
      return {"\xE0", "ą"};
    case 1258:
      return {"\xD0", "Đ"};
    case 65001:
      return {"\xC3\xA4\xE2\x82\xAC", "ä€"};
    default:
      return {"\x80\xE4", "€ä"};
  }
}

}  // namespace landwarden::decode::evtx
