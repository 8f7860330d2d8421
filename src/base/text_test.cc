#include "base/text.h"

#include <gtest/gtest.h>

namespace landwarden::text {
namespace {

std::string from_utf16(std::u16string_view units) {
  std::string out;
  append_utf16le(out, std::as_bytes(std::span(units.data(), units.size())));
  return out;
}

TEST(Utf16, NarrowsAsciiOfEveryLength) {
  std::u16string units;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(from_utf16(units), expected);
    units += static_cast<char16_t>(u'!' + i % 90);
    expected += static_cast<char>('!' + i % 90);
  }
}

TEST(Utf16, DecodesBeyondAscii) {
  EXPECT_EQ(from_utf16(u"aä水\U0001F600z"), "a\u00e4\u6c34\U0001F600z");
}

TEST(Utf16, ReplacesUnpairedSurrogates) {
  EXPECT_EQ(from_utf16(std::u16string{u'a', 0xD800, u'b'}), "a\uFFFDb");
  EXPECT_EQ(from_utf16(std::u16string{0xDC00}), "\uFFFD");
  EXPECT_EQ(from_utf16(std::u16string{0xD800}), "\uFFFD");
}

TEST(Utf16, KeepsEmbeddedNul) {
  EXPECT_EQ(from_utf16(std::u16string{u'a', 0, u'b'}), std::string("a\0b", 3));
}

TEST(Utf16, DropsAnOddLastByte) {
  std::string out;
  const char bytes[] = {'a', 0, 'b'};
  append_utf16le(out, std::as_bytes(std::span(bytes)));
  EXPECT_EQ(out, "a");
}

TEST(Utf8, KnowsGoodFromBad) {
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("\u00e4\uFFFD\U0010FFFF"));
  for (const std::string_view bad :
       {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\xB0", "a\xFF"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Utf8, ReplacesEachStrayByte) {
  std::string out;
  append_valid_utf8(out, "a\xFF\xE6\xB0z");
  EXPECT_EQ(out, "a\uFFFD\uFFFD\uFFFDz");
}

TEST(Fold, IsSimpleFolding) {
  EXPECT_EQ(folded("NTDSUtil.EXE"), "ntdsutil.exe");
  EXPECT_EQ(folded("\u00c4\u00d6\u00dc"), "\u00e4\u00f6\u00fc");
  EXPECT_EQ(folded("\u212a"), "k");                   // Kelvin sign
  EXPECT_EQ(folded("\u017f"), "s");                   // long s
  EXPECT_EQ(folded("\u1e9e"), "\u00df");              // capital sharp s folds to one code point
  EXPECT_EQ(folded("\u0416"), "\u0436");              // Cyrillic
  EXPECT_EQ(folded("\u03a3\u03c2"), "\u03c3\u03c3");  // both sigmas
  EXPECT_EQ(folded("\u0131"), "\u0131");              // dotless i stays
}

TEST(Fold, ComparesWithoutCase) {
  EXPECT_TRUE(equal_folded("Microsoft-Windows-Sysmon/Operational", "microsoft-windows-sysmon/operational"));
  EXPECT_FALSE(equal_folded("System", "System "));
}

TEST(Fold, IsIdempotent) {
  for (char32_t c = 0; c < 0x11000; ++c) EXPECT_EQ(fold(fold(c)), fold(c)) << static_cast<std::uint32_t>(c);
}

}  // namespace
}  // namespace landwarden::text
