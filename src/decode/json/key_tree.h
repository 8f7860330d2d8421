// Where each key of a record leads, by the bytes it is written in: what Paths knows by whole paths, found
// without building them.
//
// Records of one kind have their keys in one order, so each key remembers which one followed it in its object
// and is compared with that first. Only guesses: what is found never depends on the records before. One
// worker's; nodes live until make_room().

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "decode/json/paths.h"
#include "decode/json/token.h"

namespace landwarden::decode::json {

struct KeyNode {
  std::string path;            ///< with kKeySeparator
  std::string raw;             ///< the key as it was written, its closing quote, slack; empty: never guessed
  std::uint32_t raw_size = 0;  ///< with the quote, without the slack
  bool data = false;           ///< the path ends in "Data" below something
  bool is_name = false;        ///< the key is "@Name"
  bool is_text = false;        ///< the key is "#text"
  PathEntry* entry = nullptr;  ///< of the values at this path; use KeyTree::entry()
  KeyNode* first = nullptr;    ///< guess: the first key of the object that stands here
  KeyNode* next = nullptr;     ///< guess: the key behind this one
  std::unordered_map<std::string_view, std::unique_ptr<KeyNode>, TextHash> children;  ///< by raw
  /// For a data element: the nodes that its names stand for, and the guess which comes next.
  std::unordered_map<std::string_view, std::unique_ptr<KeyNode>, TextHash> named;
  KeyNode *first_named = nullptr, *last_named = nullptr;
  KeyNode* next_named = nullptr;  ///< guess: the name behind this one

  /// Whether the key that begins at `raw_key` is this one; `left` bytes are there, and slack.
  [[nodiscard]] bool is(const char* raw_key, std::size_t left) const {
    return raw_size > 0 && raw_size <= left && same_bytes(raw_key, raw.data(), raw_size);
  }
  [[nodiscard]] std::string_view known_as() const {
    return std::string_view(raw).substr(0, raw_size > 0 ? raw_size : raw.size());
  }
};

class KeyTree {
 public:
  /// `paths` must outlive it.
  explicit KeyTree(Paths& paths) : paths_(paths) {}

  /// Call between records: forgets everything when it is too much, or when `paths` did.
  void make_room();

  /// The node of a path given whole (empty: the record itself).
  [[nodiscard]] KeyNode& root(std::string_view path);
  /// The key below `above` that is written `raw` (closing quote included) and means `key`.
  [[nodiscard]] KeyNode& child(KeyNode& above, std::string_view raw, std::string_view key);
  [[nodiscard]] KeyNode* find(KeyNode& above, std::string_view raw) const;
  /// What stands in the place of the data element `data` when its name is written `raw` and means `name`.
  [[nodiscard]] KeyNode& named(KeyNode& data, std::string_view raw, std::string_view name);
  [[nodiscard]] PathEntry& entry(KeyNode& node) {
    if (node.entry == nullptr) [[unlikely]]
      node.entry = &paths_.find(node.path, nullptr);
    return *node.entry;
  }

 private:
  [[nodiscard]] std::unique_ptr<KeyNode> make(std::string_view above, std::string_view raw,
                                              std::string_view key);

  Paths& paths_;
  std::uint64_t epoch_ = 0;  ///< of paths_
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, std::unique_ptr<KeyNode>, TextHash, std::equal_to<>> roots_;
};

}  // namespace landwarden::decode::json
