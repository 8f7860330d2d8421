#include "sigma/loader.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace landwarden::sigma {
namespace {

namespace fs = std::filesystem;

std::string rule(const std::string& title, const std::string& id) {
  return "title: " + title + "\nid: " + id +
         "\nlogsource: {product: windows}\ndetection: {s: {A: 1}, condition: s}\n";
}

struct SigmaLoader : testing::Test {
  fs::path folder;

  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "lw-loader-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string put(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }
  static std::vector<std::string> titles(const LoadedRules& loaded) {
    std::vector<std::string> out;
    for (const Rule& one : loaded.rules) out.push_back(one.title);
    return out;
  }
};

TEST_F(SigmaLoader, ReadsFoldersInNameOrderAndCountsTheRest) {
  put("b/two.yaml", rule("two", "2"));
  put("a/deprecated/one.yml", rule("one", "1"));
  put("c.txt", "x");
  const LoadedRules got = load_rules({folder.string()});
  EXPECT_EQ(titles(got), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(got.files, 2u);
  EXPECT_EQ(got.other_files, 1u);
  EXPECT_TRUE(got.diagnostics.empty());
  EXPECT_EQ(got.rules[0].file, (folder / "a/deprecated/one.yml").string());
}

TEST_F(SigmaLoader, ReadsANamedFileWhateverItsName) {
  EXPECT_EQ(titles(load_rules({put("rule", rule("x", "1"))})), std::vector<std::string>{"x"});
}

TEST_F(SigmaLoader, SaysWhatCannotBeRead) {
  const LoadedRules got = load_rules({(folder / "none").string(), folder.string()});
  ASSERT_EQ(got.diagnostics.size(), 2u);
  EXPECT_EQ(got.diagnostics[0].error.code, ErrorCode::io);
  EXPECT_NE(got.diagnostics[1].error.message.find("no rule files"), std::string::npos);
}

TEST_F(SigmaLoader, ForeignFilesAreErrorsOnlyWhereNamed) {
  const std::string file = put("x.yml", "jobs: {}\n");
  EXPECT_EQ(load_rules({file}).diagnostics.at(0).severity, Diagnostic::Severity::error);
  EXPECT_EQ(load_rules({folder.string()}).diagnostics.at(0).severity, Diagnostic::Severity::warning);
}

TEST_F(SigmaLoader, RunsBothRulesOfOneIdAndSaysSo) {
  put("a.yml", rule("one", "same"));
  put("b.yml", rule("two", "same"));
  const LoadedRules got = load_rules({folder.string()});
  EXPECT_EQ(got.rules.size(), 2u);
  ASSERT_EQ(got.diagnostics.size(), 1u);
  EXPECT_EQ(got.diagnostics[0].severity, Diagnostic::Severity::warning);
  EXPECT_NE(got.diagnostics[0].error.message.find("a.yml"), std::string::npos);
}

TEST_F(SigmaLoader, OneFileNamedTwiceIsReadOnce) {
  put("a.yml", rule("one", "1"));
  EXPECT_EQ(load_rules({folder.string(), (folder / "a.yml").string()}).rules.size(), 1u);
}

TEST_F(SigmaLoader, GivesTheSameOnAnyNumberOfThreads) {
  for (int i = 0; i < 100; ++i) {
    put("d" + std::to_string(i % 7) + "/" + std::to_string(i) + ".yml",
        i % 9 == 0 ? "title: [\n" : rule("r" + std::to_string(i), std::to_string(i % 50)));
  }
  const LoadedRules one = load_rules({folder.string()});
  for (const unsigned threads : {2u, 8u}) {
    const LoadedRules many = load_rules({folder.string()}, {.threads = threads, .placeholders = {}});
    EXPECT_EQ(titles(many), titles(one));
    ASSERT_EQ(many.diagnostics.size(), one.diagnostics.size());
    for (std::size_t i = 0; i < one.diagnostics.size(); ++i) {
      EXPECT_EQ(many.diagnostics[i].error.to_string(), one.diagnostics[i].error.to_string());
    }
  }
}

void add_member(archive* out, const char* name, const std::string& text) {
  archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, name);
  archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  archive_write_header(out, entry);
  archive_write_data(out, text.data(), text.size());
  archive_entry_free(entry);
}

TEST_F(SigmaLoader, ReadsZipArchives) {
  const std::string path = (folder / "rules.bin").string();
  archive* out = archive_write_new();
  archive_write_set_format_zip(out);
  ASSERT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  add_member(out, "sigma/b.yml", rule("b", "2"));
  add_member(out, "sigma/a.yml", rule("a", "1"));
  add_member(out, "README.md", "x");
  archive_write_free(out);
  const LoadedRules got = load_rules({path});
  EXPECT_EQ(titles(got), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(got.rules[0].file, path + "!/sigma/a.yml");
  EXPECT_EQ(got.other_files, 1u);

  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_FALSE(load_rules({path}).diagnostics.empty());
}

TEST(SigmaBuiltIn, EveryRuleRuns) {
  const LoadedRules got = load_built_in_rules();
  for (const Diagnostic& one : got.diagnostics) ADD_FAILURE() << one.error.to_string();
}

TEST(SigmaCorpus, EveryRuleOfSigmaHqRunsOrNamesItsPlaceholder) {
  const char* data = std::getenv("LW_DATA");
  const char* home = std::getenv("HOME");
  const fs::path root =
      fs::path(data != nullptr ? data : std::string(home != nullptr ? home : "") + "/lw-data") / "sigma";
  if (!fs::exists(root / "rules")) GTEST_SKIP() << "no SigmaHQ rules";
  std::vector<std::string> paths;
  for (const char* name :
       {"rules", "rules-compliance", "rules-emerging-threats", "rules-placeholder", "rules-threat-hunting"}) {
    if (fs::exists(root / name)) paths.push_back((root / name).string());
  }
  const LoadedRules got = load_rules(paths, {.threads = 2, .placeholders = {}});
  EXPECT_GT(got.rules.size(), 3000u);
  for (const Diagnostic& one : got.diagnostics) {
    EXPECT_TRUE(one.error.message.starts_with("placeholder ")) << one.error.to_string();
  }
}

}  // namespace
}  // namespace landwarden::sigma
