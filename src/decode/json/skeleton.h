// Knows records again by the bytes between their values: keys, colons, commas, brackets, blanks.
//
// What writes evidence writes the same bytes there again and again. Where they are those of a record that was
// read before, the record needs no parser: they are compared, and only the values are looked at, each once.
// Skeletons of different records are a tree, since most begin alike. Nothing is ever guessed: a record that
// differs anywhere, or has a string that JSON does not allow, is not known. One worker's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json/token.h"

namespace landwarden::decode::json {

class Skeletons {
 public:
  static constexpr std::int32_t kUnknown = -1;

  explicit Skeletons(Width width = widest()) : width_(width) {}

  /// A record that was read: `tokens` are its values, those that it has no bytes for (they live for ever)
  /// among them. Gives the number of its skeleton: that of one that is known, or `next`, for a new one;
  /// kUnknown if it cannot be kept.
  [[nodiscard]] std::int32_t learn(std::string_view record, std::span<const Token> tokens, std::int32_t next);
  void forget();

  /// Looks at the record that begins at the front of `text` and ends where its line ends; `readable` bytes
  /// may be read. Gives its skeleton's number; the record's size and its tokens are in size() and tokens(),
  /// and are whole: strings closed and UTF-8, though escapes, numbers and words in them may still be wrong.
  [[nodiscard]] std::int32_t find(std::string_view text, std::size_t readable, ValueTexts& texts);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<const Token> tokens() const { return std::span(tokens_).first(tokens_size_); }

  /// Up to where blocks may be read that begin there; null if too little is readable.
  [[nodiscard]] const char* last_block(std::string_view text, std::size_t readable) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kFrontBytes = 64;

  /// The bytes in front of a value, or behind the last.
  struct alignas(64) Node {
    char front[kFrontBytes];  ///< the first bytes
    Node* child = nullptr;    ///< behind the value: the one that came last
    Node* sibling = nullptr;
    std::uint64_t front_mask = 0;      ///< a bit for each byte of `front` that counts
    std::uint32_t size = 0;            ///< of the bytes
    std::int32_t number = kUnknown;    ///< behind the last value: what ends here
    bool values_between = false;       ///< `without_bytes` has any
    std::string rest;                  ///< what is not in `front`
    std::vector<Token> without_bytes;  ///< values that stand in front of this one
    [[nodiscard]] bool rest_is_at(const char* at) const;
    [[nodiscard]] bool fits_behind(const char* behind, const char* text_end) const;
  };

  template <class Blocks>
  [[nodiscard]] std::int32_t find_by(std::string_view text, std::size_t readable, ValueTexts& texts);
  [[nodiscard]] std::int32_t find_middle(std::string_view text, std::size_t readable, ValueTexts& texts);
  [[nodiscard]] std::int32_t find_wide(std::string_view text, std::size_t readable, ValueTexts& texts);
  [[nodiscard]] Node* other_child_at(Node& above, const char* at, const char* text_end);
  [[nodiscard]] Node* child_of(Node& above, std::string_view bytes, std::int32_t number);

  Width width_;
  std::deque<Node> nodes_;
  Node root_;
  std::size_t longest_ = 0, bytes_ = 0;
  std::vector<Token> tokens_;  ///< as many as any record has
  std::size_t tokens_size_ = 0, size_ = 0;
};

}  // namespace landwarden::decode::json
