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

/// Shorter strings are only scanned: as a rule they were met before, and are known as they are written.
constexpr std::size_t kShortString = 64;

const bool kHasWideCompress = __builtin_cpu_supports("avx512bw") != 0 &&
                              __builtin_cpu_supports("avx512vbmi") != 0 &&
                              __builtin_cpu_supports("avx512vbmi2") != 0;

const bool kHasMiddle = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0;

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

/// The same of 16 or 32 bytes.
template <int kBytes>
inline std::uint32_t escaped_by(std::uint32_t backslashes, bool& carry) {
  constexpr std::uint32_t kEven = 0x5555'5555;
  const std::uint32_t first = carry ? 1 : 0;
  backslashes &= ~first;
  const std::uint32_t follows = backslashes << 1 | first;
  const std::uint32_t odd_starts = backslashes & ~kEven & ~follows;
  const std::uint64_t even_sequences = std::uint64_t{odd_starts} + backslashes;
  carry = even_sequences >> kBytes != 0;
  return (kEven ^ static_cast<std::uint32_t>(even_sequences << 1)) & follows &
         static_cast<std::uint32_t>((std::uint64_t{1} << kBytes) - 1);
}

/// What is known of a string between blocks.
struct StringScan {
  bool carry = false;                     ///< the first byte of the next block is escaped
  std::uint32_t others = 0, escapes = 0;  ///< bits of some blocks
  bool known = true;                      ///< its escapes are those of letters, and undone
};

/// Shuffles that bring those of 8 bytes to the front for which a bit is set.
constexpr auto kToFront = [] {
  std::array<std::array<std::uint8_t, 8>, 256> table{};
  for (unsigned bits = 0; bits < 256; ++bits) {
    std::size_t out = 0;
    for (std::uint8_t i = 0; i < 8; ++i) {
      if ((bits >> i & 1) != 0) table[bits][out++] = i;
    }
  }
  return table;
}();

/// The letters that may follow a backslash and what they mean, each in a place of its own (slot_of_letter).
struct LetterSlots {
  static constexpr unsigned slot(unsigned char c) { return (3U * c & 0xFF) >> 3 & 15; }
  alignas(16) std::array<char, 16> letters{}, meanings{};
  constexpr LetterSlots() {
    letters.fill('"');  // where no letter belongs: nothing else with that slot is one
    for (const char c : std::string_view("\"\\/bfnrt")) {
      letters[slot(static_cast<unsigned char>(c))] = c;
      meanings[slot(static_cast<unsigned char>(c))] = kMeanings[static_cast<unsigned char>(c)];
    }
  }
};
constexpr LetterSlots kLetterSlots;

/// Writes those of 8 bytes that are `kept`. 8 bytes behind `out` are overwritten.
inline void put_kept(__m128i eight, std::uint32_t kept, char*& out) {
  const __m128i order = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kToFront[kept].data()));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(eight, order));
  out += std::popcount(kept);
}
inline void put_kept16(__m128i block, std::uint32_t kept, char*& out) {
  put_kept(block, kept & 0xFF, out);
  put_kept(_mm_srli_si128(block, 8), kept >> 8 & 0xFF, out);
}

/// 16 bytes at a time, on any processor.
struct Narrow {
  static constexpr int kBytes = 16;
  static constexpr std::uint32_t kAll = 0xFFFF;
  using Block = __m128i;
  static void load(const char* at, Block& block) {
    block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  }
  static void store(char* out, Block block) { _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block); }
  static std::uint32_t high(Block block) { return static_cast<std::uint32_t>(_mm_movemask_epi8(block)); }
  static std::uint32_t are(Block block, char c) { return high(_mm_cmpeq_epi8(block, _mm_set1_epi8(c))); }
  /// Signed: those that are not ASCII, too.
  static std::uint32_t below(Block block, char c) { return high(_mm_cmplt_epi8(block, _mm_set1_epi8(c))); }

  /// Writes those bytes of a block that are `kept`, the `escaped` ones as what they mean. False if one of
  /// these means nothing by its letter alone. A block's bytes behind `out` are overwritten.
  static bool put(Block block, std::uint32_t kept, std::uint32_t escaped, char*& out) {
    const Block letters = _mm_load_si128(reinterpret_cast<const Block*>(kLetterSlots.letters.data()));
    const Block meanings = _mm_load_si128(reinterpret_cast<const Block*>(kLetterSlots.meanings.data()));
    const Block tripled = _mm_add_epi8(block, _mm_add_epi8(block, block));
    const Block slots = _mm_and_si128(_mm_srli_epi16(tripled, 3), _mm_set1_epi8(15));
    const Block known = _mm_cmpeq_epi8(_mm_shuffle_epi8(letters, slots), block);
    const Block bits = _mm_set1_epi64x(kBitOfByte);
    const Block spread =
        _mm_shuffle_epi8(_mm_set1_epi32(static_cast<int>(escaped)), _mm_set_epi64x(0x0101010101010101, 0));
    const Block lanes = _mm_cmpeq_epi8(_mm_and_si128(spread, bits), bits);
    put_kept16(_mm_blendv_epi8(block, _mm_shuffle_epi8(meanings, slots), lanes), kept, out);
    return (escaped & ~high(known)) == 0;
  }
  static constexpr long long kBitOfByte = static_cast<long long>(0x8040201008040201ULL);
};

/// The same, 32 at a time. Blocks are passed by reference: read_string() is compiled for any processor first.
struct Middle {
  static constexpr int kBytes = 32;
  static constexpr std::uint32_t kAll = 0xFFFF'FFFF;
  using Block = __m256i;
  [[gnu::target("avx2,bmi,popcnt")]] static inline void load(const char* at, Block& block) {
    block = _mm256_loadu_si256(reinterpret_cast<const Block*>(at));
  }
  [[gnu::target("avx2,bmi,popcnt")]] static inline void store(char* out, const Block& block) {
    _mm256_storeu_si256(reinterpret_cast<Block*>(out), block);
  }
  [[gnu::target("avx2,bmi,popcnt")]] static inline std::uint32_t high(const Block& block) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(block));
  }
  [[gnu::target("avx2,bmi,popcnt")]] static inline std::uint32_t are(const Block& block, char c) {
    return high(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(c)));
  }
  [[gnu::target("avx2,bmi,popcnt")]] static inline std::uint32_t below(const Block& block, char c) {
    return high(_mm256_cmpgt_epi8(_mm256_set1_epi8(c), block));
  }
  [[gnu::target("avx2,bmi,popcnt")]] static inline bool put(const Block& block, std::uint32_t kept,
                                                            std::uint32_t escaped, char*& out) {
    const Block letters = _mm256_broadcastsi128_si256(
        _mm_load_si128(reinterpret_cast<const __m128i*>(kLetterSlots.letters.data())));
    const Block meanings = _mm256_broadcastsi128_si256(
        _mm_load_si128(reinterpret_cast<const __m128i*>(kLetterSlots.meanings.data())));
    const Block tripled = _mm256_add_epi8(block, _mm256_add_epi8(block, block));
    const Block slots = _mm256_and_si256(_mm256_srli_epi16(tripled, 3), _mm256_set1_epi8(15));
    const Block known = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(letters, slots), block);
    const Block bits = _mm256_set1_epi64x(Narrow::kBitOfByte);
    const Block spread =
        _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(escaped)),
                            _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0));
    const Block lanes = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bits), bits);
    const Block meant = _mm256_blendv_epi8(block, _mm256_shuffle_epi8(meanings, slots), lanes);
    put_kept16(_mm256_castsi256_si128(meant), kept, out);
    put_kept16(_mm256_extracti128_si256(meant, 1), kept >> 16, out);
    return (escaped & ~high(known)) == 0;
  }
};

/// The closing quote of a string, null if it is refused. With `Put`, what it means is written to `out`.
template <class Blocks, bool Put>
[[gnu::always_inline]] inline const char* read_string(const char* at, const char* last, StringScan& scan,
                                                      char*& out) {
  for (; at <= last; at += Blocks::kBytes) {
    typename Blocks::Block block;
    Blocks::load(at, block);
    const std::uint32_t backslashes = Blocks::are(block, '\\');
    std::uint32_t quotes = Blocks::are(block, '"');
    const std::uint32_t others = Blocks::high(block);
    const std::uint32_t controls = Blocks::below(block, ' ') & ~others;
    std::uint32_t escaped = 0;
    if (backslashes != 0 || scan.carry) {
      escaped = escaped_by<Blocks::kBytes>(backslashes, scan.carry);
      quotes &= ~escaped;
    }
    const std::uint32_t before = ((quotes & -quotes) - 1) & Blocks::kAll;  // all if there is none
    if ((controls & before) != 0) return nullptr;
    scan.others |= others & before;
    scan.escapes |= backslashes & before;
    if constexpr (Put) {
      escaped &= before;
      const std::uint32_t kept = before & ~(backslashes & ~escaped);
      if (kept == Blocks::kAll && escaped == 0) {
        Blocks::store(out, block);
        out += Blocks::kBytes;
      } else if (!Blocks::put(block, kept, escaped, out)) {
        scan.known = false;
      }
    }
    if (quotes != 0) return at + std::countr_zero(quotes);
  }
  return nullptr;
}

/// Short strings are only scanned.
template <class Blocks>
[[gnu::always_inline]] inline const char* read_string(const char* at, const char* last, StringScan& scan,
                                                      char*& out) {
  const char* end = read_string<Blocks, false>(at, std::min(last, at + kShortString - 1), scan, out);
  if (end != nullptr) {
    scan.known = scan.escapes == 0;
    return end;
  }
  scan = {};
  return read_string<Blocks, true>(at, last, scan, out);
}

const char* read_string_narrow(const char* at, const char* last, StringScan& scan, char*& out) {
  return read_string<Narrow>(at, last, scan, out);
}
[[gnu::target("avx2,bmi,popcnt")]] const char* read_string_middle(const char* at, const char* last,
                                                                  StringScan& scan, char*& out) {
  return read_string<Middle>(at, last, scan, out);
}

/// Unescapes 16 bytes at a time. Stops in front of what is not a letter's escape.
void unescape_blocks(const char*& at, const char* end, char*& out) {
  for (bool carry = false; at < end;) {
    const bool carried = carry;
    const auto size = static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(16, end - at));
    const std::uint32_t all = (1U << size) - 1;
    __m128i block;
    Narrow::load(at, block);
    const std::uint32_t backslashes = Narrow::are(block, '\\') & all;
    if (backslashes == 0 && !carry) {
      Narrow::store(out, block);
      at += size;
      out += size;
      continue;
    }
    std::uint32_t escaped = escaped_by<16>(backslashes, carry);
    const bool open = (escaped & ~all) != 0 || carry;  // the last backslash's letter is in the next block
    escaped &= all;
    char* const before = out;
    if (!Narrow::put(block, all & ~(backslashes & ~escaped), escaped, out) || (open && at + size == end)) {
      out = before;
      at -= carried ? 1 : 0;
      return;
    }
    at += size;
  }
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
    scan.others |= others != 0 ? 1 : 0;
    if (escaped != 0) {
      const __m512i meant = _mm512_permutex2var_epi8(low, block, high);
      const std::uint64_t unknown = _mm512_mask_testn_epi8_mask(escaped, meant, meant);
      if ((unknown | (others & escaped)) != 0) scan.known = false;
      block = _mm512_mask_mov_epi8(block, escaped, meant);
      scan.escapes = 1;
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

void TextArena::resize(std::size_t size) {
  if (size > size_) {
    size_ = std::max(size, std::min(size_ * 2, kKeepBytes));
  } else if (size < kKeepBytes) {
    size_ = size;
  } else {
    return;
  }
  bytes_ = std::make_unique_for_overwrite<char[]>(size_);
}

Width widest() {
  if (kHasWideCompress) return Width::wide;
  return kHasMiddle ? Width::middle : Width::narrow;
}

const char* end_of_string(const char* inside, const char* last, Width width, TextArena& arena,
                          std::string_view& text) {
  StringScan scan;
  char* const begin = arena.front();
  char* out = begin;
  const char* end = nullptr;
  text = {};
  if (width == Width::wide) {
    end = read_string_wide(inside, last, scan, out);
  } else if (width == Width::middle) {
    end = read_string_middle(inside, last, scan, out);
  } else {
    end = read_string_narrow(inside, last, scan, out);
  }
  if (end == nullptr) return nullptr;
  const auto size = static_cast<std::size_t>(end - inside);
  if (scan.others != 0 && !simdjson::validate_utf8(inside, size)) return nullptr;
  if (scan.escapes == 0) {
    text = {inside, size};
  } else if (scan.known) {
    text = {begin, static_cast<std::size_t>(out - begin)};
    arena.use(text.size());
  }
  return end;
}

bool unescape(std::string_view inside, TextArena& arena, std::string_view& text) {
  const char *at = inside.data(), *end = at + inside.size();
  char* const begin = arena.front();
  char* out = begin;
  if (kHasWideCompress && inside.size() > 32) {
    unescape_wide(at, end, out);
  } else {
    unescape_blocks(at, end, out);
  }
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
