#include "report/html.h"

#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "report/assess_report.h"
#include "report/coverage_report.h"
#include "triage/attack.h"

namespace landwarden::report {
namespace {

constexpr const char* kHostile = "<script>alert('x')</script>\"&\x1b[31m";

TEST(Html, EscapesWhatABrowserWouldObeyAndShowsWhatATerminalWould) {
  EXPECT_EQ(html_text("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  EXPECT_EQ(html_text("a\x1b"
                      "b"),
            "a\\x1bb");
  EXPECT_EQ(html_text("\xe2\x80\xae"), "\\u{202e}");
}

TEST(Html, KeepsLinesAndIndentationOfCommands) {
  EXPECT_EQ(HtmlPage::code("a\n  <b>\n"), "<pre>a\n  &lt;b&gt;</pre>");
}

/// One host with that name, and one log of a day.
triage::Survey survey_of(const std::string& name) {
  triage::Survey survey;
  const Time first =
      from_civil({.year = 2026, .month = 3, .day = 1, .hour = 0, .minute = 0, .second = 0, .tick = 0});
  survey.first = first;
  survey.last = {first.ticks + triage::kTicksPerDay - 1};
  survey.sources.emplace_back();
  for (const std::string& channel : {std::string("Security"), name}) {
    triage::LogSurvey log;
    log.host = name;
    log.channel = channel;
    log.first = survey.first;
    log.last = survey.last;
    log.numbered = true;
    log.first_number = 1;
    log.last_number = 9;
    survey.sources.back().logs.push_back(std::move(log));
    triage::Arrival arrival;
    arrival.host = name;
    arrival.product = "windows";
    arrival.channel = channel;
    arrival.event_id = 1102;
    arrival.has_event_id = true;
    arrival.records = 9;
    arrival.days.add({triage::day_of(first), triage::day_of(first), 0}, triage::kDayRuns);
    survey.arrivals.push_back(std::move(arrival));
  }
  return survey;
}

/// No tag but ours, no script, nothing from outside.
void expect_contained(const std::string& page) {
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  for (const char* outside : {"src=", "url(", "@import", "<link", "<iframe", "<img"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  const std::regex tag("<(/?[a-z0-9!]+)");
  for (auto at = std::sregex_iterator(page.begin(), page.end(), tag); at != std::sregex_iterator(); ++at) {
    static const std::set<std::string> ours = {
        "!doctype", "html",    "head",    "meta",   "title", "style", "body", "main",   "h1",
        "h2",       "h3",      "h4",      "p",      "table", "tr",    "th",   "td",     "div",
        "span",     "details", "summary", "strong", "pre",   "br",    "a",    "section"};
    std::string name = (*at)[1];
    if (name.starts_with('/')) name.erase(0, 1);
    EXPECT_TRUE(ours.contains(name)) << name;
  }
}

TEST(Html, NamesInEvidenceStayText) {
  auto table = assess::SettingTable::built_in();
  ASSERT_TRUE(table.has_value());
  const triage::Survey survey = survey_of(kHostile);
  const assess::Coverage coverage = assess::coverage_of(survey, {}, *table);
  const std::string page = coverage_html(coverage, *table, survey);
  expect_contained(page);
  EXPECT_NE(page.find("&lt;script&gt;"), std::string::npos) << "the host is shown";
  const std::string screen = coverage_screen(coverage, *table, survey, {.screen = {}, .all = true});
  EXPECT_EQ(screen.find('\x1b'), std::string::npos);
}

TEST(Html, NamesInEvidenceStayTextInAnAssessment) {
  auto table = assess::SettingTable::built_in();
  const triage::Survey survey = survey_of(kHostile);
  sigma::Rule rule;
  rule.file = "discovery/two.yml";
  rule.title = kHostile;
  rule.level = sigma::Level::high;
  const sigma::RuleTable rules({rule});
  std::vector<assess::RuleReach> reaches(1);
  reaches[0].ways = {{*table->find("sysmon-process")}};
  const auto advisory = assess::read_advisory(
      "id: x\ntitle: {en: '<b>', ja: 題}\nsource: '<i>'\nsteps:\n"
      "  - {id: a, phase: discovery, title: {en: '<u>', ja: あ}, rules: [discovery/two],\n"
      "     seen_by: [{settings: [sysmon-process]}]}\n",
      "x.yaml", rules, reaches, *table);
  ASSERT_TRUE(advisory.has_value()) << advisory.error().to_string();
  const auto attack = triage::AttackTable::built_in();
  triage::Summary found(rules, *attack);
  sigma::Match match;
  match.host = kHostile;
  match.channel = kHostile;
  match.why = kHostile;
  match.time = survey.first;
  found.add(match, kHostile);
  const assess::Assessment assessment = assess::assess(*advisory, survey, found, *table);
  ASSERT_EQ(assessment.count(assess::Verdict::found), 1U);
  const AssessReport report{*advisory, assessment, *table, survey, rules};
  expect_contained(assess_html(report));
  EXPECT_EQ(assess_screen(report, {.screen = {}, .all = true, .written = {}}).find('\x1b'),
            std::string::npos);
}

}  // namespace
}  // namespace landwarden::report
