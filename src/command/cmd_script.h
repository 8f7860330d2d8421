// Reads text as cmd.exe does: %VAR% and !VAR!, carets, quotes, & && | ||, brackets, redirections, if, for,
// call, start, set.
//
// Follows cmd's phases (variables first, then carets and operators, then delayed variables). What cmd would
// only know while it runs (a variable set elsewhere, the lines that "for /f" reads) is marked, never guessed.
// Every branch of if and every round of a short for is taken to run. Not thread-safe.

#pragma once

#include "command/simple_command.h"
#include "command/text_store.h"
#include "command/variables.h"

namespace landwarden::command {

/// What stands behind cmd's own switches, and how it will be read.
struct CmdCall {
  bool script = false;  ///< there was /c, /k or /r
  bool delayed = false;
  std::string_view text;  ///< what is read as commands, outer quotes removed by cmd's rule
};
/// `rest`: the process's line behind "cmd.exe".
[[nodiscard]] CmdCall read_cmd_call(std::string_view rest, TextStore& texts);

/// Appends the commands of `text` to `out`. What "set" sets stays in `variables` for child processes.
void read_cmd_script(std::string_view text, Variables& variables, TextStore& texts, ShellCommands& out);

}  // namespace landwarden::command
