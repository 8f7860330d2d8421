// Audit records into rows: events are put together, and what one record says of them stands in each.

#include <algorithm>
#include <limits>

#include "base/limits.h"
#include "decode/text/limits.h"
#include "decode/text/line_cuts.h"
#include "decode/text/reader.h"
#include "decode/text/reader_state.h"

namespace landwarden::decode::text {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr std::string_view kExecution = "EXECVE";

/// A further EXECVE record of an event goes on with the arguments: only the first counts them.
bool goes_on(const AuditHead& head) {
  return !head.body.contains("argc=");
}

}  // namespace

void Reader::add_audit(UnitState& state, const AuditHead& head, std::string_view host,
                       const event::RowMeta& meta, std::uint64_t line) {
  state.audit = true;
  const AuditType type = audit_type(tables_.audit, head.type);
  const auto index = static_cast<std::uint32_t>(audit_lines_.size());
  audit_lines_.push_back({head, type, host, meta.original, meta.offset, 0});
  key_.assign(head.node).append("|").append(head.stamp);
  const auto [at, fresh] = open_events_.try_emplace(key_, audit_events_.size());
  if (!fresh) {
    AuditEvent& event = audit_events_[at->second];
    if (line - event.last_line < limits::kTextReach && event.records < limits::kAuditPieces) {
      audit_lines_[event.last].next = index;
      event.last = index;
      ++event.records;
      event.last_line = line;
      return;
    }
    at->second = audit_events_.size();
  }
  audit_events_.push_back({index, index, 1, line});
}

void Reader::put_audit_events(UnitState& state) {
  for (const AuditEvent& event : audit_events_) put_audit_event(state, event);
  audit_lines_.clear();
  audit_events_.clear();
  open_events_.clear();
}

/// Reads the records of one event, finds which of them has what the others lack, and gives a row each.
void Reader::put_audit_event(UnitState& state, const AuditEvent& event) {
  records_.clear();
  std::size_t execution = kNone;
  std::uint32_t line = event.first;
  for (std::uint32_t i = 0; i < event.records; ++i, line = audit_lines_[line].next) {
    const AuditLine& record = audit_lines_[line];
    if (record.type.name == kExecution && execution != kNone && goes_on(record.head)) {
      fields_[execution].read_more(record.head, record.type.name);
      ++state.continued;
      continue;
    }
    ++state.receipt.records_seen;
    if (records_.size() == fields_.size()) fields_.emplace_back(tables_.audit);
    AuditFields& fields = fields_[records_.size()];
    fields.clear();
    fields.read(record.head, record.type.name);
    if (record.type.name == kExecution && execution == kNone) execution = records_.size();
    records_.push_back(line);
  }
  providers_.assign(shared_numbers_.size(), kNone);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    fields_[i].finish(audit_lines_[records_[i]].type.name);
    for (const AuditFields::Field& field : fields_[i].all()) {
      const auto at = shared_numbers_.find(field.name);
      if (at != shared_numbers_.end() && providers_[at->second] == kNone) providers_[at->second] = i;
    }
  }
  for (std::size_t i = 0; i < records_.size(); ++i) put_audit_record(state, i);
}

void Reader::put_audit_record(UnitState& state, std::size_t record) {
  const AuditLine& line = audit_lines_[records_[record]];
  const AuditFields& fields = fields_[record];
  ++state.receipt.records_decoded;
  state.mended += fields.mended() ? 1 : 0;
  state.cut = state.cut || fields.cut();
  const AuditStamp stamp = read_audit_stamp(line.head.stamp);
  if (stamp.local && stamp.time.known()) state.no_zone = state.month_first = true;
  if (!rows_.open("linux", "auditd", "auditd", line.type.number)) return;
  event::RowMeta meta;
  meta.time = stamp.time;
  meta.offset = line.offset;
  meta.original = line.original;
  rows_.begin(meta, line.head.node.empty() ? line.host : line.head.node);
  rows_.put("type", line.type.name);
  rows_.put("serial", stamp.serial);
  for (const AuditFields::Field& field : fields.all()) rows_.put(field.name, field.value);
  for (std::size_t i = 0; i < tables_.audit.shared.size(); ++i) {
    const std::size_t provider = providers_[i];
    const std::string& name = tables_.audit.shared[i];
    if (provider == kNone || provider == record || fields.find(name)) continue;
    for (const AuditFields::Field& field : fields_[provider].all()) {
      if (field.name == name) rows_.put(name, field.value);
    }
  }
  if (line.type.name == kExecution) put_execution(fields);
  rows_.end();
}

/// The command line, as Sysmon gives it (with blanks between the arguments) and as a shell would take it; and
/// whose it was.
void Reader::put_execution(const AuditFields& fields) {
  const std::vector<std::string_view> arguments = fields.arguments();
  if (!arguments.empty() && rows_.wants("CommandLine")) {
    line_.clear();
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) line_ += ' ';
      line_ += arguments[i];
    }
    rows_.put("CommandLine", line_);
  }
  if (!arguments.empty() && rows_.wants("argv")) {
    line_.clear();
    append_shell_words(line_, arguments);
    rows_.put("argv", line_);
  }
  const auto of_event = [&](std::string_view name) -> std::optional<std::string_view> {
    if (const auto own = fields.find(name)) return own;
    const std::size_t provider = providers_[shared_numbers_.at(std::string(name))];
    return provider == kNone ? std::nullopt : fields_[provider].find(name);
  };
  if (const auto name = of_event("UID"); name && *name != "unset" && *name != "unknown") {
    rows_.put("User", *name);
  } else if (const auto uid = of_event("uid")) {
    const bool digits = uid->find_first_not_of("0123456789") == uid->npos;
    if (*uid == "0") rows_.put("User", "root");
    if (!digits) rows_.put("User", *uid);
  }
}

}  // namespace landwarden::decode::text
