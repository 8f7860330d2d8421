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

Timeline::Timeline(OutputFile& file, TimelineFormat format, bool all_fields)
    : file_(file), format_(format), all_fields_(all_fields) {}

Result<void> Timeline::write(const sigma::Match& match, const sigma::Rule& rule, std::string_view source) {
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
  text(",\"why\":", match.why);
  if (all_fields_) {
    out += ",\"event\":";
    append_json_object(out, match.event);
  }
  out += '}';
}

void Timeline::append_csv_header() {
  line_ += kCsvColumns;
  line_ += all_fields_ ? ",event\r\n" : "\r\n";
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
  append_text_cell(out, match.why, scratch);
  if (all_fields_) {
    cell_.clear();
    append_json_object(cell_, match.event);
    out += ',';
    append_cell(out, cell_);
  }
}

}  // namespace landwarden::report
