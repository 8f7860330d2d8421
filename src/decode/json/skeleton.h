// Knows records again by the bytes between their values: keys, colons, commas, brackets, blanks.
//
// What writes evidence writes the same bytes there again and again. Where they are those of a record that was
// read before, the record needs no parser: they are compared, and only the values are looked at, each once.
// Skeletons of different records are a tree, since most begin alike. Each place in it keeps the value that
// stood there last: one that stands there again needs no look at its inside. Nothing is ever guessed: a
// record that differs anywhere, or has a string that JSON does not allow, is not known. One worker's.

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

  /// What became of a value, noted by whoever uses the tokens; void once another value stands in its place.
  struct Memo {
    const void* where = nullptr;
    std::uint32_t epoch = 0;  ///< 0: nothing is noted
    std::uint32_t code = 0;
  };

  /// A record that was read: `tokens` are its values, those that it has no bytes for (they live for ever)
  /// among them. `number` is what find() gives for others of the kind.
  void learn(std::string_view record, std::span<const Token> tokens, std::int32_t number);
  void forget();

  /// Looks at the record that begins at the front of `text` and ends where its line ends; `readable` bytes
  /// may be read. Gives its kind's number; the record's size and its tokens are in size() and tokens(), and
  /// are whole: strings closed and UTF-8, though escapes, numbers and words in them may still be wrong.
  [[nodiscard]] std::int32_t find(std::string_view text, std::size_t readable);
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<const Token> tokens() const { return std::span(tokens_).first(tokens_size_); }
  /// Beside the tokens; null for those without bytes.
  [[nodiscard]] Memo* const* memos() const { return memos_.data(); }
  /// That tokens refer to; they stay until the next record.
  [[nodiscard]] std::span<const std::string_view> texts() const { return texts_; }
  [[nodiscard]] bool full() const;

 private:
  static constexpr std::size_t kFrontBytes = 64, kLastBytes = 64;

  /// The bytes in front of a value, or behind the last; and the value that stood behind them last.
  struct alignas(64) Node {
    Node* child = nullptr;  ///< behind the value: the one that came last
    Node* sibling = nullptr;
    std::uint64_t front_mask = 0;    ///< a bit for each byte of `front` that counts
    std::uint64_t last_mask = 0;     ///< the same of `last`
    std::uint32_t size = 0;          ///< of the bytes
    std::int32_t number = kUnknown;  ///< behind the last value: what ends here
    std::uint8_t last_size = 0;      ///< 0: none is kept
    bool last_is_word = false;       ///< it ends where something else begins
    bool last_inside = false;        ///< it is a string without escapes
    bool values_between = false;     ///< `without_bytes` has any
    Memo memo;                       ///< of the last value
    char front[kFrontBytes];         ///< the first bytes
    char last[kLastBytes];
    std::string rest;                  ///< what is not in `front`
    std::vector<Token> without_bytes;  ///< values that stand in front of this one
    [[nodiscard]] bool rest_is_at(const char* at) const;
    [[nodiscard]] bool fits_behind(const char* behind, const char* text_end) const;
    void keep(const Token& token);
  };
  struct Narrow;
  struct Middle;
  struct Wide;

  template <class Blocks>
  [[nodiscard]] std::int32_t find_by(std::string_view text, std::size_t readable);
  [[nodiscard]] std::int32_t find_middle(std::string_view text, std::size_t readable);
  [[nodiscard]] std::int32_t find_wide(std::string_view text, std::size_t readable);
  [[nodiscard]] Node* other_child_at(Node& above, const char* at, const char* text_end);
  [[nodiscard]] Node* child_of(Node& above, std::string_view bytes, std::int32_t number);

  Width width_;
  std::deque<Node> nodes_;
  Node root_;
  std::size_t longest_ = 0, bytes_ = 0;
  std::vector<Token> tokens_;            ///< as many as any record has
  std::vector<Memo*> memos_;             ///< the same
  std::vector<std::string_view> texts_;  ///< the same
  std::size_t tokens_size_ = 0, size_ = 0;
  TextArena arena_;
};

}  // namespace landwarden::decode::json
