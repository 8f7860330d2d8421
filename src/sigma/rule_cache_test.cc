#include "sigma/rule_cache.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "sigma/compiled.h"
#include "sigma/loader.h"
#include "sigma/rule_packing.h"

namespace landwarden::sigma {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

struct RuleCacheTest : testing::Test {
  RuleCacheTest() {
    std::string name = (fs::temp_directory_path() / "lw-rule-cache-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root = name;
    fs::create_directories(root / "rules/sub");
    write(root / "rules/a.yml", rule("one", "alpha"));
    write(root / "rules/sub/b.yml", rule("two", "beta"));
    write(root / "rules/broken.yml",
          "title: broken\nlogsource: {product: windows}\ndetection: {condition: x}\n");
  }
  ~RuleCacheTest() override {
    fs::permissions(root, fs::perms::owner_all);
    fs::remove_all(root);
  }
  static std::string rule(std::string_view title, std::string_view word) {
    return "title: " + std::string(title) + "\nlogsource: {category: process_creation, product: windows}\n" +
           "detection:\n  sel: {CommandLine|contains: " + std::string(word) + "}\n  condition: sel\n";
  }

  CompiledRules compile() {
    LoadedRules loaded = load_rules({(root / "rules").string()});
    auto rules = RuleSet::compile(std::move(loaded.rules), sources, catalogue, loaded.diagnostics);
    return {std::move(rules), std::move(loaded.diagnostics), 7, false};
  }
  RuleCache cache() {
    return RuleCache((root / "cache/deep").string(), {(root / "rules").string()},
                     std::chrono::nanoseconds(0));
  }
  /// What a start with the cache does; says what it did.
  std::string start(const std::vector<std::string>& options = {}) {
    RuleCache it = cache();
    auto found = it.find(options, sources, catalogue);
    if (found && *found) {
      last.emplace(std::move(**found));
      return "cached";
    }
    last.emplace(compile());
    const std::string before = found ? "compiled" : "refused";
    if (!found && found.error().code != ErrorCode::damaged) return "unusable: " + found.error().to_string();
    const auto stored = it.store(*last);
    return stored ? before : "not stored: " + stored.error().to_string();
  }
  std::string diagnostics() const {
    Packer out;
    save_diagnostics(out, last->diagnostics);
    return {reinterpret_cast<const char*>(out.bytes().data()), out.bytes().size()};
  }
  fs::path file() const {
    for (const auto& entry : fs::directory_iterator(root / "cache/deep")) {
      if (entry.path().extension() == ".rules") return entry.path();
    }
    return {};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(root / "cache/deep"), {}));
  }

  fs::path root;
  view::LogSources sources = view::LogSources::built_in().value();
  event::Catalogue catalogue;
  std::optional<CompiledRules> last;
};

TEST_F(RuleCacheTest, GivesWhatWasCompiled) {
  EXPECT_EQ(start(), "compiled");
  const std::string fresh = diagnostics();
  EXPECT_EQ(start(), "cached");
  EXPECT_EQ(diagnostics(), fresh);
  EXPECT_FALSE(last->diagnostics.empty());
  EXPECT_EQ(last->left_out, 7U);
  EXPECT_EQ(last->rules.rules().size(), 2U);
  EXPECT_EQ(last->rules.compiled().whole(0).tests.size(), 1U);
}

TEST_F(RuleCacheTest, IsForTheUserAlone) {
  EXPECT_EQ(start(), "compiled");
  struct stat status{};
  ASSERT_EQ(::stat((root / "cache/deep").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
  for (const auto& entry : fs::directory_iterator(root / "cache/deep")) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U) << entry.path();
  }
}

TEST_F(RuleCacheTest, AnyChangeOfTheRulesIsSeen) {
  EXPECT_EQ(start(), "compiled");
  write(root / "rules/a.yml", rule("one", "gamma"));
  EXPECT_EQ(start(), "compiled");
  EXPECT_EQ(start(), "cached");
  write(root / "rules/sub/c.yml", rule("three", "delta"));
  EXPECT_EQ(start(), "compiled");
  EXPECT_EQ(last->rules.rules().size(), 3U);
  fs::remove(root / "rules/a.yml");
  EXPECT_EQ(start(), "compiled");
  fs::rename(root / "rules/sub/b.yml", root / "rules/sub/d.yml");
  EXPECT_EQ(start(), "compiled");
  write(root / "rules/read.me", "not a rule");
  EXPECT_EQ(start(), "cached");
}

TEST_F(RuleCacheTest, TheSameContentsWithOtherTimesAreTheSameRules) {
  EXPECT_EQ(start(), "compiled");
  write(root / "rules/a.yml", rule("one", "alpha"));
  EXPECT_EQ(start(), "cached");
  EXPECT_EQ(start(), "cached") << "and the new times are kept";
  // What says so is not the content alone: this one has neither.
  write(root / "rules/a.yml", rule("one", "alphA"));
  EXPECT_EQ(start(), "compiled");
}

TEST_F(RuleCacheTest, EachCombinationOfOptionsHasItsOwn) {
  EXPECT_EQ(start({"level high"}), "compiled");
  EXPECT_EQ(start({"level low"}), "compiled");
  EXPECT_EQ(start({"level high"}), "cached");
  EXPECT_EQ(start({"level", "high"}), "compiled");
}

TEST_F(RuleCacheTest, EachSetOfTablesHasItsOwn) {
  EXPECT_EQ(start(), "compiled");
  ASSERT_TRUE(sources.add("product: acme\nservices:\n  pump: [Pump/Log]\n", "mine.yaml"));
  EXPECT_EQ(start(), "compiled");
  EXPECT_EQ(start(), "cached");
  sources = view::LogSources::built_in().value();
  EXPECT_EQ(start(), "cached");
}

TEST_F(RuleCacheTest, RulesThatWereChangedJustNowAreNotKept) {
  RuleCache it((root / "cache").string(), {(root / "rules").string()}, std::chrono::hours(1));
  ASSERT_TRUE(it.find({}, sources, catalogue));
  EXPECT_TRUE(it.store(compile()));
  EXPECT_FALSE(fs::exists(root / "cache"));
}

TEST_F(RuleCacheTest, AFlippedByteIsRefusedAndMendsItself) {
  EXPECT_EQ(start(), "compiled");
  const fs::path path = file();
  const std::string good = read(path), fresh = diagnostics();
  std::uint64_t payload = 0;
  std::memcpy(&payload, good.data() + 40, sizeof payload);
  const std::size_t verified = 48 + payload;
  ASSERT_LT(verified, good.size());
  std::mt19937 random(4711);
  for (std::size_t round = 0; round < 300; ++round) {
    std::string bad = good;
    // The head byte for byte, then anywhere in what is needed before a rule matches.
    const std::size_t at = round < 100 ? round : random() % verified;
    bad[at] = static_cast<char>(bad[at] ^ (1 << random() % 8));
    write(path, bad);
    EXPECT_EQ(start(), "refused") << at;
    EXPECT_EQ(diagnostics(), fresh);
    EXPECT_EQ(last->rules.rules().size(), 2U);
    EXPECT_EQ(read(path), good) << "written anew";
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{47}, verified - 1}) {
    write(path, good.substr(0, size));
    EXPECT_EQ(start(), "refused") << size;
  }
  EXPECT_EQ(start(), "cached");
}

TEST_F(RuleCacheTest, WhatIsReadLaterIsVerifiedThen) {
  EXPECT_EQ(start(), "compiled");
  const fs::path path = file();
  const std::string good = read(path);
  const auto read_all = [&] {
    const RuleSet::Compiled& set = last->rules.compiled();
    for (std::uint32_t rule = 0; rule < 2; ++rule) (void)set.whole(rule);
    for (std::uint32_t field = 0; field < set.fields.size(); ++field) (void)set.prepared(field);
    return std::to_string(last->rules.bodies_lost()) + (last->rules.damaged() ? " damaged" : "");
  };
  std::uint64_t payload = 0;
  std::memcpy(&payload, good.data() + 40, sizeof payload);
  const auto flipped = [&](std::size_t at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    return bad;
  };
  const std::string bad = flipped(48 + payload);  // the first rule's body; the last of all is a field's
  for (const auto& [text, then] : {std::pair{bad, "1"},
                                   {flipped(good.size() - 1), "0 damaged"},
                                   {good.substr(0, good.size() - 1), "0 damaged"}}) {
    write(path, text);
    EXPECT_EQ(start(), "cached");
    EXPECT_EQ(read_all(), then);
  }
  write(path, good);
  EXPECT_EQ(start(), "cached");
  // It is the file that was opened, whatever has its name by now.
  write(root / "new", bad);
  fs::rename(root / "new", path);
  EXPECT_EQ(read_all(), "0");
}

TEST_F(RuleCacheTest, AnotherFolderWithAnotherKeyIsNotBelieved) {
  EXPECT_EQ(start(), "compiled");
  const std::string good = read(file());
  const fs::path path = file();
  fs::remove(root / "cache/deep/key");
  EXPECT_EQ(start(), "refused");
  EXPECT_EQ(start(), "cached");
  write(path, good);
  EXPECT_EQ(start(), "refused");
}

TEST_F(RuleCacheTest, WhatOthersMayWriteIsNotUsed) {
  EXPECT_EQ(start(), "compiled");
  const fs::path folder = root / "cache/deep";
  for (const auto& [path, mode] :
       std::vector<std::pair<fs::path, fs::perms>>{{file(), fs::perms::group_write},
                                                   {folder / "key", fs::perms::others_read},
                                                   {folder, fs::perms::others_write}}) {
    fs::permissions(path, mode, fs::perm_options::add);
    EXPECT_TRUE(start().starts_with("unusable: ")) << start();
    EXPECT_EQ(last->rules.rules().size(), 2U);
    fs::permissions(path, mode, fs::perm_options::remove);
    EXPECT_EQ(start(), "cached");
  }
  const fs::path path = file();
  fs::rename(path, root / "elsewhere");
  fs::create_symlink(root / "elsewhere", path);
  EXPECT_TRUE(start().starts_with("unusable: "));
}

TEST_F(RuleCacheTest, APlaceThatCannotBeWrittenIsNamed) {
  write(root / "cache", "a file where a folder should be");
  EXPECT_TRUE(start().find("the cache of compiled rules cannot be used") != std::string::npos) << start();
}

TEST_F(RuleCacheTest, ProcessesSideBySideDoNotDisturbEachOther) {
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      event::Catalogue own;
      for (int round = 0; round < 10; ++round) {
        RuleCache it = cache();
        const auto found = it.find({}, sources, own);
        if (!found) {
          ++wrong;
        } else if (*found) {
          wrong += (*found)->rules.rules().size() != 2 ? 1 : 0;
        }
        LoadedRules loaded = load_rules({(root / "rules").string()});
        auto rules = RuleSet::compile(std::move(loaded.rules), sources, own, loaded.diagnostics);
        if (!it.store({std::move(rules), std::move(loaded.diagnostics), 0, false})) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(files(), 2U) << "a key and a file";
}

TEST_F(RuleCacheTest, TheFolderStaysSmall) {
  for (int i = 0; i < 30; ++i) start({std::to_string(i)});
  EXPECT_EQ(files(), 17U) << "a key and sixteen files";
}

}  // namespace
}  // namespace landwarden::sigma
