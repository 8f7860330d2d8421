// Reads text as a Unix shell does: quotes, $'…', variables and their forms, $IFS, braces, here-documents,
// pipes, command substitution.
//
// POSIX sh with bash's additions that attackers use. A substitution whose output is plain (echo, printf,
// base64 -d, rev, tr, xxd -r and the like over known text) is resolved; all others are marked. Every branch
// is taken to run. Not thread-safe.

#pragma once

#include "command/simple_command.h"
#include "command/text_store.h"
#include "command/variables.h"

namespace landwarden::command {

/// Appends the commands of `text` to `out`.
void read_sh_script(std::string_view text, Variables& variables, TextStore& texts, ShellCommands& out);

/// What a command prints if that follows from its arguments and input alone; nothing otherwise. `words` with
/// the program's name first.
[[nodiscard]] std::optional<std::string> plain_output(const std::vector<Word>& words, std::string_view input,
                                                      bool has_input);

}  // namespace landwarden::command
