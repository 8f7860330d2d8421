#include "sigma/rule_files_state.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace landwarden::sigma {
namespace {

namespace fs = std::filesystem;

/// A folder with more files than are looked at in one go, and some below it.
struct RuleFilesTest : testing::Test {
  RuleFilesTest() {
    std::string name = (fs::temp_directory_path() / "lw-rule-files-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root = name;
    for (int i = 0; i < 300; ++i) write("many/" + std::to_string(i) + ".yml", "title: x\n");
    for (const char* path : {"a.yml", "one/two/three/b.yaml", "one/c.yml", "many/below/d.yml"})
      write(path, "title: y\n");
    write("many/readme.md", "not a rule");
    fs::create_directory(root / "empty");
  }
  ~RuleFilesTest() override { fs::remove_all(root); }
  void write(const std::string& path, std::string_view text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path, std::ios::binary) << text;
  }
  [[nodiscard]] RuleFilesState look() const {
    auto found = RuleFilesLook({(root).string()}).finish();
    EXPECT_TRUE(found);
    return found.value_or(RuleFilesState{});
  }

  fs::path root;
};

TEST_F(RuleFilesTest, NamesEveryFileOnce) {
  std::vector<std::string> found;
  for (const RuleFolder& folder : look().folders) {
    for (const std::string& name : folder.names) found.push_back(folder.path + "/" + name);
  }
  std::vector<std::string> expected;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".yml" || entry.path().extension() == ".yaml")
      expected.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  std::ranges::sort(expected);
  EXPECT_EQ(found, expected);
}

TEST_F(RuleFilesTest, SaysTheSameWhateverThreadSawWhat) {
  const Digest first = look().outside;
  for (int round = 0; round < 50; ++round) EXPECT_EQ(look().outside, first);
}

TEST_F(RuleFilesTest, SeesEveryChangeOfARuleFileAndNoOther) {
  const RuleFilesState before = look();
  for (const char* path : {"a.yml", "many/0.yml", "many/177.yml", "many/299.yml", "one/two/three/b.yaml"}) {
    const fs::file_time_type time = fs::last_write_time(root / path);
    fs::last_write_time(root / path, time - std::chrono::seconds(5));
    EXPECT_NE(look().outside, before.outside) << path;
    EXPECT_EQ(content_of_rule_files(look().folders), content_of_rule_files(before.folders)) << path;
    fs::last_write_time(root / path, time);
  }
  // The time of status change says that something was done to those. Now it is as before:
  const RuleFilesState again = look();
  write("many/readme.md", "still not a rule");
  EXPECT_EQ(look().outside, again.outside);
  const auto content = content_of_rule_files(again.folders);
  write("many/177.yml", "title: another\n");
  EXPECT_NE(look().outside, again.outside);
  EXPECT_NE(content_of_rule_files(look().folders), content);
  const RuleFilesState changed = look();
  write("one/new.yml", "title: n\n");
  EXPECT_NE(look().outside, changed.outside);
  fs::rename(root / "one/new.yml", root / "one/newer.yml");
  const RuleFilesState renamed = look();
  EXPECT_NE(renamed.outside, changed.outside);
  fs::remove(root / "one/newer.yml");
  EXPECT_EQ(look().outside, changed.outside);
}

TEST_F(RuleFilesTest, TakesFilesThatAreNamedThemselves) {
  const std::string file = (root / "a.yml").string();
  const auto found = RuleFilesLook({file, (root / "one").string()}).finish();
  ASSERT_TRUE(found);
  ASSERT_FALSE(found->folders.empty());
  EXPECT_EQ(found->folders.front().path, "");
  EXPECT_EQ(found->folders.front().names, std::vector<std::string>{file});
}

TEST_F(RuleFilesTest, SaysNothingWhereItCannotBeSaid) {
  EXPECT_FALSE(RuleFilesLook({(root / "nowhere").string()}).finish());
  ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(RuleFilesLook({(root / "a.yml").string(), (root / "pipe").string()}).finish());
  fs::create_symlink(root / "gone", root / "many/broken.yml");
  EXPECT_FALSE(RuleFilesLook({root.string()}).finish());
}

TEST_F(RuleFilesTest, MayBeGivenUp) {
  for (int round = 0; round < 20; ++round) const RuleFilesLook look({root.string()});
}

}  // namespace
}  // namespace landwarden::sigma
