#include "decode/json/token.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace landwarden::decode::json {
namespace {

/// A string as it is written and as it is meant; nothing if it is to be refused.
struct Written {
  std::string raw;
  std::optional<std::string> meant = "";
  bool closed = true;  ///< and UTF-8 without control characters: only an escape may be wrong
};

Written written_at_random(std::mt19937& random) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  Written out;
  const auto add = [&](std::string_view raw, std::string_view meant) {
    out.raw += raw;
    if (out.meant) *out.meant += meant;
  };
  for (std::size_t left = random() % (random() % 4 == 0 ? 200 : 12); left > 0; --left) {
    const std::string plain(random() % 24, static_cast<char>('a' + random() % 26));
    const std::size_t letter = random() % kLetters.size();
    const unsigned kind = random() % 400;
    add(plain, plain);
    if (kind < 300) add({"\\" + std::string(1, kLetters[letter])}, kMeanings.substr(letter, 1));
    if (kind >= 300 && kind < 320) add("\\u00e4", "\u00e4");
    if (kind >= 320 && kind < 330) add("\\ud83d\\ude00", "\U0001F600");
    if (kind >= 330 && kind < 340) add("\u65e5", "\u65e5");
    if (kind == 340) add("\\ud83d", "\uFFFD");
    if (kind == 341) add("\xC3", ""), out.closed = false;
    if (kind == 342) add("\t", ""), out.closed = false;
    if (kind == 343) add("\\x", ""), out.meant.reset();
    if (kind == 344) add("\\u12g4", ""), out.meant.reset();
    if (kind == 345) add(std::string(2 * plain.size(), '\\'), std::string(plain.size(), '\\'));
  }
  return out;
}

/// Widths that this processor has.
std::vector<Width> widths() {
  std::vector<Width> out{Width::narrow};
  if (widest() != Width::narrow) out.push_back(Width::middle);
  if (widest() == Width::wide) out.push_back(Width::wide);
  return out;
}

TEST(JsonStrings, MeanTheSameHoweverManyBytesAreReadTogether) {
  std::mt19937 random(20260302);
  TextArena arena;
  for (int round = 0; round < 20'000; ++round) {
    const Written written = written_at_random(random);
    std::string text = '"' + written.raw + '"';
    const std::size_t size = text.size();
    text += ",\"behind\\\"\\";
    text.append(kScanBytes + 256, '\\');
    const std::string_view token = std::string_view(text).substr(0, size);
    for (const Width width : widths()) {
      arena.reset(text.size());
      std::string_view meant;
      const char* const end = end_of_string(token.data() + 1, token.data() + size - 1, width, arena, meant);
      ASSERT_EQ(end != nullptr, written.closed) << written.raw;
      if (end == nullptr) continue;
      ASSERT_EQ(end, token.data() + size - 1) << written.raw;
      if (meant.data() != nullptr) {
        ASSERT_EQ(meant, written.meant) << written.raw;
      }
      Meaning meaning;
      const bool read = read_token(token, arena, meaning) == nullptr;
      ASSERT_EQ(read, written.meant.has_value()) << written.raw;
      if (read) {
        ASSERT_EQ(meaning.text, *written.meant) << written.raw;
      }
    }
  }
}

TEST(JsonStrings, ThatAreNotClosedInTimeAreRefused) {
  TextArena arena;
  std::string text(300, 'x');
  text[200] = '"';
  text.append(kScanBytes, ' ');
  for (const Width width : widths()) {
    for (std::size_t last = 0; last < 300; ++last) {
      arena.reset(text.size());
      std::string_view meant;
      const char* const end = end_of_string(text.data(), text.data() + last, width, arena, meant);
      if (last >= 200) {
        EXPECT_EQ(end, text.data() + 200);
      } else if (last + kScanBytes < 200) {
        EXPECT_EQ(end, nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace landwarden::decode::json
