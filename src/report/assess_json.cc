#include "event/batch.h"
#include "report/assess_report.h"
#include "report/coverage_json_parts.h"

namespace landwarden::report {
namespace {

void hits(JsonWriter& json, const AssessReport& report, const assess::StepVerdict& verdict) {
  lines(json, "matches", verdict.hits, [&](const assess::Hit& hit) {
    const sigma::Rule& rule = report.rules[hit.rule];
    json.key("rule").text(rule.title);
    json.key("rule_id").text(rule.id);
    json.key("level").text(sigma::to_text(triage::level_of(rule)));
    json.key("host").text(hit.host);
    json.key("count").number(hit.count);
    times(json, hit.first, hit.last);
    json.key("source").text(hit.example.source);
    json.key("channel").text(hit.example.channel);
    json.key("event_id");
    if (hit.example.has_event_id) {
      json.number(hit.example.event_id);
    } else {
      json.null();
    }
    json.key("record_id");
    if (hit.example.record_id != event::kNoRecordId) {
      json.number(hit.example.record_id);
    } else {
      json.null();
    }
    json.key("why").text(hit.example.why);
  });
}

void watched(JsonWriter& json, const AssessReport& report, const assess::StepVerdict& verdict) {
  list(json, "watched", verdict.watched, [&](const assess::Watched& one) {
    json.open('{');
    json.key("estate").truth(one.estate);
    texts(json, "hosts", one.estate ? std::vector<std::string>() : one.hosts);
    json.begin_flat_key("times");
    json.open('{');
    ranges(json, "looked", one.looked);
    json.close('}');
    json.end_flat();
    lines(json, "blind", one.blind, [&](const assess::BlindPart& part) {
      json.key("why").text(assess::to_text(part.why));
      json.key("settings").open('[');
      for (const std::size_t setting : part.settings) json.text(report.table.settings()[setting].id);
      json.close(']');
      ranges(json, "times", part.times);
    });
    json.close('}');
  });
}

}  // namespace

std::string assess_json(const AssessReport& report) {
  JsonWriter json;
  json.open('{');
  json.key("advisory").text(report.advisory.id);
  json.key("title").text(report.advisory.title.en);
  json.key("title_ja").text(report.advisory.title.ja);
  json.key("source").text(report.advisory.source);
  evidence_facts(json, report.survey, report.assessment.period);
  json.key("verdicts").open('{');
  for (const auto verdict : {assess::Verdict::found, assess::Verdict::not_found,
                             assess::Verdict::partly_blind, assess::Verdict::blind})
    json.key(assess::to_text(verdict)).number(report.assessment.count(verdict));
  json.close('}');
  list(json, "steps", report.assessment.steps, [&](const assess::StepVerdict& verdict) {
    const assess::Step& step = report.advisory.steps[verdict.step];
    json.open('{');
    json.key("id").text(step.id);
    json.key("phase").text(step.phase);
    json.key("title").text(step.title.en);
    json.key("title_ja").text(step.title.ja);
    texts(json, "techniques", step.techniques);
    json.key("verdict").text(assess::to_text(verdict.verdict));
    json.key("unseen").text(step.unseen.en);
    json.key("unseen_ja").text(step.unseen.ja);
    json.key("no_such_host").truth(verdict.no_such_host);
    json.key("everyday_matches").number(verdict.everyday);
    json.key("matches_left_out").number(verdict.hits_left_out);
    hits(json, report, verdict);
    watched(json, report, verdict);
    json.close('}');
  });
  list(json, "settings", report.assessment.settings,
       [&](std::size_t setting) { setting_object(json, report.table.settings()[setting]); });
  json.close('}');
  return json.take();
}

}  // namespace landwarden::report
