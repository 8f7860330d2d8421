#include "report/search_text.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/text.h"
#include "event/batch.h"
#include "report/csv.h"
#include "report/json.h"

namespace landwarden::report {
namespace {

using triage::FoundSpan;
using triage::SearchHit;
using triage::ShownValue;

/// What one value keeps at least, however narrow the screen.
constexpr std::size_t kLeastValueColumns = 40;
constexpr std::string_view kCsvColumns = "file,time,host,channel,provider,event_id,record_id,found";

std::span<const FoundSpan> spans_of(const SearchHit& hit, const ShownValue& value) {
  return std::span(hit.spans).subspan(value.spans_begin, value.spans_end - value.spans_begin);
}

/// Text that is shown as it is: printable ASCII without runs of blanks.
bool is_plain(std::string_view text) {
  bool blank = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || (c == ' ' && blank)) return false;
    blank = c == ' ';
  }
  return true;
}

/// visible() for long text: printable ASCII is copied, only the rest is looked at closely. `after_blank` goes
/// on from part to part.
void append_visible(std::string_view utf8, bool unicode, bool& after_blank, std::string& out) {
  const auto is_shown = [&](std::size_t at) {
    const auto c = static_cast<unsigned char>(utf8[at]);
    return c > ' ' && c < 0x7F;
  };
  for (std::size_t i = 0, end = 0; i < utf8.size(); i = end) {
    if (std::string_view(" \t\r\n").contains(utf8[i])) {
      if (!after_blank) out += ' ';
      after_blank = true;
      end = i + 1;
      continue;
    }
    after_blank = false;
    end = i;
    while (end < utf8.size() && is_shown(end)) ++end;
    if (end > i) {
      out.append(utf8.substr(i, end - i));
    } else {
      (void)text::next_code_point(utf8, end);
      out += visible(utf8.substr(i, end - i), unicode);
    }
  }
}

/// "Sysmon" for "Microsoft-Windows-Sysmon/Operational": the part by which people know it.
std::string_view short_channel(std::string_view channel) {
  constexpr std::string_view kFirst = "Microsoft-Windows-", kLast = "/Operational";
  if (channel.starts_with(kFirst)) channel.remove_prefix(kFirst.size());
  if (channel.ends_with(kLast)) channel.remove_suffix(kLast.size());
  return channel;
}

void append_number(std::string& out, std::uint64_t number) {
  const fmt::format_int digits(number);
  out.append(digits.data(), digits.size());
}

std::vector<sigma::FieldValues> as_fields(const std::vector<ShownValue>& values) {
  std::vector<sigma::FieldValues> fields;
  for (const ShownValue& value : values) {
    if (fields.empty() || fields.back().field != value.field)
      fields.push_back({std::string(value.field), {}});
    if (!value.null) fields.back().values.emplace_back(value.text);
  }
  return fields;
}

void append_time(std::string& out, Time time) {
  const std::size_t begin = out.size();
  append_rfc3339(out, time);
  if (out.size() == begin) {
    out += "(no time)";
    return;
  }
  out[begin + 10] = ' ';
  out.resize(begin + 23);  // milliseconds
}

}  // namespace

SearchFormat search_format(TimelineFormat format) {
  switch (format) {
    case TimelineFormat::csv:
      return SearchFormat::csv;
    case TimelineFormat::json:
      return SearchFormat::json;
    case TimelineFormat::jsonl:
      break;
  }
  return SearchFormat::jsonl;
}

void SearchText::render(const SearchHit& hit, std::string& out) const {
  switch (options_.format) {
    case SearchFormat::lines:
      return render_lines(hit, out);
    case SearchFormat::jsonl:
    case SearchFormat::json:
      return render_json(hit, out);
    case SearchFormat::csv:
      return render_csv(hit, out);
  }
}

void SearchText::paint(std::string_view text, Ink ink, std::string& out) const {
  if (!options_.screen.colour) {
    out += text;
  } else {
    out += screen_.paint(text, ink);
  }
}

void SearchText::render_lines(const SearchHit& hit, std::string& out) const {
  std::string head;
  if (options_.context) head = hit.context ? "  " : "> ";  // told apart without colours, too
  append_time(head, hit.time);
  head += "  ";
  head += hit.host.empty() ? "-" : screen_.safe(hit.host);
  head += "  ";
  head += hit.channel.empty() ? "-" : screen_.safe(short_channel(hit.channel));
  if (hit.has_event_id) {
    head += ' ';
    append_number(head, hit.event_id);
  }
  if (hit.record_id != event::kNoRecordId) {
    head += "  #";
    append_number(head, hit.record_id);
  }
  paint(head, hit.context ? Ink::faint : Ink::strong, out);
  if (options_.whole_record) return render_whole(hit, out);
  std::size_t columns = 0;
  if (options_.cut) {
    const std::size_t used = width_of(head) + 2;
    columns = options_.screen.columns > used ? options_.screen.columns - used : 0;
  }
  render_fields(hit, columns, out);
}

void SearchText::render_fields(const SearchHit& hit, std::size_t columns, std::string& out) const {
  const std::vector<ShownValue>& values = hit.context ? hit.all : hit.found;
  std::size_t room = 0;
  if (options_.cut && !values.empty()) {
    std::size_t names = 0;
    for (const ShownValue& value : values) names += width_of(value.field) + 4;
    room = std::max(columns > names ? (columns - names) / values.size() : 0, kLeastValueColumns);
  }
  std::string faint;
  std::string& to = hit.context ? faint : out;
  std::size_t shown = 0;
  for (const ShownValue& value : values) {
    // What stands beside a hit gets one line of the screen and no more.
    if (hit.context && options_.cut && shown > columns) {
      faint += options_.screen.unicode ? " …" : " ...";
      break;
    }
    to += "  ";
    const std::size_t begin = to.size();
    to += screen_.safe(value.field);
    to += ": ";
    render_value(hit, value, room, to);
    shown += to.size() - begin + 2;
  }
  if (hit.context) paint(faint, Ink::faint, out);
}

void SearchText::render_whole(const SearchHit& hit, std::string& out) const {
  for (const ShownValue& value : hit.all) {
    out += "\n    ";
    std::string line = screen_.safe(value.field);
    line += ": ";
    paint(line, Ink::faint, out);
    if (value.null) {
      out += "(nothing)";
    } else {
      render_value(hit, value, 0, out);
    }
  }
}

/// `columns` 0: all of it.
void SearchText::render_value(const SearchHit& hit, const ShownValue& value, std::size_t columns,
                              std::string& out) const {
  const auto spans = spans_of(hit, value);
  const auto tell = [&](std::string_view text) {
    if (options_.screen.colour) {
      paint(text, Ink::telling, out);
    } else if (options_.marks) {
      out.append(screen_.sign(Sign::open)).append(text).append(screen_.sign(Sign::close));
    } else {
      out += text;
    }
  };
  if (columns == 0 || (is_plain(value.text) && value.text.size() <= columns)) {
    std::size_t at = 0;
    bool after_blank = false;
    std::string part;
    for (const FoundSpan& span : spans) {
      append_visible(value.text.substr(at, span.begin - at), options_.screen.unicode, after_blank, out);
      part.clear();
      append_visible(value.text.substr(span.begin, span.end - span.begin), options_.screen.unicode,
                     after_blank, part);
      if (!part.empty()) tell(part);
      at = span.end;
    }
    append_visible(value.text.substr(at), options_.screen.unicode, after_blank, out);
    return;
  }
  std::vector<Span> telling;
  telling.reserve(spans.size());
  for (const FoundSpan& span : spans) telling.push_back({span.begin, span.end});
  const std::size_t mark = options_.marks && !options_.screen.colour ? (options_.screen.unicode ? 2 : 4) : 0;
  for (const Run& run : excerpt(value.text, telling, columns, mark, options_.screen.unicode)) {
    run.telling ? tell(run.text) : void(out += run.text);
  }
}

void SearchText::render_json(const SearchHit& hit, std::string& out) const {
  out += ",\"time\":";
  if (hit.time.known()) {
    out += '"';
    append_rfc3339(out, hit.time);
    out += '"';
  } else {
    out += "null";
  }
  const auto text = [&out](const char* key, std::string_view value) {
    out += key;
    append_json_string(out, value);
  };
  text(",\"host\":", hit.host);
  text(",\"channel\":", hit.channel);
  text(",\"provider\":", hit.provider);
  out += ",\"event_id\":";
  hit.has_event_id ? append_number(out, hit.event_id) : void(out += "null");
  out += ",\"record_id\":";
  hit.record_id != event::kNoRecordId ? append_number(out, hit.record_id) : void(out += "null");
  out += ",\"found\":";
  append_json_object(out, as_fields(hit.found));
  if (options_.context) out += hit.context ? ",\"context\":true" : ",\"context\":false";
  if (options_.whole_record) {
    out += ",\"event\":";
    append_json_object(out, as_fields(hit.all));
  }
  out += '}';
}

void SearchText::render_csv(const SearchHit& hit, std::string& out) const {
  std::string scratch, cell;
  out += ',';
  append_rfc3339(out, hit.time);
  out += ',';
  for (const std::string_view text : {hit.host, hit.channel, hit.provider}) {
    append_text_cell(out, text, scratch);
    out += ',';
  }
  if (hit.has_event_id) append_number(out, hit.event_id);
  out += ',';
  if (hit.record_id != event::kNoRecordId) append_number(out, hit.record_id);
  out += ',';
  append_json_object(cell, as_fields(hit.found));
  append_cell(out, cell);
  if (options_.context) out += hit.context ? ",true" : ",false";
  if (options_.whole_record) {
    cell.clear();
    append_json_object(cell, as_fields(hit.all));
    out += ',';
    append_cell(out, cell);
  }
}

void SearchLines::begin_source(std::string_view source) {
  source_.assign(source);
  source_json_.clear();
  const SearchTextOptions& options = text_.options();
  if (options.format == SearchFormat::lines) {
    const Screen screen(options.screen);
    if (any_) line_ += '\n';
    line_ += screen.paint(screen.safe(source), Ink::good);
    line_ += '\n';
  } else if (options.format == SearchFormat::csv) {
    append_text_cell(source_json_, source, scratch_);
  } else {
    source_json_ = "{\"file\":";
    append_json_string(source_json_, source);
  }
}

void SearchLines::begin_line(std::string_view source, bool gap) {
  const SearchTextOptions& options = text_.options();
  if (options.format == SearchFormat::json) line_ += any_ ? ",\n" : "[\n";
  if (options.format == SearchFormat::csv && !any_) {
    line_ += kCsvColumns;
    line_ += options.context ? ",context" : "";
    line_ += options.whole_record ? ",event\r\n" : "\r\n";
  }
  if (!any_ || source_ != source) {
    begin_source(source);
  } else if (gap && options.format == SearchFormat::lines) {
    line_ += "--\n";
  }
  line_ += source_json_;
}

Result<void> SearchLines::write(std::string_view source, std::string_view rendered, bool gap) {
  line_.clear();
  begin_line(source, gap);
  any_ = true;
  line_ += rendered;
  if (text_.options().format == SearchFormat::csv) {
    line_ += "\r\n";
  } else if (text_.options().format != SearchFormat::json) {
    line_ += '\n';
  }
  return file_.write(line_);
}

Result<void> SearchLines::finish() {
  const SearchTextOptions& options = text_.options();
  line_.clear();
  if (options.format == SearchFormat::json) line_ = any_ ? "\n]\n" : "[]\n";
  if (options.format == SearchFormat::csv && !any_) {
    line_ = std::string(kCsvColumns) + (options.context ? ",context" : "") +
            (options.whole_record ? ",event\r\n" : "\r\n");
  }
  return line_.empty() ? Result<void>{} : file_.write(line_);
}

}  // namespace landwarden::report
