#include "intel/register.h"

#include <set>

#include <gtest/gtest.h>

#include "base/content.h"

namespace landwarden::intel {
namespace {

constexpr const char* kCatalogue = R"(catalogue: ours
source: test
date: 2026-01-01
entries:
  - name: psexec.exe
    kind: binary
    aliases: [psexec64.exe]
    platforms: [windows]
    decision: {verdict: block, reason: one way is enough}
  - name: AnyDesk
    kind: remote-access
    aliases: [anydesk.exe]
  - name: curl
    kind: binary
)";

constexpr const char* kDecisions = R"(decisions:
  - name: PsExec
    verdict: allowed
    hosts: [ADM-*]
    accounts: ['PLANT\adm-?']
    owner: operations
    expires: 2027-03-31
    reason: agreed tool
  - name: [anydesk, 'curl*']
    verdict: watch
    reason: help desk
  - name: ownthing.exe
    verdict: allowed
    owner: plant
    expires: never
    reason: ours
)";

Register made(std::string_view decisions = kDecisions) {
  Register out;
  auto catalogue = read_catalogue(kCatalogue, "ours.yaml");
  EXPECT_TRUE(catalogue);
  out.add(std::move(*catalogue));
  auto read = read_decisions(decisions, "mine.yaml");
  EXPECT_TRUE(read.errors.empty()) << read.errors.front().to_string();
  out.add(std::move(read.decisions));
  return out;
}

const Time kDay = *parse_time("2026-06-01");

Verdict verdict_of(const Register& things, const char* name, Register::Whom whom = {}, Time day = kDay) {
  const Register::Item* item = things.find(name);
  EXPECT_NE(item, nullptr) << name;
  return item == nullptr ? Verdict::undecided : things.verdict(*item, whom, day);
}

TEST(Register, AnExceptionHoldsForItsHostsAndAccountsOnly) {
  const Register things = made();
  EXPECT_EQ(verdict_of(things, "psexec", {"adm-01", R"(plant\ADM-K)"}), Verdict::allowed);
  EXPECT_EQ(verdict_of(things, "psexec", {"WS-07", R"(PLANT\adm-k)"}), Verdict::block);
  EXPECT_EQ(verdict_of(things, "psexec", {"ADM-01", R"(PLANT\operator)"}), Verdict::block);
  EXPECT_EQ(verdict_of(things, "psexec", {"ADM-01", ""}), Verdict::block);
  EXPECT_EQ(verdict_of(things, "psexec"), Verdict::block);
}

TEST(Register, ADecisionHoldsThroughItsLastDay) {
  const Register things = made();
  const Register::Whom whom{"ADM-01", R"(PLANT\adm-k)"};
  EXPECT_EQ(verdict_of(things, "psexec", whom, *parse_time("2027-03-31T23:59:59Z")), Verdict::allowed);
  EXPECT_EQ(verdict_of(things, "psexec", whom, *parse_time("2027-04-01")), Verdict::block);
  EXPECT_TRUE(things.expired(*parse_time("2027-03-31")).empty());
  ASSERT_EQ(things.expired(*parse_time("2027-04-01")).size(), 1U);
  EXPECT_EQ(things.expired(*parse_time("2027-04-01"))[0]->decision.place.line, 2U);
}

TEST(Register, NamesAreFoundByAliasFolderAndWithoutEnding) {
  const Register things = made();
  for (const char* name : {"PSEXEC", "psexec.exe", "PsExec64", R"(C:\tools\psexec64.EXE)"}) {
    ASSERT_NE(things.find(name), nullptr) << name;
    EXPECT_EQ(things.find(name)->name, "psexec.exe");
  }
  EXPECT_EQ(things.find("anydesk.exe"), things.find("AnyDesk"));
  EXPECT_EQ(things.find("teamviewer"), nullptr);
}

TEST(Register, PatternsAndListsOfNamesReachWhatTheyFit) {
  const Register things = made();
  EXPECT_EQ(verdict_of(things, "anydesk"), Verdict::watch);
  EXPECT_EQ(verdict_of(things, "curl"), Verdict::watch);
}

TEST(Register, WhatNoCatalogueHasIsThereOnceDecided) {
  const Register things = made();
  EXPECT_EQ(verdict_of(things, "OwnThing"), Verdict::allowed);
  EXPECT_TRUE(things.find("ownthing")->entries.empty());
  EXPECT_EQ(things.items().size(), 4U);
}

TEST(Register, TellsWhyEachDecisionHoldsOrNot) {
  const Register things = made();
  using State = Register::Standing::State;
  const auto& item = *things.find("psexec");
  const auto states = [&](Register::Whom whom, const char* day) {
    std::vector<State> out;
    for (const auto& standing : things.standings(item, whom, *parse_time(day))) out.push_back(standing.state);
    return out;
  };
  EXPECT_EQ(states({}, "2026-06-01"), (std::vector{State::elsewhere, State::in_force}));
  EXPECT_EQ(states({"ADM-1", R"(PLANT\adm-k)"}, "2026-06-01"),
            (std::vector{State::in_force, State::overruled}));
  EXPECT_EQ(states({"ADM-1", R"(PLANT\adm-k)"}, "2028-01-01"),
            (std::vector{State::expired, State::in_force}));
}

TEST(Register, EverySlipOfAFileIsNamedWithItsPlace) {
  const auto read = read_decisions(R"(decisions:
  - {name: a, verdict: fine, reason: b}
  - {name: a, verdict: watch}
  - {name: a, verdict: allowed, reason: b, expires: 2027-01-01}
  - {name: a, verdict: allowed, reason: b, owner: c}
  - {name: a, verdict: watch, reason: b, expires: soon}
  - {name: a, verdict: watch, reason: b, host: x}
  - {name: a, verdict: watch, reason: b}
)",
                                   "mine.yaml");
  std::vector<std::string> told;
  for (const Error& error : read.errors)
    told.push_back(std::to_string(error.place.line) + " " + error.message);
  EXPECT_EQ(told, (std::vector<std::string>{"2 a verdict is allowed, watch or block, not 'fine'",
                                            "3 a decision needs 'reason'", "4 a decision needs 'owner'",
                                            "5 what is allowed needs 'expires': the last day, or never",
                                            "6 'expires' is a date such as 2027-03-31, not 'soon'",
                                            "7 unknown key 'host' in a decision"}));
  EXPECT_EQ(read.decisions.size(), 1U);
}

TEST(Register, OursHoldWhereNobodyElseHasDecided) {
  Register things = made("decisions: []\n");
  const auto ours = read_decisions(R"(decisions:
  - {name: [psexec, curl, xwizard, syssetup.dll], verdict: watch, reason: a}
  - {name: '*', kind: remote-access, verdict: block, reason: b}
)",
                                   "ours.yaml");
  things.add_defaults(ours.decisions);
  EXPECT_EQ(verdict_of(things, "psexec"), Verdict::block) << "the catalogue's own";
  EXPECT_EQ(verdict_of(things, "curl"), Verdict::watch);
  EXPECT_EQ(verdict_of(things, "AnyDesk"), Verdict::block) << "by its kind";
  EXPECT_EQ(verdict_of(things, "xwizard.exe"), Verdict::watch) << "no catalogue has it";
  EXPECT_EQ(things.find("syssetup.dll")->kind, ThingKind::library);
  EXPECT_EQ(things.standings(*things.find("psexec"), {}, kDay).size(), 1U);
  things.add(
      read_decisions("decisions:\n  - {name: curl, verdict: block, reason: c}\n", "mine.yaml").decisions);
  EXPECT_EQ(verdict_of(things, "curl"), Verdict::block) << "the user's";
}

TEST(Register, OurDecisionsCanBeReadAndNameEachThingOnce) {
  const auto text = content::find("decisions.yaml");
  ASSERT_TRUE(text);
  const auto read = read_decisions(*text, "decisions.yaml");
  ASSERT_TRUE(read.errors.empty()) << read.errors.front().to_string();
  Register catalogues;
  for (const Catalogue& catalogue : built_in_catalogues()) catalogues.add(catalogue);
  std::set<std::string> seen;
  for (const UserDecision& decision : built_in_decisions()) {
    EXPECT_NE(decision.decision.verdict, Verdict::allowed) << "who would own it?";
    for (const std::string& name : decision.names) {
      EXPECT_TRUE(seen.insert(name + (decision.kind ? std::string(to_text(*decision.kind)) : "")).second)
          << name;
      if (decision.kind) continue;
      const Register::Item* item = catalogues.find(name);  // by an alias it may be there
      EXPECT_TRUE(item == nullptr || name_key(item->name) != name_key(name))
          << name << " has a decision in its catalogue";
    }
  }
  EXPECT_GT(seen.size(), 240U);
}

}  // namespace
}  // namespace landwarden::intel
