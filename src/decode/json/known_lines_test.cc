#include "decode/json/known_lines.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "decode/json/flatten.h"
#include "decode/json/layout.h"

namespace landwarden::decode::json {
namespace {

constexpr std::size_t kSlack = 8192;

/// A record and the tokens that `values` are in it, one after the other; "null" and "\"\"" that it has not
/// are ones without bytes.
struct Written {
  std::string text;
  std::vector<Token> tokens;

  Written(std::string given, const std::vector<std::string>& values) : text(std::move(given)) {
    static constexpr char kNothing[] = "null";
    std::size_t at = 0;
    for (const std::string& value : values) {
      const std::size_t found = text.find(value, at);
      if (found == text.npos) {
        tokens.push_back({kNothing, 4});
        continue;
      }
      tokens.push_back({text.data() + found, static_cast<std::uint32_t>(value.size())});
      at = found + value.size();
    }
  }
};

/// A line found: its kind, its values, its size. Texts of values are checked beside the way.
std::string found(KnownLines& lines, const std::string& line) {
  // Lines stay until the unit ends; here it ends with each.
  std::string text = line;
  text.reserve(line.size() + kSlack);
  const std::int32_t number = lines.find(text, text.capacity());
  if (number == KnownLines::kUnknown) return "unknown";
  std::string out = std::to_string(number) + ":";
  for (const Place& place : lines.places()) {
    const char* const begin =
        place.text == Place::kElsewhere ? lines.elsewhere()[place.begin] : text.data() + place.begin;
    out.append(" ").append(begin, place.size);
    if (place.text < 0) continue;
    TextArena arena;
    arena.reset(place.size + kScanBytes);
    Meaning meaning;
    const std::string padded = std::string(begin, place.size) + std::string(kSlack, ' ');
    EXPECT_EQ(read_token(std::string_view(padded).substr(0, place.size), arena, meaning), nullptr);
    EXPECT_EQ(lines.texts()[static_cast<std::size_t>(place.text)], meaning.text);
  }
  out += " " + std::to_string(lines.size());
  lines.end_unit();
  return out;
}

void learn(KnownLines& lines, const Written& record, std::int32_t number) {
  EXPECT_EQ(lines.learn(record.text, record.tokens), number);
  lines.end_unit();
}

TEST(KnownLines, KnowRecordsThatDifferInValuesOnly) {
  KnownLines lines;
  EXPECT_EQ(found(lines, R"({"a":1,"b":"x"})"), "unknown");
  learn(lines, {R"({"a":1,"b":"x"})", {"1", "\"x\""}}, 0);
  EXPECT_EQ(found(lines, R"({"a":1,"b":"x"})"), R"(0: 1 "x" 15)");
  EXPECT_EQ(found(lines, "{\"a\":\"long and \\\"quoted\\\" \\\\\",\"b\":-1.5e9}\n"),
            R"(0: "long and \"quoted\" \\" -1.5e9 41)");
  EXPECT_EQ(found(lines, "{\"a\":null,\"b\":true}\r\nmore"), "0: null true 19");
  EXPECT_EQ(found(lines, "{\"a\":\"gr\xC3\xBC\xC3\x9F\",\"b\":1}\n"), "0: \"gr\xC3\xBC\xC3\x9F\" 1 20");
}

TEST(KnownLines, DoNotKnowWhatDiffersAnywhereElse) {
  KnownLines lines;
  learn(lines, {R"({"a":1,"b":"x"})", {"1", "\"x\""}}, 0);
  for (const std::string line :
       {"{\"a\":1,\"c\":2}", "{\"a\":1, \"b\":2}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1}",
        "{\"a\":1,\"b\":2}}", "{\"a\":1,\"b\":2} ", "{\"a\":1,\"b\":2},", "{\"a\":{},\"b\":2}",
        "{\"a\":[1],\"b\":2}", "{\"a\":,\"b\":2}", "{\"a\":1,\"b\":\"", "{\"a\":1,\"b\":\"open}\n",
        "{\"a\":1,\"b\":\"tab\t\"}", "{\"a\":\"two\nlines\",\"b\":1}", "{\"a\":\"not UTF-8: \xC3\",\"b\":1}",
        "{\"a\":\"\\\",\"b\":1}", ""}) {
    EXPECT_EQ(found(lines, line), "unknown") << line;
  }
}

TEST(KnownLines, TellRecordsApartWhereTheyBecomeDifferent) {
  KnownLines lines;
  const std::string common = R"({"the front that all have":1,"and a long one that stands behind it")";
  learn(lines, {common + R"(:2,"x":3})", {"1", "2", "3"}}, 0);
  learn(lines, {common + R"(:2,"y":3})", {"1", "2", "3"}}, 1);
  learn(lines, {common + R"(:2})", {"1", "2"}}, 2);
  learn(lines, {common + R"(:{},"x":3})", {"1", "null", "3"}}, 3);
  learn(lines, {common + R"(:{"inside":2}})", {"1", "2"}}, 4);
  EXPECT_EQ(found(lines, common + R"(:5,"x":6})"), "0: 1 5 6 76");
  EXPECT_EQ(found(lines, common + R"(:5,"y":6})"), "1: 1 5 6 76");
  EXPECT_EQ(found(lines, common + R"(:5})"), "2: 1 5 70");
  EXPECT_EQ(found(lines, common + R"(:{},"x":6})"), "3: 1 null 6 77");
  EXPECT_EQ(found(lines, common + R"(:{"inside":6}})"), "4: 1 6 81");
  EXPECT_EQ(found(lines, common + R"(:{}})"), "unknown");
}

TEST(KnownLines, TakeNothingFromBehindTheText) {
  KnownLines lines;
  learn(lines, {R"({"a":1,"b":"x"})", {"1", "\"x\""}}, 0);
  std::string text = R"({"a":1,"b":"y"})";
  text.reserve(kSlack);
  const std::string whole = text;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(lines.find(std::string_view(text).substr(0, size), text.capacity()), KnownLines::kUnknown);
  }
  EXPECT_EQ(lines.find(text, text.capacity()), 0);
  EXPECT_EQ(lines.find(text, text.size()), KnownLines::kUnknown) << "too little may be read";
}

TEST(KnownLines, ForgetAll) {
  KnownLines lines;
  learn(lines, {R"({"a":1})", {"1"}}, 0);
  lines.forget();
  EXPECT_EQ(found(lines, R"({"a":1})"), "unknown");
}

TEST(KnownLines, SayWhatDiffersFromTheLastOfTheirKind) {
  const std::string text =
      "{\"a\":1,\"b\":\"x\",\"c\":{},\"d\":null}\n{\"a\":1,\"b\":\"x\",\"c\":{},\"d\":null}\n"
      "{\"a\":12,\"b\":\"x\",\"c\":{},\"d\":\"null\"}\n{\"a\":1,\"b\":\"\",\"c\":{},\"d\":\"null\"}\n";
  std::string unit = text;
  unit.reserve(text.size() + kSlack);
  const std::string first = text.substr(0, text.find('\n'));
  KnownLines lines;
  learn(lines, {first, {"1", "\"x\"", "{}", "null"}}, 0);
  std::vector<std::vector<std::uint32_t>> changed;
  for (std::size_t at = 0; at < unit.size(); at += lines.size() + 1) {
    ASSERT_EQ(lines.find(std::string_view(unit).substr(at), unit.capacity() - at), 0);
    changed.emplace_back(lines.changed().begin(), lines.changed().end());
  }
  EXPECT_EQ(changed, (std::vector<std::vector<std::uint32_t>>{{}, {}, {0, 3}, {0, 1}}));
}

/// Lines of some kinds that begin alike, of values that begin and end alike.
std::string some_line(std::mt19937& random) {
  static constexpr const char* kValues[] = {
      "1",
      "12",
      "-1.5e9",
      "null",
      "true",
      "\"\"",
      "\"x\"",
      "\"xy\"",
      "\"null\"",
      "\"C:\\\\Windows\\\\a.exe\"",
      "\"C:\\\\Windows\\\\b.exe\"",
      "\"a \\\"quoted\\\" one\"",
      "\"gr\xC3\xBC\xC3\x9F\"",
      "\"\\u00e4\"",
      "\"one that is longer than two blocks of thirty-two bytes, and of sixty-four\"",
      "\"one that is longer than two blocks of thirty-two bytes, and of sixty-five\"",
      "\"one that is longer than two blocks of thirty-two bytes,\\r\\n\\tand has some escapes\"",
      "\"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}\"",
      "\"{5770385F-C22A-43E0-BF4C-06F5698FFBD8}\""};
  static constexpr const char* kKinds[] = {
      R"({"first":@,"second":@,"third":@})", R"({"first":@,"second":@,"third":@,"fourth":@})",
      R"({"first":@,"second":@,"thirst":@,"fourth":@})",
      R"({"first":@,"second":{"third":@,"and a key that is longer than any block of sixty-four bytes, so that":@}})",
      R"({"first": @, "second": @, "third": [@, @], "none": {}})"};
  std::string line = kKinds[random() % std::size(kKinds)];
  for (std::size_t at = line.find('@'); at != line.npos; at = line.find('@', at))
    line.replace(at, 1, kValues[random() % std::size(kValues)]);
  return line;
}

TEST(KnownLines, AreThoseThatAParserKnows) {
  for (const Width width : {Width::narrow, Width::middle, Width::wide}) {
    if (width > widest()) continue;
    Paths paths(known_layouts());
    Flattener flattener(paths);
    KnownLines lines(width);
    std::mt19937 random(20260302);
    constexpr std::string_view kTelling = "{}[]\",:\\\xFF\xC3 10eutfnN-/";
    std::size_t known = 0;
    for (int unit = 0; unit < 60; ++unit) {
      std::string text;
      for (int i = 0; i < 80; ++i) {
        std::string line = some_line(random);
        if (random() % 4 == 0) line[random() % line.size()] = kTelling[random() % kTelling.size()];
        text += line + "\n";
      }
      const std::size_t size = text.size();
      text.resize(size + kSlack);
      for (std::size_t at = 0, end = 0; at < size; at = end + 1) {
        end = text.find('\n', at);
        const std::string_view line = std::string_view(text).substr(at, end - at);
        const bool is_json = flattener.walk(line, text.size() - at) == nullptr;
        const std::int32_t kind = lines.find(std::string_view(text).substr(at, size - at), text.size() - at);
        if (kind == KnownLines::kUnknown) {
          std::vector<Token> tokens;
          for (const std::string_view token : flattener.tokens())
            tokens.push_back({token.data(), static_cast<std::uint32_t>(token.size()), Token::kUnread});
          if (is_json && flattener.read_values() == nullptr) lines.learn(line, tokens);
          continue;
        }
        ++known;
        ASSERT_EQ(lines.size(), line.size()) << line;
        // Words and escapes may still be wrong: whoever reads them refuses them.
        if (!is_json || flattener.read_values() != nullptr) continue;
        ASSERT_EQ(lines.places().size(), flattener.tokens().size()) << line;
        for (std::size_t i = 0; i < lines.places().size(); ++i) {
          const Place& place = lines.places()[i];
          const std::string_view token = flattener.tokens()[i];
          if (place.text == Place::kElsewhere) {
            ASSERT_EQ(std::string_view(lines.elsewhere()[place.begin], place.size), token) << line;
            continue;
          }
          ASSERT_EQ(line.substr(place.begin, place.size), token) << line;
          std::string_view text_of = flattener.items()[i].text;
          if (place.text >= 0) text_of = lines.texts()[static_cast<std::size_t>(place.text)];
          if (place.text == Token::kInside) text_of = line.substr(place.begin + 1, place.size - 2);
          ASSERT_EQ(text_of, flattener.items()[i].text) << line;
        }
      }
      lines.end_unit();
    }
    EXPECT_GT(known, 3'000U);
  }
}

}  // namespace
}  // namespace landwarden::decode::json
