#include "sigma/regex_cost.h"

#include <gtest/gtest.h>

namespace landwarden::sigma {
namespace {

TEST(RegexCost, NestedQuantifiersOverTheSameTextAreExponential) {
  for (const char* regex : {"(a+)+$", "(a*)*b", "(\\w+\\s?)+;", "(a|a)*b", "([a-z]+)*\\d", "(a|aa)+$",
                            "(a?b?)*c", "^(.*,)*.*x{3}(a+)+b", "(?:\\s*\\w+)+=", "(a{1,3})+b"}) {
    EXPECT_TRUE(backtracks_exponentially(regex, false)) << regex;
  }
}

TEST(RegexCost, NestedQuantifiersWithAFixedMarkBetweenAreNot) {
  for (const char* regex : {"(a+b)+$", "(\\w+\\s)+;", "([^,]*,)*x", "(ab*)+c", "a+b+c+$", "(foo|bar)+z",
                            "\\d{1,3}(\\.\\d{1,3}){3}", "(?:[A-Z]:\\\\)?(?:[^\\\\]+\\\\)*x\\.exe"}) {
    EXPECT_FALSE(backtracks_exponentially(regex, false)) << regex;
  }
}

TEST(RegexCost, ALoopWithNothingBehindItThatCanFailIsNot) {
  EXPECT_FALSE(backtracks_exponentially("(a+)+", false));
  EXPECT_FALSE(backtracks_exponentially("x(\\w+\\s?)+.*", false));
}

TEST(RegexCost, CaseDecidesWhereOnlyCaseDiffers) {
  EXPECT_FALSE(backtracks_exponentially("(a|A)*b", false));
  EXPECT_TRUE(backtracks_exponentially("(a|A)*b", true));
  EXPECT_TRUE(backtracks_exponentially("(?i)(a|A)*b", false));
}

TEST(RegexCost, WhatItCannotReadGetsNoAnswer) {
  for (const char* regex :
       {"(?=a)(a+)+b", "(a+)+\\1b", "((a+)+b", "(a+)+[[:alpha:]]", "(a{1,9999}){1,9999}b"}) {
    EXPECT_FALSE(backtracks_exponentially(regex, false)) << regex;
  }
}

}  // namespace
}  // namespace landwarden::sigma
