// The help of the program and its commands: one source for --help and the manual page.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"

namespace landwarden::cli {

/// "-o, --output FILE" and what it does.
struct OptionHelp {
  std::string names, text;
  bool positional = false, required = false;
};

[[nodiscard]] std::vector<OptionHelp> options_of(Command command);
/// "landwarden hunt [OPTIONS] EVIDENCE...".
[[nodiscard]] std::string usage_of(Command command);

/// What --help prints, at most `columns` wide.
[[nodiscard]] std::string help_text(Command command, std::size_t columns);
/// The manual page in man(7) macros, of the program and all its commands.
[[nodiscard]] std::string manual_page(Command program, const std::string& version);

/// What the exit codes mean, as (code, text).
[[nodiscard]] const std::vector<std::pair<std::string, std::string>>& exit_codes();

}  // namespace landwarden::cli
