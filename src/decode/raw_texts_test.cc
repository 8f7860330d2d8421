#include "decode/raw_texts.h"

#include <gtest/gtest.h>

#include <algorithm>
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

using Places = std::vector<RawPlace>;

Places places_in(const Texts& texts, const std::vector<std::byte>& bytes) {
  const auto made = RawTexts::make(texts);
  EXPECT_TRUE(made.has_value());
  Places places;
  if (made) made->finder(~RawTexts::Set{0}).find(bytes, places);
  return places;
}

bool is_in(const Texts& texts, const std::vector<std::byte>& bytes) {
  return !places_in(texts, bytes).empty();
}

TEST(RawTexts, FindsTextAtEveryPlaceAmongBytesOfAnyLength) {
  for (std::size_t front = 0; front < 200; ++front) {
    for (std::size_t behind = 0; behind < 140; behind += 7) {
      std::vector<std::byte> bytes(front, std::byte{'s'});
      const auto text = utf16le(u"SekurLSA::logon");
      bytes.insert(bytes.end(), text.begin(), text.end());
      bytes.resize(bytes.size() + behind, std::byte{'.'});
      const Places places = places_in({"mimikatz", "sekurlsa::", "kali"}, bytes);
      ASSERT_EQ(places.size(), 1u) << front << " and " << behind;
      EXPECT_GE(places[0].at, front) << "a place inside it";
      EXPECT_LT(places[0].at, front + 20);
      EXPECT_EQ(places[0].texts, 0b010u);
    }
  }
}

TEST(RawTexts, FindsEachOfThem) {
  EXPECT_TRUE(is_in({"kali", "alibi", "qqq"}, utf16le(u"kal alibi")));
  EXPECT_TRUE(is_in({"kali", "alibi", "qqq"}, utf16le(u"qqq"))) << "with nothing behind";
  EXPECT_FALSE(is_in({"kali", "alibi"}, utf16le(u"kal alib")));
  EXPECT_FALSE(is_in({"kali"}, {}));
}

TEST(RawTexts, FindsThoseThatAreAskedFor) {
  const auto made = RawTexts::make(Texts{"kali", "alibi", "qqq"});
  ASSERT_TRUE(made);
  const auto found = [&](RawTexts::Set which) {
    Places places;
    made->finder(which).find(utf16le(u"kali qqq"), places);
    RawTexts::Set all = 0;
    for (const RawPlace& place : places) all |= place.texts;
    return all;
  };
  EXPECT_EQ(found(0b111), 0b101u);
  EXPECT_EQ(found(0b011), 0b001u);
  EXPECT_EQ(found(0b010), 0u);
  EXPECT_EQ(found(0), 0u);
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
  EXPECT_TRUE(RawTexts::make(Texts(64, "kali")));
  EXPECT_FALSE(RawTexts::make(Texts(65, "kali"))) << "there is a bit for each of 64";
}

TEST(RawTexts, TellsWhichMayBeInUtf8) {
  const auto made = RawTexts::make(Texts{"\\mimilib.dll", "lib.d"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->may_be_in("\U0001F600 C:\\MimiLib.DLL"), 0b11u);
  EXPECT_EQ(made->may_be_in("\U0001F600 mimilib.dll"), 0b10u);
  EXPECT_EQ(made->may_be_in("lib"), 0u);
  EXPECT_EQ(made->may_be_in(""), 0u);
}

/// Whether `text` stands at `at` of `hay`, the slow way.
bool stands_at(std::u16string_view hay, std::size_t at, std::string_view text) {
  bool same = at + text.size() <= hay.size();
  for (std::size_t i = 0; same && i < text.size(); ++i)
    same = text::fold(hay[at + i]) == static_cast<char32_t>(text[i]);
  return same;
}

/// Against looking at every place for every text; with what the processor has for it, and without.
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
    RawTexts::Set expected = 0;
    std::string utf8;
    for (std::size_t at = 0; at < hay.size(); ++at) {
      text::append_code_point(utf8, hay[at]);
      for (std::size_t i = 0; i < texts.size(); ++i)
        expected |= RawTexts::Set{stands_at(hay, at, texts[i])} << i;
    }
    const auto made = RawTexts::make(texts);
    ASSERT_TRUE(made);
    ASSERT_EQ(made->may_be_in(utf8), expected) << "seed 4711, round " << round;
    // In a buffer of its own size, at any byte of it: the sanitizers see what is read outside.
    const std::size_t front = random() % 70, behind = random() % 3 == 0 ? random() % 100 : 0;
    std::vector<std::byte> bytes(front, std::byte{'~'});
    const std::vector<std::byte> text = utf16le(hay);
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.resize(bytes.size() + behind, std::byte{'~'});
    const RawTexts::Set which = random();
    const RawTextFinder finder = made->finder(which);
    Places quick, slow;
    finder.find(bytes, quick);
    finder.find_slowly(bytes, slow);
    ASSERT_TRUE(std::ranges::equal(
        quick, slow, [](const RawPlace& a, const RawPlace& b) { return a.at == b.at && a.texts == b.texts; }))
        << "seed 4711, round " << round;
    ASSERT_TRUE(std::ranges::is_sorted(quick, {}, &RawPlace::at));
    RawTexts::Set found = 0;
    for (const RawPlace& place : quick) found |= place.texts;
    ASSERT_EQ(found, expected & which) << "seed 4711, round " << round;
  }
}

}  // namespace
}  // namespace landwarden::decode
