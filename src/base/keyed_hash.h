// A 128-bit hash under a key that nobody knows: UMAC-128 (RFC 4418), by Nettle. For telling long texts apart
// without keeping them: who chooses the texts, but never sees the hashes, finds two of one hash with a chance
// below 2^-100.
//
// Each object has a random key of its own, so hashes of two objects have nothing to do with each other, and
// none must leave the process. Not thread-safe.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace landwarden {

class KeyedHash {
 public:
  struct Value {
    std::uint64_t high = 0, low = 0;
    bool operator==(const Value&) const = default;
  };

  KeyedHash();
  ~KeyedHash();
  KeyedHash(const KeyedHash&) = delete;
  KeyedHash& operator=(const KeyedHash&) = delete;

  [[nodiscard]] Value of(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace landwarden
