// Writes audit records and histories as the kernel, auditd and shells write them: for the simulator, for
// tests that what is written is read back, and for seeds of the fuzzer. Pure functions of their arguments.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace landwarden::decode::text {

/// Where and when an audit event was.
struct AuditEventId {
  std::string node;  ///< empty: not written
  Time time;
  std::uint64_t serial = 0;
};

/// "node=web1 type=CWD msg=audit(1700000000.123:45):"; what follows is up to the caller.
void append_audit_front(std::string& out, const AuditEventId& id, std::string_view type);
/// " name=value": in quotes, or in hexadecimal where the kernel writes it so.
void append_untrusted(std::string& out, std::string_view name, std::string_view value);

/// A program started: the records SYSCALL, EXECVE, CWD and PROCTITLE.
struct Execution {
  AuditEventId id;
  std::vector<std::string> arguments;
  std::string exe, comm, cwd, key;
  std::uint32_t pid = 0, parent = 0, auid = 0, uid = 0, session = 0;
  std::string user;  ///< name of uid; empty: the record is not enriched
};
/// One record of it, with its line end: 0 SYSCALL, 1 EXECVE, 2 CWD, 3 PROCTITLE. Arguments longer than
/// `piece` bytes are cut into pieces, which go to further EXECVE records when a record has `line` bytes.
void append_execution_record(std::string& out, const Execution& execution, int record,
                             std::size_t piece = 7500, std::size_t line = 8000);
inline constexpr int kExecutionRecords = 4;

/// An entry of a history of that form ("bash", "zsh", "fish", "powershell"); without a time if it is unknown
/// or the form has none.
void append_history_entry(std::string& out, std::string_view form, Time time, std::string_view command);

}  // namespace landwarden::decode::text
