#include "decode/text/recognise.h"

#include <algorithm>
#include <cstdlib>

#include "decode/text/audit_record.h"
#include "decode/text/syslog_line.h"

namespace landwarden::decode::text {
namespace {

/// Lines looked at: enough that some lines of something else at a log's front do not matter.
constexpr int kLines = 24;

/// Programs that macOS alone has.
bool is_macos(const SyslogLine& line) {
  return line.program.starts_with("com.apple.") || line.level.size() > 0 ||
         line.message.starts_with("com.apple.") || line.program == "kextd" || line.program == "loginwindow" ||
         line.program == "WindowServer" || line.program == "launchd" || line.program == "opendirectoryd";
}

}  // namespace

bool is_separator(std::string_view line) {
  return line == "----" || line.starts_with("time->") || line.starts_with("-- ") ||
         line.starts_with("--- ") || line == "<no matches>";
}

LogKind recognise_log(std::string_view head, bool complete) {
  int lines = 0, logs = 0;
  bool macos = false, whole = false;
  while (!head.empty() && lines < kLines) {
    const std::size_t end = head.find('\n');
    if (end == head.npos && !complete && whole) break;
    std::string_view line = head.substr(0, end);
    head.remove_prefix(end == head.npos ? head.size() : end + 1);
    whole = whole || end != std::string_view::npos || complete;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line[0] == ' ' || line[0] == '\t' || is_separator(line)) continue;
    ++lines;
    if (read_audit_head(line)) {
      ++logs;
    } else if (const auto syslog = read_syslog_line(line, {})) {
      const bool named = !syslog->program.empty() || syslog->form == SyslogLine::Form::rfc5424 ||
                         syslog->message.starts_with("last message repeated");
      logs += named ? 1 : 0;
      macos = macos || is_macos(*syslog);
    }
  }
  if (!whole) return LogKind::open;
  if (logs == 0 || logs * 2 < lines) return LogKind::none;
  return macos ? LogKind::macos_log : LogKind::linux_log;
}

void set_clock(TextSource& source, std::string_view head) {
  constexpr std::int64_t kQuarter = 15 * 60 * kTicksPerSecond, kMinute = 60 * kTicksPerSecond;
  constexpr std::int64_t kLargest = 14 * 60 * 60 * kTicksPerSecond;
  for (std::size_t end; (end = head.find('\n')) != head.npos; head.remove_prefix(end + 1)) {
    const std::string_view line = head.substr(0, end);
    if (!line.contains("audit(")) continue;
    const auto syslog = read_syslog_line(line, {});
    if (!syslog || !syslog->no_zone) continue;
    std::string_view message = syslog->message;
    while (message.starts_with(' ')) message.remove_prefix(1);
    const auto record = read_audit_head(message);
    const AuditStamp stamp = record ? read_audit_stamp(record->stamp) : AuditStamp{};
    if (!stamp.time.known() || stamp.local) continue;
    source.since = stamp.time;
    const auto written = read_syslog_line(line, source);
    const std::int64_t behind = stamp.time.ticks - written->time.ticks;
    const std::int64_t rounded = (behind + (behind < 0 ? -kQuarter : kQuarter) / 2) / kQuarter * kQuarter;
    // What waited in the kernel's buffer was written later: that says nothing of the zone.
    if (written->time.known() && std::abs(behind - rounded) <= kMinute && std::abs(rounded) <= kLargest)
      source.behind_utc = rounded;
    return;
  }
}

}  // namespace landwarden::decode::text
