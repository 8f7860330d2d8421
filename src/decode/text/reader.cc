#include "decode/text/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "decode/text/history.h"
#include "decode/text/limits.h"
#include "decode/text/line_cuts.h"
#include "decode/text/message_fields.h"
#include "decode/text/reader_state.h"
#include "decode/text/recognise.h"

namespace landwarden::decode::text {
namespace {

using namespace std::string_view_literals;

constexpr const char* kNoLog = "no line of a log that is known";

constexpr std::array kFacilities = {
    "kern"sv,   "user"sv,   "mail"sv,     "daemon"sv, "auth"sv,   "syslog"sv,   "lpr"sv,     "news"sv,
    "uucp"sv,   "cron"sv,   "authpriv"sv, "ftp"sv,    "ntp"sv,    "security"sv, "console"sv, "clock"sv,
    "local0"sv, "local1"sv, "local2"sv,   "local3"sv, "local4"sv, "local5"sv,   "local6"sv,  "local7"sv};
constexpr std::array kSeverities = {"emerg"sv,   "alert"sv,  "crit"sv, "err"sv,
                                    "warning"sv, "notice"sv, "info"sv, "debug"sv};

const TextSource& any_log() {
  static const TextSource source;
  return source;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\0"sv) == text.npos;
}

}  // namespace

Reader::Reader(event::BatchBuilder& builder)
    : builder_(builder), tables_(Tables::built_in()), rows_(builder) {
  for (const std::string& key : tables_.audit.shared) shared_numbers_.emplace(key, shared_numbers_.size());
}
Reader::~Reader() = default;

void Reader::decode_unit(const WorkUnit& unit, event::Receipt& receipt) {
  UnitState state{.unit = unit, .source = unit.text ? *unit.text : any_log(), .receipt = receipt};
  builder_.begin_unit(unit.source);
  texts_.clear();
  const std::string_view text = unit.bytes;
  EntryLines entries(state.source);
  std::size_t entry_begin = 0, entry_end = 0;
  std::uint64_t line = 0, entry_line = 0;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (entries.begins(text.substr(at, end - at)) && at > 0) {
      read_entry(state, entry_begin, entry_end, entry_line);
      entry_begin = at;
      entry_line = line;
    }
    entry_end = end;
    at = std::min(end + 1, text.size());
  }
  if (!text.empty()) read_entry(state, entry_begin, entry_end, entry_line);
  put_audit_events(state);
  builder_.end_unit();

  event::Receipt more;
  const auto kind = [&](bool seen, std::string_view name) {
    if (seen) more.kind += fmt::format("{}{}", more.kind.empty() ? "text (" : ", ", name);
  };
  kind(state.audit, "auditd");
  kind(state.history, state.source.history + " history");
  kind(state.syslog, "syslog");
  more.kind = more.kind.empty() ? "text" : more.kind + ")";
  const auto note = [&](bool wanted, std::string_view what) {
    if (wanted) more.notes.emplace_back(what);
  };
  const bool told = state.source.since.known();
  note(state.no_zone && !state.source.behind_utc, "times without a time zone were taken as UTC");
  note(state.no_zone && state.source.behind_utc,
       "times without a time zone: the zone was taken from an audit record in the same file");
  note(state.year_found && !told,
       "times without a year: the year is that of the file's last change, or the one before");
  note(state.year_found && told, "times without a year: an audit record in the same file says it");
  note(state.year_missing, "times without a year, and no date of the file that says it: they are unknown");
  note(state.month_first, "dates of audit records written for people were read month first");
  note(state.cut, fmt::format("fields beyond {} of one record were left out", limits::kTextFields));
  note(state.mended > 0, "bytes that are not UTF-8 were replaced");
  std::sort(more.notes.begin(), more.notes.end());
  receipt.add(more);
  if (state.continued > 0)
    event::count_damage(receipt, "EXECVE records that go on with the one before", state.continued);
  if (state.xml) xml_->rows.end(*state.xml, "text", receipt);
}

/// One entry, its lines joined: the record it is.
void Reader::read_entry(UnitState& state, std::size_t begin, std::size_t end, std::uint64_t line) {
  std::string_view text = std::string_view(state.unit.bytes).substr(begin, end - begin);
  event::RowMeta meta;
  meta.offset = state.unit.offset + begin;
  meta.original = text;
  if (meta.offset == 0 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (text.ends_with('\r') || text.ends_with('\n')) text.remove_suffix(1);
  if (is_blank(text)) return;
  const bool log = state.source.history.empty();
  if (log && is_separator(text)) return;
  if (text.size() > limits::kTextLineBytes) {
    ++state.receipt.records_seen;
    return event::quarantine(
        state.receipt,
        {meta.offset, text.size(),
         fmt::format("line {}: longer than {} MiB", state.unit.line + line, limits::kTextLineBytes >> 20)});
  }
  if (!log) return read_history(state, text, meta);
  if (!landwarden::text::is_utf8(text)) {
    std::string& mended = texts_.emplace_back();
    landwarden::text::append_valid_utf8(mended, text);
    text = mended;
    ++state.mended;
  }
  if (const auto head = read_audit_head(text)) return add_audit(state, *head, {}, meta, line);
  const auto syslog = read_syslog_line(text, state.source);
  if (syslog) {
    const std::string_view message =
        syslog->message.substr(std::min(syslog->message.find_first_not_of(' '), syslog->message.size()));
    if (const auto head = read_audit_head(message)) return add_audit(state, *head, syslog->host, meta, line);
  }
  if (put_xml_event(state, text, meta)) return;
  ++state.receipt.records_seen;
  if (!syslog) {
    return event::quarantine(state.receipt, {meta.offset, text.size(),
                                             fmt::format("line {}: {}", state.unit.line + line, kNoLog)});
  }
  ++state.receipt.records_decoded;
  put_syslog(state, *syslog, meta);
}

void Reader::read_history(UnitState& state, std::string_view text, const event::RowMeta& meta) {
  const auto entry = read_history_entry(state.source.history, text);
  if (!entry) return;
  ++state.receipt.records_seen;
  ++state.receipt.records_decoded;
  state.history = true;
  if (!rows_.open(state.source.product, state.source.history + "_history")) return;
  event::RowMeta with_time = meta;
  with_time.time = entry->time;
  rows_.begin(with_time, {});
  if (!landwarden::text::is_utf8(entry->command)) ++state.mended;
  words_.clear();
  landwarden::text::append_valid_utf8(words_, entry->command);
  rows_.put("CommandLine", words_);
  if (words_.starts_with('/'))
    rows_.put("image", std::string_view(words_).substr(0, words_.find_first_of(" \n;|&")));
  if (!state.source.user.empty()) rows_.put("User", state.source.user);
  rows_.put("shell", state.source.history);
  rows_.end();
}

/// Sysmon for Linux writes its events as XML into syslog.
bool Reader::put_xml_event(UnitState& state, std::string_view text, const event::RowMeta& meta) {
  const std::size_t begin = text.find("<Event");
  if (begin == text.npos || !text.substr(begin).starts_with("<Event>") || !text.contains("<System>"))
    return false;
  if (!xml_) xml_ = std::make_unique<XmlEvents>(builder_);
  xml_->rows.make_room();
  if (xml_->values.read_text(text.substr(begin)) != nullptr) return false;
  if (!state.xml) {
    state.xml = xml_->rows.begin();
    state.xml->plain = true;
  }
  ++state.receipt.records_seen;
  ++state.receipt.records_decoded;
  xml_->rows.put(*state.xml, xml_->values.items(), xml_->values.meets(), meta.original, meta.offset);
  return true;
}

std::string_view Reader::channel_of_program(std::string_view program, std::optional<std::uint32_t> facility) {
  key_.assign(program).append(facility ? std::to_string(*facility) : "");
  if (const auto at = channels_.find(key_); at != channels_.end()) return at->second;
  constexpr std::size_t kRemembered = 4096;
  if (channels_.size() >= kRemembered) channels_.clear();
  return channels_.emplace(key_, channel_of(tables_.syslog, program, facility)).first->second;
}

void Reader::put_syslog(UnitState& state, const SyslogLine& line, event::RowMeta meta) {
  state.syslog = true;
  state.no_zone = state.no_zone || (line.no_zone && line.time.known());
  if (line.no_year) (line.time.known() ? state.year_found : state.year_missing) = true;
  const auto facility = line.priority ? std::optional(*line.priority / 8) : std::nullopt;
  const std::string_view channel = channel_of_program(line.program, facility);
  const std::string_view product = state.source.product.empty() ? "linux"sv : state.source.product;
  if (!rows_.open(product, channel)) return;
  meta.time = line.time;
  rows_.begin(meta, line.host);
  const auto put = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) rows_.put(name, value);
  };
  put("program", line.program);
  put("module", line.module);
  put("pid", line.pid);
  put("level", line.level);
  put("message_id", line.message_id);
  put("message", line.message);
  if (line.priority) {
    rows_.put("facility", kFacilities[*line.priority / 8]);
    rows_.put("severity", kSeverities[*line.priority % 8]);
  }
  std::string_view rest = line.structured, id;
  StructuredItem item;
  for (std::size_t i = 0; i < limits::kTextFields && next_structured(rest, id, item); ++i) {
    key_.assign(item.id).append(".").append(item.name);
    words_.clear();
    for (std::size_t at = 0; at < item.value.size(); ++at) {
      const bool escape =
          item.value[at] == '\\' && at + 1 < item.value.size() && "\\\"]"sv.contains(item.value[at + 1]);
      words_ += item.value[escape ? ++at : at];
    }
    rows_.put(key_, words_);
  }
  message_fields_.clear();
  append_message_fields(tables_.syslog, channel, line.message, message_fields_, found_);
  for (const auto& [name, value] : message_fields_) rows_.put(name, value);
  rows_.end();
}

}  // namespace landwarden::decode::text
