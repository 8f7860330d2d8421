#include "base/keyed_hash.h"

#include <nettle/umac.h>
#include <sys/random.h>

#include <array>
#include <cstring>

#include "base/assert.h"

namespace landwarden {

struct KeyedHash::State {
  umac128_ctx umac;
};

KeyedHash::KeyedHash() : state_(std::make_unique<State>()) {
  std::array<std::uint8_t, UMAC_KEY_SIZE> key;
  // Fails on kernels before 3.17 alone.
  LW_ASSERT(::getrandom(key.data(), key.size(), 0) == static_cast<ssize_t>(key.size()));
  umac128_set_key(&state_->umac, key.data());
}

KeyedHash::~KeyedHash() = default;

KeyedHash::Value KeyedHash::of(std::string_view text) {
  // One nonce for all: it keeps tags that are shown from giving the key away, and these are shown to nobody.
  constexpr std::array<std::uint8_t, 1> kNonce = {};
  std::array<std::uint8_t, UMAC128_DIGEST_SIZE> tag;
  umac128_set_nonce(&state_->umac, kNonce.size(), kNonce.data());
  umac128_update(&state_->umac, text.size(), reinterpret_cast<const std::uint8_t*>(text.data()));
  umac128_digest(&state_->umac, tag.size(), tag.data());
  Value value;
  std::memcpy(&value.high, tag.data(), sizeof value.high);
  std::memcpy(&value.low, tag.data() + sizeof value.high, sizeof value.low);
  return value;
}

}  // namespace landwarden
