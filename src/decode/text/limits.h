// Limits of text logs, each with its reason.

#pragma once

#include <cstddef>

namespace landwarden::limits {

/// One line. auditd writes at most 9 KiB, syslog 8 KiB by default; a command line can have 2 MiB.
inline constexpr std::size_t kTextLineBytes = 4 << 20;
/// Lines between two records of one audit event. The kernel writes the records of one event together; events
/// of other processors come between them.
inline constexpr std::size_t kTextReach = 64;
/// How far into a log an audit record is looked for that says its year and time zone: the kernel writes some
/// when it starts.
inline constexpr std::size_t kTextClockBytes = 256 << 10;
/// Lines of one entry: a message with line breaks, a command typed over several lines.
inline constexpr std::size_t kTextEntryLines = 1024;
/// What may wait for a place where no audit event is parted. Real logs have one every few kilobytes.
inline constexpr std::size_t kTextUnpartedBytes = 32 << 20;
/// A message that is taken apart by the table: fields that hold anything are tried at many places. A longer
/// one is kept whole. sudo's longest is a command line, which syslog cuts at 8 KiB by default.
inline constexpr std::size_t kTextMessageBytes = 64 << 10;
/// Fields of one record, arguments of a command among them: a line has no room for many more.
inline constexpr std::size_t kTextFields = 1 << 14;
/// Pieces of one argument that was too long for a record, and records of one event.
inline constexpr std::size_t kAuditPieces = 1 << 10;

}  // namespace landwarden::limits
