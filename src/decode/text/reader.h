// Decodes text logs of Unix systems: audit records, syslog and shells' histories.
//
// Audit records become a row each in the channel "auditd", with the record's type as event id; the keys that
// other records of the same event have (who, which program, where) stand in each of them. Lines of syslog
// become rows of the channel of their program (content/textlogs/syslog.yaml), their messages taken apart by
// the table. A history gives a row a command in the channel "bash_history" and the like. Windows events in
// XML inside syslog lines (Sysmon for Linux) are read as such.
//
// Lines that are nothing of this are quarantined with offset, line and reason. Not thread-safe; one Reader a
// worker.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decode/text/audit_record.h"
#include "decode/text/rows.h"
#include "decode/text/syslog_line.h"
#include "decode/text/tables.h"
#include "decode/unit.h"
#include "event/builder.h"

namespace landwarden::decode::text {

class Reader {
 public:
  /// The builder must outlive the reader.
  explicit Reader(event::BatchBuilder& builder);
  ~Reader();

  /// Decodes one unit; its batches are out when it returns. Adds to `receipt`.
  void decode_unit(const WorkUnit& unit, event::Receipt& receipt);

 private:
  struct UnitState;
  struct XmlEvents;
  /// A record whose event may not be whole yet.
  struct AuditLine {
    AuditHead head;
    AuditType type;
    std::string_view host;
    std::string_view original;
    std::uint64_t offset = 0;
    std::uint32_t next = 0;  ///< of the same event, by index; 0: none
  };
  struct AuditEvent {
    std::uint32_t first = 0, last = 0, records = 0;
    std::uint64_t last_line = 0;
  };

  void read_entry(UnitState& state, std::size_t begin, std::size_t end, std::uint64_t line);
  void read_history(UnitState& state, std::string_view text, const event::RowMeta& meta);
  void add_audit(UnitState& state, const AuditHead& head, std::string_view host, const event::RowMeta& meta,
                 std::uint64_t line);
  void put_audit_events(UnitState& state);
  void put_audit_event(UnitState& state, const AuditEvent& event);
  void put_audit_record(UnitState& state, std::size_t record);
  void put_execution(const AuditFields& fields);
  [[nodiscard]] bool put_xml_event(UnitState& state, std::string_view text, const event::RowMeta& meta);
  void put_syslog(UnitState& state, const SyslogLine& line, event::RowMeta meta);
  [[nodiscard]] std::string_view channel_of_program(std::string_view program,
                                                    std::optional<std::uint32_t> facility);

  event::BatchBuilder& builder_;
  const Tables& tables_;
  Rows rows_;
  std::unique_ptr<XmlEvents> xml_;  ///< made when first needed
  std::unordered_map<std::string, std::string_view, TextHash, std::equal_to<>> channels_;
  MessagePattern::Fields message_fields_, found_;

  // Of the unit at hand.
  std::deque<std::string> texts_;
  std::vector<AuditLine> audit_lines_;
  std::vector<AuditEvent> audit_events_;
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>> open_events_;

  // Of the event at hand.
  std::deque<AuditFields> fields_;
  std::vector<std::uint32_t> records_;  ///< lines that are rows of their own
  TextMap<std::size_t> shared_numbers_;
  std::vector<std::size_t> providers_;  ///< of each shared key: which record, kNone if none
  std::string key_, line_, words_;
};

}  // namespace landwarden::decode::text
