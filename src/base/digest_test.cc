#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace landwarden {
namespace {

std::string hexadecimal(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const std::byte byte : digest) {
    out += kDigits[std::to_integer<unsigned>(byte) >> 4];
    out += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return out;
}

// The examples of FIPS 180-4's companion and of RFC 4231.
TEST(Digest, IsSha256) {
  DigestMaker maker;
  maker.add("a");
  maker.add("");
  maker.add("bc");
  EXPECT_EQ(hexadecimal(maker.digest()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, WithAKeyIsHmacSha256) {
  // A key shorter than a block is filled up with zeros, so that this is RFC 4231's second case.
  Digest key{};
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<std::byte>("Jefe"[i]);
  DigestMaker maker(key);
  maker.add("what do ya want for nothing?");
  EXPECT_EQ(hexadecimal(maker.digest()), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, SameLooksAtEveryByte) {
  Digest a{}, b{};
  EXPECT_TRUE(same(a, b));
  for (std::size_t i = 0; i < b.size(); ++i) {
    b[i] = std::byte{1};
    EXPECT_FALSE(same(a, b));
    b[i] = {};
  }
}

}  // namespace
}  // namespace landwarden
