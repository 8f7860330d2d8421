#include "intel/catalogue_import.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace landwarden::intel {
namespace {

ImportedCatalogue read(std::string_view bytes, const std::string& path) {
  CatalogueImport import;
  import.add(bytes, path);
  return import.take();
}

const Thing& only(const ImportedCatalogue& read) {
  EXPECT_EQ(read.things.size(), 1U);
  EXPECT_TRUE(read.unread.empty()) << read.unread.front().to_string();
  static const Thing none;
  return read.things.empty() ? none : read.things.front();
}

using Texts = std::vector<std::string>;

TEST(CatalogueImport, ReadsLolbasAsYamlAndJsonAlike) {
  const auto yaml = read(R"(---
Name: Tool.exe
Description: Does things
Commands:
  - {Command: tool.exe x, Category: Download, MitreID: T1105}
  - {Command: tool.exe y, Category: Download, MitreID: T1218.011}
  - {Command: tool.exe z, Category: ADS, MitreID: T1564.004}
Full_Path:
  - Path: C:\Windows\System32\tool.exe
)",
                         "Tool.yml");
  const auto json = read(R"([{"Name": "Tool.exe", "Description": "Does things", "Commands": [
    {"Category": "Download", "MitreID": "T1105"}, {"Category": "Download", "MitreID": "T1218.011"},
    {"Category": "ADS", "MitreID": "T1564.004"}], "Full_Path": [{"Path": "C:\\Windows\\System32\\tool.exe"}]}])",
                         "lolbas.json");
  for (const Thing* thing : {&only(yaml), &only(json)}) {
    EXPECT_EQ(thing->name, "Tool.exe");
    EXPECT_EQ(thing->title.en, "Does things");
    ASSERT_EQ(thing->uses.size(), 2U);
    EXPECT_EQ(thing->uses[0].what.en, "download");
    EXPECT_EQ(thing->uses[0].techniques, (Texts{"T1105", "T1218.011"}));
    EXPECT_EQ(thing->paths, Texts{R"(C:\Windows\System32\tool.exe)"});
  }
}

TEST(CatalogueImport, ReadsGtfobinsWithItsFileNameOrAsOneJson) {
  const auto file =
      read("---\nfunctions:\n  shell:\n  - code: x\n  strange:\n  - code: y\n...\n", "_gtfobins/xy");
  const auto json = read(
      R"({"functions": {"shell": {}}, "executables": {"xy": {"functions": {"shell": [], "strange": []}}}})",
      "gtfobins.json");
  for (const Thing* thing : {&only(file), &only(json)}) {
    EXPECT_EQ(thing->name, "xy");
    ASSERT_EQ(thing->uses.size(), 2U);
    EXPECT_EQ(thing->uses[0].techniques, Texts{"T1059.004"});
    EXPECT_EQ(thing->uses[1].what.en, "strange");
    EXPECT_TRUE(thing->uses[1].techniques.empty());
  }
}

TEST(CatalogueImport, FollowsGtfobinsToAnotherName) {
  CatalogueImport import;
  import.add("---\nalias: xy\n...\n", "_gtfobins/yx");
  import.add("---\nalias: nothing\n...\n", "_gtfobins/zz");
  import.add("---\nfunctions:\n  shell: []\n...\n", "_gtfobins/xy");
  const auto all = import.take();
  ASSERT_EQ(all.things.size(), 2U);
  EXPECT_EQ(all.things[1].name, "yx");
  EXPECT_EQ(all.things[1].uses.size(), 1U);
  ASSERT_EQ(all.unread.size(), 1U);
  EXPECT_EQ(all.unread[0].message, "'zz' is said to be 'nothing', which is not there");
}

TEST(CatalogueImport, ReadsDriversWithTheirHashes) {
  const auto drivers = read(R"(Id: 1
Tags: [bad.sys]
MitreID: T1068
Category: vulnerable driver
Commands: {Usecase: Elevate privileges}
KnownVulnerableSamples:
  - {Filename: '', SHA256: ABCDEF, OriginalFilename: Other.sys}
  - {Filename: bad.sys, SHA1: '1234'}
  - {Filename: bad.sys, SHA256: not hex}
)",
                            "x.yaml");
  const Thing& driver = only(drivers);
  EXPECT_EQ(driver.name, "bad.sys");
  EXPECT_EQ(driver.kind, ThingKind::driver);
  EXPECT_EQ(driver.hashes, (Texts{"abcdef", "1234"}));
  EXPECT_EQ(driver.aliases, Texts{"other.sys"});
}

TEST(CatalogueImport, ReadsTablesAndJoinsRowsOfOneName) {
  const auto rows = read(
      "Filename,Description,Command Category,MITRE ATT&CK technique,Paths\n"
      "a.exe,\"one, two\",Execute,T1218: x,C:\\a.exe\n"
      "a.exe,\"one, two\",Download,T1105,C:\\a.exe\n"
      "b.dll,short\n",
      "lolbas.csv");
  ASSERT_EQ(rows.things.size(), 1U);
  EXPECT_EQ(rows.things[0].uses.size(), 2U);
  ASSERT_EQ(rows.unread.size(), 1U);
  EXPECT_EQ(rows.unread[0].message, "row 4 has no name, or not as many values as names");

  const auto sites =
      read("Website,Tags,Service Provider\nhttps://x.example/,\"Phishing, C&C\",X\n", "lots.csv");
  EXPECT_EQ(only(sites).name, "x.example");
  EXPECT_EQ(only(sites).kind, ThingKind::site);
  EXPECT_EQ(only(sites).uses[1].techniques, Texts{"T1102"});
}

TEST(CatalogueImport, NamesWhatItCannotRead) {
  CatalogueImport import;
  import.add("Name: [", "broken.yml");
  import.add("{\"a\": 1}", "other.json");
  import.add("Commands: []\nName: ''\n", "nameless.yml");
  import.add("a,b\n1,2\n", "table.csv");
  import.add("", "empty.yml");
  const auto all = import.take();
  EXPECT_TRUE(all.things.empty());
  EXPECT_EQ(all.files, 5U);
  ASSERT_EQ(all.unread.size(), 5U);
  EXPECT_EQ(all.unread[0].place.file, "broken.yml");
  EXPECT_EQ(all.unread[1].message, "no entry of a catalogue that is known here");
  EXPECT_EQ(all.unread[2].message, "an entry of LOLBAS without a name");
}

/// Real checkouts, where they are: every entry is read, and what is written can be read again.
TEST(CatalogueImport, ReadsThePublishedCataloguesWhole) {
  const char* set = std::getenv("LW_DATA");
  const char* home = std::getenv("HOME");
  const std::filesystem::path data = set != nullptr
                                         ? std::filesystem::path(set)
                                         : std::filesystem::path(home != nullptr ? home : "") / "lw-data";
  if (!std::filesystem::is_directory(data / "kb/lolbas")) GTEST_SKIP() << "no catalogues in LW_DATA";
  struct Checkout {
    const char* folder;
    CatalogueFormat format;
    std::size_t least;
  };
  for (const Checkout& checkout : {Checkout{"lolbas", CatalogueFormat::lolbas, 240},
                                   {"gtfobins", CatalogueFormat::gtfobins, 450},
                                   {"loobins", CatalogueFormat::loobins, 60},
                                   {"lolrmm", CatalogueFormat::lolrmm, 300},
                                   {"loldrivers", CatalogueFormat::loldrivers, 400}}) {
    SCOPED_TRACE(checkout.folder);
    CatalogueImport import;
    ASSERT_TRUE(import.add_path((data / "kb" / checkout.folder).string()));
    const auto all = import.take();
    EXPECT_EQ(all.formats, std::vector{checkout.format});
    EXPECT_GE(all.things.size(), checkout.least);
    for (const Error& error : all.unread) ADD_FAILURE() << error.to_string();
    const Catalogue made{.name = "x", .source = "y", .date = *parse_time("2026-01-01"), .things = all.things};
    const auto again = read_catalogue(catalogue_text(made), "again.yaml");
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(again->things.size(), all.things.size());
  }
}

}  // namespace
}  // namespace landwarden::intel
