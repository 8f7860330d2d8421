// What the tests of this room share: the built-in grammar, and a line's meaning as plain text.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "command/analyzer.h"

namespace landwarden::command {

/// The built-in grammar; a test that cannot load it fails with the reason.
[[nodiscard]] const Grammar& built_in_grammar();

/// What was read, copied out.
struct Reading {
  std::string main;                  ///< the action that speaks for the line; empty if there is none
  std::vector<std::string> actions;  ///< all, in order
  std::vector<std::string> layers;   ///< "cmd: text"
  std::vector<std::string> unresolved;
  std::vector<std::string> arguments;  ///< of the main command: "to=C:\x"
  std::string shape;
  bool renamed = false;

  [[nodiscard]] bool has(std::string_view action) const;
  /// The value of a role of the main command, or "".
  [[nodiscard]] std::string argument(std::string_view role) const;
  /// All values of a role of the main command, parted by blanks.
  [[nodiscard]] std::string all(std::string_view role) const;
};
[[nodiscard]] Reading read(const Input& input);
[[nodiscard]] inline Reading read(std::string_view line) {
  return read(Input{.line = line});
}

[[nodiscard]] std::string base64(std::string_view bytes);
/// The text as -EncodedCommand takes it.
[[nodiscard]] std::string encoded_command(std::string_view text);

}  // namespace landwarden::command
