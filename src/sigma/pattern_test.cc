#include "sigma/pattern.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"

namespace landwarden::sigma {
namespace {

// '*', '?' and '~' (dash class) in `text` become parts.
Pattern pattern_of(std::string_view text, bool cased = false) {
  Pattern pattern{.cased = cased};
  for (const char c : text) {
    using Kind = Pattern::Kind;
    const Kind kind = c == '*'   ? Kind::any_run
                      : c == '?' ? Kind::any_one
                      : c == '~' ? Kind::dash
                                 : Kind::literal;
    const bool grows = !pattern.parts.empty() && pattern.parts.back().kind == kind;
    if (kind == Kind::literal && grows) {
      pattern.parts.back().text += c;
    } else if (kind != Kind::any_run || !grows) {
      pattern.parts.push_back({kind, kind == Kind::literal ? std::string(1, c) : ""});
    }
  }
  return pattern;
}

bool matches(std::string_view pattern, std::string_view value, bool cased = false) {
  return CompiledPattern(pattern_of(pattern, cased)).matches(value, text::folded(value));
}

TEST(Pattern, LooksAtTheWholeValue) {
  EXPECT_TRUE(matches("security", "Security"));
  EXPECT_FALSE(matches("Sec?rity", "a Security b"));
  EXPECT_FALSE(matches("security", "Security "));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "x"));
}

TEST(Pattern, StarIsAnyRunEmptyAndNewlinesToo) {
  EXPECT_TRUE(matches("a*b", "ab"));
  EXPECT_TRUE(matches("a*b", "a\r\nx\nb"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a**b", "a-b"));
  EXPECT_TRUE(matches("*b*b", "bb"));
  EXPECT_FALSE(matches("*b*b", "b"));
}

TEST(Pattern, QuestionMarkIsOneCodePoint) {
  EXPECT_TRUE(matches("a?c", "a\u00e9c"));
  EXPECT_TRUE(matches("a?c", "a\U0001F600c"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_FALSE(matches("a?c", "ae\u0301c"));  // a base letter and a combining accent are two
  EXPECT_TRUE(matches("*?", "\u6c34"));
  EXPECT_TRUE(matches("*?*", "x"));
  EXPECT_FALSE(matches("*?*", ""));
  EXPECT_TRUE(matches("*??", "\u6c34\u6c34"));
}

TEST(Pattern, DashClassTakesFiveCharacters) {
  for (const char* value : {"x -enc", "x /enc", "x \u2013enc", "x \u2014enc", "x \u2015enc"}) {
    EXPECT_TRUE(matches("* ~enc", value)) << value;
  }
  EXPECT_FALSE(matches("* ~enc", "x +enc"));
  EXPECT_TRUE(matches("*~", "x\u2015"));
}

TEST(Pattern, CasedComparesAsWritten) {
  EXPECT_TRUE(matches("*Net*", "a Net b", true));
  EXPECT_FALSE(matches("*Net*", "a net b", true));
  EXPECT_TRUE(matches("*Net*", "a net b", false));
}

TEST(Pattern, NamesItsLongestLiteral) {
  EXPECT_EQ(CompiledPattern(pattern_of("ab*CDE?f")).longest_literal(), "cde");
  EXPECT_EQ(CompiledPattern(pattern_of("*?")).longest_literal(), "");
}

// Slow and obvious.
bool naive(std::string_view pattern, std::string_view value) {
  if (pattern.empty()) return value.empty();
  if (pattern[0] == '*')
    return naive(pattern.substr(1), value) || (!value.empty() && naive(pattern, value.substr(1)));
  if (value.empty()) return false;
  const bool same = pattern[0] == '?' || pattern[0] == value[0] ||
                    (pattern[0] == '~' && (value[0] == '-' || value[0] == '/'));
  return same && naive(pattern.substr(1), value.substr(1));
}

TEST(Pattern, AgreesWithTheObviousMatcher) {
  for (const unsigned seed : {11U, 12U, 13U}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto draw = [&](std::string_view letters, std::size_t most) {
      std::string out(random() % most, ' ');
      for (char& c : out) c = letters[random() % letters.size()];
      return out;
    };
    for (int i = 0; i < 20'000; ++i) {
      const std::string pattern = draw("ab*?~", 8), value = draw("ab-/", 10);
      ASSERT_EQ(matches(pattern, value), naive(pattern, value))
          << "pattern " << pattern << " value " << value;
    }
  }
}

}  // namespace
}  // namespace landwarden::sigma
