#include "decode/json/key_tree.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace landwarden::decode::json {
namespace {

constexpr std::string_view kData = "Data";

bool is_data(std::string_view path) {
  return path.size() > kData.size() && path.ends_with(kData) &&
         path[path.size() - kData.size() - 1] == kKeySeparator;
}

}  // namespace

void KeyTree::make_room() {
  if (epoch_ == paths_.epoch() && bytes_ <= limits::kJsonKeyBytes) return;
  roots_.clear();
  bytes_ = 0;
  epoch_ = paths_.epoch();
}

std::unique_ptr<KeyNode> KeyTree::make(std::string_view above, std::string_view raw, std::string_view key) {
  auto node = std::make_unique<KeyNode>();
  node->path = above;
  if (!above.empty()) node->path += kKeySeparator;
  const std::size_t room = limits::kJsonPathBytes - std::min(node->path.size(), limits::kJsonPathBytes);
  node->path += key.substr(0, room);
  node->data = is_data(node->path);
  node->is_name = key == "@Name";
  node->is_text = key == "#text";
  if (!raw.empty() && raw.size() <= limits::kJsonPathBytes) {
    node->raw = raw;
    node->raw.append(kTokenSlack, '\0');
    node->raw_size = static_cast<std::uint32_t>(raw.size());
  } else {
    // Too long to be kept as it is written: known by its path, which no written key begins like.
    node->raw = kKeySeparator + node->path;
  }
  bytes_ += sizeof(KeyNode) + node->path.size() + node->raw.size();
  return node;
}

KeyNode& KeyTree::root(std::string_view path) {
  auto found = roots_.find(path);
  if (found == roots_.end()) found = roots_.emplace(path, make({}, {}, path)).first;
  return *found->second;
}

KeyNode* KeyTree::find(KeyNode& above, std::string_view raw) const {
  if (raw.size() > limits::kJsonPathBytes) return nullptr;
  const auto found = above.children.find(raw);
  return found == above.children.end() ? nullptr : found->second.get();
}

KeyNode& KeyTree::child(KeyNode& above, std::string_view raw, std::string_view key) {
  if (KeyNode* known = find(above, raw)) return *known;
  auto node = make(above.path, raw, key);
  const std::string_view known_as = node->known_as();
  return *above.children.emplace(known_as, std::move(node)).first->second;
}

KeyNode& KeyTree::named(KeyNode& data, std::string_view raw, std::string_view name) {
  if (const auto found = data.named.find(raw); found != data.named.end()) return *found->second;
  const std::string_view above = std::string_view(data.path).substr(0, data.path.size() - kData.size() - 1);
  auto node = make(above, raw, name);
  const std::string_view known_as = node->known_as();
  return *data.named.emplace(known_as, std::move(node)).first->second;
}

}  // namespace landwarden::decode::json
