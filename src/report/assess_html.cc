#include <algorithm>

#include <fmt/format.h>

#include "event/batch.h"
#include "report/assess_report.h"
#include "report/assess_words.h"
#include "report/coverage_html_parts.h"
#include "report/coverage_words.h"
#include "report/html.h"

namespace landwarden::report {
namespace {

std::string badge_of(assess::Verdict verdict) {
  return HtmlPage::badge(verdict_text(verdict), verdict_kind(verdict));
}

void overview(HtmlPage& page, const AssessReport& report) {
  page.begin_table({"Step", "Phase", "Techniques", "Verdict"});
  for (const assess::StepVerdict& verdict : report.assessment.steps) {
    const assess::Step& step = report.advisory.steps[verdict.step];
    page.row({fmt::format("<a href=\"#{}\">{}</a>", html_text(step.id), html_text(step.title.en)),
              html_text(step.phase), html_text(names_text(step.techniques, step.techniques.size())),
              badge_of(verdict.verdict)});
  }
  page.end_table();
}

void hits(HtmlPage& page, const AssessReport& report, const assess::StepVerdict& verdict) {
  if (verdict.hits.empty()) return;
  page.begin_table({"First", "Last", "Host", "Rule", "Matches", "Record", "Why"});
  for (const assess::Hit& hit : verdict.hits) {
    std::string record = html_text(hit.example.channel);
    if (hit.example.has_event_id) record += " " + std::to_string(hit.example.event_id);
    if (hit.example.record_id != event::kNoRecordId)
      record += ", record " + std::to_string(hit.example.record_id);
    record += "<br><span class=\"faint\">" + html_text(hit.example.source) + "</span>";
    page.row({html_text(moment_text(hit.first)), html_text(moment_text(hit.last)), html_text(hit.host),
              html_text(report.rules[hit.rule].title), grouped(hit.count), record,
              html_text(hit.example.why)});
  }
  page.end_table();
  if (verdict.hits_left_out > 0)
    page.paragraph(counted(verdict.hits_left_out, "more pair", "more pairs") +
                   " of rule and host are not listed.");
}

void watched(HtmlPage& page, const AssessReport& report, const assess::StepVerdict& verdict) {
  if (verdict.watched.empty()) return;
  const assess::TimeSet whole(report.assessment.period);
  page.begin_table({"Hosts", "Looked at", "Blind, why, and what would have shown it"});
  for (const assess::Watched& one : verdict.watched) {
    std::string blind;
    for (const assess::BlindPart& part : one.blind) {
      if (!blind.empty()) blind += "<br>";
      blind += html_text(fmt::format("{}: {}", ranges_text(part.times, 12), reason_text(part.why)));
      for (const std::size_t setting : part.settings)
        blind += fmt::format("<br><a href=\"#setting-{}\">{}</a>", setting,
                             html_text(report.table.settings()[setting].name.en));
    }
    const std::vector<std::string> hosts = shown_hosts(one);
    page.row({html_text(names_text(hosts, hosts.size())),
              one.looked == whole ? "the whole period" : html_text(ranges_text(one.looked, 12)), blind});
  }
  page.end_table();
}

void step(HtmlPage& page, const AssessReport& report, const assess::StepVerdict& verdict) {
  const assess::Step& step = report.advisory.steps[verdict.step];
  page.raw(fmt::format("<section id=\"{}\"><h3>{} {}</h3>\n", html_text(step.id), html_text(step.title.en),
                       badge_of(verdict.verdict)));
  page.raw(fmt::format("<p class=\"faint\" lang=\"ja\">{}</p>\n", html_text(step.title.ja)));
  if (!step.unseen.en.empty()) {
    page.paragraph(step.unseen.en);
    page.raw(fmt::format("<p class=\"faint\" lang=\"ja\">{}</p>\n", html_text(step.unseen.ja)));
  }
  if (!step.text.en.empty()) {
    page.paragraph(step.text.en);
    page.raw(fmt::format("<p class=\"faint\" lang=\"ja\">{}</p>\n", html_text(step.text.ja)));
  }
  if (verdict.no_such_host) page.paragraph("No " + role_text(step.hosts) + " is in the evidence.", "bad");
  if (verdict.everyday > 0)
    page.paragraph(counted(verdict.everyday, "everyday match", "everyday matches") +
                       " of its rules below the level that counts.",
                   "faint");
  hits(page, report, verdict);
  watched(page, report, verdict);
  page.raw("</section>\n");
}

}  // namespace

std::string assess_html(const AssessReport& report) {
  HtmlPage page(report.advisory.id + ": has this actor been here?");
  page.heading(1, report.advisory.title.en);
  page.raw(fmt::format("<p class=\"faint\" lang=\"ja\">{}</p>\n", html_text(report.advisory.title.ja)));
  page.paragraph(
      fmt::format("{} of {} steps.", summary_text(report.assessment), report.assessment.steps.size()));
  page.paragraph(
      fmt::format("Period: {} UTC ({}). {} of {}. Advisory: {}", range_text(report.assessment.period),
                  length_text(report.assessment.period.seconds()),
                  counted(report.survey.records, "event", "events"),
                  counted(report.survey.hosts.size(), "host", "hosts"), report.advisory.source),
      "faint");
  page.paragraph(
      "Looked, not found: the logs of every host that the step could have happened on cover the period, and "
      "what would "
      "show the step was being recorded. Blind: it was not, so nothing follows from finding nothing.",
      "faint");
  if (report.survey.incomplete() || report.survey.interrupted)
    page.paragraph("Part of the evidence could not be read: what follows speaks of the rest only.", "bad");
  overview(page, report);
  page.heading(2, "Step by step");
  for (const assess::StepVerdict& verdict : report.assessment.steps) step(page, report, verdict);
  if (!report.assessment.settings.empty()) page.heading(2, "What would have shown the blind steps");
  for (const std::size_t setting : report.assessment.settings) {
    page.raw(fmt::format("<section id=\"setting-{}\">\n", setting));
    setting_remedies(page, report.table.settings()[setting]);
    page.raw("</section>\n");
  }
  return page.take();
}

}  // namespace landwarden::report
