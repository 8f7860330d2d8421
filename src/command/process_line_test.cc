#include "command/process_line.h"

#include <gtest/gtest.h>

namespace landwarden::command {
namespace {

std::vector<std::string> arguments(std::string_view rest) {
  TextStore texts;
  std::vector<Word> words;
  split_arguments(rest, texts, words);
  std::vector<std::string> out;
  for (const Word& word : words) out.emplace_back(word.text);
  return out;
}
using Words = std::vector<std::string>;

// The examples of Microsoft's description of argv.
TEST(Arguments, FollowTheRunTimesRules) {
  EXPECT_EQ(arguments(R"("abc" d e)"), (Words{"abc", "d", "e"}));
  EXPECT_EQ(arguments(R"(a\\\b d"e f"g h)"), (Words{R"(a\\\b)", "de fg", "h"}));
  EXPECT_EQ(arguments(R"(a\\\"b c d)"), (Words{R"(a\"b)", "c", "d"}));
  EXPECT_EQ(arguments(R"(a\\\\"b c" d e)"), (Words{R"(a\\b c)", "d", "e"}));
  EXPECT_EQ(arguments(R"("a""b c" d)"), (Words{R"(a"b c)", "d"}));
  EXPECT_EQ(arguments(R"("" x)"), (Words{"", "x"}));
}

TEST(Arguments, KeepTheirPlaces) {
  TextStore texts;
  std::vector<Word> words;
  split_arguments("one \"two three\" four", texts, words);
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[1].at, 4u);
  EXPECT_TRUE(words[1].quoted);
  EXPECT_EQ(words[2].at, 16u);
}

TEST(Program, EndsWhereWindowsEndsIt) {
  EXPECT_EQ(split_program("whoami /all").program, "whoami");
  EXPECT_EQ(split_program(R"("C:\a b\c.exe" x y)").program, R"(C:\a b\c.exe)");
  EXPECT_EQ(split_program(R"("C:\a b\c.exe" x y)").rest, "x y");
  EXPECT_EQ(split_program(R"(C:\Program Files\a b\c.exe x y)").program, R"(C:\Program Files\a b\c.exe)");
  EXPECT_EQ(split_program(R"(C:\tools\run x.exe)").program, R"(C:\tools\run x.exe)");
  EXPECT_EQ(split_program("cmd.exe/c whoami").program, "cmd.exe");
  EXPECT_EQ(split_program("").program, "");
}

TEST(Program, IsNamedWithoutFolderAndEnding) {
  std::string buffer;
  EXPECT_EQ(program_name(R"(C:\Windows\System32\NetSh.EXE)", buffer), "netsh");
  EXPECT_EQ(program_name("/usr/bin/curl", buffer), "curl");
  EXPECT_EQ(program_name(R"(\\?\C:\x\a.b.com)", buffer), "a.b");
  EXPECT_EQ(program_name("net.exe. ", buffer), "net");
  EXPECT_EQ(program_name(".exe", buffer), ".exe");
}

}  // namespace
}  // namespace landwarden::command
