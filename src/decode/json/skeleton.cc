#include "decode/json/skeleton.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "base/limits.h"
#include "decode/json/blocks.h"

namespace landwarden::decode::json {
namespace {

/// Nodes behind one value: each is compared in turn, the one that came last first.
constexpr std::size_t kSiblings = 256;

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
  node.front_mask = bytes.size() >= kFrontBytes ? ~std::uint64_t{0} : (std::uint64_t{1} << bytes.size()) - 1;
  node.size = static_cast<std::uint32_t>(bytes.size());
  node.number = number;
  node.sibling = above.child;
  above.child = &node;
  longest_ = std::max(longest_, bytes.size());
  bytes_ += sizeof(Node) + node.rest.size();
  return &node;
}

std::int32_t Skeletons::learn(std::string_view record, std::span<const Token> tokens, std::int32_t next) {
  if (tokens_.size() < tokens.size()) tokens_.resize(tokens.size());
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
    if (begin < at || token.size == 0) return kUnknown;
    node = child_of(*node, {at, begin}, kUnknown);
    if (node == nullptr) return kUnknown;
    node->without_bytes = std::exchange(without_bytes, {});
    node->values_between = !node->without_bytes.empty();
    at = begin + token.size;
  }
  node = child_of(*node, {at, end}, next);
  if (node == nullptr) return kUnknown;
  node->without_bytes = std::move(without_bytes);
  node->values_between = !node->without_bytes.empty();
  return node->number;
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

}  // namespace landwarden::decode::json
