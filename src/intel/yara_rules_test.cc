#include "intel/yara_rules.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "intel/limits.h"

namespace landwarden::intel {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

class YaraTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / (std::string("landwarden_yara_") +
                                              testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string put(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  [[nodiscard]] static YaraRules load(const Texts& paths) {
    auto rules = YaraRules::load(paths);
    EXPECT_TRUE(rules.has_value()) << (rules ? "" : rules.error().to_string());
    return std::move(*rules);
  }
  static Texts names(const YaraRules& rules, std::string_view bytes, std::string_view path = "") {
    YaraScanner scanner(rules);
    std::vector<YaraMatch> found;
    EXPECT_TRUE(scanner.scan(bytes, path, found).has_value());
    Texts out;
    for (const YaraMatch& one : found) out.push_back(rules.rules()[one.rule].name);
    return out;
  }

  fs::path folder_;
};

constexpr const char* kTwo = R"(
rule Loader : t1059 script {
  meta:
    author = "us"
    description = "downloads and runs"
    score = 70
    internal = "not shown"
  strings:
    $get = "DownloadString" nocase
    $run = /I(EX|nvoke-Expression)/
  condition: all of them
}
private rule Small { condition: filesize < 20 }
rule SmallText { strings: $x = "x" condition: Small and $x }
)";

TEST_F(YaraTest, RulesHaveNameFileTagsAndTheMetadataThatPeopleAgreeOn) {
  const std::string path = put("two.yar", kTwo);
  const YaraRules rules = load({path});
  ASSERT_EQ(rules.rules().size(), 2U) << "a private rule is not told";
  const YaraRule& loader = rules.rules().front();
  EXPECT_EQ(loader.name, "Loader");
  EXPECT_EQ(loader.file, path);
  EXPECT_EQ(loader.tags, (Texts{"t1059", "script"}));
  const std::vector<std::pair<std::string, std::string>> meta = {
      {"description", "downloads and runs"}, {"author", "us"}, {"score", "70"}};
  EXPECT_EQ(loader.meta, meta);
}

TEST_F(YaraTest, AMatchHasItsStringsWithTheirPlaces) {
  const YaraRules rules = load({put("two.yar", kTwo)});
  YaraScanner scanner(rules);
  std::vector<YaraMatch> found;
  ASSERT_TRUE(scanner.scan("IEX (x).downloadSTRING('\x01'); IEX y", "", found).has_value());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, 0U);
  ASSERT_EQ(found[0].hits.size(), 3U);
  EXPECT_EQ(found[0].hits_total, 3U);
  EXPECT_EQ(found[0].hits[0].string, "$get");
  EXPECT_EQ(found[0].hits[0].offset, 8U);
  EXPECT_EQ(found[0].hits[0].size, 14U);
  EXPECT_EQ(found[0].hits[0].excerpt, "downloadSTRING");
  EXPECT_EQ(found[0].hits[2].string, "$run");
  EXPECT_EQ(found[0].hits[2].offset, 29U);
  EXPECT_EQ(names(rules, "x"), Texts{"SmallText"});
  EXPECT_EQ(names(rules, std::string(20, 'x')), Texts{});
  EXPECT_EQ(names(rules, ""), Texts{});
}

TEST_F(YaraTest, OfManyStringsAFewAreKeptAndAllCounted) {
  const YaraRules rules = load({put("many.yar", R"(rule Many { strings: $a = {00 41} condition: $a })")});
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += std::string("\0A", 2);
  YaraScanner scanner(rules);
  std::vector<YaraMatch> found;
  ASSERT_TRUE(scanner.scan(bytes, "", found).has_value());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].hits.size(), limits::kYaraHits);
  EXPECT_EQ(found[0].hits_total, 100U);
  EXPECT_EQ(found[0].hits[1].excerpt, "\\x00A");
}

TEST_F(YaraTest, AFileThatDoesNotCompileIsNamedAndTheRestRuns) {
  put("rules/a.yar", "rule Good { strings: $x = \"x\" condition: $x }");
  const std::string bad =
      put("rules/b.yar", "rule Good { condition: true }\n\nrule Bad { condition: nowhere }\n");
  put("rules/c.yara", "rule Good { strings: $y = \"y\" condition: $y }");
  put("rules/notes.txt", "no rule");
  const std::string compiled = put("rules/d.yar", std::string("YARA\0\0\0", 7));
  const YaraRules rules = load({(folder_ / "rules").string()});
  EXPECT_EQ(rules.rules().size(), 2U) << "names may repeat in different files";
  ASSERT_EQ(rules.errors().size(), 2U);
  EXPECT_EQ(rules.errors()[0].place.file, compiled);
  EXPECT_EQ(rules.errors()[1].place.file, bad);
  EXPECT_EQ(rules.errors()[1].place.line, 3U);
  EXPECT_NE(rules.errors()[1].message.find("nowhere"), std::string::npos) << rules.errors()[1].message;
  EXPECT_EQ(names(rules, "xy"), (Texts{"Good", "Good"}));
  EXPECT_FALSE(YaraRules::load({put("none.yar", "rule x {")}).has_value()) << "nothing is left to run";
  EXPECT_FALSE(YaraRules::load({(folder_ / "nowhere").string()}).has_value());
}

TEST_F(YaraTest, OnlyModulesThatDependOnTheBytesAloneAreOffered) {
  const YaraRules rules = load({put("good.yar", R"(import "math" import "hash" import "pe"
    rule Even { condition: math.entropy(0, filesize) < 1 and hash.md5(0, filesize) != "" and not pe.is_pe })")});
  EXPECT_EQ(names(rules, "aaaa"), Texts{"Even"});
  for (const char* module : {"cuckoo", "magic", "time"}) {
    const std::string path = put(std::string(module) + ".yar",
                                 std::string("import \"") + module + "\"\nrule X { condition: true }");
    const auto loaded = YaraRules::load({path});
    ASSERT_FALSE(loaded.has_value()) << module;
  }
}

TEST_F(YaraTest, IncludesStayInsideTheFolderThatWasNamed) {
  put("outside.yar", "rule Outside { condition: true }");
  put("rules/sub/part.yar", "rule Part { condition: true }");
  const std::string index =
      put("rules/index.yar", "include \"./sub/part.yar\"\nrule Index { condition: Part }");
  const std::string bad = put("rules/bad.yar", "include \"../outside.yar\"\nrule Bad { condition: true }");
  const YaraRules rules = load({(folder_ / "rules").string()});
  EXPECT_EQ(names(rules, "x"), (Texts{"Part", "Index"})) << "what was included does not run twice";
  ASSERT_EQ(rules.errors().size(), 1U);
  EXPECT_EQ(rules.errors()[0].place.file, bad);
  EXPECT_NE(rules.errors()[0].message.find("outside the folder"), std::string::npos)
      << rules.errors()[0].message;
  const auto alone = YaraRules::load({index});
  ASSERT_FALSE(alone.has_value()) << "a file by itself includes nothing";
}

TEST_F(YaraTest, RulesMayAskWhatTheFileIsCalled) {
  const YaraRules rules =
      load({put("name.yar", R"(rule Name { condition: filename == "a.ps1" and extension == ".ps1" }
        rule NoFile { condition: filepath == "" })")});
  EXPECT_EQ(names(rules, "x", "logs.zip!/tools/a.ps1"), Texts{"Name"});
  EXPECT_EQ(names(rules, "x"), Texts{"NoFile"});
}

/// The first rule would run for hours; so a scan that is given up says nothing of the second one either.
TEST_F(YaraTest, AScanThatTakesTooLongIsGivenUpWhole) {
  const YaraRules rules = load({put("slow.yar", R"(rule Found { strings: $x = "x" condition: $x }
        rule Endless { strings: $y = "y" condition: $y and for all i in (1..1000000000000) : (i > 0) })")});
  std::vector<YaraMatch> found;
  YaraScanner hasty(rules, std::chrono::nanoseconds(1));
  const auto given_up = hasty.scan("xy", "", found);
  ASSERT_FALSE(given_up.has_value());
  EXPECT_EQ(given_up.error().code, ErrorCode::limit);
  EXPECT_EQ(given_up.error().message, "YARA was not done with it in 1e-09 s");
  EXPECT_TRUE(found.empty());
  EXPECT_FALSE(hasty.scan("xy", "", found).has_value()) << "the next one is tried too";
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(names(rules, "x"), Texts{"Found"}) << "with time enough";
}

TEST_F(YaraTest, ThreadsShareRules) {
  const YaraRules rules = load({put("two.yar", kTwo)});
  std::vector<std::thread> threads;
  std::array<int, 4> met{};
  for (int& count : met) {
    threads.emplace_back([&rules, &count] {
      for (int i = 0; i < 200; ++i)
        count += names(rules, "x").size() == 1 && names(rules, "y").empty() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : met) EXPECT_EQ(count, 200);
}

/// Bytes of files are foreign; headers of programs that lie are the usual attack on what reads them.
TEST_F(YaraTest, ForeignBytesDoNoHarm) {
  const YaraRules rules =
      load({put("modules.yar", R"(import "pe" import "elf" import "dotnet" import "dex" import "macho"
    rule All { condition: pe.number_of_sections > 0 or elf.number_of_sections > 0 or dotnet.number_of_streams > 0 or
      dex.header.magic == "dex" or macho.ncmds > 0 })")});
  const std::uint32_t seed = std::random_device()();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::string program;
  for (const char* name : {"/proc/self/exe"}) {
    std::ifstream file(name, std::ios::binary);
    program.resize(64 << 10);
    file.read(program.data(), static_cast<std::streamsize>(program.size()));
  }
  std::string windows(4096, '\0');
  windows.replace(0, 2, "MZ");
  windows[0x3C] = 0x40;
  windows.replace(0x40, 4, std::string("PE\0\0", 4));
  windows[0x44] = 0x4C;
  windows[0x45] = 0x01;
  windows[0x46] = 3;
  windows[0x54] = static_cast<char>(0xE0);
  windows.replace(0x58, 2, "\x0B\x01");
  YaraScanner scanner(rules);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = i % 2 == 0 ? program : windows;
    const std::size_t head = i % 2 == 0 ? 1024 : 512;
    for (int k = 0; k < 24; ++k) bytes[random() % head] = static_cast<char>(random());
    bytes.resize(random() % bytes.size());
    std::vector<YaraMatch> found;
    (void)scanner.scan(bytes, "x.exe", found);
    EXPECT_LE(found.size(), 1U);
  }
}

}  // namespace
}  // namespace landwarden::intel
