// Says what a command line means: reads it as the program itself would, layer by layer, and finds the
// actions.
//
// Bounded by limits::kCommand…: what is cut off is told in Meaning::unresolved. An Analyzer is one worker's
// and is reused line after line; the grammar is shared. Nothing is run and nothing is looked up.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/grammar.h"
#include "command/limits.h"
#include "command/meaning.h"
#include "command/simple_command.h"
#include "command/use_matcher.h"
#include "command/variables.h"

namespace landwarden::command {

/// What kind of text the line is.
enum class Origin : std::uint8_t {
  guessed,     ///< from the text itself
  process,     ///< what a Windows process was started with
  cmd,         ///< typed at cmd, or a line of a batch file
  powershell,  ///< a script or a part of one
  unix,        ///< what a Unix process was started with, or typed at a shell
};

/// What tables of log sources call it: "process", "powershell", "unix"; nothing for any other word.
[[nodiscard]] std::optional<Origin> origin_named(std::string_view name);

struct Input {
  std::string_view line;
  std::string_view image = {};          ///< the program's file, where it is known better than from the line
  std::string_view original_name = {};  ///< the name that its maker gave it (OriginalFileName)
  Origin origin = Origin::guessed;
};

class Analyzer {
 public:
  explicit Analyzer(const Grammar& grammar) : grammar_(grammar), variables_(&grammar.cmd_environment()) {}

  void analyze(const Input& input, Meaning& out);

 private:
  /// What surrounds a simple command.
  struct Context {
    std::uint32_t layer = 0;
    Dialect dialect = Dialect::process;
    std::string_view image = {}, original = {};
  };

  [[nodiscard]] Origin guess(std::string_view line) const;
  [[nodiscard]] bool pipes_to_sh(std::string_view line) const;
  [[nodiscard]] std::string_view expanded(std::string_view program);
  std::uint32_t add_layer(Dialect dialect, std::string_view text, std::uint32_t parent, std::string_view how);
  void read_layer(std::uint32_t layer, const Context& context);
  void read_unix_process(std::uint32_t layer, const Context& context);
  void nest(Dialect dialect, std::string_view text, const Context& from, std::string_view how);
  void run(SimpleCommand& command, const Context& context);
  void run_redirects(const SimpleCommand& command, const Context& context);
  [[nodiscard]] const Program* resolve(std::string_view path, const Context& context, Command& out);
  void run_typed(const SimpleCommand& command, const Program& program, Command made, const Context& context);
  void carry_cmd(std::string_view rest, const SimpleCommand& command, const Context& context);
  void carry_powershell(const Program& program, std::span<const Word> words, const SimpleCommand& command,
                        const Context& context);
  void match(const Program& program, std::span<const Word> words, std::string_view rest, Command command,
             std::span<const Redirect> redirects, const Context& context);
  void add_share_host(Command& made);
  void add_outputs(Command& made, std::span<const Redirect> redirects);
  void nest_arguments(const Command& command, const Context& context);
  void nest_code(const Command& command, const Argument& argument, const Context& context);
  void piped_input(std::vector<SimpleCommand>& commands, std::size_t i) const;
  [[nodiscard]] bool is_bare_shell(const SimpleCommand& command);
  void mark_shell_over_network(std::size_t first);
  void note(std::uint32_t layer, std::string_view what);

  const Grammar& grammar_;
  Variables variables_;
  Variables powershell_variables_;
  UseMatcher matcher_;
  Meaning* out_ = nullptr;
  std::string name_buffer_;
};

}  // namespace landwarden::command
