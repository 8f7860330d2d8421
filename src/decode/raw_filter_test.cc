#include "decode/raw_filter.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "event/renderings.h"

namespace landwarden::decode {
namespace {

/// As Windows writes it, behind some bytes that shift it.
std::vector<std::byte> utf16le(std::u16string_view text, std::size_t shift = 0) {
  std::vector<std::byte> out(shift, std::byte{0x20});
  for (const char16_t unit : text) {
    out.push_back(static_cast<std::byte>(unit & 0xFF));
    out.push_back(static_cast<std::byte>(unit >> 8));
  }
  return out;
}

std::vector<std::uint32_t> places(std::string_view literal, bool caseless,
                                  const std::vector<std::byte>& bytes) {
  std::vector<std::uint32_t> out;
  const auto needle = Utf16Needle::make(literal, caseless);
  EXPECT_TRUE(needle.has_value()) << literal;
  if (needle) needle->find(bytes, out);
  return out;
}

TEST(RawFilter, FindsTextAtEveryByteOfAnyLength) {
  for (std::size_t shift = 0; shift < 150; ++shift) {
    const auto bytes = utf16le(u"mimikatz", shift);
    EXPECT_EQ(places("mimikatz", true, bytes), std::vector<std::uint32_t>{static_cast<std::uint32_t>(shift)});
    EXPECT_EQ(places("MimiKatz", true, bytes).size(), 1U);
    EXPECT_TRUE(places("MimiKatz", false, bytes).empty());
  }
}

TEST(RawFilter, KnowsTheOtherFormsOfLetters) {
  EXPECT_EQ(places("task", true, utf16le(u"ta\u017F\u212A")).size(), 1U);
  EXPECT_TRUE(places("task", false, utf16le(u"ta\u017F\u212A")).empty());
  EXPECT_EQ(places("w\u00F6rk", true, utf16le(u"W\u00D6RK")).size(), 1U);
}

TEST(RawFilter, LooksForTheLongestPartThatStandsInTheBytes) {
  EXPECT_EQ(places("\xF0\x9F\x98\x80 laughing", true, utf16le(u"\U0001F600 LAUGHING")).size(), 1U);
  EXPECT_FALSE(Utf16Needle::make("\xF0\x9F\x98\x80", true));
  EXPECT_FALSE(Utf16Needle::make("sk", true)) << "both have forms with other bytes";
}

TEST(RawFilter, LooksAtRenderingsForTextThatNumbersAndTimesMayGive) {
  for (const char* text : {"4688", "S-1-5-18", "2026-03-02T07:15", "{1234", "0xdead", "true", "als", "NaN",
                           "inf", "-", "DEADBEEF", "1e+22", "", "FEED"}) {
    EXPECT_TRUE(event::may_be_rendered(text)) << text;
  }
  for (const char* text : {"mimikatz", "cmd.exe", "users", "truth", "10.0.0.1/8"}) {
    EXPECT_FALSE(event::may_be_rendered(text)) << text;
  }
  EXPECT_FALSE(RawFilter::make({"mimikatz"}, true)->looks_at_renderings());
  const auto filter = RawFilter::make({"mimikatz", "beef"}, true);
  ASSERT_TRUE(filter && filter->looks_at_renderings());
  EXPECT_TRUE(filter->is_in_rendering("0xDEADBEEF"));
  EXPECT_FALSE(filter->is_in_rendering("0xDEADBEE"));
  EXPECT_FALSE(filter->is_in_rendering("mimikatz")) << "no such value shows that";
  EXPECT_FALSE(RawFilter::make({"mimikatz", "4"}, true)) << "one that is everywhere is enough";
}

TEST(RawFilter, FindsWhatTheFoldedTextHolds) {
  // Whatever text: the filter finds the literal if and only if the folded text holds it.
  const std::u16string letters = u"mMkK\u212AsS\u017FzZ.\\\u00E9\u00C9";
  std::uint64_t state = 12345;
  const auto random = [&] {
    return state = state * 6364136223846793005ULL + 1442695040888963407ULL, state >> 33;
  };
  for (int round = 0; round < 3000; ++round) {
    std::u16string text;
    for (std::size_t i = random() % 120; i > 0; --i) text += letters[random() % letters.size()];
    std::string utf8;
    const auto bytes = utf16le(text, random() % 3);
    text::append_utf16le(utf8, std::span(bytes).subspan(bytes.size() - text.size() * 2));
    for (const std::string_view literal : {"mz", "zk", "k.m", "s\\z"}) {
      EXPECT_EQ(!places(literal, true, bytes).empty(), text::folded(utf8).find(literal) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace landwarden::decode
