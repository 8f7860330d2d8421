#include "decode/json/skeleton.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

std::string found(Skeletons& skeletons, const std::string& line) {
  std::string text = line;
  text.reserve(line.size() + kSlack);
  const std::int32_t number = skeletons.find(text, text.capacity());
  if (number == Skeletons::kUnknown) return "unknown";
  std::string out = std::to_string(number) + ":";
  for (const Token& token : skeletons.tokens()) out.append(" ").append(token.raw());
  return out + " " + std::to_string(skeletons.size());
}

void learn(Skeletons& skeletons, const Written& record, std::int32_t number) {
  skeletons.learn(record.text, record.tokens, number);
}

TEST(Skeletons, KnowRecordsThatDifferInValuesOnly) {
  Skeletons skeletons;
  EXPECT_EQ(found(skeletons, R"({"a":1,"b":"x"})"), "unknown");
  learn(skeletons, {R"({"a":1,"b":"x"})", {"1", "\"x\""}}, 7);
  EXPECT_EQ(found(skeletons, R"({"a":1,"b":"x"})"), R"(7: 1 "x" 15)");
  EXPECT_EQ(found(skeletons, "{\"a\":\"long and \\\"quoted\\\" \\\\\",\"b\":-1.5e9}\n"),
            R"(7: "long and \"quoted\" \\" -1.5e9 41)");
  EXPECT_EQ(found(skeletons, "{\"a\":null,\"b\":true}\r\nmore"), "7: null true 19");
  EXPECT_EQ(found(skeletons, "{\"a\":\"gr\xC3\xBC\xC3\x9F\",\"b\":1}\n"), "7: \"gr\xC3\xBC\xC3\x9F\" 1 20");
}

TEST(Skeletons, DoNotKnowWhatDiffersAnywhereElse) {
  Skeletons skeletons;
  learn(skeletons, {R"({"a":1,"b":"x"})", {"1", "\"x\""}}, 0);
  for (const std::string line :
       {"{\"a\":1,\"c\":2}", "{\"a\":1, \"b\":2}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":1}",
        "{\"a\":1,\"b\":2}}", "{\"a\":1,\"b\":2} ", "{\"a\":1,\"b\":2},", "{\"a\":{},\"b\":2}",
        "{\"a\":[1],\"b\":2}", "{\"a\":,\"b\":2}", "{\"a\":1,\"b\":\"", "{\"a\":1,\"b\":\"open}\n",
        "{\"a\":1,\"b\":\"tab\t\"}", "{\"a\":\"two\nlines\",\"b\":1}", "{\"a\":\"not UTF-8: \xC3\",\"b\":1}",
        "{\"a\":\"\\\",\"b\":1}", ""}) {
    EXPECT_EQ(found(skeletons, line), "unknown") << line;
  }
}

TEST(Skeletons, TellRecordsApartWhereTheyBecomeDifferent) {
  Skeletons skeletons;
  const std::string common = R"({"the front that all have":1,"and a long one that stands behind it")";
  learn(skeletons, {common + R"(:2,"x":3})", {"1", "2", "3"}}, 0);
  learn(skeletons, {common + R"(:2,"y":3})", {"1", "2", "3"}}, 1);
  learn(skeletons, {common + R"(:2})", {"1", "2"}}, 2);
  learn(skeletons, {common + R"(:{},"x":3})", {"1", "null", "3"}}, 3);
  learn(skeletons, {common + R"(:{"inside":2}})", {"1", "2"}}, 4);
  EXPECT_EQ(found(skeletons, common + R"(:5,"x":6})"), "0: 1 5 6 76");
  EXPECT_EQ(found(skeletons, common + R"(:5,"y":6})"), "1: 1 5 6 76");
  EXPECT_EQ(found(skeletons, common + R"(:5})"), "2: 1 5 70");
  EXPECT_EQ(found(skeletons, common + R"(:{},"x":6})"), "3: 1 null 6 77");
  EXPECT_EQ(found(skeletons, common + R"(:{"inside":6}})"), "4: 1 6 81");
  EXPECT_EQ(found(skeletons, common + R"(:{}})"), "unknown");
}

TEST(Skeletons, TakeNothingFromBehindTheText) {
  Skeletons skeletons;
  learn(skeletons, {R"({"a":1,"b":"x"})", {"1", "\"x\""}}, 0);
  std::string text = R"({"a":1,"b":"y"})";
  text.reserve(kSlack);
  const std::string whole = text;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(skeletons.find(std::string_view(text).substr(0, size), text.capacity()), Skeletons::kUnknown);
  }
  EXPECT_EQ(skeletons.find(text, text.capacity()), 0);
  EXPECT_EQ(skeletons.find(text, text.size()), Skeletons::kUnknown) << "too little may be read";
}

TEST(Skeletons, ForgetAll) {
  Skeletons skeletons;
  learn(skeletons, {R"({"a":1})", {"1"}}, 0);
  skeletons.forget();
  EXPECT_EQ(found(skeletons, R"({"a":1})"), "unknown");
}

}  // namespace
}  // namespace landwarden::decode::json
