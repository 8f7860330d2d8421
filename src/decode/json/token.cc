#include "decode/json/token.h"

#include <immintrin.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "base/text.h"

namespace landwarden::decode::json {
namespace {

using event::ValueType;

constexpr const char* kBadString = "a string does not end where its value does";
constexpr const char* kBadEscape = "a string has an escape that JSON does not know";
constexpr const char* kBadNumber = "a number cannot be read";
constexpr const char* kBadWord = "a word is neither true, false nor null";
/// Memory that grew for one long record is not kept.
constexpr std::size_t kKeepBytes = 4 << 20;

constexpr auto kMeanings = [] {
  std::array<char, 256> table{};
  constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  for (std::size_t i = 0; i < letters.size(); ++i)
    table[static_cast<unsigned char>(letters[i])] = meanings[i];
  return table;
}();

/// What stands in numbers, and what only in those that are not whole; a bit each for what is neither.
constexpr unsigned kNoNumber = 1, kReal = 2;
constexpr auto kOfNumber = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoNumber);
  for (const char c : std::string_view("0123456789-+")) table[static_cast<unsigned char>(c)] = 0;
  for (const char c : std::string_view(".eE")) table[static_cast<unsigned char>(c)] = kReal;
  return table;
}();

/// Four hex digits, or a negative number.
int hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/// Reads a \u escape, or the two of a surrogate pair, from behind the "u". An unpaired surrogate becomes
/// U+FFFD.
bool read_code_point(const char*& at, const char* end, char*& out) {
  const int unit = hex4(at, end);
  if (unit < 0) return false;
  at += 4;
  auto code_point = static_cast<char32_t>(unit);
  if (unit >= 0xD800 && unit < 0xDC00 && end - at >= 2 && at[0] == '\\' && at[1] == 'u') {
    const int low = hex4(at + 2, end);
    if (low >= 0xDC00 && low < 0xE000) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (static_cast<char32_t>(low) - 0xDC00);
      at += 6;
    }
  }
  std::string bytes;  // short: no allocation
  text::append_code_point(bytes, code_point);
  out = std::copy(bytes.begin(), bytes.end(), out);
  return true;
}

/// Room behind what is written of a text.
constexpr std::size_t kArenaSlack = 64;

const bool kHasWideCompress = __builtin_cpu_supports("avx512bw") != 0 &&
                              __builtin_cpu_supports("avx512vbmi") != 0 &&
                              __builtin_cpu_supports("avx512vbmi2") != 0;

/// Which characters follow an escaping backslash, by simdjson's arithmetic: runs of backslashes are added up,
/// what lies behind those of odd length is escaped. `carry`: the first is; then, whether the one behind is.
std::uint64_t escaped_by(std::uint64_t backslashes, bool& carry) {
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555ULL;
  const std::uint64_t first = carry ? 1 : 0;
  backslashes &= ~first;
  const std::uint64_t follows = backslashes << 1 | first;
  const std::uint64_t odd_starts = backslashes & ~kEven & ~follows;
  std::uint64_t even_sequences = 0;
  carry = __builtin_add_overflow(odd_starts, backslashes, &even_sequences);
  return (kEven ^ (even_sequences << 1)) & follows;
}

/// Of 64 bytes of a string, a bit each.
struct StringBlock {
  std::uint64_t quotes = 0, backslashes = 0, controls = 0, others = 0;  ///< others: not ASCII
};

StringBlock block_at(const char* at) {
  StringBlock out;
  for (int i = 0; i < 64; i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    const auto bits = [i](__m128i lanes) {
      return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(lanes))} << i;
    };
    out.quotes |= bits(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
    out.backslashes |= bits(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    out.controls |= bits(_mm_cmplt_epi8(block, _mm_set1_epi8(' ')));
    out.others |= bits(block);
  }
  out.controls &= ~out.others;
  return out;
}

/// What is known of a string between blocks.
struct StringScan {
  bool carry = false;  ///< the first byte of the next block is escaped
  bool others = false, escapes = false;
  bool known = true;  ///< wide: its escapes are those of letters, and undone

  enum class Step : std::uint8_t { on, closed, refused };
  /// `quote`: where it is closed.
  Step look(const StringBlock& block, unsigned& quote) {
    const std::uint64_t escaped = block.backslashes == 0 && !carry ? 0 : escaped_by(block.backslashes, carry);
    const std::uint64_t quotes = block.quotes & ~escaped;
    const std::uint64_t before = quotes == 0 ? ~std::uint64_t{0} : (quotes & -quotes) - 1;
    others = others || (block.others & before) != 0;
    escapes = escapes || (block.backslashes & before) != 0;
    if ((block.controls & before) != 0) return Step::refused;
    quote = static_cast<unsigned>(std::countr_zero(quotes));
    return quotes == 0 ? Step::on : Step::closed;
  }
};

const char* scan_string(const char* at, const char* last, StringScan& scan) {
  unsigned quote = 0;
  for (; at <= last; at += 64) {
    const StringScan::Step step = scan.look(block_at(at), quote);
    if (step == StringScan::Step::on) continue;
    return step == StringScan::Step::closed ? at + quote : nullptr;
  }
  return nullptr;
}

/// By the letter behind a backslash: what it means, 0 if nothing.
struct WideMeanings {
  alignas(64) std::array<char, 128> table{};
  constexpr WideMeanings() {
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = kMeanings[i];
  }
};
constexpr WideMeanings kWideMeanings;

/// As scan_string(), and writes what the string means to `out`, 64 bytes at a time: messages have an escape
/// every dozen bytes, and a branch for each costs more than the rest (0.4 of the time of decoding 88 MB of
/// such events).
[[gnu::target("avx512bw,avx512vbmi,avx512vbmi2,popcnt,bmi")]] const char* read_string_wide(const char* at,
                                                                                           const char* last,
                                                                                           StringScan& scan,
                                                                                           char*& out) {
  const __m512i low = _mm512_load_si512(kWideMeanings.table.data());
  const __m512i high = _mm512_load_si512(kWideMeanings.table.data() + 64);
  for (; at <= last; at += 64) {
    __m512i block = _mm512_loadu_si512(at);
    const std::uint64_t backslashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    std::uint64_t quotes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
    std::uint64_t escaped = 0;
    if (backslashes != 0 || scan.carry) {
      escaped = escaped_by(backslashes, scan.carry);
      quotes &= ~escaped;
    }
    const std::uint64_t before = (quotes & -quotes) - 1;  // all if there is none
    if ((_mm512_cmplt_epu8_mask(block, _mm512_set1_epi8(' ')) & before) != 0) return nullptr;
    const std::uint64_t others = _mm512_movepi8_mask(block) & before;
    escaped &= before;
    scan.others = scan.others || others != 0;
    if (escaped != 0) {
      const __m512i meant = _mm512_permutex2var_epi8(low, block, high);
      const std::uint64_t unknown = _mm512_mask_testn_epi8_mask(escaped, meant, meant);
      if ((unknown | (others & escaped)) != 0) scan.known = false;
      block = _mm512_mask_mov_epi8(block, escaped, meant);
      scan.escapes = true;
    }
    const std::uint64_t kept = before & ~(backslashes & ~escaped);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, block));
    out += std::popcount(kept);
    if (quotes != 0) return at + std::countr_zero(quotes);
  }
  return nullptr;
}

/// Unescapes 64 bytes at a time: messages have an escape every dozen bytes, and a branch for each costs more
/// than the rest (0.4 of the time of decoding 88 MB of such events). Stops in front of what is not a letter's
/// escape.
[[gnu::target("avx512bw,avx512vbmi2,popcnt")]] void unescape_wide(const char*& at, const char* end,
                                                                  char*& out) {
  constexpr struct {
    char letter, meant;
  } kChanged[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'b', '\b'}, {'f', '\f'}};
  bool carry = false;
  while (at < end) {
    const bool carried = carry;
    const auto size = static_cast<std::size_t>(std::min<std::ptrdiff_t>(64, end - at));
    const std::uint64_t all = size == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1;
    __m512i block = _mm512_maskz_loadu_epi8(all, at);
    const std::uint64_t backslashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    if (backslashes == 0 && !carry) {
      _mm512_storeu_si512(out, block);
      at += size;
      out += size;
      continue;
    }
    const std::uint64_t escaped = escaped_by(backslashes, carry);
    std::uint64_t known = _mm512_mask_cmpeq_epi8_mask(escaped, block, _mm512_set1_epi8('"')) |
                          _mm512_mask_cmpeq_epi8_mask(escaped, block, _mm512_set1_epi8('\\')) |
                          _mm512_mask_cmpeq_epi8_mask(escaped, block, _mm512_set1_epi8('/'));
    for (const auto& change : kChanged) {
      const std::uint64_t is = _mm512_mask_cmpeq_epi8_mask(escaped, block, _mm512_set1_epi8(change.letter));
      block = _mm512_mask_mov_epi8(block, is, _mm512_set1_epi8(change.meant));
      known |= is;
    }
    // A \u, a wrong letter, or a backslash at the end: looked at one by one.
    if (known != escaped || (carry && at + size == end)) {
      at -= carried ? 1 : 0;
      return;
    }
    const std::uint64_t kept = all & ~(backslashes & ~escaped);
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(kept, block));
    at += size;
    out += std::popcount(kept);
  }
}

/// Most strings are short: a call would cost more.
bool has_backslash(std::string_view inside) {
  if (inside.size() > 128) return std::memchr(inside.data(), '\\', inside.size()) != nullptr;
  const __m128i backslash = _mm_set1_epi8('\\');
  for (std::size_t at = 0; at < inside.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(inside.data() + at));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, backslash)));
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(hits)) < inside.size();
  }
  return false;
}

const char* read_number(std::string_view token, Meaning& meaning) {
  unsigned is = 0;
  for (const char c : token) is |= kOfNumber[static_cast<unsigned char>(c)];
  if ((is & kNoNumber) != 0 && token == "-Infinity") {
    meaning = {ValueType::real, false, token};
    return nullptr;
  }
  if (token.empty() || token.front() == '+' || token == "-" || (is & kNoNumber) != 0) return kBadNumber;
  meaning = {(is & kReal) != 0      ? ValueType::real
             : token.front() == '-' ? ValueType::integer
                                    : ValueType::uinteger,
             false, token};
  return nullptr;
}

const char* read_word(std::string_view token, std::string_view word, ValueType type, bool null,
                      Meaning& meaning) {
  if (token != word) return kBadWord;
  meaning = {type, null, null ? std::string_view{} : token};
  return nullptr;
}

}  // namespace

void TextArena::reset(std::size_t size) {
  used_ = 0;
  if (bytes_.size() > kKeepBytes && size < kKeepBytes) bytes_ = {};
  if (bytes_.size() < size + kArenaSlack) bytes_.resize(std::max(size + kArenaSlack, bytes_.size() * 2));
}

const char* end_of_string(const char* inside, const char* last, TextArena& arena, std::string_view& text) {
  StringScan scan;
  char* const begin = arena.front();
  char* out = begin;
  const char* const end =
      kHasWideCompress ? read_string_wide(inside, last, scan, out) : scan_string(inside, last, scan);
  text = {};
  if (end == nullptr) return nullptr;
  const auto size = static_cast<std::size_t>(end - inside);
  if (scan.others && !simdjson::validate_utf8(inside, size)) return nullptr;
  if (!scan.escapes) {
    text = {inside, size};
  } else if (kHasWideCompress && scan.known) {
    text = {begin, static_cast<std::size_t>(out - begin)};
    arena.use(text.size());
  }
  return end;
}

bool unescape(std::string_view inside, TextArena& arena, std::string_view& text) {
  const char *at = inside.data(), *end = at + inside.size();
  char* const begin = arena.front();
  char* out = begin;
  if (kHasWideCompress && inside.size() > 32) unescape_wide(at, end, out);
  const __m128i backslash = _mm_set1_epi8('\\');
  while (at < end) {
    // No text is longer than its escaped form, so that whole blocks fit.
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, backslash)));
    const std::ptrdiff_t plain = std::min<std::ptrdiff_t>(mask == 0 ? 16 : std::countr_zero(mask), end - at);
    at += plain;
    out += plain;
    while (at < end && *at == '\\') {
      if (end - at < 2) return false;
      const char meant = kMeanings[static_cast<unsigned char>(at[1])];
      at += 2;
      if (meant != '\0') {
        *out++ = meant;
      } else if (at[-1] != 'u' || !read_code_point(at, end, out)) {
        return false;
      }
    }
  }
  text = {begin, static_cast<std::size_t>(out - begin)};
  arena.use(text.size());
  return true;
}

const char* read_token(std::string_view token, TextArena& arena, Meaning& meaning) {
  switch (token.empty() ? '\0' : token.front()) {
    case '"': {
      if (token.size() < 2 || token.back() != '"') return kBadString;
      meaning = {ValueType::text, false, token.substr(1, token.size() - 2)};
      if (!has_backslash(meaning.text)) return nullptr;
      return unescape(meaning.text, arena, meaning.text) ? nullptr : kBadEscape;
    }
    case 't':
      return read_word(token, "true", ValueType::boolean, false, meaning);
    case 'f':
      return read_word(token, "false", ValueType::boolean, false, meaning);
    case 'n':
      return read_word(token, "null", ValueType::text, true, meaning);
    case 'N':
      return read_word(token, "NaN", ValueType::real, false, meaning);
    case 'I':
      return read_word(token, "Infinity", ValueType::real, false, meaning);
    default:
      return read_number(token, meaning);
  }
}

}  // namespace landwarden::decode::json
