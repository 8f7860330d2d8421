// Fields that say what a command line means: lw.action, lw.program, lw.target, lw.host, lw.account,
// lw.decoded, lw.shape.
//
// A view makes them with the transform "command FIELD ORIGIN" (content/logsources, `command_lines`). The
// grammars are loaded when the first such value is asked for, so that rule sets without these fields pay
// nothing; each thread remembers the lines it has read. Any thread.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace landwarden::view {

/// What the fields are called behind "lw.".
inline constexpr std::array<std::string_view, 7> kCommandFields = {"action",  "program", "target", "host",
                                                                   "account", "decoded", "shape"};

/// What leads, behind the line, the file of the program and the name that its maker gave it.
inline constexpr std::string_view kCommandImage = "\x1fi", kCommandMaker = "\x1fo";

/// Whether `argument` names a field and an origin: "action process", "shape powershell".
[[nodiscard]] bool is_command_field(std::string_view argument);

/// Nothing: the line has no such thing. `text` is the line and behind it, each led by its mark, what else the
/// record knows.
[[nodiscard]] std::optional<std::string> command_field(std::string_view argument, std::string_view text);

}  // namespace landwarden::view
