// How programs read their arguments, and which uses of them mean which action: content/commands/*.yaml.
//
// docs/command-lines.md describes how to write one. A grammar knows a program's files and the name that its
// maker gave it, how it writes options, which words may be cut short, and a list of uses; the first use that
// fits a line gives its action and arguments. Immutable once loaded; shared by all threads.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "command/actions.h"
#include "command/meaning.h"
#include "command/variables.h"

namespace landwarden::command {

enum class Platform : std::uint8_t { windows, unix, powershell };

/// How options are written.
enum class Syntax : std::uint8_t {
  windows,  ///< /name or -name, value behind ':' or '=' or in the next word; without case
  dashes,   ///< -name or --name, value behind '=' or in the next word
  getopt,   ///< -x, -xyz, -xVALUE, --long, --long=value
  cmdlet,   ///< -Name value, cut to any unambiguous form
  menu,     ///< words at a prompt, each cut to any unambiguous form; quotes round several words are optional
};

/// Programs whose arguments are a language that this room reads itself.
enum class Carrier : std::uint8_t { none, cmd, powershell, sh };

/// One part of a use, in the order in which it is written.
struct UsagePart {
  enum class Kind : std::uint8_t {
    word,       ///< one of `names`
    value,      ///< any word
    rest,       ///< all that is left
    option,     ///< one of `names`, with a value if `valued`
    key_value,  ///< name=value
    menu,       ///< '>': the words so far open a menu
  };
  Kind kind = Kind::word;
  std::vector<std::string> names;  ///< lower case unless the syntax has case
  bool optional = false, valued = false, glued = false;
  Role role = Role::ignored;
  ValueType type = ValueType::text;
};

/// A demand on the value of a role: one of the patterns ('*' and '?') fits, without case.
struct Condition {
  Role role = Role::what;
  bool unless = false;  ///< none may fit
  std::vector<std::string> patterns;
};

struct Use {
  std::vector<UsagePart> parts;
  std::vector<Condition> conditions;
  const Action* action = nullptr;  ///< nullptr: known, and nothing to tell
  std::string unresolved;          ///< what of it only the running program could know; mostly empty
  std::string usage;               ///< as written
};

/// A point that the words of a menu lead to.
struct MenuNode {
  struct Next {
    std::string word;
    std::uint32_t node = 0;
  };
  std::vector<Next> next;           ///< in the program's own order of preference
  std::vector<std::uint32_t> uses;  ///< that end here
  bool menu = false;                ///< the words that lead here stay in force
};

/// An option that some use names, or that is only known to have a value.
struct KnownOption {
  std::string name;
  bool valued = false, glued = false;
  bool command = false;  ///< its value is all words up to ";" or "+" (find -exec)
};

struct Program {
  std::string name;
  Platform platform = Platform::windows;
  Syntax syntax = Syntax::windows;
  Carrier carrier = Carrier::none;
  bool abbreviates = false;         ///< words, and options of Syntax::windows, may be cut
  bool host_word = false;           ///< a word \\HOST is an option
  bool comma_parts = false;         ///< the first comma parts words (rundll32)
  bool prompt = false;              ///< without arguments it reads lines like its own arguments (wmic)
  std::int32_t command_after = -1;  ///< behind so many words the rest is a command of its own
  std::vector<KnownOption> options;
  std::vector<std::string> words;  ///< of all uses: what is written in full is never an abbreviation
  std::deque<Use> uses;
  std::vector<MenuNode> menu;      ///< the first is the prompt
  std::vector<std::string> leave;  ///< words that leave a menu
  std::vector<UsagePart> before;   ///< options before the words of a menu; they hold for all commands there
};

class Grammar {
 public:
  /// What is built in.
  [[nodiscard]] static Result<Grammar> built_in();
  /// `actions` first, then any number of tables.
  [[nodiscard]] static Result<Grammar> make(ActionTable actions);
  [[nodiscard]] Result<void> add(std::string_view yaml, const std::string& file);
  [[nodiscard]] Result<void> add_environment(std::string_view yaml, const std::string& file);

  /// `name` lower case, without folder and ending. nullptr: no grammar.
  [[nodiscard]] const Program* find(Platform platform, std::string_view name) const;
  /// By the name that the maker gave the file (OriginalFileName), any case.
  [[nodiscard]] const Program* find_original(std::string_view name) const;
  [[nodiscard]] const ActionTable& actions() const { return actions_; }
  [[nodiscard]] const std::deque<Program>& programs() const { return programs_; }
  /// Variables that every machine has, for cmd and for PowerShell ("env:comspec").
  [[nodiscard]] const Variables& cmd_environment() const { return cmd_environment_; }
  [[nodiscard]] const Variables& powershell_environment() const { return powershell_environment_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  using Names = std::unordered_map<std::string, const Program*, Hash, std::equal_to<>>;

  ActionTable actions_;
  std::deque<Program> programs_;
  Names names_[3], originals_;
  std::deque<std::string> environment_texts_;
  Variables cmd_environment_, powershell_environment_;
};

/// Whether `text` fits a pattern with '*' and '?', without ASCII case.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);

}  // namespace landwarden::command
