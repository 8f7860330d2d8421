// What one command line means: its layers, the commands in them, and what each command does.
//
// A layer is a text that some program reads as its own language: the line of the process, the script behind
// "cmd /c", the decoded text of -EncodedCommand, the line that wmic starts on another host. The layer a text
// was found in is its parent, so that the way there can be shown. Views look into the Meaning itself (and its
// TextStore), never into the input. Reused line after line; not thread-safe.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "command/text_store.h"

namespace landwarden::command {

struct Action;
struct Program;

inline constexpr std::uint32_t kNoLayer = 0xFFFF'FFFF;

/// The language that a layer is read as.
enum class Dialect : std::uint8_t {
  process,     ///< a Windows process's line: program, then arguments by its own rules
  cmd,         ///< what cmd.exe reads
  powershell,  ///< what PowerShell reads
  sh,          ///< what a Unix shell reads
  menu,        ///< lines typed at a program's own prompt (ntdsutil, netsh)
};
[[nodiscard]] std::string_view dialect_name(Dialect dialect);

struct Layer {
  Dialect dialect = Dialect::process;
  std::uint32_t parent = kNoLayer;
  std::uint16_t depth = 0;
  std::string_view text;
  std::string_view
      how;  ///< how the parent leads here: "cmd /c", "powershell -EncodedCommand"; empty outermost
};

/// What part an argument plays. The names are those of the grammars and of JSON.
enum class Role : std::uint8_t { what, from, to, host, account, secret, name, command, port, ignored };
[[nodiscard]] std::string_view role_name(Role role);

/// How a value is written in a common form, and what kind the shape of the line shows in its place.
enum class ValueType : std::uint8_t {
  text,
  path,
  key,
  host,
  account,
  url,
  remote,  ///< a path, or a path of a host: "op7@fs02:/srv/x"
  number,
  line,
  cmd,
  powershell,
  sh,
  code,  ///< a program in another language: the commands in it are layers
};

struct Argument {
  Role role = Role::what;
  ValueType type = ValueType::text;
  bool known = true;       ///< false: holds something that only the running program could know
  std::string_view value;  ///< in a common form: HKLM\SAM, a host without its backslashes
};

/// One command somewhere in the layers.
struct Command {
  std::string_view line;  ///< as its layer's language hands it on: quotes resolved where the shell does so
  std::string_view name;  ///< of the program, lower case, without folder and ".exe"
  std::uint32_t layer = 0;
  const Program* program = nullptr;                 ///< nullptr: no grammar knows it
  const Action* action = nullptr;                   ///< nullptr: the grammar knows no such use
  std::uint32_t first_argument = 0, arguments = 0;  ///< in Meaning::arguments
  bool renamed = false;                             ///< the file has another name than its maker gave it
};

/// Something that only the running program could know, or that a limit cut off.
struct Unresolved {
  std::uint32_t layer = 0;
  std::string_view what;
};

struct Meaning {
  std::vector<Layer> layers;      ///< the outermost first, parents before children
  std::vector<Command> commands;  ///< in the order in which they stand
  std::vector<Argument> arguments;
  std::vector<Unresolved> unresolved;
  TextStore texts;

  Meaning() = default;
  Meaning(Meaning&&) = default;
  Meaning& operator=(Meaning&&) = default;
  Meaning(const Meaning&) = delete;
  Meaning& operator=(const Meaning&) = delete;

  void clear();
  /// The command whose action weighs most; of several the first, unless another stands in a layer below it:
  /// what is carried speaks for what carries it. nullptr if no command has an action.
  [[nodiscard]] const Command* main_command() const;
  /// Whether `layer` is `above` or was found in it, at any depth.
  [[nodiscard]] bool is_below(std::uint32_t layer, std::uint32_t above) const;
  /// The value of an argument of this role of one command; empty if there is none.
  [[nodiscard]] std::string_view value(const Command& command, Role role) const;
};

}  // namespace landwarden::command
