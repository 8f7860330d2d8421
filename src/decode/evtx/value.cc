#include "decode/evtx/value.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace landwarden::decode::evtx {
namespace {

using event::ValueType;
using namespace value_type;

/// Bytes 0x80 to 0x9f of code page 1252; the five that it does not define stay control characters, as Windows
/// maps them.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_hex_digits(std::string& out, Bytes bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  const std::size_t start = out.size();
  out.resize(start + bytes.size() * 2);
  char* at = out.data() + start;
  for (const std::byte b : bytes) {
    *at++ = kDigits[std::to_integer<unsigned>(b) >> 4];
    *at++ = kDigits[std::to_integer<unsigned>(b) & 15];
  }
}

/// Units in front of the first NUL.
std::size_t text_units(Bytes bytes) {
  const std::size_t units = bytes.size() / 2;
  std::size_t i = 0;
  for (; i + 8 <= units; i += 8) {
    const __m128i eight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + 2 * i));
    const int zero = _mm_movemask_epi8(_mm_cmpeq_epi16(eight, _mm_setzero_si128()));
    if (zero != 0) return i + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(zero))) / 2;
  }
  while (i < units && load<std::uint16_t>(bytes.data() + 2 * i) != 0) ++i;
  return i;
}

constexpr std::size_t kNarrowUnits = 1024;

/// Whether all units are ASCII other than NUL; then `out` has them.
bool narrow_ascii(char* out, const std::byte* units, std::size_t count) {
  // Packing saturates: a unit that is no such letter becomes a byte that is zero or negative.
  const auto is_ascii = [](__m128i packed, int lanes) {
    return (_mm_movemask_epi8(_mm_cmpgt_epi8(packed, _mm_setzero_si128())) & lanes) == lanes;
  };
  const auto eight = [&](std::size_t at) {
    const __m128i packed = _mm_packus_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(units + 2 * at)),
                                            _mm_setzero_si128());
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + at), packed);
    return is_ascii(packed, 0xff);
  };
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(units + 2 * i));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(units + 2 * i + 16));
    const __m128i packed = _mm_packus_epi16(low, high);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), packed);
    if (!is_ascii(packed, 0xffff)) return false;
  }
  if (i == count) return true;
  if (count >= 8) return (count - i <= 8 || eight(i)) && eight(count - 8);
  for (; i < count; ++i) {
    const auto unit = load<std::uint16_t>(units + 2 * i);
    if (unit == 0 || unit >= 0x80) return false;
    out[i] = static_cast<char>(unit);
  }
  return true;
}

template <class T>
void append_number(std::string& out, T number, int base = 10) {
  char digits[72];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  out.append(digits, end);
}

template <class T>
ValueType append_real(std::string& out, T number) {
  if (!std::isfinite(number)) {
    out += std::isnan(number) ? "NaN" : number < 0 ? "-inf" : "inf";
    return ValueType::real;
  }
  const std::size_t start = out.size();
  char digits[64];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
  return ValueType::real;
}

void append_text(std::string& out, Bytes bytes) {
  text::append_utf16le(out, bytes.first(text_units(bytes) * 2));
}

void append_ansi(std::string& out, Bytes bytes) {
  std::string_view ansi = as_text(bytes);
  ansi = ansi.substr(0, ansi.find('\0'));
  if (text::is_ascii(ansi)) {
    out += ansi;
    return;
  }
  for (const char byte : ansi) {
    const auto c = static_cast<unsigned char>(byte);
    text::append_code_point(out, c >= 0x80 && c < 0xA0 ? kWindows1252[c - 0x80] : c);
  }
}

void append_guid(std::string& out, const std::byte* guid) {
  static constexpr char kDigits[] = "0123456789abcdef";
  static constexpr std::uint8_t kOrder[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  char shown[38];
  std::size_t n = 0;
  shown[n++] = '{';
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) shown[n++] = '-';
    const auto b = std::to_integer<unsigned>(guid[kOrder[i]]);
    shown[n++] = kDigits[b >> 4];
    shown[n++] = kDigits[b & 15];
  }
  shown[n++] = '}';
  out.append(shown, n);
}

bool append_sid(std::string& out, Bytes sid) {
  if (sid.size() < 8) return false;
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(sid[i]); };
  const std::size_t count = byte(1);
  if (sid.size() < 8 + count * 4) return false;
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < 8; ++i) authority = authority << 8 | byte(i);
  out += "S-";
  append_number(out, byte(0));
  out += '-';
  append_number(out, authority);
  for (std::size_t i = 0; i < count; ++i) {
    out += '-';
    append_number(out, load<std::uint32_t>(sid.data() + 8 + i * 4));
  }
  return true;
}

void put_two(char* at, unsigned number) {
  at[0] = static_cast<char>('0' + number / 10);
  at[1] = static_cast<char>('0' + number % 10);
}

void append_civil(std::string& out, const Civil& civil) {
  char shown[] = "0000-00-00T00:00:00.0000000Z";
  const auto year = static_cast<unsigned>(civil.year) % 10000;  // as Windows: the last four digits
  const auto tick = static_cast<unsigned>(civil.tick);
  put_two(shown, year / 100);
  put_two(shown + 2, year % 100);
  put_two(shown + 5, static_cast<unsigned>(civil.month));
  put_two(shown + 8, static_cast<unsigned>(civil.day));
  put_two(shown + 11, static_cast<unsigned>(civil.hour));
  put_two(shown + 14, static_cast<unsigned>(civil.minute));
  put_two(shown + 17, static_cast<unsigned>(civil.second));
  put_two(shown + 20, tick / 100000);
  put_two(shown + 22, tick / 1000 % 100);
  put_two(shown + 24, tick / 10 % 100);
  shown[26] = static_cast<char>('0' + tick % 10);
  out.append(shown, sizeof shown - 1);
}

/// Nothing where Windows does not take it for a time either.
std::optional<Civil> system_time(const std::byte* at) {
  const auto field = [&](std::size_t i) { return static_cast<int>(load<std::uint16_t>(at + 2 * i)); };
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = field(0), month = field(1), day = field(3);
  if (year < 1601 || year > 30827 || month < 1 || month > 12) return std::nullopt;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day < 1 || day > kDays[month - 1] + (month == 2 && leap ? 1 : 0)) return std::nullopt;
  if (field(4) > 23 || field(5) > 59 || field(6) > 59 || field(7) > 999) return std::nullopt;
  return Civil{year, month, day, field(4), field(5), field(6), field(7) * 10000};
}

ValueType append_time(std::string& out, std::uint8_t type, const std::byte* at) {
  if (type == kSystemTime) {
    append_civil(out, system_time(at).value_or(Civil{1601, 1, 1, 0, 0, 0, 0}));
  } else if (const auto ticks = load<std::int64_t>(at); ticks < 0) {
    append_civil(out, Civil{});
  } else {
    append_civil(out, to_civil(Time{ticks}));
  }
  return ValueType::time;
}

ValueType append_hex(std::string& out, std::uint64_t number) {
  out += "0x";
  append_number(out, number, 16);
  return ValueType::hex;
}

ValueType append_bool(std::string& out, std::int32_t number) {
  if (number == 0 || number == 1) {
    out += number == 0 ? "false" : "true";
    return ValueType::boolean;
  }
  append_number(out, number);  // Windows writes bit masks here now and then
  return ValueType::integer;
}

ValueType append_signed(std::string& out, std::int64_t number) {
  append_number(out, number);
  return ValueType::integer;
}

ValueType append_unsigned(std::string& out, std::uint64_t number) {
  append_number(out, number);
  return ValueType::uinteger;
}

/// `at` has fixed_size(type) bytes.
ValueType render_fixed(std::uint8_t type, const std::byte* at, std::string& out) {
  switch (type) {
    case kInt8:
      return append_signed(out, load<std::int8_t>(at));
    case kUint8:
      return append_unsigned(out, load<std::uint8_t>(at));
    case kInt16:
      return append_signed(out, load<std::int16_t>(at));
    case kUint16:
      return append_unsigned(out, load<std::uint16_t>(at));
    case kInt32:
      return append_signed(out, load<std::int32_t>(at));
    case kUint32:
      return append_unsigned(out, load<std::uint32_t>(at));
    case kInt64:
      return append_signed(out, load<std::int64_t>(at));
    case kUint64:
      return append_unsigned(out, load<std::uint64_t>(at));
    case kFloat:
      return append_real(out, load<float>(at));
    case kDouble:
      return append_real(out, load<double>(at));
    case kBool:
      return append_bool(out, load<std::int32_t>(at));
    case kGuid:
      append_guid(out, at);
      return ValueType::guid;
    case kFileTime:
    case kSystemTime:
      return append_time(out, type, at);
    case kHex32:
      return append_hex(out, load<std::uint32_t>(at));
    default:
      return append_hex(out, load<std::uint64_t>(at));
  }
}

std::uint32_t text_item_size(const RawValue& rest, std::uint32_t unit) {
  if (unit == 1) {
    const std::string_view ansi = as_text(rest.bytes());
    return static_cast<std::uint32_t>(std::min(ansi.find('\0'), ansi.size()));
  }
  // Half a unit at the end belongs to the last item.
  const auto size = static_cast<std::uint32_t>(2 * text_units(rest.bytes()));
  return size + 2 > rest.size ? rest.size : size;
}

}  // namespace

bool is_list(std::uint8_t type) {
  if ((type & kArray) == 0) return false;
  const auto item = static_cast<std::uint8_t>(type & ~kArray);
  return item == kText || item == kAnsi || item == kSid || item == kSizeT || fixed_size(item) != 0;
}

RawValue next_item(RawValue& rest) {
  // Nothing says how wide a size_t was; shown it is like the hexadecimal number of its width.
  if (rest.type == (kSizeT | kArray)) rest.type = (rest.size % 8 == 0 ? kHex64 : kHex32) | kArray;
  const auto type = static_cast<std::uint8_t>(rest.type & ~kArray);
  RawValue item{rest.data, rest.size, type};
  std::uint32_t step = rest.size;
  if (type == kText || type == kAnsi) {
    const std::uint32_t unit = type == kText ? 2 : 1;
    item.size = text_item_size(rest, unit);
    step = item.size + unit;  // its NUL
  } else if (type == kSid) {
    item.size = rest.size < 8 ? rest.size : 8 + 4 * std::to_integer<std::uint32_t>(rest.data[1]);
    step = item.size;
  } else {
    item.size = fixed_size(type);
    step = item.size;
  }
  step = std::min(step, rest.size);
  item.size = std::min(item.size, rest.size);
  rest.data += step;
  rest.size -= step;
  return item;
}

event::ValueType render(std::uint8_t type, Bytes bytes, std::string& out) {
  if (bytes.empty() || type == kNull) return ValueType::text;
  if (fixed_size(type) != 0 && bytes.size() == fixed_size(type)) {
    return render_fixed(type, bytes.data(), out);
  }
  switch (type) {
    case kText:
    case kXml:
      append_text(out, bytes);
      return ValueType::text;
    case kAnsi:
      append_ansi(out, bytes);
      return ValueType::text;
    case kSid:
      if (append_sid(out, bytes)) return ValueType::sid;
      break;
    case kSizeT:
    case kHandle:
      if (bytes.size() == 4) return append_hex(out, load<std::uint32_t>(bytes.data()));
      if (bytes.size() == 8) return append_hex(out, load<std::uint64_t>(bytes.data()));
      break;
    default:
      break;
  }
  append_hex_digits(out, bytes);
  return ValueType::binary;
}

event::ValueType show(std::uint8_t kind, Bytes raw, std::string& out) {
  return render(static_cast<std::uint8_t>(kind - raw_kind(0)), raw, out);
}

std::size_t to_ascii(char* out, Bytes text) {
  std::size_t units = text.size() / 2;
  if (units != 0 && load<std::uint16_t>(text.data() + 2 * units - 2) == 0) --units;  // its end, often kept
  return narrow_ascii(out, text.data(), units) ? units : 0;
}

event::Code intern_text(event::ValueTable& table, Bytes bytes, std::string& scratch) {
  char narrow[kNarrowUnits];
  if (bytes.size() / 2 <= kNarrowUnits) {
    if (const std::size_t size = to_ascii(narrow, bytes))
      return table.intern(ValueType::text, {narrow, size});
  }
  scratch.clear();
  append_text(scratch, bytes);
  return table.intern(ValueType::text, scratch);
}

event::Code intern(event::ValueTable& table, const RawValue& value, std::string& scratch) {
  if (value.type == kText || value.type == kXml) return intern_text(table, value.bytes(), scratch);
  if (value.size == fixed_size(value.type) && value.size != 0) {
    switch (value.size) {
      case 1:
        return intern_number(table, value.type, load<std::uint8_t>(value.data));
      case 2:
        return intern_number(table, value.type, load<std::uint16_t>(value.data));
      case 4:
        return intern_number(table, value.type, load<std::uint32_t>(value.data));
      case 8:
        return intern_number(table, value.type, load<std::uint64_t>(value.data));
      default:
        break;
    }
  }
  return table.intern_raw(raw_kind(value.type), value.bytes(), show);
}

Time to_time(const RawValue& value) {
  if (value.type == kFileTime && value.size == 8) {
    const auto ticks = load<std::int64_t>(value.data);
    return ticks < 0 ? Time::unknown() : Time{ticks};
  }
  if (value.type == kSystemTime && value.size == 16) {
    if (const auto civil = system_time(value.data)) return from_civil(*civil);
  }
  return Time::unknown();
}

std::optional<std::uint64_t> to_number(const RawValue& value) {
  switch (value.type) {
    case kUint8:
      if (value.size == 1) return load<std::uint8_t>(value.data);
      break;
    case kUint16:
      if (value.size == 2) return load<std::uint16_t>(value.data);
      break;
    case kUint32:
    case kHex32:
      if (value.size == 4) return load<std::uint32_t>(value.data);
      break;
    case kUint64:
    case kHex64:
      if (value.size == 8) return load<std::uint64_t>(value.data);
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace landwarden::decode::evtx
