#include "report/json.h"

#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>

#include <emmintrin.h>

#include "base/hash.h"

namespace landwarden::report {
namespace {

/// Length of the longest prefix of `text` that needs no escape and holds no 0xC2 (which may lead in U+0080 to
/// U+009F).
std::size_t plain_prefix(const char* text, std::size_t size) {
  std::size_t i = 0;
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), del = _mm_set1_epi8(0x7F);
  const __m128i lead = _mm_set1_epi8(static_cast<char>(0xC2)), last_control = _mm_set1_epi8(0x1F);
  for (; i + 16 <= size; i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + i));
    __m128i hit = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
    hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(block, del), _mm_cmpeq_epi8(block, lead)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    if (mask != 0) return i + static_cast<std::size_t>(std::countr_zero(mask));
  }
  for (; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7F || byte == 0xC2) break;
  }
  return i;
}

void append_escape(std::string& out, unsigned char byte) {
  static constexpr std::array<char, 16> kHex = {'0', '1', '2', '3', '4', '5', '6', '7',
                                                '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
  }
}

void append_values(std::string& out, const std::vector<const std::string*>& values) {
  if (values.empty()) {
    out += "null";
    return;
  }
  if (values.size() > 1) out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, *values[i]);
  }
  if (values.size() > 1) out += ']';
}

/// Whether a field's name comes once, comes again further on, or came before.
enum class Role : std::uint8_t { alone, repeated, repeat };

std::vector<Role> roles(const std::vector<sigma::FieldValues>& fields) {
  std::vector<Role> out(fields.size(), Role::alone);
  std::unordered_map<std::string_view, std::size_t, TextHash> seen;
  constexpr std::size_t kFew = 64;  // below this, comparing all pairs is faster than a table
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::size_t first = i;
    if (fields.size() <= kFew) {
      for (std::size_t j = 0; j < i && first == i; ++j) first = fields[j].field == fields[i].field ? j : i;
    } else {
      first = seen.emplace(fields[i].field, i).first->second;
    }
    if (first == i) continue;
    out[i] = Role::repeat;
    out[first] = Role::repeated;
  }
  return out;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const char* at = text.data();
  std::size_t left = text.size();
  while (left > 0) {
    const std::size_t plain = plain_prefix(at, left);
    out.append(at, plain);
    at += plain;
    left -= plain;
    if (left == 0) break;
    std::size_t taken = 1;
    if (static_cast<unsigned char>(*at) != 0xC2) {
      append_escape(out, static_cast<unsigned char>(*at));
    } else if (left > 1 && static_cast<unsigned char>(at[1]) < 0xA0) {
      append_escape(out, static_cast<unsigned char>(at[1]));
      taken = 2;
    } else {
      out += *at;
    }
    at += taken;
    left -= taken;
  }
  out += '"';
}

void append_json_object(std::string& out, const std::vector<sigma::FieldValues>& fields) {
  std::vector<const std::string*> values;
  const std::vector<Role> role = roles(fields);
  bool first = true;
  out += '{';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (role[i] == Role::repeat) continue;
    values.clear();
    for (const std::string& value : fields[i].values) values.push_back(&value);
    if (role[i] == Role::repeated) {
      for (std::size_t other = i + 1; other < fields.size(); ++other) {
        if (fields[other].field != fields[i].field) continue;
        for (const std::string& value : fields[other].values) values.push_back(&value);
      }
    }
    if (!first) out += ',';
    first = false;
    append_json_string(out, fields[i].field);
    out += ':';
    append_values(out, values);
  }
  out += '}';
}

}  // namespace landwarden::report
