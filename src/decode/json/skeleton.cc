#include "decode/json/skeleton.h"

#include <emmintrin.h>

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

inline bool same16(const char* a, const char* b, std::uint32_t mask) {
  const __m128i left = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a));
  const __m128i right = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b));
  return (~static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(left, right))) & mask) == 0;
}

bool ends_line(const char* at, const char* text_end) {
  if (at >= text_end) return at == text_end;
  return *at == '\n' || (*at == '\r' && at + 1 < text_end && at[1] == '\n');
}

}  // namespace

inline bool Skeletons::Node::is_at(const char* at) const {
  return same16(at, front, front_mask) && (size <= 16 || rest_is_at(at));
}

bool Skeletons::Node::rest_is_at(const char* at) const {
  const std::size_t in_front = std::min<std::size_t>(size, kFrontBytes);
  for (std::size_t i = 16; i < in_front; i += 16) {
    const std::uint32_t mask = in_front - i >= 16 ? 0xFFFF : (1U << (in_front - i)) - 1;
    if (!same16(at + i, front + i, mask)) return false;
  }
  return rest.empty() || std::memcmp(at + kFrontBytes, rest.data(), rest.size()) == 0;
}

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
  std::memcpy(node.front, bytes.data(), std::min(bytes.size(), kFrontBytes));
  if (bytes.size() > kFrontBytes) node.rest = bytes.substr(kFrontBytes);
  node.front_mask = static_cast<std::uint16_t>(bytes.size() >= 16 ? 0xFFFF : (1U << bytes.size()) - 1);
  node.size = static_cast<std::uint32_t>(bytes.size());
  node.number = number;
  node.sibling = above.child;
  above.child = &node;
  longest_ = std::max(longest_, bytes.size());
  bytes_ += sizeof(Node) + node.rest.size();
  return &node;
}

void Skeletons::learn(std::string_view record, std::span<const std::string_view> tokens,
                      std::int32_t number) {
  if (full()) return;
  if (tokens_.size() < tokens.size()) tokens_.resize(tokens.size());
  Node* node = &root_;
  const char* at = record.data();
  const char* const end = at + record.size();
  std::vector<std::string_view> without_bytes;
  for (const std::string_view token : tokens) {
    const char* const begin = token.data();
    if (std::less<>{}(begin, record.data()) || !std::less<>{}(begin, end)) {
      without_bytes.push_back(token);
      continue;
    }
    if (begin < at || token.empty()) return;
    node = child_of(*node, {at, begin}, kUnknown);
    if (node == nullptr) return;
    node->without_bytes = std::exchange(without_bytes, {});
    node->values_between = !node->without_bytes.empty();
    at = begin + token.size();
  }
  node = child_of(*node, {at, end}, number);
  if (node == nullptr) return;
  node->without_bytes = std::move(without_bytes);
  node->values_between = !node->without_bytes.empty();
}

/// Whether the bytes are there, and what must stand behind them.
inline bool Skeletons::Node::fits(const char* at, const char* text_end) const {
  if (!is_at(at)) return false;
  const char* const behind = at + size;
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
    if (!node->fits(at, text_end)) continue;
    before->sibling = node->sibling;
    node->sibling = above.child;
    above.child = node;
    return node;
  }
  return nullptr;
}

std::int32_t Skeletons::find(std::string_view text, std::size_t readable) {
  const char* at = text.data();
  const char* const text_end = at + text.size();
  // Bytes behind the text may be read, though nothing is taken from there: what ends there is not known.
  const std::size_t slack = longest_ + kScanBytes;
  if (readable < slack) return kUnknown;
  const char* const last = at + (readable - slack);
  std::string_view* token = tokens_.data();
  for (Node* node = &root_;;) {
    if (at > last) return kUnknown;
    Node* const above = node;
    node = above->child;
    if (node == nullptr || !node->fits(at, text_end)) {
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
    if (*at == '"') {
      at = end_of_string(at + 1, last);
      if (at == nullptr) return kUnknown;
      ++at;
    } else {
      while (kInWord[static_cast<unsigned char>(*at)] && at <= last) ++at;
    }
    *token++ = std::string_view(begin, static_cast<std::size_t>(at - begin));
  }
}

}  // namespace landwarden::decode::json
