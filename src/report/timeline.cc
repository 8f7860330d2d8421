#include "report/timeline.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "event/batch.h"
#include "report/csv.h"
#include "report/json.h"

namespace landwarden::report {
namespace {

constexpr std::string_view kCsvColumns =
    "time,level,title,rule_id,tags,host,channel,provider,event_id,record_id,file,matched,why";

std::string_view ruleset_text(const triage::ForeignRule* foreign) {
  return foreign != nullptr ? std::string_view(foreign->ruleset) : "sigma";
}

std::string_view level_text(const sigma::Rule& rule) {
  return rule.level ? std::string_view(sigma::to_text(*rule.level)) : std::string_view();
}

void append_number(std::string& out, std::uint64_t number) {
  out += fmt::format_int(number).str();
}

}  // namespace

std::optional<TimelineFormat> parse_format(std::string_view name) {
  if (name == "jsonl") return TimelineFormat::jsonl;
  if (name == "csv") return TimelineFormat::csv;
  if (name == "json") return TimelineFormat::json;
  return std::nullopt;
}

TimelineFormat format_of_file(std::string_view path) {
  if (path.ends_with(".csv")) return TimelineFormat::csv;
  if (path.ends_with(".json")) return TimelineFormat::json;
  return TimelineFormat::jsonl;
}

Timeline::Timeline(OutputFile& file, TimelineFormat format, bool all_fields, const sigma::RuleTable* rules,
                   bool rulesets)
    : file_(file), format_(format), all_fields_(all_fields), rules_(rules), rulesets_(rulesets) {}

Result<void> Timeline::write(const sigma::Match& match, const sigma::Rule& rule, std::string_view source,
                             const triage::ForeignRule* foreign) {
  foreign_ = foreign;
  line_.clear();
  switch (format_) {
    case TimelineFormat::jsonl:
      append_json(match, rule, source);
      break;
    case TimelineFormat::json:
      line_ += lines_ == 0 ? "[\n" : ",\n";
      append_json(match, rule, source);
      break;
    case TimelineFormat::csv:
      if (lines_ == 0) append_csv_header();
      append_csv(match, rule, source);
      break;
  }
  if (format_ == TimelineFormat::jsonl) line_ += '\n';
  if (format_ == TimelineFormat::csv) line_ += "\r\n";
  ++lines_;
  return file_.write(line_);
}

Result<void> Timeline::finish() {
  line_.clear();
  if (format_ == TimelineFormat::json) line_ = lines_ == 0 ? "[]\n" : "\n]\n";
  if (format_ == TimelineFormat::csv && lines_ == 0) append_csv_header();
  return file_.write(line_);
}

void Timeline::append_json(const sigma::Match& match, const sigma::Rule& rule, std::string_view source) {
  std::string& out = line_;
  out += "{\"time\":";
  if (match.time.known()) {
    out += '"';
    append_rfc3339(out, match.time);
    out += '"';
  } else {
    out += "null";
  }
  const auto text = [&out](const char* key, std::string_view value) {
    out += key;
    append_json_string(out, value);
  };
  text(",\"level\":", level_text(rule));
  text(",\"title\":", rule.title);
  text(",\"rule_id\":", rule.id);
  out += ",\"tags\":[";
  for (std::size_t i = 0; i < rule.tags.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, rule.tags[i]);
  }
  out += ']';
  text(",\"host\":", match.host);
  text(",\"channel\":", match.channel);
  text(",\"provider\":", match.provider);
  out += ",\"event_id\":";
  match.has_event_id ? append_number(out, match.event_id) : void(out += "null");
  out += ",\"record_id\":";
  match.record_id != event::kNoRecordId ? append_number(out, match.record_id) : void(out += "null");
  text(",\"file\":", source);
  out += ",\"matched\":";
  append_json_object(out, match.matched);
  if (match.carved) out += ",\"carved\":true";
  if (match.only_fuller) out += ",\"only_fuller\":true";
  if (match.parts > 0) {
    out += ",\"parts\":";
    append_number(out, match.parts);
  }
  text(",\"why\":", match.why);
  if (all_fields_) {
    out += ",\"event\":";
    append_json_object(out, match.event);
  }
  if (!match.events.empty()) {
    out += ",\"events_total\":";
    append_number(out, match.events_total);
    out += ",\"events\":";
    append_events(out, match);
  }
  if (rulesets_) {
    text(",\"ruleset\":", ruleset_text(foreign_));
    out += ",\"details\":";
    out += foreign_ != nullptr ? std::string_view(foreign_->details) : "null";
  }
  out += '}';
}

/// The events of a correlation's match, as a JSON array.
void Timeline::append_events(std::string& out, const sigma::Match& match) const {
  out += '[';
  for (const sigma::EventReference& event : match.events) {
    if (out.back() != '[') out += ',';
    out += "{\"time\":\"";
    append_rfc3339(out, event.time);
    out += "\",\"title\":";
    append_json_string(out, rules_ != nullptr ? (*rules_)[event.rule].title : std::string_view());
    out += ",\"rule_id\":";
    append_json_string(out, rules_ != nullptr ? (*rules_)[event.rule].id : std::string_view());
    out += ",\"host\":";
    append_json_string(out, event.host);
    out += ",\"channel\":";
    append_json_string(out, event.channel);
    out += ",\"event_id\":";
    event.has_event_id ? append_number(out, event.event_id) : void(out += "null");
    out += ",\"record_id\":";
    event.record_id != landwarden::event::kNoRecordId ? append_number(out, event.record_id)
                                                      : void(out += "null");
    out += ",\"file\":";
    append_json_string(out, event.file);
    out += '}';
  }
  out += ']';
}

void Timeline::append_csv_header() {
  line_ += kCsvColumns;
  if (all_fields_) line_ += ",event";
  if (rules_ != nullptr) line_ += ",events_total,events";
  if (rulesets_) line_ += ",ruleset,details";
  line_ += "\r\n";
}

void Timeline::append_csv(const sigma::Match& match, const sigma::Rule& rule, std::string_view source) {
  std::string& out = line_;
  std::string scratch;
  const auto text = [&](std::string_view value) {
    append_text_cell(out, value, scratch);
    out += ',';
  };
  append_rfc3339(out, match.time);
  out += ',';
  text(level_text(rule));
  text(rule.title);
  text(rule.id);
  cell_.clear();
  for (const std::string& tag : rule.tags) {
    if (!cell_.empty()) cell_ += ';';
    cell_ += tag;
  }
  text(cell_);
  text(match.host);
  text(match.channel);
  text(match.provider);
  if (match.has_event_id) append_number(out, match.event_id);
  out += ',';
  if (match.record_id != event::kNoRecordId) append_number(out, match.record_id);
  out += ',';
  text(source);
  cell_.clear();
  append_json_object(cell_, match.matched);
  append_cell(out, cell_);
  out += ',';
  append_text_cell(out, match.carved ? "carved record; " + match.why : match.why, scratch);
  if (all_fields_) {
    cell_.clear();
    append_json_object(cell_, match.event);
    out += ',';
    append_cell(out, cell_);
  }
  if (rules_ != nullptr) append_csv_events(match);
  if (!rulesets_) return;
  out += ',';
  out += ruleset_text(foreign_);
  out += ',';
  if (foreign_ != nullptr) append_cell(out, foreign_->details);
}

void Timeline::append_csv_events(const sigma::Match& match) {
  std::string& out = line_;
  out += ',';
  if (match.events.empty()) return void(out += ',');
  append_number(out, match.events_total);
  out += ',';
  cell_.clear();
  append_events(cell_, match);
  append_cell(out, cell_);
}

}  // namespace landwarden::report
