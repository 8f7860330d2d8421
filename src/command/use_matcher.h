// Finds the use of a program that a line fits, with the arguments in their common form.
//
// Reused line after line: it allocates only while its buffers grow. Not thread-safe.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command/grammar.h"
#include "command/process_line.h"
#include "command/text_store.h"

namespace landwarden::command {

/// A use that fits, and its arguments in UseMatcher::arguments().
struct MatchedUse {
  const Use* use = nullptr;
  std::uint32_t first_argument = 0, arguments = 0;
};

class UseMatcher {
 public:
  /// `words`: behind the program's name; `rest`: the text that their places refer to. At most one for all
  /// syntaxes but menus, where each command of the menu is one. Valid until the next call.
  [[nodiscard]] std::span<const MatchedUse> match(const Program& program, std::span<const Word> words,
                                                  std::string_view rest, TextStore& texts);
  [[nodiscard]] std::span<const Argument> arguments() const { return arguments_; }

 private:
  struct Option {
    const KnownOption* known = nullptr;  ///< nullptr: no use speaks of it
    std::string_view name, value;
    bool has_value = false, is_known = true;
  };
  struct Token {
    std::string_view text;
    std::string_view behind;  ///< from here to the end of its element
    std::uint32_t element = 0;
    bool known = true;
  };

  void sort_words(const Program& program, std::span<const Word> words);
  bool take_option(const Program& program, std::span<const Word> words, std::size_t& i);
  void named_option(const Program& program, std::string_view body, std::span<const Word> words,
                    std::size_t& i);
  void short_options(const Program& program, std::string_view letters, std::span<const Word> words,
                     std::size_t& i);
  std::string_view command_value(std::span<const Word> words, std::size_t& i);
  [[nodiscard]] const KnownOption* option_named(const Program& program, std::string_view name,
                                                bool prefix) const;
  bool fits_use(const Program& program, const Use& use, std::span<const Word> words, std::string_view rest,
                TextStore& texts);
  bool fits_word(const Program& program, const UsagePart& part, std::string_view word) const;
  bool fits_option(const UsagePart& part, TextStore& texts);
  bool fits_key(const UsagePart& part, TextStore& texts);
  [[nodiscard]] static bool means_file(std::string_view pattern, std::string_view value);
  bool conditions_hold(const Use& use, std::size_t first, bool globs) const;
  void capture(const UsagePart& part, std::string_view value, bool known, TextStore& texts);
  void capture_hosts(std::string_view value, bool known, TextStore& texts);
  void capture_host(std::string_view value, bool known);
  std::span<const Word> take_before(const Program& program, std::span<const Word> words, TextStore& texts);
  void match_menu(const Program& program, std::span<const Word> words, TextStore& texts);
  std::size_t menu_step(const Program& program, std::uint32_t node, std::size_t at, TextStore& texts,
                        std::uint32_t& opened);
  bool menu_use(const Use& use, std::size_t& at, TextStore& texts);

  std::vector<Option> options_;
  std::vector<Word> words_;  ///< that are no options
  std::vector<Argument> arguments_;
  std::vector<Argument> before_;  ///< of options before a menu
  std::vector<MatchedUse> matched_;
  std::vector<Token> tokens_;
  std::string buffer_;
  TextStore* texts_ = nullptr;
};

/// A value in the common form of its type: HKLM\… for a key, a host without its backslashes, a path without
/// quotes.
[[nodiscard]] std::string_view common_form(ValueType type, std::string_view value, TextStore& texts);

}  // namespace landwarden::command
