#include "decode/evtx/export_text.h"

#include <smmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <string>

#include "base/text.h"

namespace landwarden::decode::evtx {
namespace {

using namespace value_type;

constexpr char kLower[] = "0123456789abcdef";
constexpr char kUpper[] = "0123456789ABCDEF";
constexpr std::size_t kBlock = 16;

/// For each set of bytes that get a backslash in front: how eight bytes spread over sixteen. 0x80 leaves a
/// gap.
constexpr auto kSpread = [] {
  std::array<std::array<std::uint8_t, 16>, 256> table{};
  for (std::size_t mask = 0; mask < 256; ++mask) {
    std::size_t n = 0;
    for (std::uint8_t i = 0; i < 8; ++i) {
      if ((mask >> i & 1) != 0) table[mask][n++] = 0x80;
      table[mask][n++] = i;
    }
    while (n < 16) table[mask][n++] = 0x80;
  }
  return table;
}();

char* put_code_point(char* to, std::uint32_t c) {
  if (c < 0x80) {
    *to++ = static_cast<char>(c);
  } else if (c < 0x800) {
    *to++ = static_cast<char>(0xC0 | (c >> 6));
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *to++ = static_cast<char>(0xE0 | (c >> 12));
    *to++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    *to++ = static_cast<char>(0xF0 | (c >> 18));
    *to++ = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    *to++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  return to;
}

char* put_text(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* put_four_digits(char* to, std::uint32_t c, const char* digits) {
  for (int shift = 12; shift >= 0; shift -= 4) *to++ = digits[c >> shift & 15];
  return to;
}

char* put_json_escaped(char* to, std::uint32_t c) {
  switch (c) {
    case '"':
    case '\\':
      *to++ = '\\';
      *to++ = static_cast<char>(c);
      return to;
    case '\n':
      return put_text(to, "\\n");
    case '\r':
      return put_text(to, "\\r");
    case '\t':
      return put_text(to, "\\t");
    default:
      break;
  }
  if (c >= 0x20 && (c < 0x7F || c > 0x9F)) return put_code_point(to, c);
  return put_four_digits(put_text(to, "\\u"), c, kLower);
}

bool is_hex_digit(std::uint32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Whether the four units behind "_x", and the one behind them, make an escape of it.
bool looks_escaped(auto&& unit, std::size_t count) {
  return count >= 7 && unit(1) == 'x' && is_hex_digit(unit(2)) && is_hex_digit(unit(3)) &&
         is_hex_digit(unit(4)) && is_hex_digit(unit(5)) && unit(6) == '_';
}

char* put_xml_forbidden(char* to, std::uint32_t c) {
  to = put_text(to, "_x");
  to = put_four_digits(to, c, kUpper);
  *to++ = '_';
  return to;
}

char* put_xml_escaped(char* to, std::uint32_t c, bool attribute) {
  switch (c) {
    case '&':
      return put_text(to, "&amp;");
    case '<':
      return put_text(to, "&lt;");
    case '>':
      return put_text(to, "&gt;");
    case '"':
      return attribute ? put_text(to, "&quot;") : put_code_point(to, c);
    case '\r':  // a parser makes a line feed of it
      return put_text(to, "&#13;");
    case '\n':  // and a blank of these, in attributes
      return attribute ? put_text(to, "&#10;") : put_code_point(to, c);
    case '\t':
      return attribute ? put_text(to, "&#9;") : put_code_point(to, c);
    default:
      break;
  }
  if (c < 0x20 || c == 0xFFFE || c == 0xFFFF) return put_xml_forbidden(to, c);
  if (c >= 0x7F && c <= 0x9F) {
    to = put_text(to, "&#");
    to = std::to_chars(to, to + 4, c).ptr;
    *to++ = ';';
    return to;
  }
  return put_code_point(to, c);
}

/// The bytes of the sixteen that cannot be copied as they are.
template <Escape kind>
unsigned special_bytes(__m128i text) {
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8(0x1F)), text);
  const __m128i del = _mm_cmpeq_epi8(text, _mm_set1_epi8(0x7F));
  // Beyond ASCII the top bit is set: units above U+00FF were packed to 0xFF, or to 0x00, a control character.
  __m128i special = _mm_or_si128(_mm_or_si128(control, del), text);
  unsigned more = 0;
  if constexpr (kind != Escape::json) {
    special = _mm_or_si128(special, _mm_cmpeq_epi8(text, _mm_set1_epi8('&')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(text, _mm_set1_epi8('<')));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(text, _mm_set1_epi8('>')));
    if constexpr (kind == Escape::xml_attribute)
      special = _mm_or_si128(special, _mm_cmpeq_epi8(text, _mm_set1_epi8('"')));
    const auto low_line = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('_'))));
    const auto x = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('x'))));
    more = low_line & (x >> 1 | 0x8000U);
  }
  return static_cast<unsigned>(_mm_movemask_epi8(special)) | more;
}

/// Eight bytes, those in `mask` with a backslash in front.
char* put_spread(char* to, __m128i eight, unsigned mask) {
  const __m128i order = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kSpread[mask].data()));
  const __m128i gaps = _mm_and_si128(_mm_cmplt_epi8(order, _mm_setzero_si128()), _mm_set1_epi8('\\'));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_or_si128(_mm_shuffle_epi8(eight, order), gaps));
  return to + 8 + std::popcount(mask);
}

std::uint16_t unit_at(const std::byte* units, std::size_t i) {
  return load<std::uint16_t>(units + 2 * i);
}

/// One character that is special; `used` is how many units it took.
template <Escape kind>
char* put_special(char* to, const std::byte* units, std::size_t count, std::size_t& used) {
  std::uint32_t c = unit_at(units, 0);
  used = 1;
  if (c >= 0xD800 && c < 0xE000) {
    const std::uint32_t low = count > 1 ? unit_at(units, 1) : 0;
    if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return put_code_point(to, 0xFFFD);
    used = 2;
    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
  }
  if constexpr (kind == Escape::json) {
    return put_json_escaped(to, c);
  } else {
    if (c == '_') {
      if (!looks_escaped([&](std::size_t i) { return unit_at(units, i); }, count))
        return put_code_point(to, c);
      return put_xml_forbidden(to, c);
    }
    return put_xml_escaped(to, c, kind == Escape::xml_attribute);
  }
}

template <Escape kind>
bool needs_escape(std::uint16_t c) {
  if (c < 0x20 || c >= 0x7F) return true;
  if constexpr (kind == Escape::json) return c == '"' || c == '\\';
  return c == '&' || c == '<' || c == '>' || c == '_' || (kind == Escape::xml_attribute && c == '"');
}

}  // namespace

template <Escape kind>
char* put_utf16(char* to, const std::byte* units, std::size_t count, const std::byte* readable) {
  alignas(16) std::byte tail[2 * kBlock];
  while (count > 0) {
    const std::byte* from = units;
    if (reinterpret_cast<std::uintptr_t>(readable) < reinterpret_cast<std::uintptr_t>(units) + sizeof tail) {
      std::memset(tail, 0, sizeof tail);
      std::memcpy(tail, units, 2 * std::min(count, kBlock));
      from = tail;
    }
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16));
    const __m128i text = _mm_packus_epi16(low, high);
    const unsigned here = count >= kBlock ? 0xFFFFU : (1U << count) - 1;
    const unsigned special = special_bytes<kind>(text) & here;
    unsigned escaped = 0;
    if constexpr (kind == Escape::json) {
      escaped =
          here & static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
                     _mm_cmpeq_epi8(text, _mm_set1_epi8('"')), _mm_cmpeq_epi8(text, _mm_set1_epi8('\\')))));
    }
    // Up to the first character that needs more than a backslash.
    const auto plain = static_cast<std::size_t>(std::countr_zero(special | 0x10000U));
    const std::size_t taken = std::min({plain, count, kBlock});
    escaped &= (1U << taken) - 1;
    if (escaped == 0) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), text);
      to += taken;
    } else {
      const unsigned first = escaped & 0xFF, second = escaped >> 8;
      char* behind = put_spread(to, text, first);
      if (taken > 8) {
        put_spread(behind, _mm_srli_si128(text, 8), second);
        to = behind + (taken - 8) + static_cast<std::size_t>(std::popcount(second));
      } else {
        to += taken + static_cast<std::size_t>(std::popcount(first));
      }
    }
    units += 2 * taken;
    count -= taken;
    // Texts of other scripts have one such character after the other.
    while (count > 0 && taken < kBlock && needs_escape<kind>(unit_at(units, 0))) {
      if (unit_at(units, 0) == 0) return to;
      std::size_t used = 0;
      to = put_special<kind>(to, units, count, used);
      units += 2 * used;
      count -= used;
    }
  }
  return to;
}
template char* put_utf16<Escape::json>(char*, const std::byte*, std::size_t, const std::byte*);
template char* put_utf16<Escape::xml>(char*, const std::byte*, std::size_t, const std::byte*);
template char* put_utf16<Escape::xml_attribute>(char*, const std::byte*, std::size_t, const std::byte*);

namespace {

constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

void put_pair(char* to, unsigned number) {
  std::memcpy(to, &kPairs[2 * std::size_t{number}], 2);
}

char* put_unsigned(char* to, std::uint64_t number) {
  if (number < 10) {
    *to = static_cast<char>('0' + number);
    return to + 1;
  }
  return std::to_chars(to, to + 24, number).ptr;
}

char* put_signed(char* to, std::int64_t number) {
  if (number >= 0) return put_unsigned(to, static_cast<std::uint64_t>(number));
  return std::to_chars(to, to + 24, number).ptr;
}

char* put_hex(char* to, std::uint64_t number) {
  *to++ = '0';
  *to++ = 'x';
  const int digits = number == 0 ? 1 : (std::bit_width(number) + 3) / 4;
  for (int i = digits - 1; i >= 0; --i) *to++ = kLower[number >> (4 * i) & 15];
  return to;
}

/// Sixteen bytes as 32 lower-case digits.
void put_hex_bytes(char* to, __m128i bytes) {
  const __m128i digits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kLower));
  const __m128i low = _mm_and_si128(bytes, _mm_set1_epi8(15));
  const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
  const __m128i first = _mm_shuffle_epi8(digits, _mm_unpacklo_epi8(high, low));
  const __m128i second = _mm_shuffle_epi8(digits, _mm_unpackhi_epi8(high, low));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), first);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 16), second);
}

char* put_guid(char* to, const std::byte* guid) {
  const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15);
  char digits[32];
  put_hex_bytes(digits, _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(guid)), order));
  to[0] = '{';
  std::memcpy(to + 1, digits, 8);
  to[9] = '-';
  std::memcpy(to + 10, digits + 8, 4);
  to[14] = '-';
  std::memcpy(to + 15, digits + 12, 4);
  to[19] = '-';
  std::memcpy(to + 20, digits + 16, 4);
  to[24] = '-';
  std::memcpy(to + 25, digits + 20, 12);
  to[37] = '}';
  return to + 38;
}

char* put_sid(char* to, const std::byte* sid) {
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(sid[i]); };
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < 8; ++i) authority = authority << 8 | byte(i);
  *to++ = 'S';
  *to++ = '-';
  to = put_unsigned(to, byte(0));
  *to++ = '-';
  to = put_unsigned(to, authority);
  for (std::size_t i = 0; i < byte(1); ++i) {
    *to++ = '-';
    to = put_unsigned(to, load<std::uint32_t>(sid + 8 + i * 4));
  }
  return to;
}

/// A FILETIME of the years 1601 to 9999, which are almost all; nothing for others.
char* put_file_time(char* to, std::int64_t ticks) {
  constexpr std::int64_t kTicksPerDay = 24 * 3600 * kTicksPerSecond;
  constexpr std::int64_t kDaysTo10000 = 3'067'671;
  if (ticks < 0 || ticks >= kDaysTo10000 * kTicksPerDay) return nullptr;
  const auto day = static_cast<std::uint32_t>(ticks / kTicksPerDay);
  const auto rest = static_cast<std::uint64_t>(ticks % kTicksPerDay);
  // Civil date of a day (Howard Hinnant's days_from_civil, undone), counted from 0000-03-01.
  const std::uint32_t days = day + 584'694;
  const std::uint32_t era = days / 146'097;
  const std::uint32_t of_era = days % 146'097;
  const std::uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t shifted = (5 * of_year + 2) / 153;
  const std::uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::uint32_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const auto seconds = static_cast<std::uint32_t>(rest / kTicksPerSecond);
  const auto fraction = static_cast<std::uint32_t>(rest % kTicksPerSecond);
  std::memcpy(to, "0000-00-00T00:00:00.0000000Z", 28);
  put_pair(to, year / 100);
  put_pair(to + 2, year % 100);
  put_pair(to + 5, month);
  put_pair(to + 8, of_year - (153 * shifted + 2) / 5 + 1);
  put_pair(to + 11, seconds / 3600);
  put_pair(to + 14, seconds / 60 % 60);
  put_pair(to + 17, seconds % 60);
  put_pair(to + 20, fraction / 100'000);
  put_pair(to + 22, fraction / 1000 % 100);
  put_pair(to + 24, fraction / 10 % 100);
  to[26] = static_cast<char>('0' + fraction % 10);
  return to + 28;
}

char* put_binary(char* to, Bytes bytes) {
  for (const std::byte b : bytes) {
    *to++ = kUpper[std::to_integer<unsigned>(b) >> 4];
    *to++ = kUpper[std::to_integer<unsigned>(b) & 15];
  }
  return to;
}

template <Escape kind>
char* put_utf8(char* to, std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size();) {
    if (utf8.size() - i >= kBlock) {
      const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(utf8.data() + i));
      unsigned special = special_bytes<kind>(text);
      if constexpr (kind == Escape::json) {
        special |= static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(
            _mm_cmpeq_epi8(text, _mm_set1_epi8('"')), _mm_cmpeq_epi8(text, _mm_set1_epi8('\\')))));
      }
      const auto plain = static_cast<std::size_t>(std::countr_zero(special | 0x10000U));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), text);
      to += plain;
      i += plain;
      if (plain == kBlock) continue;
    }
    const std::size_t start = i;
    const std::uint32_t c = text::next_code_point(utf8, i);
    if constexpr (kind == Escape::json) {
      to = put_json_escaped(to, c);
    } else if (c == '_' &&
               looks_escaped([&](std::size_t k) { return static_cast<unsigned char>(utf8[start + k]); },
                             utf8.size() - start)) {
      to = put_xml_forbidden(to, c);
    } else {
      to = put_xml_escaped(to, c, kind == Escape::xml_attribute);
    }
  }
  return to;
}

/// What has no short cut: the text is made by value.h and then escaped.
template <Escape kind>
char* put_rendered(char* to, const RawValue& value) {
  std::string text;
  render(value.type, value.bytes(), text);
  return put_utf8<kind>(to, text);
}

}  // namespace

template <Escape kind>
char* put_value(char* to, const RawValue& value, const std::byte* readable) {
  const std::byte* at = value.data;
  const std::uint32_t size = value.size;
  if (size == 0) return to;
  switch (value.type) {
    case kNull:
      return to;
    case kText:
    case kXml:
      return put_utf16<kind>(to, at, size / 2, readable);
    case kInt8:
      if (size == 1) return put_signed(to, load<std::int8_t>(at));
      break;
    case kUint8:
      if (size == 1) return put_unsigned(to, load<std::uint8_t>(at));
      break;
    case kInt16:
      if (size == 2) return put_signed(to, load<std::int16_t>(at));
      break;
    case kUint16:
      if (size == 2) return put_unsigned(to, load<std::uint16_t>(at));
      break;
    case kInt32:
      if (size == 4) return put_signed(to, load<std::int32_t>(at));
      break;
    case kUint32:
      if (size == 4) return put_unsigned(to, load<std::uint32_t>(at));
      break;
    case kInt64:
      if (size == 8) return put_signed(to, load<std::int64_t>(at));
      break;
    case kUint64:
      if (size == 8) return put_unsigned(to, load<std::uint64_t>(at));
      break;
    case kBool:
      if (size != 4) break;
      if (const auto number = load<std::int32_t>(at); number != 0 && number != 1)
        return put_signed(to, number);
      return put_text(to, load<std::int32_t>(at) != 0 ? "true" : "false");
    case kGuid:
      if (size == 16) return put_guid(to, at);
      break;
    case kFileTime:
      if (size != 8) break;
      if (char* end = put_file_time(to, load<std::int64_t>(at)); end != nullptr) return end;
      break;
    case kSid:
      if (size >= 8 && size >= 8 + 4 * std::to_integer<std::uint32_t>(at[1])) return put_sid(to, at);
      break;
    case kHex32:
      if (size == 4) return put_hex(to, load<std::uint32_t>(at));
      break;
    case kHex64:
      if (size == 8) return put_hex(to, load<std::uint64_t>(at));
      break;
    case kSizeT:
    case kHandle:
      if (size == 4) return put_hex(to, load<std::uint32_t>(at));
      if (size == 8) return put_hex(to, load<std::uint64_t>(at));
      break;
    case kBinary:
      return put_binary(to, value.bytes());
    default:
      break;
  }
  return put_rendered<kind>(to, value);
}
template char* put_value<Escape::json>(char*, const RawValue&, const std::byte*);
template char* put_value<Escape::xml>(char*, const RawValue&, const std::byte*);
template char* put_value<Escape::xml_attribute>(char*, const RawValue&, const std::byte*);

void TextOut::grow(std::size_t more) {
  const std::size_t capacity = std::max({size_ + more, 2 * capacity_, std::size_t{64} << 10});
  auto data = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ != 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

void TextOut::clear(std::size_t keep) {
  size_ = 0;
  if (capacity_ <= keep) return;
  data_.reset();
  capacity_ = 0;
}

void add_escaped(TextOut& out, Escape kind, std::string_view utf8) {
  char* to = out.room(8 * utf8.size() + 16);
  out.end_at(kind == Escape::json  ? put_utf8<Escape::json>(to, utf8)
             : kind == Escape::xml ? put_utf8<Escape::xml>(to, utf8)
                                   : put_utf8<Escape::xml_attribute>(to, utf8));
}

void add_escaped(TextOut& out, Escape kind, Bytes units) {
  add_value(out, kind, {units.data(), static_cast<std::uint32_t>(units.size()), kText});
}

void add_value(TextOut& out, Escape kind, const RawValue& value) {
  char* to = out.room(value_room(value.size, value.type));
  const std::byte* readable = value.data + value.size;
  out.end_at(kind == Escape::json  ? put_value<Escape::json>(to, value, readable)
             : kind == Escape::xml ? put_value<Escape::xml>(to, value, readable)
                                   : put_value<Escape::xml_attribute>(to, value, readable));
}

namespace {

/// ASCII alone: which letters beyond it a name may hold, old parsers and new ones see differently.
bool starts_name(std::uint16_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(std::uint16_t c) {
  return starts_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

}  // namespace

void add_xml_name(TextOut& out, Bytes units, bool keep_colon) {
  const std::size_t count = units.size() / 2;
  bool first = true;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t c = unit_at(units.data(), i);
    const auto unit = [&](std::size_t k) { return unit_at(units.data(), i + k); };
    char* to = out.room(16);
    const bool colon = c == ':' && keep_colon && !first && i + 1 < count;
    const bool kept = colon || ((first ? starts_name(c) : continues_name(c)) &&
                                !(c == '_' && looks_escaped(unit, count - i)));
    out.end_at(kept ? put_code_point(to, c) : put_xml_forbidden(to, c));
    first = colon;
  }
}

}  // namespace landwarden::decode::evtx
