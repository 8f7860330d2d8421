// Which records of a chunk may hold one of the texts that somebody named. The bytes of a chunk are searched
// once as a rule, for the texts that its shapes are wanted by. One worker.

#pragma once

#include <cstdint>
#include <vector>

#include "decode/evtx/format.h"
#include "decode/raw_texts.h"

namespace landwarden::decode::evtx {

class KeywordPlaces {
 public:
  /// What is asked about from here on; `chunk` must stay.
  void begin_chunk(Bytes chunk) {
    chunk_ = chunk;
    searched_ = 0;
  }
  /// Between work units: what was asked before matters no more.
  void forget() { first_ = all_ = 0; }

  /// Whether one of the texts `which` of `texts`, always the same, may stand in chunk[begin, end). A text
  /// that begins there and ends behind counts as well.
  [[nodiscard]] bool stands_in(const RawTexts& texts, RawTexts::Set which, std::size_t begin,
                               std::size_t end) {
    if ((which & ~searched_) != 0) search(texts, which);
    return !places_.empty() && is_between(which, begin, end);
  }

 private:
  struct Known {
    RawTexts::Set which;
    RawTextFinder finder;
  };
  void search(const RawTexts& texts, RawTexts::Set which);
  [[nodiscard]] bool is_between(RawTexts::Set which, std::size_t begin, std::size_t end) const;

  Bytes chunk_;
  RawTexts::Set searched_ = 0;         ///< in this chunk
  RawTexts::Set first_ = 0, all_ = 0;  ///< in the last chunk of which something was asked: first, and at all
  std::vector<RawPlace> places_;       ///< of what was searched in this chunk
  std::vector<Known> known_;
};

}  // namespace landwarden::decode::evtx
