// What producers and attackers put into JSON that no standard foresees: read or quarantined, never fatal.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "decode/json/row_texts_testing.h"

namespace landwarden::decode {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

/// Rows without what stands in front of the fields.
Texts fields_of(const Decoded& decoded) {
  Texts out;
  for (const std::string& row : decoded.rows) {
    const std::size_t at = row.find_first_of("abcdefghijklmnopqrstuvwxyz", row.find("18446744073709551615"));
    out.push_back(at == row.npos ? "" : row.substr(at));
  }
  return out;
}

TEST(HostileJson, KeepsBothOfDuplicateKeys) {
  const std::string line = "{\"a\":1,\"b\":{\"c\":2,\"c\":\"x\"},\"a\":3}\n";
  const Decoded decoded = decode(line + line + line + line);
  EXPECT_EQ(fields_of(decoded), Texts(4, "a=1|3 b.c=2|x"));
}

TEST(HostileJson, ReplacesLoneSurrogates) {
  const std::string line =
      "{\"a\":\"\\ud800y\",\"b\":\"\\udc00\",\"c\":\"\\ud83d\\ude00\",\"d\":\"\\ud83d\\u0041\"}\n";
  const Decoded decoded = decode(line + line + line);
  EXPECT_EQ(fields_of(decoded), Texts(3, "a=\uFFFDy b=\uFFFD c=\U0001F600 d=\uFFFDA"));
}

TEST(HostileJson, TakesNanAndInfinityAndRefusesOtherWords) {
  const std::string good = "{\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}\n";
  const Decoded decoded =
      decode(good + good + good + "{\"a\":NAN,\"b\":Infinity,\"c\":-Infinity}\n" + good +
             "{\"a\":NaN,\"b\":Infinit,\"c\":-Infinity}\n{\"a\":NaN,\"b\":Infinity,\"c\":-Inf}\n" + good);
  EXPECT_EQ(fields_of(decoded), Texts(5, "a=NaN b=Infinity c=-Infinity"));
  EXPECT_EQ(decoded.receipt.records_quarantined, 3U);
}

// Behind lines whose values are known by now; what is there is nothing but a control character.
TEST(HostileJson, RefusesValuesThatAreNotThere) {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += fmt::format("{{\"a\":{}}}\n", i);
  for (const std::string_view nothing : {"\b"sv, "\0"sv, ""sv, " "sv, "\x7f"sv}) {
    const Decoded decoded = decode(lines + "{\"a\":" + std::string(nothing) + "}\n" + lines);
    EXPECT_EQ(decoded.rows.size(), 40U);
    EXPECT_EQ(decoded.receipt.records_quarantined, 1U);
  }
}

TEST(HostileJson, KeepsEveryDigitOfNumbers) {
  const std::string line =
      "{\"a\":18446744073709551615,\"b\":-9223372036854775808,\"c\":123456789012345678901234567890,\"d\":"
      "1e999,"
      "\"e\":-0}\n";
  EXPECT_EQ(fields_of(decode(line + line + line)),
            Texts(3,
                  "a=18446744073709551615 b=-9223372036854775808 c=123456789012345678901234567890 d=1e999 "
                  "e=-0"));
}

TEST(HostileJson, ReadsAByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(
      fields_of(decode("\xEF\xBB\xBF{\"a\":1}\r\n{\"a\":2}\r\n\r\n{\"a\":3}\r\n\xEF\xBB\xBF{\"a\":4}\r\n")),
      (Texts{"a=1", "a=2", "a=3", "a=4"}));
}

std::string utf16(const std::u16string& text, bool big, bool mark) {
  std::string out;
  for (const char16_t unit : (mark ? u"\uFEFF" : u"") + text) {
    const char low = static_cast<char>(unit & 0xFF), high = static_cast<char>(unit >> 8);
    out += big ? high : low;
    out += big ? low : high;
  }
  return out;
}

TEST(HostileJson, ReadsUtf16OfEitherOrderWithAndWithoutAMark) {
  for (const bool big : {false, true}) {
    for (const bool mark : {false, true}) {
      for (const std::size_t step : {0, 1, 5}) {
        Worker worker;
        const Decoded decoded = decode(
            worker, utf16(u"{\"a\":\"\u00E4\U0001F600\"}\r\n{\"a\":\"x\"}\n{\"a\":7}", big, mark), step);
        EXPECT_EQ(fields_of(decoded), (Texts{"a=\u00E4\U0001F600", "a=x", "a=7"})) << big << mark << step;
        EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
      }
    }
  }
}

TEST(HostileJson, ReadsNulBytesBetweenAndInsideRecords) {
  const Decoded decoded =
      decode("{\"a\":1}\n"s + "\0\0\0"s + "{\"a\":\"x\0y\"}\n"s + "\0\n{\"a\":3}\n\0\0\0"s);
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=x\0y"s, "a=3"}));
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
}

TEST(HostileJson, QuarantinesAnArrayOfTenMillionElementsAndGoesOn) {
  std::string big = "{\"a\":[1";
  big.reserve(20 << 20);
  for (int i = 1; i < 10'000'000; ++i) big += ",1";
  big += "]}\n";
  const Decoded decoded = decode("{\"a\":1}\n" + big + "{\"a\":2}\n");
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=2"}));
  ASSERT_EQ(decoded.receipt.records_quarantined, 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].size, big.size() - 1);
  EXPECT_EQ(decoded.receipt.records_seen, 3U);
}

TEST(HostileJson, QuarantinesMoreValuesThanAnEventHasAndGoesOn) {
  std::string many = "{\"a\":[1";
  for (int i = 0; i < 2'000'000; ++i) many += ",1";
  const Decoded decoded = decode("{\"a\":1}\n" + many + "]}\n{\"a\":2}\n");
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=2"}));
  ASSERT_EQ(decoded.receipt.records_quarantined, 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].reason, "line 2: too many values");
}

TEST(HostileJson, ReadsAnArrayOfAMillionRecordsThatSayNothing) {
  std::string many = "[{}";
  many.reserve(32 << 20);
  for (int i = 1; i < 1'000'000; ++i) many += ",{}";
  many += "]";
  const Decoded decoded = decode(many);
  EXPECT_EQ(decoded.receipt.records_decoded, 1'000'000U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
}

TEST(HostileJson, QuarantinesALineOfMoreThan16MegabytesAndGoesOn) {
  const std::string big = "{\"a\":\"" + std::string(20 << 20, 'x') + "\"}\n";
  const Decoded decoded = decode("{\"a\":1}\n" + big + "{\"a\":2}\n");
  EXPECT_EQ(fields_of(decoded), (Texts{"a=1", "a=2"}));
  EXPECT_EQ(decoded.receipt.records_quarantined, 1U);
}

TEST(HostileJson, KeysMayBeAsLongAsTheRecord) {
  const std::string key(3 << 20, 'k');
  const Decoded decoded =
      decode("{\"a\":1}\n{\"" + key + "\":1,\"" + key + "x\":2,\"\\u0061\":3}\n{\"a\":2}\n");
  EXPECT_EQ(decoded.receipt.records_decoded, 3U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
}

}  // namespace
}  // namespace landwarden::decode
