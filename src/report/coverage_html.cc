#include <algorithm>

#include <fmt/format.h>

#include "report/coverage_html_parts.h"
#include "report/coverage_report.h"
#include "report/coverage_words.h"
#include "report/html.h"

namespace landwarden::report {
namespace {

std::string number(std::uint64_t value) {
  return grouped(value);
}

void plan(HtmlPage& page, const assess::Coverage& coverage, const assess::SettingTable& table) {
  page.heading(2, "What to switch on, in this order");
  page.paragraph(
      "Each step is the one that lets rules show the most techniques on hosts where none could before; then "
      "the one "
      "that lets most rules fire.",
      "faint");
  if (coverage.plan.empty()) page.paragraph("Nothing that would let another rule fire.");
  for (std::size_t i = 0; i < coverage.plan.size(); ++i) {
    const assess::PlanStep& step = coverage.plan[i];
    std::vector<std::string> names, hosts;
    for (const std::size_t setting : step.settings) names.push_back(table.settings()[setting].name.en);
    for (const std::string& host : step.hosts) hosts.push_back(host_text(host, host.empty()));
    page.raw(fmt::format("<details{}><summary><strong>{}. {}</strong>: {}, {}, on {}</summary>\n",
                         i < 3 ? " open" : "", i + 1, html_text(names_text(names, names.size())),
                         counted(step.rules, "rule", "rules"),
                         counted(step.techniques.size(), "technique", "techniques"),
                         counted(step.hosts.size(), "host", "hosts")));
    page.paragraph("Hosts: " + names_text(hosts, hosts.size()));
    if (!step.techniques.empty())
      page.paragraph("Techniques that nobody could see there: " +
                     names_text(step.techniques, step.techniques.size()));
    for (const std::size_t setting : step.settings) setting_remedies(page, table.settings()[setting]);
    page.raw("</details>\n");
  }
}

void hosts(HtmlPage& page, const assess::Coverage& coverage, const assess::SettingTable& table) {
  page.heading(2, "Hosts");
  page.begin_table({"Host", "Rules that could fire", "Techniques that could be seen", "From", "To", "Clock",
                    "Logging touched"});
  for (const assess::HostCoverage& host : coverage.hosts) {
    std::string who = html_text(host_text(host.host, host.estate));
    for (const std::string& role : host.roles)
      who += " <span class=\"faint\">" + html_text(role_text(role)) + "</span>";
    std::string signs;
    for (const assess::SignSeen& sign : host.signs)
      signs += (signs.empty() ? "" : ", ") + html_text(table.signs()[sign.sign].title.en) + " " +
               number(sign.records);
    std::string clock = host.estate ? "" : HtmlPage::badge("steady", "good");
    if (host.clock.doubtful())
      clock = HtmlPage::badge("doubtful", "bad") + " " +
              html_text(fmt::format("changed {} times, by up to {}", host.clock.sets + host.clock.jumps,
                                    length_text(host.clock.farthest_seconds)));
    page.row({who, fmt::format("{} of {}", host.rules_can, host.rules),
              fmt::format("{} of {}", host.techniques_can, host.techniques),
              host.estate ? "" : html_text(moment_text(host.seen.begin)),
              host.estate ? "" : html_text(moment_text(host.seen.end)), clock, signs});
  }
  page.end_table();
}

void costs(HtmlPage& page, const assess::Coverage& coverage, const assess::SettingTable& table) {
  page.heading(2, "What each gap costs");
  page.paragraph(
      "Rules that cannot fire on some host for want of the setting, and techniques that no rule can show "
      "there.",
      "faint");
  page.begin_table(
      {"Setting", "Arrives", "In part", "Missing", "Not shown", "Rules lost", "Techniques lost"});
  for (const assess::SettingCost& cost : coverage.costs) {
    page.row({html_text(table.settings()[cost.setting].name.en), number(cost.hosts_on),
              number(cost.hosts_partly), number(cost.hosts_without), number(cost.hosts_unproven),
              number(cost.rules), html_text(names_text(cost.techniques, 12))});
  }
  page.end_table();
}

void settings_of(HtmlPage& page, const assess::HostCoverage& host, const assess::SettingTable& table) {
  page.begin_table({"Setting", "State", "Events", "Looked at", "Blind"});
  for (const assess::SettingOnHost& setting : host.settings) {
    page.row({html_text(table.settings()[setting.setting].name.en),
              HtmlPage::badge(state_text(setting.state), state_kind(setting.state)),
              number(setting.sight.records), html_text(ranges_text(setting.sight.looked)),
              blind_text(setting.sight)});
  }
  page.end_table();
}

void channels_of(HtmlPage& page, const assess::HostCoverage& host, const assess::SettingTable& table) {
  std::vector<std::string> heads = {
      "Channel", "Events", "From", "To", "Numbers missing", "Time", "Fraction of a second", "Record number"};
  for (const assess::Text& title : table.watch_titles()) heads.push_back(html_text(title.en));
  page.begin_table(heads);
  for (const assess::ChannelCoverage& channel : host.channels) {
    const auto share = [&](std::uint64_t part) { return html_text(share_text(part, channel.records)); };
    std::vector<std::string> cells = {html_text(channel.channel),
                                      number(channel.records),
                                      html_text(moment_text(channel.first)),
                                      html_text(moment_text(channel.last)),
                                      channel.excerpt    ? "an excerpt"
                                      : channel.numbered ? number(channel.numbers_missing)
                                                         : "not numbered",
                                      share(channel.records - channel.without_time),
                                      share(channel.records - channel.without_time - channel.whole_seconds),
                                      share(channel.records - channel.without_number)};
    for (const std::uint64_t filled : channel.filled) cells.push_back(share(filled));
    page.row(cells);
  }
  page.end_table();
}

}  // namespace

std::string coverage_html(const assess::Coverage& coverage, const assess::SettingTable& table,
                          const triage::Survey& survey) {
  HtmlPage page("Logging coverage");
  page.heading(1, "Logging coverage");
  page.paragraph(fmt::format(
      "{} of {} could fire somewhere; {} of {} could be seen. Period: {} UTC ({}), {}.",
      grouped(coverage.rules_somewhere), counted(coverage.rules, "rule", "rules"),
      grouped(coverage.techniques_somewhere),
      counted(coverage.techniques, "ATT&CK technique", "ATT&CK techniques"), range_text(coverage.period),
      length_text(coverage.period.seconds()), counted(survey.records, "event", "events")));
  if (survey.incomplete() || survey.interrupted)
    page.paragraph("Part of the evidence could not be read: what follows speaks of the rest only.", "bad");
  plan(page, coverage, table);
  hosts(page, coverage, table);
  costs(page, coverage, table);
  page.heading(2, "Host by host");
  for (const assess::HostCoverage& host : coverage.hosts) {
    page.raw("<details><summary>" + html_text(host_text(host.host, host.estate)) + "</summary>\n");
    settings_of(page, host, table);
    if (!host.estate) channels_of(page, host, table);
    page.raw("</details>\n");
  }
  return page.take();
}

}  // namespace landwarden::report
