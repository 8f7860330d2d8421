// A PowerShell process with the records it leaves: its engine's (400, 600, 403), its console's (40961, 53504,
// 40962), its script blocks (4104) and its commands (4103).

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "range/machine.h"

namespace landwarden::range {

struct Script {
  std::string_view path;  ///< empty: typed or given on the command line
  std::string_view text;
  std::span<const std::string_view> commands;  ///< the cmdlets it calls, one 4103 record each
};

/// Starts PowerShell, runs the script and ends it. `command_line` is the whole one. Gives the process.
Process run_powershell(Machine& machine, Time time, const Process& parent, const Session& session,
                       std::string command_line, const Script& script, std::int64_t for_ms);

}  // namespace landwarden::range
