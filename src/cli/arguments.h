// The program's tree of commands with their options, and how the words on its command line are read.
//
// Behind it is CLI11, which no other file includes: its inline functions cost each that does ten seconds.
// Command and Option are handles, as cheap to copy as a pointer, of what the CommandTree owns. Nothing is
// thrown. Texts are shown as they are here by --help, the manual page and the completions.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace landwarden::cli {

/// An option, a flag, or a positional argument. What is asked of it more is said behind its declaration:
/// `command.option(…).one_of({"text", "json"})`.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option required() const;
  /// May stand several times, with one value each time: what follows the value is something else.
  Option repeated() const;
  /// One value may hold several, with commas between them.
  Option with_commas() const;
  Option one_of(std::vector<std::string> words) const;
  /// A number from `least` to `most`.
  Option within(int least, int most) const;
  /// `wrong` says what is wrong with a value; an empty text if nothing.
  Option check(std::function<std::string(const std::string&)> wrong) const;
  /// Not both.
  Option excludes(Option other) const;

 private:
  CLI::Option* option_;
};

/// What help, manual page and completions say about an option.
struct OptionText {
  std::vector<std::string> short_names, long_names;  ///< without dashes; none: positional
  std::string value;                                 ///< "FILE"; empty: a flag
  std::string text;
  bool required = false, many = false;

  [[nodiscard]] bool positional() const { return short_names.empty() && long_names.empty(); }
};

/// Where the value of an option goes.
using Target =
    std::variant<std::reference_wrapper<std::string>, std::reference_wrapper<std::vector<std::string>>,
                 std::reference_wrapper<std::uint32_t>, std::reference_wrapper<std::vector<std::uint32_t>>,
                 std::reference_wrapper<std::uint64_t>, std::reference_wrapper<std::optional<std::uint64_t>>>;

/// What a command does; gives the exit code.
using Run = std::function<int()>;

/// A command, or the program itself.
class Command {
 public:
  Command(CLI::App* app, Run* chosen) : app_(app), chosen_(chosen) {}

  /// A command below this one.
  Command command(const std::string& name, const std::string& text) const;
  /// An option by its names ("-o,--output"), or without dashes a positional argument. Its value is called
  /// `value` and goes to `target`, which must live until the command has run. A list takes all words up to
  /// the next option, unless it is `repeated`.
  Option option(const std::string& names, Target target, const std::string& value,
                const std::string& text) const;
  Option flag(const std::string& names, bool& target, const std::string& text) const;
  /// Examples and what else stands below the options.
  void footer(const std::string& text) const;
  /// It is no use without one of the commands below it.
  void needs_command() const;
  /// What to do when it was chosen.
  void runs(Run run) const;

  [[nodiscard]] std::string name() const;
  /// "landwarden", "landwarden rules check".
  [[nodiscard]] std::string full_name() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string footer() const;
  [[nodiscard]] std::vector<Command> commands() const;
  /// In the order in which they were declared.
  [[nodiscard]] std::vector<OptionText> options() const;

 private:
  CLI::App* app_;
  Run* chosen_;
};

/// What the words on the command line ask for.
struct Asked {
  enum class What : std::uint8_t { run, help, version, wrong };
  What what;
  Command command;      ///< the innermost that was named
  std::string wrong{};  ///< what is wrong with the words
  Run run{};
};

class CommandTree {
 public:
  /// The program with -h, --help of every command and --version.
  CommandTree(const std::string& name, const std::string& text);
  ~CommandTree();
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;

  [[nodiscard]] Command program();
  /// Reads the words into the targets of options, once.
  [[nodiscard]] Asked read(int count, char** arguments);

 private:
  std::unique_ptr<CLI::App> app_;
  Run chosen_;
};

}  // namespace landwarden::cli
