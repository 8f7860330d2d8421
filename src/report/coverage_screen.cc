#include <algorithm>

#include <fmt/format.h>

#include "report/coverage_report.h"
#include "report/coverage_words.h"
#include "report/host_names.h"

namespace landwarden::report {
namespace {

constexpr std::size_t kSteps = 8, kHosts = 24, kNames = 6, kRemedies = 2;

class CoverageScreen {
 public:
  CoverageScreen(const assess::Coverage& coverage, const assess::SettingTable& table,
                 const triage::Survey& survey, const CoverageScreenOptions& options)
      : coverage_(coverage),
        table_(table),
        survey_(survey),
        options_(options),
        screen_(options.screen),
        names_(host_names(coverage)) {}

  [[nodiscard]] std::string text() {
    head();
    signs();
    hosts();
    missing();
    plan();
    tail();
    return screen_.text();
  }

 private:
  static HostNames host_names(const assess::Coverage& coverage) {
    std::vector<std::string> names;
    for (const assess::HostCoverage& host : coverage.hosts) {
      if (!host.estate) names.push_back(host.host);
    }
    return HostNames(names);
  }
  [[nodiscard]] std::string name(const assess::HostCoverage& host) const {
    return screen_.safe(host.estate || host.host.empty() ? host_text(host.host, host.estate)
                                                         : names_.show(host.host));
  }
  [[nodiscard]] std::size_t most(std::size_t limit, std::size_t all) const {
    return options_.all ? all : std::min(limit, all);
  }
  void more(std::size_t shown, std::size_t all, std::string_view one, std::string_view many) {
    if (all > shown)
      screen_.line(fmt::format("  and {} more; --all shows all", counted(all - shown, one, many)));
  }
  void heading(std::string_view text) {
    screen_.line();
    screen_.heading(screen_.paint(text, Ink::strong), text.size());
  }

  void head() {
    std::size_t machines = 0;
    for (const assess::HostCoverage& host : coverage_.hosts) machines += host.estate ? 0 : 1;
    screen_.line(screen_.paint(
        fmt::format("{} of {} could fire somewhere, {} of {} could be seen",
                    grouped(coverage_.rules_somewhere), counted(coverage_.rules, "rule", "rules"),
                    grouped(coverage_.techniques_somewhere),
                    counted(coverage_.techniques, "technique", "techniques")),
        Ink::strong));
    screen_.line();
    screen_.line(fmt::format("  Evidence  {} of {}", counted(survey_.records, "event", "events"),
                             counted(machines, "host", "hosts")));
    screen_.line(fmt::format("  Period    {} UTC, {}", range_text(coverage_.period),
                             length_text(coverage_.period.seconds())));
    if (coverage_.rules_without_way > 0)
      screen_.line(fmt::format("  Rules     {} look at evidence that nothing here reads yet",
                               grouped(coverage_.rules_without_way)));
  }

  void signs() {
    bool any = false;
    for (const assess::HostCoverage& host : coverage_.hosts) {
      std::vector<std::string> parts;
      for (const assess::SignSeen& seen : host.signs)
        parts.push_back(fmt::format("{} {}{}", table_.signs()[seen.sign].title.en, seen.records,
                                    screen_.sign(Sign::times)));
      const assess::ClockTrust& clock = host.clock;
      if (clock.sets + clock.jumps > 0)
        parts.push_back(fmt::format("clock changed {}{}, by up to {}", clock.sets + clock.jumps,
                                    screen_.sign(Sign::times), length_text(clock.farthest_seconds)));
      if (clock.without_time > 0)
        parts.push_back(counted(clock.without_time, "event", "events") + " without a time");
      std::uint64_t missing = 0;
      for (const assess::ChannelCoverage& channel : host.channels)
        missing += channel.excerpt ? 0 : channel.numbers_missing;
      if (missing > 0) parts.push_back(counted(missing, "record number", "record numbers") + " missing");
      if (parts.empty()) continue;
      if (!any) heading("Logging itself was touched, or cannot be trusted");
      any = true;
      screen_.paragraph(fmt::format("  {}  ", padded(name(host), 14)), names_text(parts, parts.size()));
    }
  }

  void hosts() {
    heading("Hosts: rules that could fire, techniques that could be seen, and how far back");
    const std::size_t shown = most(kHosts, coverage_.hosts.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const assess::HostCoverage& host = coverage_.hosts[i];
      std::size_t on = 0, partly = 0;
      for (const assess::SettingOnHost& setting : host.settings) {
        on += setting.state == assess::State::on ? 1 : 0;
        partly += setting.state == assess::State::partly ? 1 : 0;
      }
      std::string line =
          fmt::format("{:>4} of {:<4} rules  {:>4} of {:<4} techniques  {} of {} settings", host.rules_can,
                      host.rules, host.techniques_can, host.techniques, on + partly, host.settings.size());
      if (partly > 0) line += fmt::format(" ({} in part)", partly);
      if (!host.estate)
        line += ", " + length_text((assess::TimeRange{host.seen.begin, host.seen.end}).seconds());
      for (const std::string& role : host.roles) line += ", " + role_text(role);
      screen_.line(
          fmt::format("  {}  {}", padded(shortened(name(host), 14, options_.screen.unicode), 14), line));
    }
    more(shown, coverage_.hosts.size(), "host", "hosts");
  }

  /// What a setting lacks, over all hosts, worst first.
  void missing() {
    heading("What does not arrive, and what that costs");
    std::vector<const assess::SettingCost*> costs;
    for (const assess::SettingCost& cost : coverage_.costs) {
      if (cost.hosts_without + cost.hosts_unproven + cost.hosts_partly > 0) costs.push_back(&cost);
    }
    std::ranges::stable_sort(costs, std::greater{}, &assess::SettingCost::rules);
    const std::size_t shown = most(2 * kSteps, costs.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const assess::SettingCost& cost = *costs[i];
      const assess::Setting& setting = table_.settings()[cost.setting];
      std::vector<std::string> parts;
      const auto part = [&](std::uint64_t hosts, std::string_view what) {
        if (hosts > 0)
          parts.push_back(
              fmt::format("{} on {}", what, setting.estate ? "the estate" : counted(hosts, "host", "hosts")));
      };
      part(cost.hosts_without, "missing");
      part(cost.hosts_unproven, "not shown");
      part(cost.hosts_partly, "in part");
      std::string line = names_text(parts, parts.size());
      if (cost.rules > 0)
        line += fmt::format("; costs {} and {} there", counted(cost.rules, "rule", "rules"),
                            counted(cost.techniques.size(), "technique", "techniques"));
      screen_.paragraph(
          fmt::format("  {}  ", padded(shortened(setting.name.en, 44, options_.screen.unicode), 44)), line,
          cost.rules > 0 ? Ink::plain : Ink::faint);
    }
    more(shown, costs.size(), "setting", "settings");
  }

  void plan() {
    heading("Switch these on, in this order");
    if (coverage_.plan.empty()) {
      screen_.line("  Nothing that would let another rule fire.");
      return;
    }
    const std::size_t shown = most(kSteps, coverage_.plan.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const assess::PlanStep& step = coverage_.plan[i];
      std::vector<std::string> names;
      for (const std::size_t setting : step.settings) names.push_back(table_.settings()[setting].name.en);
      screen_.paragraph(fmt::format("{:>3}. ", i + 1), names_text(names, names.size()), Ink::strong);
      std::vector<std::string> hosts;
      for (const std::string& host : step.hosts)
        hosts.push_back(host.empty() ? host_text(host, true) : screen_.safe(names_.show(host)));
      screen_.paragraph("     ", fmt::format("on {}: {} more, {} nobody could see",
                                             names_text(hosts, most(kNames, hosts.size())),
                                             counted(step.rules, "rule", "rules"),
                                             counted(step.techniques.size(), "technique", "techniques")));
      for (const std::size_t index : step.settings) remedies(table_.settings()[index]);
    }
    more(shown, coverage_.plan.size(), "step", "steps");
  }

  void remedies(const assess::Setting& setting) {
    std::size_t told = 0;
    for (const assess::Remedy& remedy : setting.remedies) {
      if (!options_.all && told++ == kRemedies) break;
      const bool block = remedy.text.find('\n') != std::string::npos;
      const std::string text =
          block ? "a part of its configuration; --format html or --all shows it" : remedy.text;
      if (!block || !options_.all) {
        screen_.paragraph(fmt::format("     {:<9} ", remedy.way), text, Ink::faint);
        continue;
      }
      screen_.line(fmt::format("     {}", remedy.way));
      std::string_view rest = remedy.text;
      while (!rest.empty()) {
        const auto end = rest.find('\n');
        screen_.line("       " + std::string(rest.substr(0, end)));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
      }
    }
  }

  void tail() {
    screen_.line();
    screen_.paragraph(
        "",
        "What could not be seen is not known to be absent. landwarden assess says for each step of an "
        "advisory whether it was found, looked for in vain, or could not have been seen.");
  }

  const assess::Coverage& coverage_;
  const assess::SettingTable& table_;
  const triage::Survey& survey_;
  const CoverageScreenOptions& options_;
  Screen screen_;
  HostNames names_;
};

}  // namespace

std::string coverage_screen(const assess::Coverage& coverage, const assess::SettingTable& table,
                            const triage::Survey& survey, const CoverageScreenOptions& options) {
  return CoverageScreen(coverage, table, survey, options).text();
}

}  // namespace landwarden::report
