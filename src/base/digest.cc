#include "base/digest.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

namespace landwarden {

struct DigestMaker::State {
  bool keyed = false;
  sha256_ctx plain;
  hmac_sha256_ctx hmac;
};

DigestMaker::DigestMaker() : state_(std::make_unique<State>()) {
  sha256_init(&state_->plain);
}

DigestMaker::DigestMaker(const Digest& key) : state_(std::make_unique<State>()) {
  state_->keyed = true;
  hmac_sha256_set_key(&state_->hmac, key.size(), reinterpret_cast<const std::uint8_t*>(key.data()));
}

DigestMaker::~DigestMaker() = default;

void DigestMaker::add(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (state_->keyed) {
    hmac_sha256_update(&state_->hmac, bytes.size(), data);
  } else {
    sha256_update(&state_->plain, bytes.size(), data);
  }
}

Digest DigestMaker::digest() {
  Digest out;
  auto* data = reinterpret_cast<std::uint8_t*>(out.data());
  if (state_->keyed) {
    hmac_sha256_digest(&state_->hmac, out.size(), data);
  } else {
    sha256_digest(&state_->plain, out.size(), data);
  }
  return out;
}

Digest digest_of(std::span<const std::byte> bytes) {
  DigestMaker maker;
  maker.add(bytes);
  return maker.digest();
}

bool same(const Digest& a, const Digest& b) {
  return memeql_sec(a.data(), b.data(), a.size()) != 0;
}

}  // namespace landwarden
