// One command as a shell would start it: what the readers of cmd, PowerShell and sh hand on.

#pragma once

#include <string_view>
#include <vector>

#include "command/process_line.h"

namespace landwarden::command {

/// "> file", "2>> file", "< file".
struct Redirect {
  bool input = false;
  std::string_view target;
};

struct SimpleCommand {
  std::string_view line;    ///< name and arguments as written, shell's own escapes removed
  std::vector<Word> words;  ///< the same after quotes; empty where the program splits its line itself (cmd)
  std::vector<Redirect> redirects;
  std::string_view input;  ///< what it reads from its standard input, where that is known
  bool has_input = false;
  bool piped = false;  ///< reads what the command before it writes
  bool known = true;   ///< false: the line holds something that was not resolved
};

/// A text that a shell's reader found to be read by some program as a language of its own.
struct NestedScript {
  enum class Kind : unsigned char { cmd, powershell, sh };
  Kind kind;
  std::string_view text;
  std::string_view how;
};

/// What a shell's reader found in a script.
struct ShellCommands {
  std::vector<SimpleCommand> commands;
  std::vector<NestedScript> nested;          ///< behind the commands that lead there
  std::vector<std::string_view> unresolved;  ///< what only the running program could know

  void clear() {
    commands.clear();
    nested.clear();
    unresolved.clear();
  }
};

}  // namespace landwarden::command
