#include "sigma/modifiers_pattern.h"

#include <gtest/gtest.h>

#include <random>

namespace landwarden::sigma {
namespace {

std::string read(std::string_view value) {
  return to_text(parse_pattern(value));
}

TEST(SigmaEscapes, FollowTheTable) {
  EXPECT_EQ(read(R"(a\b)"), R"("a\\b")");
  EXPECT_EQ(read(R"(a\\b)"), R"("a\\b")");
  EXPECT_EQ(read(R"(a\*b)"), R"("a\*b")");
  EXPECT_EQ(read(R"(a\?b)"), R"("a\?b")");
  EXPECT_EQ(read(R"(a\\*b)"), R"("a\\*b")");
  EXPECT_EQ(read(R"(a\\\*b)"), R"("a\\\*b")");
  EXPECT_EQ(read(R"(\\\\)"), R"("\\\\")");
  EXPECT_EQ(read(R"(\\\x)"), R"("\\\\x")");
  EXPECT_EQ(read(R"(x\)"), R"("x\\")");
  EXPECT_EQ(read("**a***b?*"), R"("*a*b?*")");
  EXPECT_EQ(read(""), R"("")");
}

TEST(SigmaPattern, NeverHasNeighboursOfOneKind) {
  std::mt19937 random(7);
  constexpr std::string_view kLetters = "ab*?\\-/ ";
  for (int round = 0; round < 5000; ++round) {
    std::string value;
    for (unsigned n = random() % 12; n > 0; --n) value += kLetters[random() % kLetters.size()];
    Pattern pattern = with_dash_classes(parse_pattern(value));
    prepend_any_run(pattern);
    append_any_run(pattern);
    for (std::size_t i = 1; i < pattern.parts.size(); ++i) {
      const auto kind = pattern.parts[i].kind;
      if (kind == Pattern::Kind::any_one || kind == Pattern::Kind::dash) continue;
      ASSERT_NE(kind, pattern.parts[i - 1].kind) << value;
    }
  }
}

std::string dashes(std::string_view value) {
  return to_text(with_dash_classes(parse_pattern(value)));
}

TEST(Windash, StandsWhereAFlagBegins) {
  EXPECT_EQ(dashes("-x"), R"("~x")");
  EXPECT_EQ(dashes(" /x -y"), R"(" ~x ~y")");
  EXPECT_EQ(dashes("\u2013x"), R"("~x")");
  EXPECT_EQ(dashes("--x"), R"("-~x")");
  EXPECT_EQ(dashes("*-x"), R"("*~x")");
  EXPECT_EQ(dashes("-é"), R"("~é")");
}

TEST(Windash, LeavesHyphenInsideWordsAlone) {
  EXPECT_EQ(dashes("a-b"), R"("a-b")");
  EXPECT_EQ(dashes("é-b"), R"("é-b")");
  EXPECT_EQ(dashes("- x"), R"("- x")");
  EXPECT_EQ(dashes("x -"), R"("x -")");
  EXPECT_EQ(dashes("a/b"), R"("a/b")");
}

TEST(Base64, EncodesEveryLength) {
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64(std::string("\xFF\x00\xFE", 3)), "/wD+");
}

TEST(Base64Offset, IsFoundBehindAnyPrefixAndBeforeAnySuffix) {
  std::mt19937 random(11);
  const auto bytes = [&](std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(random());
    return out;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string secret = bytes(2 + random() % 20);
    const std::size_t prefix = random() % 10;
    const std::string carrier = base64(bytes(prefix) + secret + bytes(random() % 10));
    const std::string needle = base64_at_offsets(secret)[prefix % 3];
    ASSERT_FALSE(needle.empty());
    ASSERT_EQ(needle.find('='), std::string::npos);
    ASSERT_NE(carrier.find(needle), std::string::npos) << needle << " in " << carrier;
  }
}

TEST(Utf16, EncodesAllPlanes) {
  EXPECT_EQ(encode("aé", Encoding::utf16le), std::string("a\0\xE9\0", 4));
  EXPECT_EQ(encode("a", Encoding::utf16be), std::string("\0a", 2));
  EXPECT_EQ(encode("a", Encoding::utf16), std::string("\xFF\xFE"
                                                      "a\0",
                                                      4));
  EXPECT_EQ(encode("\U0001F600", Encoding::utf16le), std::string("\x3D\xD8\x00\xDE", 4));
}

}  // namespace
}  // namespace landwarden::sigma
