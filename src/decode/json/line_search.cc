// The searches of skeletons and known lines, which look at as many bytes at a time as the processor can.

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "decode/json/known_lines.h"
#include "decode/json/skeleton.h"
#include "decode/json/token.h"

namespace landwarden::decode::json {
namespace {

/// What a value may begin with, and what else a number or a word may consist of.
constexpr auto kBeginsValue = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("\"0123456789-tfnNI")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();
constexpr auto kInWord = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("0123456789-+.")) table[static_cast<unsigned char>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  return table;
}();

inline bool ends_line(const char* at, const char* text_end) {
  if (at >= text_end) return at == text_end;
  return *at == '\n' || (*at == '\r' && at + 1 < text_end && at[1] == '\n');
}

/// Whether those of 64 bytes are the same for which a bit is set: the first ones.
inline bool same64(const char* a, const char* b, std::uint64_t mask) {
  const auto differ = [&](int at) {
    const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at));
    const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at));
    return static_cast<std::uint16_t>(~_mm_movemask_epi8(_mm_cmpeq_epi8(left, right))) & (mask >> at);
  };
  if ((differ(0)) != 0) return false;
  if (mask >> 16 == 0) return true;
  if ((differ(16)) != 0) return false;
  if (mask >> 32 == 0) return true;
  return (differ(32) | differ(48)) == 0;
}

/// 16 bytes at a time, on any processor.
struct NarrowBlocks {
  static constexpr std::size_t kBytes = 16;
  /// A bit for each byte of a block that differs.
  static std::uint64_t differ(const char* a, const char* b) {
    const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
    const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
    return 0xFFFFU & ~static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right)));
  }
  static bool same(const char* a, const char* b, std::uint64_t mask) { return same64(a, b, mask); }

  /// The first quote, or character that is not plain; null if there is none at `last`.
  static const char* telling(const char* at, const char* last) {
    for (; at <= last; at += kBytes) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      // Signed: what is not ASCII is below a blank, as control characters are.
      const __m128i uncommon =
          _mm_or_si128(_mm_cmplt_epi8(block, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
      const __m128i telling = _mm_or_si128(uncommon, _mm_cmpeq_epi8(block, _mm_set1_epi8('"')));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(telling));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

/// The same, 32 at a time.
struct MiddleBlocks {
  static constexpr std::size_t kBytes = 32;
  [[gnu::target("avx2,bmi")]] static inline std::uint64_t differ(const char* a, const char* b) {
    const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
    const __m256i right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
    return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(left, right)));
  }
  [[gnu::target("avx2,bmi")]] static inline bool same(const char* a, const char* b, std::uint64_t mask) {
    if ((differ(a, b) & mask) != 0) return false;
    return mask >> 32 == 0 || (differ(a + 32, b + 32) & mask >> 32) == 0;
  }

  [[gnu::target("avx2,bmi")]] static inline const char* telling(const char* at, const char* last) {
    for (; at <= last; at += kBytes) {
      const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
      const __m256i uncommon = _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(' '), block),
                                               _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\')));
      const __m256i telling = _mm256_or_si256(uncommon, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"')));
      const auto mask = static_cast<unsigned>(_mm256_movemask_epi8(telling));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

/// The same, 64 at a time.
struct WideBlocks {
  static constexpr std::size_t kBytes = 64;
  [[gnu::target("avx512bw,bmi")]] static inline std::uint64_t differ(const char* a, const char* b) {
    return _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
  }
  [[gnu::target("avx512bw,bmi")]] static inline bool same(const char* a, const char* b, std::uint64_t mask) {
    return (differ(a, b) & mask) == 0;
  }

  [[gnu::target("avx512bw,bmi")]] static inline const char* telling(const char* at, const char* last) {
    for (; at <= last; at += kBytes) {
      const __m512i block = _mm512_loadu_si512(at);
      const std::uint64_t mask = _mm512_cmplt_epi8_mask(block, _mm512_set1_epi8(' ')) |
                                 _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')) |
                                 _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

/// The end of the value at `begin`; null if it is a string that JSON does not allow or that is not closed at
/// `last`. What lies before `plain_to` is known to be the front of a string, and plain. `text` is as in
/// Token.
template <class Blocks>
[[gnu::always_inline]] inline const char* end_of_value(const char* begin, const char* plain_to,
                                                       const char* last, Width width, ValueTexts& texts,
                                                       std::int32_t& text) {
  const char* at = begin;
  if (*at != '"') {
    while (kInWord[static_cast<unsigned char>(*at)] && at <= last) ++at;
    text = Token::kUnread;
    return at;
  }
  at = Blocks::telling(plain_to, last);
  if (at == nullptr) return nullptr;
  text = Token::kInside;
  if (*at != '"') {
    std::string_view meant;
    at = end_of_string(begin + 1, last, width, texts.arena, meant);
    if (at == nullptr) return nullptr;
    if (meant.data() == nullptr) {
      text = Token::kUnread;
    } else if (meant.data() != begin + 1) {
      text = static_cast<std::int32_t>(texts.texts.size());
      texts.texts.push_back(meant);
    }
  }
  return at + 1;
}

}  // namespace

inline bool Skeletons::Node::rest_is_at(const char* at) const {
  return size <= kFrontBytes || std::memcmp(at + kFrontBytes, rest.data(), rest.size()) == 0;
}

/// Whether what stands behind the bytes may stand there.
inline bool Skeletons::Node::fits_behind(const char* behind, const char* text_end) const {
  if (number != kUnknown) [[unlikely]]
    return ends_line(behind, text_end);
  return kBeginsValue[static_cast<unsigned char>(*behind)];
}

/// Looks behind the first child, and makes the one that it finds the first.
[[gnu::noinline]] Skeletons::Node* Skeletons::other_child_at(Node& above, const char* at,
                                                             const char* text_end) {
  Node* before = above.child;
  if (before == nullptr) return nullptr;
  for (Node* node = before->sibling; node != nullptr; before = node, node = node->sibling) {
    if (!same64(at, node->front, node->front_mask) || !node->rest_is_at(at) ||
        !node->fits_behind(at + node->size, text_end)) {
      continue;
    }
    before->sibling = node->sibling;
    node->sibling = above.child;
    above.child = node;
    return node;
  }
  return nullptr;
}

const char* Skeletons::last_block(std::string_view text, std::size_t readable) const {
  // Bytes behind the text may be read, though nothing is taken from there: what ends there is not known.
  const std::size_t slack = longest_ + kFrontBytes + kScanBytes;
  return readable < slack ? nullptr : text.data() + std::min(readable - slack, text.size());
}

template <class Blocks>
[[gnu::always_inline]] inline std::int32_t Skeletons::find_by(std::string_view text, std::size_t readable,
                                                              ValueTexts& texts) {
  const char* at = text.data();
  const char* const text_end = at + text.size();
  const char* const last = last_block(text, readable);
  if (last == nullptr) return kUnknown;
  texts.reset(text.size());
  Token* token = tokens_.data();
  for (Node* node = &root_;;) {
    if (at > last) return kUnknown;
    Node* const above = node;
    node = above->child;
    if (node == nullptr || !Blocks::same(at, node->front, node->front_mask) || !node->rest_is_at(at) ||
        !node->fits_behind(at + node->size, text_end)) {
      node = other_child_at(*above, at, text_end);
      if (node == nullptr) return kUnknown;
    }
    at += node->size;
    if (node->values_between) [[unlikely]]
      token = std::copy(node->without_bytes.begin(), node->without_bytes.end(), token);
    if (node->number != kUnknown) {
      size_ = static_cast<std::size_t>(at - text.data());
      tokens_size_ = static_cast<std::size_t>(token - tokens_.data());
      return node->number;
    }
    const char* const begin = at;
    std::int32_t known = Token::kUnread;
    at = end_of_value<Blocks>(begin, begin + 1, last, width_, texts, known);
    if (at == nullptr) return kUnknown;
    *token++ = {begin, static_cast<std::uint32_t>(at - begin), known};
  }
}

[[gnu::target("avx512bw,bmi")]] std::int32_t Skeletons::find_wide(std::string_view text, std::size_t readable,
                                                                  ValueTexts& texts) {
  return find_by<WideBlocks>(text, readable, texts);
}

[[gnu::target("avx2,bmi")]] std::int32_t Skeletons::find_middle(std::string_view text, std::size_t readable,
                                                                ValueTexts& texts) {
  return find_by<MiddleBlocks>(text, readable, texts);
}

std::int32_t Skeletons::find(std::string_view text, std::size_t readable, ValueTexts& texts) {
  if (width_ == Width::wide) return find_wide(text, readable, texts);
  return width_ == Width::middle ? find_middle(text, readable, texts)
                                 : find_by<NarrowBlocks>(text, readable, texts);
}

/// The text is asked for so many bytes before it is looked at: it is new to the processor's caches.
constexpr std::size_t kAhead = 1536;

template <class Blocks>
[[gnu::always_inline]] inline KnownLines::Compared KnownLines::compare_by(const Kind& kind,
                                                                          std::string_view text,
                                                                          const char* last) {
  constexpr auto kBytes = static_cast<std::ptrdiff_t>(Blocks::kBytes);
  const char *a = kind.bytes, *b = text.data();
  const char* const a_end = a + kind.size;
  const Place *place = kind.places.data(), *const places_end = place + kind.places.size();
  const auto value = [&] { return static_cast<std::size_t>(place - kind.places.data()); };
  Change* change = changes_.data();
  texts_.reset(text.size());
  for (;;) {
    std::uint64_t differ = 0;
    for (;; a += kBytes, b += kBytes) {
      __builtin_prefetch(b + kAhead);
      if (b > last) return {};
      differ = Blocks::differ(a, b);
      if (differ != 0 || a_end - a <= kBytes) break;
    }
    const std::ptrdiff_t same = differ == 0 ? kBytes : std::countr_zero(differ);
    a += same;
    b += same;
    if (a >= a_end) {
      b -= a - a_end;
      break;
    }
    const auto at = static_cast<std::uint32_t>(a - kind.bytes);
    while (place != places_end && place->stop <= at) ++place;
    if (place == places_end || at < place->begin) return {Compared::differs, b, value()};
    const std::uint32_t inside = at - place->begin;
    const char* const begin = b - inside;
    if (!kBeginsValue[static_cast<unsigned char>(*begin)]) return {Compared::differs, begin, value()};
    // What is the same up to here need not be looked at again where it is known to be plain.
    const bool plain = place->text == Token::kInside && inside > 0;
    std::int32_t meant = Token::kUnread;
    const char* const end = end_of_value<Blocks>(begin, plain ? b : begin + 1, last, width_, texts_, meant);
    if (end == nullptr) return {};
    change->number = static_cast<std::uint32_t>(value());
    (change++)->place = Place::in(text.data(), begin, static_cast<std::size_t>(end - begin), meant);
    a = kind.bytes + place->begin + place->size;
    b = end;
    ++place;
  }
  if (!ends_line(b, text.data() + text.size())) return {Compared::differs, b, kind.places.size()};
  size_ = static_cast<std::size_t>(b - text.data());
  changes_size_ = static_cast<std::size_t>(change - changes_.data());
  return {Compared::same, b, kind.places.size()};
}

[[gnu::target("avx512bw,bmi")]] KnownLines::Compared KnownLines::compare_wide(const Kind& kind,
                                                                              std::string_view text,
                                                                              const char* last) {
  return compare_by<WideBlocks>(kind, text, last);
}

[[gnu::target("avx2,bmi")]] KnownLines::Compared KnownLines::compare_middle(const Kind& kind,
                                                                            std::string_view text,
                                                                            const char* last) {
  return compare_by<MiddleBlocks>(kind, text, last);
}

KnownLines::Compared KnownLines::compare(const Kind& kind, std::string_view text, const char* last) {
  if (width_ == Width::wide) return compare_wide(kind, text, last);
  return width_ == Width::middle ? compare_middle(kind, text, last)
                                 : compare_by<NarrowBlocks>(kind, text, last);
}

}  // namespace landwarden::decode::json
