// Keeps the texts that one analysis makes (decoded, unescaped, put together) in a few large blocks.
//
// Views into it live until clear(), which keeps the first block for the next line: an analysis of an everyday
// line then allocates nothing. Bounded: beyond limits::kCommandTextBytes nothing more is kept and full() says
// so. Not thread-safe.

#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "command/limits.h"

namespace landwarden::command {

class TextStore {
 public:
  /// A copy that lives as long as the store; empty once the bound is reached.
  [[nodiscard]] std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > room_ && !more(text.size())) return {};
    char* out = next_;
    std::memcpy(out, text.data(), text.size());
    next_ += text.size();
    room_ -= text.size();
    return {out, text.size()};
  }

  [[nodiscard]] bool full() const { return full_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  void clear() {
    if (blocks_.size() > 1) blocks_.resize(1);
    bytes_ = blocks_.empty() ? 0 : kBlock;
    next_ = blocks_.empty() ? nullptr : blocks_.front().get();
    room_ = bytes_;
    full_ = false;
  }

 private:
  static constexpr std::size_t kBlock = 16 << 10;

  bool more(std::size_t wanted) {
    const std::size_t size = wanted > kBlock ? wanted : kBlock;
    if (bytes_ + size > limits::kCommandTextBytes) {
      full_ = true;
      return false;
    }
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    room_ = size;
    bytes_ += size;
    if (blocks_.size() == 1 && size > kBlock) {  // the first is kept, and should stay small
      blocks_.insert(blocks_.begin(), std::make_unique_for_overwrite<char[]>(kBlock));
      bytes_ += kBlock;
    }
    return true;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t room_ = 0, bytes_ = 0;
  bool full_ = false;
};

}  // namespace landwarden::command
