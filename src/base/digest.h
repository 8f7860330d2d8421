// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), by Nettle: for what must not be mistaken even if somebody
// tries. base/hash.h is for everything else.

#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace landwarden {

using Digest = std::array<std::byte, 32>;

/// Of bytes that come piece by piece.
class DigestMaker {
 public:
  DigestMaker();
  /// A keyed one: only who has the key can make it.
  explicit DigestMaker(const Digest& key);
  ~DigestMaker();
  DigestMaker(const DigestMaker&) = delete;
  DigestMaker& operator=(const DigestMaker&) = delete;

  void add(std::span<const std::byte> bytes);
  void add(std::string_view text) { add(std::as_bytes(std::span(text.data(), text.size()))); }
  /// Once, at the end.
  [[nodiscard]] Digest digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Digest digest_of(std::span<const std::byte> bytes);
/// Takes the same time whether they differ early or late.
[[nodiscard]] bool same(const Digest& a, const Digest& b);

}  // namespace landwarden
