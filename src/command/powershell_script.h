// Reads text as PowerShell does, and works out what obfuscated texts in it come to.
//
// Commands are handed on with their arguments evaluated; calls of methods that are not mere text handling
// become commands too, named ".downloadstring" or "[reflection.assembly]::load". What Invoke-Expression and
// its kin run becomes a nested script where the text is known, and is marked where it is not. Every branch is
// taken to run; loops run a bounded number of rounds. Not thread-safe.

#pragma once

#include "command/simple_command.h"
#include "command/text_store.h"
#include "command/variables.h"

namespace landwarden::command {

/// powershell.exe's and pwsh's own switches, each cut to any form that the program takes.
struct PowershellCall {
  std::string_view script;   ///< what runs as a script; empty: a file, or standard input
  std::string_view how;      ///< "-Command", "-EncodedCommand"
  std::string_view file;     ///< -File
  std::string_view version;  ///< -Version, asked for by those who want one without logging
  bool encoded = false;
  bool undecodable = false;  ///< -EncodedCommand with something that is no base64 of UTF-16
  bool standard_input = false;
  bool hidden = false, no_profile = false, bypass = false;
};
/// `words`: the arguments behind the program's name. `core`: pwsh, whose first plain word is a file.
[[nodiscard]] PowershellCall read_powershell_call(const std::vector<Word>& words, bool core,
                                                  TextStore& texts);

/// Appends the commands of `text` to `out`. `variables`: what every machine has, "env:comspec" and "pshome";
/// read only.
void read_powershell_script(std::string_view text, const Variables& variables, TextStore& texts,
                            ShellCommands& out);

/// Whether the bytes at `at` are one of the dashes that PowerShell takes for '-'; `size` is how many.
[[nodiscard]] bool is_dash(std::string_view text, std::size_t at, std::size_t& size);

}  // namespace landwarden::command
