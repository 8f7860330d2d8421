// The front of a line of syslog: when, which host, which program; what is left is the message.
//
// Read are RFC 3164 (with or without <PRI>, as files have it), RFC 5424 with its structured data, the ISO
// 8601 form of rsyslog, journalctl's short, short-iso and short-full forms, macOS's system.log, and the forms
// that vsftpd and ClamAV's daemon write by themselves. All views are into the line. Any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "decode/unit.h"

namespace landwarden::decode::text {

struct SyslogLine {
  enum class Form : std::uint8_t { rfc3164, rfc5424, iso, full, own };
  Form form = Form::rfc3164;
  std::optional<std::uint32_t> priority;  ///< facility * 8 + severity
  Time time;                              ///< unknown where nothing says the year
  bool no_year = false,
       no_zone = false;  ///< the line does not say it; the time is UTC's if nothing else does
  std::string_view host, program, module, pid, message_id, structured, level, message;
};

/// Nothing: it is no such line. What a line does not say of its time, `source` may: a line without a year is
/// of the first such day behind source.since, else of the last one that is no later than source.modified (by
/// more than a day, for time zones), and unknown where that is a year away.
[[nodiscard]] std::optional<SyslogLine> read_syslog_line(std::string_view line, const TextSource& source);

/// Walks through structured data: "[id name=\"value\" …][…]". `rest` is cut from the front; false at its end.
/// Escapes are left in `value`.
struct StructuredItem {
  std::string_view id, name, value;
};
[[nodiscard]] bool next_structured(std::string_view& rest, std::string_view& id, StructuredItem& item);

/// "Nov", "Tue" …: 1 to 12, 0 if it is none.
[[nodiscard]] int month_of(std::string_view name);
[[nodiscard]] bool is_weekday(std::string_view name);

}  // namespace landwarden::decode::text
