// Commands that a program in another language starts, where its text says them: os.system("id") of Python,
// system("id") of Perl, Ruby, PHP and awk, .Run "calc" of the script host, do shell script "id" of
// AppleScript.
//
// No language is read as such: a known name, and behind it a text in quotes, is all that is looked for. A
// command that is put together from variables is not seen. Texts that are run as code (eval, Execute) are
// searched too, to a bounded depth.

#pragma once

#include <string_view>
#include <vector>

#include "command/text_store.h"

namespace landwarden::command {

struct ForeignCommand {
  std::string_view text;  ///< kept in the store
  bool by_shell = false;  ///< a shell reads it, not the system
};

[[nodiscard]] std::vector<ForeignCommand> commands_in_code(std::string_view code, TextStore& texts);

}  // namespace landwarden::command
