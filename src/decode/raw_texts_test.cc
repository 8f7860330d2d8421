#include "decode/raw_texts.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"

namespace landwarden::decode {
namespace {

using Places = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

std::vector<std::byte> utf16le(std::u16string_view text, std::size_t shift = 0) {
  std::vector<std::byte> out(shift, std::byte{0x20});
  for (const char16_t unit : text) {
    out.push_back(static_cast<std::byte>(unit & 0xFF));
    out.push_back(static_cast<std::byte>(unit >> 8));
  }
  return out;
}

Places places(const Texts& texts, const std::vector<std::byte>& bytes) {
  Places out;
  const auto made = RawTexts::make(texts);
  EXPECT_TRUE(made.has_value());
  if (made) made->find(bytes, out);
  return out;
}

TEST(RawTexts, FindsTextAtEveryByteOfAnyLength) {
  for (std::uint32_t shift = 0; shift < 100; ++shift) {
    for (std::size_t behind = 0; behind < 70; behind += 7) {
      std::vector<std::byte> bytes = utf16le(u"SekurLSA::logon", shift);
      bytes.resize(bytes.size() + behind);
      EXPECT_EQ(places({"mimikatz", "sekurlsa::", "kali"}, bytes), Places{shift});
    }
  }
}

TEST(RawTexts, SaysWhereEachOfThemBegins) {
  EXPECT_EQ(places({"kali", "alibi", "qqq"}, utf16le(u"kalibi and KALI")), (Places{0, 2, 22}));
  EXPECT_TRUE(places({"kali", "alibi"}, utf16le(u"kal alib")).empty());
  EXPECT_TRUE(places({"kali"}, {}).empty());
}

TEST(RawTexts, KnowsTheOtherFormsOfLetters) {
  EXPECT_EQ(places({"task.exe"}, utf16le(u"TA\u017F\u212A.exe")), Places{0});
  EXPECT_EQ(places({"\u00fcber task"}, utf16le(u"ber task")), Places{0}) << "its part of ASCII counts";
}

TEST(RawTexts, IsNotMadeOfWhatNumbersAreRenderedToOrOfTooLittle) {
  for (const char* text : {"4688", "0x1a4", "als", "S-1-5", "xy", "", "\u00e4\u00f6\u00fc"}) {
    EXPECT_FALSE(RawTexts::make(Texts{"mimikatz", text})) << text;
  }
  EXPECT_FALSE(RawTexts::make(Texts{}));
}

TEST(RawTexts, LooksIntoUtf8AsWell) {
  const auto made = RawTexts::make(Texts{"\\mimilib.dll"});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->may_be_in("\U0001F600 C:\\MimiLib.DLL"));
  EXPECT_FALSE(made->may_be_in("\U0001F600 mimilib.dll"));
  EXPECT_FALSE(made->may_be_in(""));
}

/// Against looking at every place of every text.
TEST(RawTexts, AgreesWithTheSlowWay) {
  std::mt19937 random(4711);
  static constexpr std::u16string_view kUnits = u"gGhHkKsS\\\u212A\u017F\u0147i";
  const auto any = [&] { return kUnits[random() % kUnits.size()]; };
  for (int round = 0; round < 2'000; ++round) {
    Texts texts;
    for (std::size_t i = 0; i < 1 + random() % 12; ++i) {
      std::string& text = texts.emplace_back("h");
      for (std::size_t n = 2 + random() % 3; n > 0; --n) text += "ghiks\\"[random() % 6];
    }
    std::u16string hay;
    for (std::size_t n = random() % (round % 50 == 0 ? 1'200 : 200); n > 0; --n) hay += any();
    const std::uint32_t shift = random() % 3;
    Places expected;
    for (std::uint32_t at = 0; at < hay.size(); ++at) {
      for (const std::string& text : texts) {
        bool same = at + text.size() <= hay.size();
        for (std::size_t i = 0; same && i < text.size(); ++i)
          same = text::fold(hay[at + i]) == static_cast<char32_t>(text[i]);
        if (same) expected.push_back(shift + 2 * at);
      }
    }
    ASSERT_EQ(places(texts, utf16le(hay, shift)), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace landwarden::decode
