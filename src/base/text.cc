#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include <emmintrin.h>

namespace landwarden::text {
namespace {

struct FoldRange {
  char32_t first, last;
  std::uint8_t step;
  std::int32_t delta;
};
constexpr FoldRange kFoldRanges[] = {
#include "base/case_fold_table.inc"
};

std::uint16_t unit_at(const std::byte* at) {
  std::uint16_t unit;
  std::memcpy(&unit, at, 2);
  return unit;
}

// Narrows the leading ASCII of `count` UTF-16 units into `out`; returns how many were ASCII.
std::size_t narrow_ascii(char* out, const std::byte* units, std::size_t count) {
  std::size_t i = 0;
  const __m128i mask = _mm_set1_epi16(static_cast<short>(0xFF80));
  for (; i + 16 <= count; i += 16) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(units + i * 2));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(units + i * 2 + 16));
    const __m128i wide = _mm_and_si128(_mm_or_si128(low, high), mask);
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(wide, _mm_setzero_si128())) != 0xFFFF) break;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm_packus_epi16(low, high));
  }
  for (; i < count; ++i) {
    const std::uint16_t unit = unit_at(units + i * 2);
    if (unit >= 0x80) break;
    out[i] = static_cast<char>(unit);
  }
  return i;
}

}  // namespace

void append_code_point(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

void append_utf16le(std::string& out, std::span<const std::byte> bytes) {
  const std::byte* units = bytes.data();
  std::size_t count = bytes.size() / 2;
  while (count > 0) {
    const std::size_t start = out.size();
    out.resize(start + count);
    const std::size_t ascii = narrow_ascii(out.data() + start, units, count);
    out.resize(start + ascii);
    units += ascii * 2;
    count -= ascii;
    while (count > 0) {
      char32_t c = unit_at(units);
      if (c < 0x80) break;
      units += 2, --count;
      if (c >= 0xD800 && c < 0xDC00 && count > 0) {
        const char32_t low = unit_at(units);
        if (low >= 0xDC00 && low < 0xE000) {
          c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
          units += 2, --count;
        }
      }
      append_code_point(out, c);
    }
  }
}

char32_t next_code_point(std::string_view s, std::size_t& position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(position);
  const std::size_t start = position++;
  if (lead < 0x80) return lead;
  const std::size_t length = lead >= 0xF0 && lead < 0xF5   ? 4
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                                                           : 0;
  if (length == 0 || start + length > s.size()) return 0xFFFD;
  char32_t c = lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(start + i) & 0xC0) != 0x80) return 0xFFFD;
    c = (c << 6) | (byte(start + i) & 0x3F);
  }
  static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kSmallest[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0xFFFD;
  position = start + length;
  return c;
}

bool is_ascii(std::string_view s) {
  std::size_t i = 0;
  for (; i + 16 <= s.size(); i += 16) {
    if (_mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(s.data() + i))) != 0) return false;
  }
  for (; i < s.size(); ++i) {
    if (static_cast<unsigned char>(s[i]) >= 0x80) return false;
  }
  return true;
}

bool is_utf8(std::string_view s) {
  if (is_ascii(s)) return true;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t start = i;
    // A real U+FFFD is three bytes long; a replacement moves by one.
    if (next_code_point(s, i) == 0xFFFD && i == start + 1) return false;
  }
  return true;
}

void append_valid_utf8(std::string& out, std::string_view s) {
  if (is_utf8(s)) {
    out += s;
    return;
  }
  for (std::size_t i = 0; i < s.size();) append_code_point(out, next_code_point(s, i));
}

char32_t fold(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  const auto* range = std::upper_bound(std::begin(kFoldRanges), std::end(kFoldRanges), c,
                                       [](char32_t value, const FoldRange& r) { return value < r.first; });
  if (range == std::begin(kFoldRanges)) return c;
  --range;
  if (c > range->last || (c - range->first) % range->step != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + range->delta);
}

namespace {

/// Writes the ASCII that `s` begins with in lower case; how much that was.
std::size_t lower_ascii(char* out, std::string_view s) {
  std::size_t i = 0;
  const __m128i before_a = _mm_set1_epi8('A' - 1), behind_z = _mm_set1_epi8('Z' + 1);
  const __m128i case_bit = _mm_set1_epi8('a' - 'A');
  for (; i + 16 <= s.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s.data() + i));
    if (_mm_movemask_epi8(bytes) != 0) break;
    const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(bytes, before_a), _mm_cmplt_epi8(bytes, behind_z));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm_or_si128(bytes, _mm_and_si128(upper, case_bit)));
  }
  for (; i < s.size() && static_cast<unsigned char>(s[i]) < 0x80; ++i) out[i] = ascii_lower(s[i]);
  return i;
}

}  // namespace

void append_folded(std::string& out, std::string_view s) {
  while (!s.empty()) {
    const std::size_t start = out.size();
    std::size_t ascii = 0;
    out.resize_and_overwrite(start + s.size(), [&](char* data, std::size_t) {
      ascii = lower_ascii(data + start, s);
      return start + ascii;
    });
    std::size_t i = ascii;
    while (i < s.size() && static_cast<unsigned char>(s[i]) >= 0x80)
      append_code_point(out, fold(next_code_point(s, i)));
    s.remove_prefix(i);
  }
}

std::string folded(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  append_folded(out, s);
  return out;
}

bool equal_folded(std::string_view left, std::string_view right) {
  std::size_t i = 0, k = 0;
  while (i < left.size() && k < right.size()) {
    if (fold(next_code_point(left, i)) != fold(next_code_point(right, k))) return false;
  }
  return i == left.size() && k == right.size();
}

}  // namespace landwarden::text
