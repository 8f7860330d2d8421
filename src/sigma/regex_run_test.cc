#include "sigma/regex_run.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <iostream>
#include <random>
#include <string>

namespace landwarden::sigma {
namespace {

std::size_t length_of(std::string_view regex) {
  const auto run = needed_run(regex);
  return run ? run->length : 0;
}

std::string ascii_members_of(std::string_view regex) {
  const auto run = needed_run(regex);
  std::string out;
  for (int byte = 0; run && byte < 128; ++byte) {
    if (run->members[static_cast<std::size_t>(byte)]) out += static_cast<char>(byte);
  }
  return out;
}

TEST(RegexRun, IsTheLongestThatIsNeeded) {
  EXPECT_EQ(length_of(R"(\s[a-fA-F0-9]{64}\s[a-fA-F0-9]{16})"), 64U);
  EXPECT_EQ(length_of(R"(x\d{8,}y)"), 8U);
  EXPECT_EQ(length_of(R"(x\w{12,20}?y)"), 12U);
  EXPECT_EQ(length_of(R"((?i)(a|b)[0-9]{9}|*)"), 0U);
  EXPECT_EQ(length_of(R"((a|b)[0-9]{9})"), 9U);
  EXPECT_EQ(length_of(R"([]x]{9})"), 9U);
}

TEST(RegexRun, IsNoneWhereAValueMayDoWithout) {
  EXPECT_EQ(length_of(R"([0-9]{7})"), 0U);
  EXPECT_EQ(length_of(R"([0-9]{0,9})"), 0U);
  EXPECT_EQ(length_of(R"([0-9]{9}|x)"), 0U);
  EXPECT_EQ(length_of(R"(([0-9]{9})?)"), 0U);
  EXPECT_EQ(length_of(R"((?:x|[0-9]{9}))"), 0U);
  EXPECT_EQ(length_of(R"([0-9]{9}*)"), 0U);
  EXPECT_EQ(length_of(R"(\[0-9]{9})"), 0U);
  EXPECT_EQ(length_of(R"(\Q[0-9]{9}\E)"), 0U);
  EXPECT_EQ(length_of(R"([[:digit:]]{9})"), 0U);
  EXPECT_EQ(length_of(R"([\x30-\x39]{9})"), 0U);
  EXPECT_EQ(length_of(R"([0-9{9})"), 0U);
}

TEST(RegexRun, IsOfAWiderClass) {
  EXPECT_EQ(ascii_members_of(R"([a-c9]{8})"), "9ABCabc");
  EXPECT_EQ(ascii_members_of(R"([+--a]{8})"), "+,-Aa");
  EXPECT_EQ(ascii_members_of(R"([\d\-x]{8})"), "-0123456789Xx");
  EXPECT_EQ(ascii_members_of(R"([\s]{8})"), "\t\n\v\f\r ");
  EXPECT_EQ(ascii_members_of(R"([^\W_]{8})").size(), 62U);
  EXPECT_EQ(ascii_members_of(R"([^k]{8})").size(),
            128U);                                   // without regard to case the other one may be meant
  EXPECT_TRUE(needed_run("[a]{8}")->members[0xC5]);  // U+017F is an s to who ignores case
}

TEST(RegexRun, IsFoundWhereverItStands) {
  const CharacterRun run = *needed_run("[0-9]{8}");
  EXPECT_TRUE(run.found_in("12345678"));
  EXPECT_TRUE(run.found_in("x12345678x"));
  EXPECT_TRUE(run.found_in("1234567x12345678"));
  EXPECT_FALSE(run.found_in(""));
  EXPECT_FALSE(run.found_in("1234567"));
  EXPECT_FALSE(run.found_in("1234567x1234567x1234567"));
}

TEST(RegexRun, MissesNoValueThatRe2Finds) {
  constexpr unsigned kSeed = 20261201;
  std::cout << "seed " << kSeed << '\n';
  std::mt19937 random(kSeed);
  const auto one_of = [&](auto&... choices) {
    const std::string all[] = {choices...};
    return all[random() % std::size(all)];
  };
  const auto atom = [&] {
    return one_of("a", "s", "[ab]", "[^a]", ".", "(?:a|bs)", R"(\w)", R"([\w-])", "[]a]", R"([^\]b])",
                  R"(\S)", "[K-k]", "(a[ks]{8}|b)", R"(\{)", "|", R"([\Wa])", "[^\\Wa]");
  };
  const auto times = [&] { return one_of("", "", "*", "{8}", "{0,9}", "{9,10}", "{8,}?", "{3}", "?", "+"); };
  int with_run = 0, found = 0, ruled_out = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string expression = random() % 2 == 0 ? "(?i)" : "";
    for (std::size_t n = 1 + random() % 4; n > 0; --n) {
      const std::string one = atom();
      expression += one == "|" ? one : one + times();
    }
    const auto run = needed_run(expression);
    if (!run) continue;
    RE2::Options quiet;
    quiet.set_log_errors(false);
    const RE2 exact(expression, quiet);
    if (!exact.ok()) continue;
    ++with_run;
    for (int i = 0; i < 20; ++i) {
      static constexpr std::string_view kLetters[] = {"a", "a", "b", "s", "S",  "ſ",
                                                      "k", "K", "]", "-", "\\", "é"};
      std::string text;
      for (std::size_t n = random() % 40; n > 0; --n) text += kLetters[random() % (2 + random() % 11)];
      const bool is_found = RE2::PartialMatch(text, exact);
      found += is_found;
      ruled_out += !run->found_in(text);
      EXPECT_TRUE(!is_found || run->found_in(text)) << expression << " in " << text;
    }
  }
  EXPECT_GT(with_run, 2000);
  EXPECT_GT(found, 2000);
  EXPECT_GT(ruled_out, 2000);
}

}  // namespace
}  // namespace landwarden::sigma
