// Codes of texts as records have them, in UTF-16, for loops over many of them: in front of the dictionaries,
// which want UTF-8, stands what was met in this work unit, by its own bytes (direct-mapped; what is not found
// takes the place of what was there). Texts that are not there wait until some can be looked up together, so
// that the processor fetches what they need at the same time.
//
// Entries view the records that they come from. One worker.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/same_bytes.h"
#include "decode/evtx/value.h"

namespace landwarden::decode::evtx {

class TextCodes {
 public:
  /// Call when the bytes of earlier records go, or a dictionary was emptied.
  void clear() { known_.assign(kKnown, {}); }

  /// The code, or kAbsent if it is not known: then wait() with the same arguments. `text` has a character.
  [[nodiscard]] event::Code find(const event::ValueTable& table, Bytes text) {
    place_ = &known_[place_of(table, text)];
    const bool same = place_->size == text.size() && place_->table == &table &&
                      same_bytes(place_->data, text.data(), text.size());
    return same ? place_->code : event::kAbsent;
  }
  /// Has the text looked up with those that wait already; `rows` tells it apart. Call resolve() when full().
  void wait(event::ValueTable& table, Bytes text, std::uint32_t first_row, std::uint32_t rows_end);
  [[nodiscard]] bool full() const { return waiting_ == kWaiting || narrow_used_ + kLongest > narrow_.size(); }
  /// Looks up what waits: all for one table. `put(first_row, rows_end, code)`. `scratch` is only room.
  template <class Put>
  void resolve(event::ValueTable& table, std::string& scratch, Put&& put) {
    for (std::size_t i = 0; i < waiting_; ++i) {
      const Waiting& waits = texts_[i];
      const event::Code code = look_up(table, waits, scratch);
      *waits.place = {waits.text.data(), &table, static_cast<std::uint32_t>(waits.text.size()), code};
      put(waits.first_row, waits.rows_end, code);
    }
    waiting_ = narrow_used_ = 0;
  }

 private:
  struct Known {
    const std::byte* data = nullptr;
    const event::ValueTable* table = nullptr;
    std::uint32_t size = 0;
    event::Code code = event::kAbsent;
  };
  struct Waiting {
    Bytes text;
    Known* place = nullptr;
    std::uint32_t first_row = 0, rows_end = 0;
    std::uint32_t hash = 0;
    std::uint32_t narrow = 0, size = 0;  ///< as ASCII, if size != 0: where in narrow_, and how long
  };
  static constexpr std::size_t kBits = 10, kKnown = std::size_t{1} << kBits;
  static constexpr std::size_t kWaiting = 16, kLongest = 512;
  static constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;

  event::Code look_up(event::ValueTable& table, const Waiting& waits, std::string& scratch);

  /// Looks at both ends and the middle: paths begin alike, and often end alike.
  static std::size_t place_of(const event::ValueTable& table, Bytes text) {
    const std::byte* at = text.data();
    const std::size_t size = text.size();
    std::uint64_t mixed = reinterpret_cast<std::uintptr_t>(&table) ^ size << 48;
    if (size >= 8) {
      mixed ^= load<std::uint64_t>(at);
      mixed *= kFactor;
      mixed ^= load<std::uint64_t>(at + (size - 8) / 2) ^ mixed >> 32;
      mixed *= kFactor;
      mixed ^= load<std::uint64_t>(at + size - 8) ^ mixed >> 32;
    } else if (size >= 4) {
      mixed ^= load<std::uint32_t>(at) | std::uint64_t{load<std::uint32_t>(at + size - 4)} << 32;
    } else if (size >= 2) {
      mixed ^= load<std::uint16_t>(at);
    }
    return mixed * kFactor >> (64 - kBits);
  }

  std::vector<Known> known_ = std::vector<Known>(kKnown);
  Known* place_ = nullptr;  ///< of the text that find() was asked for last
  std::array<Waiting, kWaiting> texts_;
  std::size_t waiting_ = 0;
  std::vector<char> narrow_ = std::vector<char>(kWaiting * kLongest / 4);
  std::size_t narrow_used_ = 0;
};

}  // namespace landwarden::decode::evtx
