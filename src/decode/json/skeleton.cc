#include "decode/json/skeleton.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "decode/json/token.h"

namespace landwarden::decode::json {
namespace {

/// Nodes behind one value: each is compared in turn, the one that came last first.
constexpr std::size_t kSiblings = 256;

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

bool ends_line(const char* at, const char* text_end) {
  if (at >= text_end) return at == text_end;
  return *at == '\n' || (*at == '\r' && at + 1 < text_end && at[1] == '\n');
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

/// Keeps a value that is not too long. Bytes behind it may be read.
inline void Skeletons::Node::keep(const Token& token) {
  memo.epoch = 0;
  last_size = 0;
  if (token.size >= kLastBytes) return;
  std::memcpy(last, token.data, kLastBytes);
  last_size = static_cast<std::uint8_t>(token.size);
  last_mask = (std::uint64_t{1} << token.size) - 1;
  last_is_word = token.data[0] != '"';
  last_inside = token.text == Token::kInside;
}

/// Looks at bytes 16 at a time.
struct Skeletons::Narrow {
  static bool same(const char* a, const char* b, std::uint64_t mask) { return same64(a, b, mask); }

  /// The first quote, or character that is not plain; null if there is none at `last`.
  static const char* telling(const char* at, const char* last) {
    for (; at <= last; at += 16) {
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
struct Skeletons::Middle {
  [[gnu::target("avx2,bmi")]] static inline unsigned differ(const char* a, const char* b) {
    const __m256i left = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
    const __m256i right = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b));
    return ~static_cast<unsigned>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(left, right)));
  }
  [[gnu::target("avx2,bmi")]] static inline bool same(const char* a, const char* b, std::uint64_t mask) {
    if ((differ(a, b) & static_cast<unsigned>(mask)) != 0) return false;
    return mask >> 32 == 0 || (differ(a + 32, b + 32) & static_cast<unsigned>(mask >> 32)) == 0;
  }

  [[gnu::target("avx2,bmi")]] static inline const char* telling(const char* at, const char* last) {
    for (; at <= last; at += 32) {
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
struct Skeletons::Wide {
  [[gnu::target("avx512bw,bmi")]] static inline bool same(const char* a, const char* b, std::uint64_t mask) {
    return _mm512_mask_cmpneq_epi8_mask(mask, _mm512_loadu_si512(a), _mm512_loadu_si512(b)) == 0;
  }

  [[gnu::target("avx512bw,bmi")]] static inline const char* telling(const char* at, const char* last) {
    for (; at <= last; at += 64) {
      const __m512i block = _mm512_loadu_si512(at);
      const std::uint64_t mask = _mm512_cmplt_epi8_mask(block, _mm512_set1_epi8(' ')) |
                                 _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\')) |
                                 _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
      if (mask != 0) return at + std::countr_zero(mask);
    }
    return nullptr;
  }
};

bool Skeletons::full() const {
  return bytes_ > limits::kJsonSkeletonBytes;
}

void Skeletons::forget() {
  nodes_.clear();
  root_ = {};
  longest_ = bytes_ = 0;
}

/// The node for `bytes` behind `above`, made when new; null where there are too many.
Skeletons::Node* Skeletons::child_of(Node& above, std::string_view bytes, std::int32_t number) {
  std::size_t siblings = 0;
  for (Node* node = above.child; node != nullptr; node = node->sibling, ++siblings) {
    if (node->size == bytes.size() && (node->number == kUnknown) == (number == kUnknown) &&
        bytes.substr(0, kFrontBytes) == std::string_view(node->front, std::min(bytes.size(), kFrontBytes)) &&
        (bytes.size() <= kFrontBytes || bytes.substr(kFrontBytes) == node->rest)) {
      return node;
    }
  }
  if (siblings >= kSiblings || bytes.size() > limits::kJsonPathBytes) return nullptr;
  Node& node = nodes_.emplace_back();
  std::memset(node.front, 0, sizeof node.front);
  std::memset(node.last, 0, sizeof node.last);
  std::memcpy(node.front, bytes.data(), std::min(bytes.size(), kFrontBytes));
  if (bytes.size() > kFrontBytes) node.rest = bytes.substr(kFrontBytes);
  node.front_mask = bytes.size() >= kFrontBytes ? ~std::uint64_t{0} : (std::uint64_t{1} << bytes.size()) - 1;
  node.size = static_cast<std::uint32_t>(bytes.size());
  node.number = number;
  node.sibling = above.child;
  above.child = &node;
  longest_ = std::max(longest_, bytes.size());
  bytes_ += sizeof(Node) + node.rest.size();
  return &node;
}

void Skeletons::learn(std::string_view record, std::span<const Token> tokens, std::int32_t number) {
  if (full()) return;
  if (tokens_.size() < tokens.size()) {
    tokens_.resize(tokens.size());
    memos_.resize(tokens.size());
    texts_.resize(tokens.size());
  }
  Node* node = &root_;
  const char* at = record.data();
  const char* const end = at + record.size();
  std::vector<Token> without_bytes;
  for (const Token& token : tokens) {
    const char* const begin = token.data;
    if (std::less<>{}(begin, record.data()) || !std::less<>{}(begin, end)) {
      without_bytes.push_back({token.data, token.size, Token::kUnread});
      continue;
    }
    if (begin < at || token.size == 0) return;
    node = child_of(*node, {at, begin}, kUnknown);
    if (node == nullptr) return;
    node->without_bytes = std::exchange(without_bytes, {});
    node->values_between = !node->without_bytes.empty();
    at = begin + token.size;
  }
  node = child_of(*node, {at, end}, number);
  if (node == nullptr) return;
  node->without_bytes = std::move(without_bytes);
  node->values_between = !node->without_bytes.empty();
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

template <class Blocks>
[[gnu::always_inline]] inline std::int32_t Skeletons::find_by(std::string_view text, std::size_t readable) {
  const char* at = text.data();
  const char* const text_end = at + text.size();
  // Bytes behind the text may be read, though nothing is taken from there: what ends there is not known.
  const std::size_t slack = longest_ + kFrontBytes + kScanBytes;
  if (readable < slack) return kUnknown;
  const char* const last = at + std::min(readable - slack, text.size());
  arena_.reset(text.size() + kScanBytes);
  Token* token = tokens_.data();
  Memo** memo = memos_.data();
  std::int32_t texts = 0;
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
    if (node->values_between) [[unlikely]] {
      token = std::copy(node->without_bytes.begin(), node->without_bytes.end(), token);
      memo = std::fill_n(memo, node->without_bytes.size(), nullptr);
    }
    if (node->number != kUnknown) {
      size_ = static_cast<std::size_t>(at - text.data());
      tokens_size_ = static_cast<std::size_t>(token - tokens_.data());
      return node->number;
    }
    const char* const begin = at;
    *memo++ = &node->memo;
    if (node->last_size != 0 && Blocks::same(at, node->last, node->last_mask) &&
        !(node->last_is_word && kInWord[static_cast<unsigned char>(at[node->last_size])])) {
      at += node->last_size;
      *token++ = {begin, node->last_size, node->last_inside ? Token::kInside : Token::kUnread};
      continue;
    }
    std::int32_t known = Token::kUnread;
    if (*at == '"') {
      at = Blocks::telling(begin + 1, last);
      if (at == nullptr) return kUnknown;
      known = Token::kInside;
      if (*at != '"') {
        std::string_view& meant = texts_[static_cast<std::size_t>(texts)];
        at = end_of_string(begin + 1, last, width_, arena_, meant);
        if (at == nullptr) return kUnknown;
        if (meant.data() != begin + 1) known = meant.data() == nullptr ? Token::kUnread : texts++;
      }
      ++at;
    } else {
      while (kInWord[static_cast<unsigned char>(*at)] && at <= last) ++at;
    }
    *token = {begin, static_cast<std::uint32_t>(at - begin), known};
    node->keep(*token++);
  }
}

[[gnu::target("avx512bw,bmi")]] std::int32_t Skeletons::find_wide(std::string_view text,
                                                                  std::size_t readable) {
  return find_by<Wide>(text, readable);
}

[[gnu::target("avx2,bmi")]] std::int32_t Skeletons::find_middle(std::string_view text, std::size_t readable) {
  return find_by<Middle>(text, readable);
}

std::int32_t Skeletons::find(std::string_view text, std::size_t readable) {
  if (width_ == Width::wide) return find_wide(text, readable);
  return width_ == Width::middle ? find_middle(text, readable) : find_by<Narrow>(text, readable);
}

}  // namespace landwarden::decode::json
