#include "decode/json/skeleton.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "base/limits.h"

namespace landwarden::decode::json {
namespace {

/// Nodes behind one value: each is compared in turn, the one that came last first.
constexpr std::size_t kSiblings = 256;

}  // namespace

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

}  // namespace landwarden::decode::json
