// Whether text is a log that this room reads: audit records or syslog lines.

#pragma once

#include <string_view>

#include "decode/unit.h"

namespace landwarden::decode::text {

enum class LogKind { none, open, linux_log, macos_log };

/// Looks at the first lines of a file: most of them must be such lines. `complete`: nothing follows `head`,
/// or it is all that is looked at; else its last line may be cut. `open`: no line is whole yet.
[[nodiscard]] LogKind recognise_log(std::string_view head, bool complete);

/// What the first audit record in a line of syslog says of the lines' clock: source.since and
/// source.behind_utc. The kernel writes the time since 1970 into its own records. Nothing is changed if there
/// is none.
void set_clock(TextSource& source, std::string_view head);

/// Lines that tools put between records: "----", "time->Tue Nov 14 …", "-- Reboot --".
[[nodiscard]] bool is_separator(std::string_view line);

}  // namespace landwarden::decode::text
