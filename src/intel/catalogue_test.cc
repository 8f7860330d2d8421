#include "intel/catalogue.h"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "base/content.h"
#include "base/text.h"
#include "intel/register.h"

namespace landwarden::intel {
namespace {

Error error_of(std::string_view text) {
  auto read = read_catalogue(text, "c.yaml");
  EXPECT_FALSE(read.has_value());
  return read ? Error{} : read.error();
}

TEST(Catalogue, EveryBuiltInOneCanBeRead) {
  std::size_t files = 0;
  for (const content::BuiltIn& file : content::built_in()) {
    const std::string name = file.name;
    if (!name.starts_with("catalogues/")) continue;
    ++files;
    const auto read = read_catalogue(file.bytes(), name);
    ASSERT_TRUE(read) << read.error().to_string();
    for (const Thing& thing : read->things) {
      EXPECT_FALSE(thing.title.en.empty() || thing.title.ja.empty()) << thing.name;
      EXPECT_FALSE(thing.normal.en.empty() || thing.normal.ja.empty()) << thing.name;
      EXPECT_FALSE(thing.uses.empty()) << thing.name;
      EXPECT_NE(thing.decision.verdict, Verdict::undecided) << thing.name;
    }
  }
  EXPECT_EQ(files, built_in_catalogues().size());
  EXPECT_GE(files, 6U);
}

TEST(Catalogue, NoNameIsBuiltInTwice) {
  std::set<std::string> names;
  for (const Catalogue& catalogue : built_in_catalogues()) {
    for (const Thing& thing : catalogue.things)
      EXPECT_TRUE(names.insert(name_key(thing.name)).second) << thing.name;
  }
}

TEST(Catalogue, HoldsWhatTheAdvisoryNames) {
  Register all;
  for (const Catalogue& catalogue : built_in_catalogues()) all.add(catalogue);
  for (const char* name :
       {"cmd",      "certutil", "dnscmd", "ldifde",     "makecab",  "net",    "netsh",      "nltest",
        "netstat",  "ntdsutil", "ping",   "powershell", "quser",    "reg",    "systeminfo", "tasklist",
        "wevtutil", "whoami",   "wmic",   "xcopy",      "vssadmin", "psexec", "comsvcs.dll"}) {
    const Register::Item* item = all.find(name);
    ASSERT_NE(item, nullptr) << name;
    ASSERT_FALSE(item->entries.empty());
    const auto& named = item->entries.front().named_by;
    EXPECT_NE(std::ranges::find(named, "aa24-038a"), named.end()) << name;
  }
}

TEST(Catalogue, SlipsAreErrorsWithTheirPlace) {
  const std::string head = "catalogue: x\nsource: y\ndate: 2026-01-01\nentries:\n";
  EXPECT_EQ(error_of(head + "  - {name: a, kind: binry}\n").to_string(),
            "c.yaml:5:21: unknown kind 'binry': binary, script, library, driver, remote-access or site "
            "(docs/catalogues.md has the format)");
  EXPECT_EQ(error_of(head + "  - name: a\n    kind: binary\n    usees: []\n").place.line, 7U);
  EXPECT_EQ(error_of(head + "  - {kind: binary}\n").message, "an entry of a catalogue needs 'name'");
  EXPECT_EQ(error_of(head + "  - {name: a, kind: site, uses: [{what: b, techniques: [T99]}]}\n").message,
            "'T99' is no ATT&CK technique");
  EXPECT_EQ(error_of(head + "  - {name: a, kind: site, decision: {verdict: fine, reason: b}}\n").message,
            "a verdict is allowed, watch or block, not 'fine'");
  EXPECT_EQ(error_of("catalogue: x\nsource: y\ndate: soon\nentries: []\n").place.line, 3U);
  EXPECT_EQ(error_of("[]").message, "a catalogue is a map of keys");
}

/// A text with everything in it that YAML could take for something else.
std::string random_text(std::mt19937& dice) {
  constexpr std::string_view kSigns = "ab'\"\\{}[]:,#&*!|>%@`-? \t\n~漢字é0x1Fyes";
  std::string out;
  const std::size_t length = 1 + dice() % 12;
  for (std::size_t i = 0; i < length; ++i) {
    std::size_t at = dice() % kSigns.size();
    while (at > 0 && (static_cast<unsigned char>(kSigns[at]) & 0xC0) == 0x80) --at;
    const std::size_t begin = at;
    (void)text::next_code_point(kSigns, at);
    out += kSigns.substr(begin, at - begin);
  }
  return "x" + out + "x";
}

/// What catalogue_text() makes of blanks.
std::string calm(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank || out.back() != ' ') out += blank ? ' ' : c;
  }
  return out;
}

TEST(Catalogue, WhatIsWrittenIsReadBack) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 dice(seed);
    Catalogue made{.name = random_text(dice), .source = random_text(dice), .date = *parse_time("2026-02-03")};
    for (std::size_t i = 0; i < dice() % 4; ++i) {
      Thing thing{.name = random_text(dice), .kind = static_cast<ThingKind>(dice() % 6)};
      thing.aliases.assign(dice() % 3, random_text(dice));
      thing.title = {random_text(dice), dice() % 2 == 0 ? random_text(dice) : ""};
      thing.uses.push_back({{random_text(dice), {}}, {"T1105"}});
      if (dice() % 2 == 0) thing.decision = {.verdict = Verdict::block, .reason = {random_text(dice), {}}};
      made.things.push_back(std::move(thing));
    }
    const auto read = read_catalogue(catalogue_text(made), "made.yaml");
    ASSERT_TRUE(read) << read.error().to_string() << "\n" << catalogue_text(made);
    EXPECT_EQ(read->name, calm(made.name));
    EXPECT_EQ(read->date, made.date);
    ASSERT_EQ(read->things.size(), made.things.size());
    for (std::size_t i = 0; i < made.things.size(); ++i) {
      const Thing &have = read->things[i], &want = made.things[i];
      EXPECT_EQ(have.name, calm(want.name));
      EXPECT_EQ(have.kind, want.kind);
      EXPECT_EQ(have.aliases.size(), want.aliases.size());
      EXPECT_EQ(have.title.en, calm(want.title.en));
      EXPECT_EQ(have.title.ja, want.title.ja.empty() ? "" : calm(want.title.ja));
      EXPECT_EQ(have.uses.front().techniques, want.uses.front().techniques);
      EXPECT_EQ(have.decision.verdict, want.decision.verdict);
    }
  }
}

}  // namespace
}  // namespace landwarden::intel
