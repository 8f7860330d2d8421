#include "assess/advisory.h"

#include <gtest/gtest.h>

#include "assess/settings.h"

namespace landwarden::assess {
namespace {

sigma::RuleTable some_rules() {
  std::vector<sigma::Rule> rules(2);
  rules[0].file = "credential-access/one.yml";
  rules[0].tags = {"attack.credential_access", "attack.t1003.003"};
  rules[1].file = "content/rules/discovery/two.yml";
  for (sigma::Rule& rule : rules) rule.level = sigma::Level::high;
  return sigma::RuleTable(std::move(rules));
}

/// Both need command lines in 4688; the second can do with a logon too.
std::vector<RuleReach> their_reaches(const SettingTable& table) {
  const std::vector<std::size_t> line = table.with_needs(*table.find("process-command-line"));
  std::vector<RuleReach> out(2);
  out[0].ways = {line};
  out[1].rule = 1;
  out[1].ways = {line, {*table.find("logon")}};
  return out;
}

Result<Advisory> read(std::string_view steps) {
  auto table = SettingTable::built_in();
  const std::string text =
      "id: x\ntitle: {en: X, ja: 題}\nsource: here\nways:\n  line:\n"
      "    - {settings: [process-command-line]}\nsteps:\n" +
      std::string(steps);
  return read_advisory(text, "x.yaml", some_rules(), their_reaches(*table), *table);
}

constexpr std::string_view kHead = "  - {id: a, phase: discovery, title: {en: A, ja: あ}, ";

TEST(Advisory, FindsRulesByPathAndTagAndWaysByName) {
  const auto found =
      read(std::string(kHead) +
           "rules: [discovery/two], tags: [t1003.003], seen_by: [line, {settings: [logon]}]}\n");
  ASSERT_TRUE(found.has_value()) << found.error().to_string();
  ASSERT_EQ(found->steps.size(), 1U);
  EXPECT_EQ(found->steps[0].shown_by, (std::vector<std::uint32_t>{0, 1}));
  ASSERT_EQ(found->steps[0].seen_by.size(), 2U);
  EXPECT_EQ(found->steps[0].seen_by[0].size(), 2U) << "the command line needs process creation";
}

TEST(Advisory, TakesKindsOfRecordsOfItsOwn) {
  const auto found = read(
      std::string(kHead) +
      "rules: [discovery/two], seen_by: [{name: {en: VPN log, ja: VPN}, product: vpn, channel: sessions, "
      "rhythm: steady, scope: estate, remedy: collect it}]}\n");
  ASSERT_TRUE(found.has_value()) << found.error().to_string();
  EXPECT_EQ(found->steps[0].seen_by[0].size(), 1U);
}

TEST(Advisory, RefusesWhatIsWrongWithItsPlaceAndARemedy) {
  const std::string head(kHead);
  const std::string texts[] = {
      head + "rules: [no/such], seen_by: [line]}\n",
      head + "rules: [discovery/two], seen_by: [lines]}\n",
      head + "rules: [discovery/two]}\n",
      head + "rules: [discovery/two], seen_by: [{settings: [no-such]}]}\n",
      head + "rules: [discovery/two], seen_by: [line], hosts: printers}\n",
      head + "rules: [discovery/two], seen_by: [line], colour: red}\n",
      head + "rules: [discovery/two], seen_by: [line]}\n" + head +
          "rules: [discovery/two], seen_by: [line]}\n",
      "  - {id: a, phase: disco, title: {en: A, ja: あ}, rules: [discovery/two], seen_by: [line]}\n",
      "  - {id: a, phase: discovery, title: A, rules: [discovery/two], seen_by: [line]}\n",
      head + "unseen: {en: x, ja: y}, rules: [discovery/two]}\n",
      head + "tags: [t9999], seen_by: [line]}\n",
      head + "rules: [discovery/two], seen_by: [line, {settings: [sysmon-process]}]}\n",
      head + "rules: [discovery/two], seen_by: [line], level: critical}\n",
  };
  for (const std::string& text : texts) {
    const auto found = read(text);
    ASSERT_FALSE(found.has_value()) << text;
    EXPECT_EQ(found.error().place.file, "x.yaml") << text;
    EXPECT_GE(found.error().place.line, 8U) << text << found.error().to_string();
    EXPECT_FALSE(found.error().hint.empty()) << text << found.error().to_string();
  }
}

TEST(Advisory, RefusesFilesThatAreNone) {
  auto table = SettingTable::built_in();
  for (const std::string_view text : {"", "- a\n", "id: [\n", "id: x\n", "text\n"}) {
    const auto found = read_advisory(text, "x.yaml", some_rules(), their_reaches(*table), *table);
    ASSERT_FALSE(found.has_value()) << text;
    EXPECT_EQ(found.error().place.file, "x.yaml") << text;
  }
}

}  // namespace
}  // namespace landwarden::assess
