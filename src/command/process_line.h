// A Windows process's line: the program's name, and the arguments as the C run-time sees them.
//
// Rules: CommandLineToArgvW and the Universal CRT's argv (backslashes before a quote, a doubled quote inside
// quotes). Programs that read their line themselves (cmd) get the raw rest instead.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "command/text_store.h"

namespace landwarden::command {

/// One argument after its quotes were resolved.
struct Word {
  std::string_view text;
  bool quoted = false;          ///< quotes stood around part of it
  bool known = true;            ///< false: holds a variable or a call whose value is not known
  std::uint32_t at = kNoPlace;  ///< where it begins in the line behind the program's name
  static constexpr std::uint32_t kNoPlace = 0xFFFF'FFFF;
  bool operator==(const Word&) const = default;
};

/// First word of the line and what follows, blanks between them removed. An unquoted path with blanks in it
/// is taken whole where a part of it ends in a program's ending, as CreateProcess would find it.
struct ProgramAndRest {
  std::string_view program;  ///< without quotes
  std::string_view rest;
};
[[nodiscard]] ProgramAndRest split_program(std::string_view line);

/// Appends the arguments of `rest` (the line without its program) to `out`; texts that differ from the line
/// are kept in `texts`.
void split_arguments(std::string_view rest, TextStore& texts, std::vector<Word>& out);

/// The file's name: after the last \ or /, ASCII lower case, without .exe, .com, .cmd or .bat. Views into
/// `buffer`.
[[nodiscard]] std::string_view program_name(std::string_view path, std::string& buffer);

}  // namespace landwarden::command
