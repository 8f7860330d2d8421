#include "report/evidence_json.h"

#include <string_view>

#include "event/batch.h"
#include "report/json_writer.h"

namespace landwarden::report {
namespace {

void events(JsonWriter& json, const std::vector<triage::EventCount>& counts) {
  lines(json, "events", counts, [&](const triage::EventCount& count) {
    json.key("channel").text(count.channel);
    json.key("provider").text(count.provider);
    json.key("event_id");
    if (count.has_event_id) {
      json.number(count.event_id);
    } else {
      json.null();
    }
    json.key("title").text(count.title);
    json.key("records").number(count.records);
    json.key("rules_look_at_it").truth(count.ruled);
  });
}

void log(JsonWriter& json, const triage::LogSurvey& log) {
  json.key("channel").text(log.channel);
  json.key("host").text(log.host);
  json.key("records").number(log.records);
  times(json, log.first, log.last);
  if (!log.numbered) return;
  json.key("first_record_id").number(log.first_number);
  json.key("last_record_id").number(log.last_number);
  json.key("excerpt").truth(log.excerpt);
  json.key("record_ids_missing").number(log.numbers_missing);
  json.key("record_ids_repeated").number(log.numbers_repeated);
  json.key("gaps_total").number(log.gaps_total);
  list(json, "gaps", log.gaps, [&](const triage::NumberGap& gap) {
    json.open('{');
    json.key("after").number(gap.after);
    json.key("before").number(gap.before);
    json.key("missing").number(gap.missing());
    json.key("after_time").time(gap.after_time);
    json.key("before_time").time(gap.before_time);
    json.close('}');
  });
  json.key("clock_jumps_total").number(log.jumps_total);
  list(json, "clock_jumps", log.jumps, [&](const triage::ClockJump& jump) {
    json.open('{');
    json.key("record_id").number(jump.record_id);
    json.key("seconds_back").number(jump.seconds_back());
    json.key("before").time(jump.before);
    json.key("after").time(jump.after);
    json.close('}');
  });
}

void receipt(JsonWriter& json, const event::Receipt& receipt) {
  json.key("file").text(receipt.source);
  json.key("kind").text(receipt.kind);
  json.key("is_evidence").truth(!receipt.not_evidence);
  json.key("bytes").number(receipt.bytes);
  json.key("records_quarantined").number(receipt.records_quarantined);
  if (receipt.records_carved > 0) json.key("records_carved").number(receipt.records_carved);
  lines(json, "quarantined", receipt.quarantined, [&](const event::Quarantined& entry) {
    json.key("offset").number(entry.offset);
    json.key("size").number(entry.size);
    json.key("reason").text(entry.reason);
  });
  lines(json, "damage", receipt.damage, [&](const event::Counted& entry) {
    json.key("what").text(entry.what);
    json.key("count").number(entry.count);
  });
  list(json, "notes", receipt.notes, [&](const std::string& note) { json.text(note); });
  list(json, "errors", receipt.errors, [&](const Error& error) { json.text(error.message); });
}

void source(JsonWriter& json, const triage::SourceSurvey& source) {
  json.open('{');
  receipt(json, source.receipt);
  json.key("records").number(source.records);
  times(json, source.first, source.last);
  lines(json, "logs", source.logs, [&](const triage::LogSurvey& entry) { log(json, entry); });
  json.key("records_of_more_logs").number(source.records_of_more_logs);
  events(json, source.events);
  json.close('}');
}

void totals(JsonWriter& json, const triage::Survey& survey) {
  json.key("interrupted").truth(survey.interrupted);
  json.key("incomplete").truth(survey.incomplete());
  json.key("records").number(survey.records);
  json.key("bytes").number(survey.bytes);
  times(json, survey.first, survey.last);
}

void rules(JsonWriter& json, const triage::Survey& survey) {
  json.key("rules").open('{');
  json.key("loaded").number(survey.rules_loaded);
  json.key("failed").number(survey.rules_failed);
  json.key("with_events").number(survey.rules.rules_with_records);
  json.key("without_events").number(survey.rules.rules_without);
  lines(json, "missing", survey.rules.missing, [&](const triage::MissingEvidence& entry) {
    json.key("needs").text(entry.needs);
    json.key("rules").number(entry.rules);
  });
  json.key("records_no_rule_looks_at").number(survey.records_without_rules);
  json.close('}');
}

void number_or_null(JsonWriter& json, std::uint64_t record_id) {
  json.key("record_id");
  if (record_id == event::kNoRecordId) {
    json.null();
  } else {
    json.number(record_id);
  }
}

void cleared(JsonWriter& json, const triage::Survey& survey) {
  json.key("logs_cleared_total").number(survey.cleared_total);
  lines(json, "logs_cleared", survey.cleared, [&](const triage::LogCleared& entry) {
    json.key("time").time(entry.time);
    json.key("host").text(entry.host);
    json.key("channel").text(entry.channel);
    json.key("account").text(entry.account);
    json.key("event_id").number(entry.event_id);
    number_or_null(json, entry.record_id);
    json.key("file").text(entry.source);
  });
}

void clock_sets(JsonWriter& json, const triage::Survey& survey) {
  json.key("clock_sets_total").number(survey.clock_sets_total);
  lines(json, "clock_sets", survey.clock_sets, [&](const triage::ClockSet& entry) {
    json.key("time").time(entry.time);
    json.key("host").text(entry.host);
    json.key("from").time(entry.from);
    json.key("to").time(entry.to);
    json.key("seconds").number(entry.seconds());
    json.key("account").text(entry.account);
    json.key("process").text(entry.process);
    json.key("event_id").number(entry.event_id);
    number_or_null(json, entry.record_id);
    json.key("file").text(entry.source);
  });
}

void shared(JsonWriter& json, const triage::Survey& survey) {
  lines(json, "shared_records", survey.shared, [&](const triage::SharedRecords& pair) {
    json.key("first").text(pair.first);
    json.key("second").text(pair.second);
    json.key("records").number(pair.records);
    json.key("exact").truth(pair.exact);
    json.key("all_of_first").truth(pair.whole_first);
    json.key("all_of_second").truth(pair.whole_second);
  });
  json.key("shared_records_left_out").number(survey.shared_left_out);
}

void hosts(JsonWriter& json, const triage::Survey& survey) {
  lines(json, "hosts", survey.hosts, [&](const triage::HostSurvey& host) {
    json.key("host").text(host.host);
    json.key("records").number(host.records);
    json.key("files").number(host.sources);
    json.key("logs").number(host.logs);
    times(json, host.first, host.last);
    json.key("os").text(host.facts.os);
    json.key("time_zone").text(host.facts.time_zone);
    json.key("last_start").time(host.facts.last_start);
  });
}

void logons(JsonWriter& json, const triage::Survey& survey) {
  lines(json, "logons", survey.logons, [&](const triage::LogonCount& logon) {
    json.key("host").text(logon.host);
    json.key("account").text(logon.account);
    json.key("logon_type").text(logon.type);
    json.key("success").truth(logon.success);
    json.key("source_address").text(logon.source_address);
    json.key("source_host").text(logon.source_host);
    json.key("event_id").number(logon.event_id);
    json.key("count").number(logon.count);
  });
  json.key("logons_left_out").number(survey.logons_left_out);
}

}  // namespace

std::string evidence_json(const triage::Survey& survey) {
  JsonWriter json;
  json.open('{');
  totals(json, survey);
  rules(json, survey);
  cleared(json, survey);
  clock_sets(json, survey);
  shared(json, survey);
  hosts(json, survey);
  events(json, survey.events);
  logons(json, survey);
  list(json, "files", survey.sources, [&](const triage::SourceSurvey& entry) { source(json, entry); });
  json.close('}');
  return json.take();
}

}  // namespace landwarden::report
