#include "decode/raw_texts.h"

#include <gtest/gtest.h>

#include <random>

#include "base/text.h"

namespace landwarden::decode {
namespace {

using Texts = std::vector<std::string>;

std::vector<std::byte> utf16le(std::u16string_view text) {
  std::vector<std::byte> out;
  for (const char16_t unit : text) {
    out.push_back(static_cast<std::byte>(unit & 0xFF));
    out.push_back(static_cast<std::byte>(unit >> 8));
  }
  return out;
}

bool is_in(const Texts& texts, const std::vector<std::byte>& bytes) {
  const auto made = RawTexts::make(texts);
  EXPECT_TRUE(made.has_value());
  return made && made->may_be_in(bytes, 0, bytes.size());
}

TEST(RawTexts, FindsTextAtEveryPlaceOfTextOfAnyLength) {
  for (std::size_t front = 0; front < 100; ++front) {
    for (std::size_t behind = 0; behind < 70; behind += 7) {
      const std::u16string hay =
          std::u16string(front, ' ') + u"SekurLSA::logon" + std::u16string(behind, '.');
      EXPECT_TRUE(is_in({"mimikatz", "sekurlsa::", "kali"}, utf16le(hay)));
    }
  }
}

TEST(RawTexts, FindsEachOfThem) {
  EXPECT_TRUE(is_in({"kali", "alibi", "qqq"}, utf16le(u"kal alibi")));
  EXPECT_TRUE(is_in({"kali", "alibi", "qqq"}, utf16le(u"qqq"))) << "with nothing behind";
  EXPECT_FALSE(is_in({"kali", "alibi"}, utf16le(u"kal alib")));
  EXPECT_FALSE(is_in({"kali"}, {}));
}

TEST(RawTexts, LooksOnlyAtUnitsOfTheTextItself) {
  const auto made = RawTexts::make(Texts{"kali"});
  ASSERT_TRUE(made);
  std::vector<std::byte> bytes = utf16le(u"xkali");
  EXPECT_TRUE(made->may_be_in(bytes, 0, 10));
  EXPECT_TRUE(made->may_be_in(bytes, 2, 10));
  EXPECT_FALSE(made->may_be_in(bytes, 4, 10)) << "it begins in front";
  EXPECT_FALSE(made->may_be_in(bytes, 0, 8)) << "it ends behind";
  EXPECT_FALSE(made->may_be_in(bytes, 1, 9)) << "units begin at other bytes";
}

TEST(RawTexts, KnowsTheOtherFormsOfLetters) {
  EXPECT_TRUE(is_in({"task.exe"}, utf16le(u"TA\u017F\u212A.exe")));
  EXPECT_TRUE(is_in({"\u00fcber task"}, utf16le(u"ber task"))) << "its part of ASCII counts";
  EXPECT_FALSE(is_in({"task.exe"}, utf16le(u"\u0174ask.exe"))) << "another letter with the same low byte";
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

/// Against looking at every place of every text; what the processor has for it, and without.
TEST(RawTexts, AgreesWithTheSlowWay) {
  std::mt19937 random(4711);
  static constexpr std::u16string_view kUnits = u"gGhHkKsS\\\u212A\u017F\u0147\u00FFi";
  const auto any = [&] { return kUnits[random() % kUnits.size()]; };
  for (int round = 0; round < 4'000; ++round) {
    Texts texts;
    for (std::size_t i = 0; i < 1 + random() % 12; ++i) {
      std::string& text = texts.emplace_back("h");
      for (std::size_t n = 2 + random() % 5; n > 0; --n) text += "ghiks\\"[random() % 6];
    }
    // Few letters of them, so that in many a round none is there.
    std::u16string hay(random() % (round % 50 == 0 ? 1'200 : 200), u'~');
    for (char16_t& unit : hay) unit = random() % 4 != 0 ? any() : u'~';
    bool expected = false;
    std::string utf8;
    for (std::size_t at = 0; at < hay.size(); ++at) {
      text::append_code_point(utf8, hay[at]);
      for (const std::string& text : texts) {
        bool same = at + text.size() <= hay.size();
        for (std::size_t i = 0; same && i < text.size(); ++i)
          same = text::fold(hay[at + i]) == static_cast<char32_t>(text[i]);
        expected = expected || same;
      }
    }
    const auto made = RawTexts::make(texts);
    ASSERT_TRUE(made);
    // In a buffer of its own size, at any byte of it: the sanitizers see what is read outside.
    const std::size_t front = random() % 5, behind = random() % 3 == 0 ? random() % 100 : 0;
    std::vector<std::byte> bytes(front, std::byte{'h'});
    const std::vector<std::byte> text = utf16le(hay);
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.resize(bytes.size() + behind, std::byte{'h'});
    ASSERT_EQ(made->may_be_in(bytes, front, front + text.size()), expected) << "seed 4711, round " << round;
    ASSERT_EQ(made->may_be_in(utf8), expected) << "seed 4711, round " << round;
  }
}

}  // namespace
}  // namespace landwarden::decode
