// The reader behind read_powershell_script(): statements, pipelines and commands here, expressions in
// powershell_expression.cc.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "command/powershell_script.h"
#include "command/powershell_value.h"

namespace landwarden::command {

class PowershellReader {
 public:
  PowershellReader(const Variables& variables, TextStore& texts, ShellCommands& out)
      : defaults_(variables), texts_(texts), out_(out) {}

  /// Reads a whole text; the value of its last statement.
  PsValue read(std::string_view text);
  /// Whether the text took more work than is allowed, so that its end was not read.
  [[nodiscard]] bool exhausted() const { return steps_ >= kSteps || rounds_ > kRounds; }

 private:
  static constexpr int kDepth = 48;        // brackets inside each other; each costs stack
  static constexpr int kRounds = 1 << 14;  // of all loops together
  static constexpr int kSteps = 1 << 21;   // of the reader, all texts together

  // Statements and commands.
  PsValue statements(char end);
  PsValue statement();
  PsValue pipeline();
  PsValue element(bool first, const PsValue& input, bool& emitted);
  [[nodiscard]] bool keyword(std::string_view& word);
  PsValue after_keyword(std::string_view word);
  PsValue for_each_statement();
  bool assignment(PsValue& out);
  PsValue command(const PsValue& input, bool piped);
  void command_arguments(SimpleCommand& made, std::vector<PsValue>& values);
  PsValue command_argument(std::string& made, bool& quoted);
  void redirect(SimpleCommand& made);
  PsValue run(SimpleCommand&& made, const std::vector<PsValue>& values, const PsValue& input);
  PsValue rounds(std::string_view block, const PsValue& input);
  PsValue block(std::string_view text);
  PsValue invoke_expression(const PsValue& script, std::string_view how);
  void call_as_command(const std::string& name, const std::vector<PsValue>& arguments, std::size_t begin);
  void unresolved(std::size_t begin);

  // Expressions.
  PsValue expression(int least = 0);
  PsValue comma_list();
  PsValue operand();
  PsValue bracketed_type();
  PsValue postfix(PsValue value, std::size_t begin, std::string_view variable);
  PsValue member(const PsValue& value, std::size_t begin, bool is_static, std::string_view variable);
  std::string member_name();
  PsValue known_static(const std::string& type, const std::string& name);
  std::vector<PsValue> call_arguments();
  PsValue variable(std::string_view& name);
  PsValue hash_table();
  PsValue quoted(bool& known);
  PsValue here_string(char quote);
  PsValue number();
  void in_string(std::string& made, bool& known);
  [[nodiscard]] std::string operator_name(int& level);

  // Characters.
  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  [[nodiscard]] char now() const { return more() ? text_[at_] : '\0'; }
  [[nodiscard]] char ahead(std::size_t n) const { return at_ + n < text_.size() ? text_[at_ + n] : '\0'; }
  void skip_blanks(bool newlines = false);
  [[nodiscard]] std::string_view braces();
  [[nodiscard]] bool spend() { return ++steps_ < kSteps && !texts_.full(); }
  [[nodiscard]] PsValue find(std::string_view name) const;
  void set(std::string_view name, PsValue value);
  void set_alias(const SimpleCommand& made, const std::vector<PsValue>& values);

  const Variables& defaults_;
  TextStore& texts_;
  ShellCommands& out_;
  bool has_aliases_ = false;  ///< the script made some: variables "alias:NAME"
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0, rounds_ = 0, steps_ = 0;
  bool commas_part_ = false;  ///< inside the brackets of a call: commas part its arguments
  bool silent_ = false;       ///< later rounds of a loop: commands were handed on already
  std::vector<std::pair<std::string, PsValue>> set_;
};

}  // namespace landwarden::command
