#include <algorithm>

#include <fmt/format.h>

#include "report/assess_report.h"
#include "report/assess_words.h"
#include "report/coverage_words.h"
#include "report/host_names.h"

namespace landwarden::report {
namespace {

constexpr std::size_t kHits = 4, kHosts = 6, kSettings = 6, kParts = 3;

class AssessScreen {
 public:
  AssessScreen(const AssessReport& report, const AssessScreenOptions& options)
      : report_(report), options_(options), screen_(options.screen), names_(host_names(report.survey)) {}

  [[nodiscard]] std::string text() {
    const assess::Assessment& assessment = report_.assessment;
    screen_.line(screen_.paint(report_.advisory.id + ": " + summary_text(assessment), Ink::strong));
    screen_.line();
    screen_.paragraph("  ", report_.advisory.title.en);
    screen_.line(fmt::format("  Period    {} UTC, {}", range_text(assessment.period),
                             length_text(assessment.period.seconds())));
    screen_.line(fmt::format("  Evidence  {} of {}", counted(report_.survey.records, "event", "events"),
                             counted(report_.survey.hosts.size(), "host", "hosts")));
    std::string phase;
    for (const assess::StepVerdict& verdict : assessment.steps) {
      const assess::Step& step = report_.advisory.steps[verdict.step];
      if (step.phase != phase) {
        phase = step.phase;
        std::string heading = phase;
        std::ranges::replace(heading, '-', ' ');
        screen_.line();
        screen_.heading(screen_.paint(heading, Ink::strong), heading.size());
      }
      show(verdict, step);
    }
    settings();
    if (!options_.written.empty()) {
      screen_.line();
      screen_.line("The whole of it, with the settings to copy: " + screen_.safe(options_.written));
    }
    return screen_.text();
  }

 private:
  static HostNames host_names(const triage::Survey& survey) {
    std::vector<std::string> names;
    for (const triage::HostSurvey& host : survey.hosts) names.push_back(host.host);
    return HostNames(names);
  }
  [[nodiscard]] std::size_t most(std::size_t limit, std::size_t all) const {
    return options_.all ? all : std::min(limit, all);
  }
  void more(std::size_t shown, std::size_t all, std::string_view one, std::string_view many) {
    if (all > shown)
      screen_.line(fmt::format("      and {} more; --all shows all", counted(all - shown, one, many)));
  }
  [[nodiscard]] std::string hosts(const assess::Watched& watched) const {
    std::vector<std::string> names = shown_hosts(watched);
    if (!watched.estate)
      std::ranges::transform(names, names.begin(), [&](const auto& name) { return names_.show(name); });
    return screen_.safe(names_text(names, most(kHosts, names.size())));
  }

  void show(const assess::StepVerdict& verdict, const assess::Step& step) {
    screen_.line(fmt::format(
        "  {}  {}",
        screen_.paint(padded(std::string(verdict_text(verdict.verdict)), 23), verdict_ink(verdict.verdict)),
        step.title.en));
    if (!step.unseen.en.empty()) return screen_.paragraph("      ", step.unseen.en, Ink::faint);
    hits(verdict);
    if (verdict.everyday > 0)
      screen_.line("      " + screen_.paint(counted(verdict.everyday, "everyday match", "everyday matches") +
                                                " of its rules below the level that counts",
                                            Ink::faint));
    if (verdict.no_such_host)
      screen_.paragraph("      ", fmt::format("no {} is in the evidence", role_text(step.hosts)), Ink::faint);
    for (const assess::Watched& watched : verdict.watched) show_watched(watched, verdict.verdict);
  }

  void hits(const assess::StepVerdict& verdict) {
    const std::size_t shown = most(kHits, verdict.hits.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const assess::Hit& hit = verdict.hits[i];
      std::string line =
          fmt::format("{} {} {} {}", moment_text(hit.first), screen_.safe(names_.show(hit.host)),
                      screen_.sign(Sign::dot), screen_.safe(report_.rules[hit.rule].title));
      if (hit.count > 1) line += fmt::format(" {}{}", hit.count, screen_.sign(Sign::times));
      screen_.paragraph("      ", line);
    }
    more(shown, verdict.hits.size() + verdict.hits_left_out, "match", "matches");
  }

  void show_watched(const assess::Watched& watched, assess::Verdict verdict) {
    const bool blind = !watched.blind.empty();
    const bool whole = watched.looked == assess::TimeSet(report_.assessment.period);
    if (!watched.looked.empty() && verdict != assess::Verdict::found)
      screen_.paragraph("      ",
                        fmt::format("looked at {}: {}", hosts(watched),
                                    whole ? "the whole period" : ranges_text(watched.looked)),
                        Ink::faint);
    if (!blind) return;
    const std::size_t shown = most(kParts, watched.blind.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const assess::BlindPart& part = watched.blind[i];
      screen_.paragraph("      ",
                        fmt::format("blind on {}: {}: {} ({})", hosts(watched), ranges_text(part.times),
                                    reason_text(part.why), wanted_text(part, report_.table)));
    }
    more(shown, watched.blind.size(), "reason", "reasons");
  }

  void settings() {
    const std::vector<std::size_t>& settings = report_.assessment.settings;
    if (settings.empty()) return;
    screen_.line();
    constexpr std::string_view kHeading = "What would have shown the blind steps";
    screen_.heading(screen_.paint(kHeading, Ink::strong), kHeading.size());
    const std::size_t shown = most(kSettings, settings.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const assess::Setting& setting = report_.table.settings()[settings[i]];
      screen_.line("  " + screen_.paint(setting.name.en, Ink::strong));
      for (const assess::Remedy& remedy : setting.remedies) {
        if (remedy.text.find('\n') == std::string::npos)
          screen_.paragraph(fmt::format("     {:<9} ", remedy.way), remedy.text, Ink::faint);
      }
    }
    more(shown, settings.size(), "setting", "settings");
  }

  const AssessReport& report_;
  const AssessScreenOptions& options_;
  Screen screen_;
  HostNames names_;
};

}  // namespace

std::string assess_screen(const AssessReport& report, const AssessScreenOptions& options) {
  return AssessScreen(report, options).text();
}

}  // namespace landwarden::report
