#include "sigma/pattern_relations.h"

#include <gtest/gtest.h>

#include "sigma/modifiers_pattern.h"

namespace landwarden::sigma {
namespace {

bool implies_text(std::string_view narrow, std::string_view wide) {
  return implies(parse_pattern(narrow), parse_pattern(wide));
}
bool excludes_text(std::string_view left, std::string_view right) {
  const bool out = excludes(parse_pattern(left), parse_pattern(right));
  EXPECT_EQ(out, excludes(parse_pattern(right), parse_pattern(left))) << left << " " << right;
  return out;
}

TEST(PatternRelations, ANarrowerPatternImpliesAWiderOne) {
  EXPECT_TRUE(implies_text("cmd.exe", "*cmd*"));
  EXPECT_TRUE(implies_text("*\\cmd.exe", "*.exe"));
  EXPECT_TRUE(implies_text("*mimikatz*", "*katz*"));
  EXPECT_TRUE(implies_text("*a*b*", "*a*"));
  EXPECT_TRUE(implies_text("ab", "a?"));
  EXPECT_TRUE(implies_text("CMD", "cmd"));
  EXPECT_TRUE(implies_text("x", "*"));
}

TEST(PatternRelations, NearMissesDoNotImply) {
  EXPECT_FALSE(implies_text("*cmd*", "*cmd"));
  EXPECT_FALSE(implies_text("*katz*", "*mimikatz*"));
  EXPECT_FALSE(implies_text("a*", "a?"));
  EXPECT_FALSE(implies_text("*a*", "*a*b*"));
  Pattern cased = parse_pattern("*cmd*");
  cased.cased = true;
  EXPECT_FALSE(implies(parse_pattern("cmd"), cased));
  EXPECT_TRUE(implies(cased, parse_pattern("*CMD*")));
}

TEST(PatternRelations, DashClassesCoverTheirDashes) {
  const Pattern dash = with_dash_classes(parse_pattern("* -x*"));
  EXPECT_TRUE(implies(parse_pattern("* /x*"), dash));
  EXPECT_FALSE(implies(dash, parse_pattern("* /x*")));
  EXPECT_FALSE(excludes(dash, parse_pattern(" -xyz")));
}

TEST(PatternRelations, DifferentEndsExcludeEachOther) {
  EXPECT_TRUE(excludes_text("*\\cmd.exe", "*\\powershell.exe"));
  EXPECT_TRUE(excludes_text("C:\\\\*", "D:\\\\*"));
  EXPECT_TRUE(excludes_text("cmd.exe", "powershell.exe"));
  EXPECT_TRUE(excludes_text("cmd.exe", "*power*"));
}

TEST(PatternRelations, WhatCanBothBeMetIsNotExcluded) {
  EXPECT_FALSE(excludes_text("*\\cmd.exe", "*.exe"));
  EXPECT_FALSE(excludes_text("*a*", "*b*"));
  EXPECT_FALSE(excludes_text("C:\\\\*", "*.exe"));
  EXPECT_FALSE(excludes_text("a*", "ab*"));
  EXPECT_FALSE(excludes_text("CMD", "cmd"));
  EXPECT_FALSE(excludes_text("ab*", "a*"));
}

TEST(PatternRelations, AbsentFieldsHaveNoValue) {
  Predicate null{.kind = Predicate::Kind::null};
  Predicate text{.kind = Predicate::Kind::pattern, .pattern = parse_pattern("x")};
  Predicate absent{.kind = Predicate::Kind::exists, .flag = false};
  EXPECT_TRUE(excludes(null, text));
  EXPECT_TRUE(excludes(absent, text));
  EXPECT_TRUE(implies(absent, null));
  EXPECT_FALSE(implies(null, absent));  // null is a value that is there
}

}  // namespace
}  // namespace landwarden::sigma
