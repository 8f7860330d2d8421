#include "sigma/regex_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "base/text.h"

namespace landwarden::sigma {
namespace {

const std::vector<std::string> kExpressions = {
    "`.*`.*`",       R"(\+.*\+.*\+)", R"(\s-\s*<)",  ":[^\\\\]",          "[0-7]{7,13}",
    "0x[a-f0-9]{4}", "(?i)a`?b`?c",   "foo|[xy]bar", "(?:ab|ba){2}",      R"(\{.*\{)",
    "^[A-Z]{4}$",    "(?i)straße",    "(?!x)evil",   R"(\w+`(?:\w+|-)`)", "(?i)[kK]elvin",
};

std::vector<std::uint32_t> found(const RegexSet& set, std::string_view value, const std::vector<int>& seen) {
  std::vector<std::uint32_t> hits;
  set.scan(value, seen, hits);
  std::ranges::sort(hits);
  return hits;
}

// An expression is only started where its literals occur; that must never lose it.
TEST(RegexSet, FindsWithItsLiteralsWhatItFindsWithoutThem) {
  RegexSet set;
  for (std::uint32_t i = 0; i < kExpressions.size(); ++i) set.add(kExpressions[i], {}, i);
  const std::vector<std::string> literals = set.build();
  std::vector<int> all(literals.size());
  std::iota(all.begin(), all.end(), 0);
  const std::vector<std::string> pieces = {
      "`",  "+", " - <", ":",       "\\",     "01234567", "0x12ab", "a`bc", "foo",         "xb", "bar", "ab",
      "ba", "{", "ABCD", "STRASSE", "straße", "evil",     "w",      "-",    "\u212Aelvin", "\n", " "};
  std::mt19937 random(20260302);
  std::vector<bool> met(kExpressions.size());
  for (int round = 0; round < 20'000; ++round) {
    std::string value;
    for (std::size_t n = random() % 6; n > 0; --n) value += pieces[random() % pieces.size()];
    const std::string folded = text::folded(value);
    std::vector<int> seen;
    for (int i = 0; i < std::ssize(literals); ++i) {
      if (folded.find(literals[static_cast<std::size_t>(i)]) != std::string::npos) seen.push_back(i);
    }
    const auto hits = found(set, value, seen);
    ASSERT_EQ(hits, found(set, value, all)) << value;
    for (const std::uint32_t hit : hits) met[hit] = true;
  }
  EXPECT_EQ(std::count(met.begin(), met.end(), true), static_cast<std::ptrdiff_t>(met.size()))
      << "every expression was found in something";
}

TEST(RegexSet, AsksForShortLiteralsWhereThereAreNoLongOnes) {
  RegexSet set;
  set.add("`.*`.*`", {}, 0);
  EXPECT_EQ(set.build(), std::vector<std::string>{"`"});
}

}  // namespace
}  // namespace landwarden::sigma
