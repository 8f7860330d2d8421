#include "base/keyed_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace landwarden {
namespace {

TEST(KeyedHash, SaysTheSameOfTheSameTextWhateverItWasAskedBetween) {
  KeyedHash hash;
  const auto first = hash.of("powershell -enc");
  EXPECT_NE(hash.of("something else"), first);
  EXPECT_EQ(hash.of("powershell -enc"), first);
}

TEST(KeyedHash, EachObjectHasItsOwnKey) {
  KeyedHash one, other;
  EXPECT_NE(one.of("a text"), other.of("a text"));
}

TEST(KeyedHash, TellsTextsApartThatDifferInOneBitOrInZerosAtTheEnd) {
  KeyedHash hash;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  std::size_t asked = 0;
  const auto ask = [&](std::string_view text) {
    const auto value = hash.of(text);
    seen.emplace(value.high, value.low);
    ++asked;
  };
  for (const std::size_t size : {1U, 63U, 64U, 1024U, 1025U, 5000U}) {
    std::string text(size, '\0');
    ask(text);
    for (std::size_t bit = 0; bit < size * 8; bit += 7) {
      text[bit / 8] = static_cast<char>(1 << bit % 8);
      ask(text);
      text[bit / 8] = '\0';
    }
  }
  EXPECT_EQ(seen.size(), asked);
}

}  // namespace
}  // namespace landwarden
