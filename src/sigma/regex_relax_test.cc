#include "sigma/regex_relax.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <iostream>
#include <random>

namespace landwarden::sigma {
namespace {

TEST(RegexRelax, TakesLargeBoundsAway) {
  const auto relaxed = [](std::string_view regex) { return relaxed_regex(regex).value_or("as it is"); };
  EXPECT_EQ(relaxed(R"(\\[^\\]{1,256}$)"), R"(\\[^\\]+$)");
  EXPECT_EQ(relaxed(R"(a{0,20}b{8}c{2,})"), R"(a*b+c{2,})");
  EXPECT_EQ(relaxed(R"((?:ab){9,12}?x)"), R"((?:ab)+?x)");
  EXPECT_EQ(relaxed(R"(a{7})"), "as it is");
  EXPECT_EQ(relaxed(R"(abc)"), "as it is");
}

TEST(RegexRelax, LeavesWhatIsNoBound) {
  const auto relaxed = [](std::string_view regex) { return relaxed_regex(regex).value_or("as it is"); };
  EXPECT_EQ(relaxed(R"(\{10}x)"), "as it is");
  EXPECT_EQ(relaxed(R"([a{10}]x)"), "as it is");
  EXPECT_EQ(relaxed(R"([]{10}]x)"), "as it is");
  EXPECT_EQ(relaxed(R"([^]{10}]x)"), "as it is");
  EXPECT_EQ(relaxed(R"([[:alpha:]{10}\]]x)"), "as it is");
  EXPECT_EQ(relaxed(R"(\x{10}x)"), "as it is");
  EXPECT_EQ(relaxed(R"(\p{L}x)"), "as it is");
  EXPECT_EQ(relaxed(R"({10,x})"), "as it is");
  EXPECT_EQ(relaxed(R"(a{,10})"), "as it is");
  EXPECT_EQ(relaxed(R"(\Qa{10}\E)"), "as it is");
  EXPECT_EQ(relaxed(R"(\p{L}{10})"), R"(\p{L}+)");
  EXPECT_EQ(relaxed(R"([[:digit:]]{8})"), R"([[:digit:]]+)");
}

/// Random expressions over a small alphabet, random texts.
TEST(RegexRelax, FindsWhereverTheGivenOneDoes) {
  constexpr unsigned kSeed = 20261130;
  std::cout << "seed " << kSeed << '\n';
  std::mt19937 random(kSeed);
  const auto one_of = [&](auto&... choices) {
    const std::string all[] = {choices...};
    return all[random() % std::size(all)];
  };
  const auto atom = [&] {
    return one_of("a", "b", "[ab]", "[^a]", ".", "(?:a|bc)", R"(\w)", R"(\x{61})", "[]a]", R"(\{)");
  };
  const auto times = [&] { return one_of("", "", "*", "{8}", "{0,9}", "{2,10}", "{9,}?", "{3}", "?", "+"); };
  int relaxed_ones = 0, found = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string expression = random() % 4 == 0 ? "^" : "";
    for (std::size_t n = 1 + random() % 4; n > 0; --n) expression += atom() + times();
    if (random() % 4 == 0) expression += "$";
    const auto relaxed = relaxed_regex(expression);
    if (!relaxed) continue;
    ++relaxed_ones;
    const RE2 exact(expression), loose(*relaxed);
    ASSERT_TRUE(exact.ok()) << expression;
    ASSERT_TRUE(loose.ok()) << expression << " as " << *relaxed;
    for (int i = 0; i < 20; ++i) {
      std::string text;
      for (std::size_t n = random() % 30; n > 0; --n) text += "aab]bc{\\\n"[random() % 9];
      if (!RE2::PartialMatch(text, exact)) continue;
      ++found;
      EXPECT_TRUE(RE2::PartialMatch(text, loose)) << expression << " as " << *relaxed << " in " << text;
    }
  }
  EXPECT_GT(relaxed_ones, 500);
  EXPECT_GT(found, 1000);
}

}  // namespace
}  // namespace landwarden::sigma
