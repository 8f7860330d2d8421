#include "command/powershell_script.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "command/limits.h"
#include "command/powershell_reader.h"
#include "command/powershell_start.h"

namespace landwarden::command {
namespace {

using Kind = PsValue::Kind;

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = text::ascii_lower(c);
  return out;
}

/// Words that a statement begins with and that run nothing themselves.
constexpr std::array<std::string_view, 24> kKeywords = {
    "if",     "else",    "elseif", "while",   "for",      "foreach", "do",       "until",
    "switch", "try",     "catch",  "finally", "function", "filter",  "return",   "throw",
    "begin",  "process", "end",    "param",   "trap",     "break",   "continue", "exit"};

/// The one command of a name: aliases that decide how texts are run.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kReadAliases = {{
    {"iex", "invoke-expression"},
    {"sal", "set-alias"},
    {"nal", "new-alias"},
    {"%", "foreach-object"},
    {"foreach", "foreach-object"},
    {"echo", "write-output"},
    {"write", "write-output"},
    {"sv", "set-variable"},
    {"set", "set-variable"},
    {"nv", "new-variable"},
    {"saps", "start-process"},
    {"start", "start-process"},
}};

/// Whether a word that begins with a digit is a number; else it is a command's name (7z).
bool is_number(std::string_view text, std::size_t at) {
  while (at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '.')) ++at;
  if (at >= text.size() || !letter(text[at])) return true;
  const char c = text::ascii_lower(text[at]);
  return c == 'x' || c == 'l' || c == 'k' || c == 'm' || c == 'g';
}

}  // namespace

void PowershellReader::skip_blanks(bool newlines) {
  while (more()) {
    const char c = now();
    if (c == ' ' || c == '\t' || (newlines && (c == '\n' || c == '\r'))) {
      ++at_;
    } else if (c == '`' && (ahead(1) == '\n' || ahead(1) == '\r')) {
      at_ += ahead(1) == '\r' && ahead(2) == '\n' ? 3 : 2;
    } else if (c == '<' && ahead(1) == '#') {
      const std::size_t end = text_.find("#>", at_ + 2);
      at_ = end == std::string_view::npos ? text_.size() : end + 2;
    } else if (newlines && c == '#') {
      while (more() && now() != '\n') ++at_;
    } else {
      return;
    }
  }
}

/// At '{': the text up to its end; quotes respected.
std::string_view PowershellReader::braces() {
  const std::size_t begin = ++at_;
  int open = 1;
  char quote = '\0';
  for (; more(); ++at_) {
    const char c = now();
    if (quote != '\0') {
      if (c == '`' && quote == '"') ++at_;
      if (c == quote) quote = '\0';
    } else if (c == '`') {
      ++at_;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '{') {
      ++open;
    } else if (c == '}' && --open == 0) {
      return text_.substr(begin, at_++ - begin);
    }
  }
  at_ = text_.size();
  return text_.substr(std::min(begin, text_.size()));
}

PsValue PowershellReader::read(std::string_view text) {
  const std::string_view text_before = text_;
  const std::size_t at_before = at_;
  text_ = text;
  at_ = 0;
  PsValue out = statements('\0');
  text_ = text_before;
  at_ = at_before;
  return out;
}

PsValue PowershellReader::block(std::string_view text) {
  if (depth_ > kDepth) return {};
  ++depth_;
  PsValue out = read(text);
  --depth_;
  return out;
}

/// Statements up to a closing bracket, which is skipped, or to the end. The values that they leave.
PsValue PowershellReader::statements(char end) {
  std::vector<PsValue> out;  // items; of a single statement the value itself
  std::size_t values = 0;
  const bool parting = commas_part_;
  commas_part_ = false;
  ++depth_;
  while (spend() && depth_ <= kDepth) {
    skip_blanks(true);
    if (!more()) break;
    const char c = now();
    if (c == end) {
      ++at_;
      break;
    }
    if (c == ';' || c == ',' || c == '&' || c == '|' || c == ')' || c == '}' || c == ']') {
      const bool call = c == '&' && ahead(1) != '&';
      if (!call) {
        ++at_;
        continue;
      }
    }
    const std::size_t before = at_;
    PsValue value = statement();
    if (value.kind != Kind::null && ++values == 1) {
      out.push_back(std::move(value));
    } else if (value.kind != Kind::null && out.size() <= limits::kCommandBytes) {
      if (values == 2) out = out.front().as_list();
      for (PsValue& item : value.as_list()) out.push_back(std::move(item));
    }
    if (at_ == before) ++at_;
  }
  --depth_;
  commas_part_ = parting;
  if (values < 2) return out.empty() ? PsValue::null() : std::move(out.front());
  return out.size() > limits::kCommandBytes ? PsValue{} : PsValue::list(std::move(out));
}

bool PowershellReader::keyword(std::string_view& word) {
  std::size_t end = at_;
  while (end < text_.size() && letter(text_[end])) ++end;
  const std::string name = lower(text_.substr(at_, end - at_));
  if (end < text_.size() &&
      (text_[end] == '-' || text_[end] == '.' || text_[end] == ':' || text_[end] == '\\'))
    return false;
  const auto found = std::ranges::find(kKeywords, name);
  if (found == kKeywords.end()) return false;
  word = *found;
  at_ = end;
  return true;
}

/// What stands in brackets and braces behind a keyword is read by the statements that follow.
PsValue PowershellReader::after_keyword(std::string_view word) {
  skip_blanks(true);
  if (word == "foreach" && now() == '(') return for_each_statement();
  if (word == "function" || word == "filter") {
    while (more() && now() != '{' && now() != '(') ++at_;
  } else if (word == "param" && now() == '(') {
    int open = 0;
    do {
      open += now() == '(' ? 1 : now() == ')' ? -1 : 0;
      ++at_;
    } while (more() && open > 0);
  }
  return PsValue::null();
}

/// foreach ($x in list) { … }
PsValue PowershellReader::for_each_statement() {
  ++at_;
  skip_blanks(true);
  std::string_view name;
  if (now() == '$') (void)variable(name);
  skip_blanks(true);
  if (lower(text_.substr(at_, 2)) == "in") at_ += 2;
  const PsValue list = statements(')');
  skip_blanks(true);
  if (now() != '{') return PsValue::null();
  const std::string_view body = braces();
  const bool silent = silent_;
  std::vector<PsValue> values = list.as_list();
  if (values.empty()) values.emplace_back();
  for (PsValue& value : values) {
    if (++rounds_ > kRounds) break;
    set(name, std::move(value));
    (void)block(body);
    silent_ = true;
  }
  silent_ = silent;
  return PsValue::null();
}

/// $name = value, $name += value, [type]$name = value.
bool PowershellReader::assignment(PsValue& out) {
  const std::size_t begin = at_;
  std::string type;
  if (now() == '[') {
    const std::size_t close = text_.find(']', at_);
    if (close == std::string_view::npos || text_.substr(at_, close - at_).contains('\n')) return false;
    type = type_name(text_.substr(at_ + 1, close - at_ - 1));
    at_ = close + 1;
    skip_blanks();
  }
  if (now() != '$' || ahead(1) == '(') {
    at_ = begin;
    return false;
  }
  std::string_view name;
  (void)variable(name);
  skip_blanks();
  const bool adds = now() == '+' && ahead(1) == '=';
  if (!adds && (now() != '=' || ahead(1) == '=')) {
    at_ = begin;
    return false;
  }
  at_ += adds ? 2 : 1;
  skip_blanks(true);
  PsValue value = statement();
  if (!type.empty()) value = cast(type, value);
  if (adds) {
    const std::string key = lower(name);
    const bool held = std::ranges::any_of(set_, [&](const auto& known) { return known.first == key; });
    value = binary("+", held ? find(name) : PsValue::null(), value);
    steps_ += static_cast<int>((value.text.size() + 8 * value.items.size()) / 64);  // copied each time
  }
  set(name, std::move(value));
  out = PsValue::null();
  return true;
}

PsValue PowershellReader::statement() {
  if (depth_ > kDepth || !spend()) return {};
  ++depth_;
  PsValue out = PsValue::null();
  std::string_view word;
  if (now() == '{') {
    out = block(braces());
  } else if (letter(now()) && keyword(word)) {
    out = after_keyword(word);
  } else if (!assignment(out)) {
    out = pipeline();
  }
  --depth_;
  return out;
}

PsValue PowershellReader::pipeline() {
  PsValue value;
  bool first = true;
  while (spend()) {
    skip_blanks(!first);
    const std::size_t before = at_;
    bool emitted = false;
    value = element(first, value, emitted);
    if (at_ == before) break;
    skip_blanks();
    if (now() != '|' || ahead(1) == '|') break;
    ++at_;
    first = false;
  }
  return value;
}

PsValue PowershellReader::element(bool first, const PsValue& input, bool& emitted) {
  const char c = now();
  std::size_t dash = 0;
  const bool call = c == '&' || (c == '.' && (ahead(1) == ' ' || ahead(1) == '(' || ahead(1) == '\'' ||
                                              ahead(1) == '"' || ahead(1) == '$' || ahead(1) == '{'));
  const bool an_expression = c == '\'' || c == '"' || c == '$' || c == '(' || c == '@' || c == '[' ||
                             c == '{' || c == ',' || c == '!' ||
                             (c >= '0' && c <= '9' && is_number(text_, at_)) || is_dash(text_, at_, dash);
  if (!call && an_expression) {
    const std::size_t begin = at_;
    PsValue value = expression();
    skip_blanks();
    if (now() == '=' && at_ > begin) {  // a property or an item is set
      ++at_;
      skip_blanks(true);
      (void)statement();
      return PsValue::null();
    }
    return value;
  }
  emitted = true;
  return command(input, !first);
}

PsValue PowershellReader::command(const PsValue& input, bool piped) {
  const std::size_t begin = at_;
  std::string name;
  bool known = true, quoted_name = false;
  if (now() == '&' || now() == '.') {
    if (now() == '&' || !letter(ahead(1))) ++at_;
    skip_blanks();
  }
  const char c = now();
  if (c == '{') return block(braces());
  if (c == '\'' || c == '"' || c == '$' || c == '(') {
    const std::size_t name_at = at_;
    const PsValue made = operand();
    if (made.kind == Kind::block) return block(texts_.keep(made.text));
    known = made.known();
    quoted_name = true;
    name = known ? made.as_text() : std::string(text_.substr(name_at, at_ - name_at));
  } else {
    (void)command_argument(name, quoted_name);
  }
  if (name.empty()) return PsValue::null();
  SimpleCommand made;
  made.piped = piped;
  made.words.push_back({texts_.keep(name), false, known});
  if (!known) unresolved(begin);
  std::vector<PsValue> values;
  command_arguments(made, values);
  made.line = text_.substr(begin, at_ - begin);
  while (!made.line.empty() && made.line.back() == ' ') made.line.remove_suffix(1);
  return run(std::move(made), values, input);
}

void PowershellReader::command_arguments(SimpleCommand& made, std::vector<PsValue>& values) {
  while (spend()) {
    skip_blanks();
    if (!more()) return;
    const char c = now();
    if (c == ';' || c == '|' || c == ')' || c == '}' || c == '\n' || c == '\r') return;
    if (c == '&') {
      if (ahead(1) == '&' || ahead(1) == ' ' || ahead(1) == '\0') return;
    }
    if (c == '#') {
      while (more() && now() != '\n') ++at_;
      return;
    }
    if (c == '>' || (c >= '1' && c <= '6' && ahead(1) == '>') || (c == '*' && ahead(1) == '>')) {
      redirect(made);
      continue;
    }
    if (text_.substr(at_).starts_with("--%")) {  // the rest is the program's own
      at_ += 3;
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      split_arguments(text_.substr(at_, end - at_), texts_, made.words);
      at_ = end;
      return;
    }
    const std::size_t before = at_;
    std::string text;
    bool quoted = false;
    PsValue value = command_argument(text, quoted);
    const bool known = value.known();
    const bool list_goes_on = !made.words.empty() && made.words.size() > 1 && before > 0 && [&] {
      std::size_t i = before;
      while (i > 0 && (text_[i - 1] == ' ' || text_[i - 1] == '\t')) --i;
      return i > 0 && text_[i - 1] == ',';
    }();
    if (list_goes_on && !values.empty()) {  // a, b is one argument
      Word& last = made.words.back();
      last.text = texts_.keep(std::string(last.text) + (last.text.ends_with(',') ? "" : ",") + text);
      last.known = last.known && known;
      std::vector<PsValue> both = values.back().as_list();
      for (PsValue& item : value.as_list()) both.push_back(std::move(item));
      values.back() = PsValue::list(std::move(both));
    } else {
      made.words.push_back({texts_.keep(text), quoted, known});
      values.push_back(std::move(value));
    }
    if (at_ == before) ++at_;
  }
}

/// One argument: its value, and its text as the command gets it. A parameter begins with '-'.
PsValue PowershellReader::command_argument(std::string& made, bool& quoted_any) {
  PsValue value;
  bool known = true, alone = true;
  std::size_t dash = 0;
  const std::size_t argument_begin = at_;
  if (is_dash(text_, at_, dash) && letter(ahead(dash))) {
    made = "-";
    at_ += dash;
  }
  while (more()) {
    const char c = now();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '|' || c == ')' || c == '}' ||
        c == '&')
      break;
    if (c == '>' || (c == '<' && ahead(1) == '#')) break;
    if (c == '{' && !made.empty()) break;
    if (c == ',') {
      ++at_;
      skip_blanks();
      break;
    }
    const std::size_t begin = at_;
    if (c == '`') {
      if (at_ + 1 < text_.size()) made += ahead(1);
      at_ = std::min(at_ + 2, text_.size());
      continue;
    }
    const bool made_before = !made.empty();
    if (c == '\'' || c == '"' || c == '$' || c == '(' || c == '@' || c == '{' || (c == '[' && made.empty())) {
      if ((c == '(' || c == '@') && made_before && made.front() != '-')
        break;                             // IO.MemoryStream(…): two arguments
      if (c == '@' && letter(ahead(1))) {  // splatting
        known = false;
        made += c;
        ++at_;
        continue;
      }
      quoted_any = quoted_any || c == '\'' || c == '"';
      value = operand();
      alone = alone && !made_before;
      known = known && value.known();
      const bool text = value.known() || value.kind == Kind::object;
      made += text ? value.as_text() : std::string(text_.substr(begin, at_ - begin));
      if (at_ == begin) ++at_;
      continue;
    }
    made += c;
    alone = false;
    ++at_;
    if (made.size() > limits::kCommandBytes) break;
  }
  if (alone && at_ > argument_begin && (value.kind != Kind::unknown || !known)) return value;
  return known ? PsValue::of(made) : PsValue{Kind::object, made, 0, {}};
}

/// > file, 2>&1 and the like.
void PowershellReader::redirect(SimpleCommand& made) {
  while (more() && now() != '>') ++at_;
  while (now() == '>') ++at_;
  if (now() == '&') {
    at_ = std::min(at_ + 2, text_.size());
    return;
  }
  skip_blanks();
  std::string target;
  bool quoted = false;
  (void)command_argument(target, quoted);
  if (!target.empty()) made.redirects.push_back({false, texts_.keep(target)});
}

/// A block over what came through the pipeline.
PsValue PowershellReader::rounds(std::string_view body, const PsValue& input) {
  const bool silent = silent_;
  std::vector<PsValue> out, values = input.as_list();
  if (values.empty() || input.kind == Kind::unknown) values.assign(1, PsValue{});
  for (PsValue& value : values) {
    if (++rounds_ > kRounds || !spend()) return {};
    set("_", std::move(value));
    PsValue made = block(body);
    for (PsValue& item : made.as_list()) out.push_back(std::move(item));
    silent_ = true;
  }
  silent_ = silent;
  if (input.kind == Kind::unknown) return {};  // nobody knows how often the body ran
  return out.size() == 1 ? std::move(out.front()) : PsValue::list(std::move(out));
}

void PowershellReader::unresolved(std::size_t begin) {
  if (!silent_ && out_.unresolved.size() < limits::kCommandCommands)
    out_.unresolved.push_back(text_.substr(begin, at_ - begin));
}

PsValue PowershellReader::invoke_expression(const PsValue& script, std::string_view how) {
  if (silent_) return {};
  if (script.kind == Kind::block || (script.known() && !script.as_text().empty())) {
    if (out_.nested.size() < limits::kCommandLayers)
      out_.nested.push_back({NestedScript::Kind::powershell, texts_.keep(script.as_text()), how});
  } else {
    out_.unresolved.push_back(how);
  }
  return {};
}

/// A method that does something becomes a command, so that grammars can speak of it.
void PowershellReader::call_as_command(const std::string& name, const std::vector<PsValue>& arguments,
                                       std::size_t begin) {
  if (silent_ || out_.commands.size() >= limits::kCommandCommands) return;
  SimpleCommand made;
  made.line = text_.substr(begin, at_ - begin);
  made.words.push_back({texts_.keep(name), false, true});
  for (const PsValue& argument : arguments)
    made.words.push_back({texts_.keep(argument.as_text()), true, argument.known()});
  out_.commands.push_back(std::move(made));
}

/// Hands the command on, and does what decides how later texts read.
PsValue PowershellReader::run(SimpleCommand&& made, const std::vector<PsValue>& values,
                              const PsValue& input) {
  std::string name = lower(made.words.front().text);
  if (has_aliases_) {
    if (const PsValue own = find("alias:" + name); own.is_text()) {
      name = lower(own.text);
      made.words.front().text = texts_.keep(own.text);
    }
  }
  for (const auto& [alias, full] : kReadAliases) {
    if (name == alias) name = full;
  }
  const auto first = [&]() -> PsValue {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (made.words[i + 1].quoted || !made.words[i + 1].text.starts_with('-')) return values[i];
    }
    return input;
  };
  if (name == "foreach-object") {
    PsValue out;
    for (const PsValue& value : values) {
      if (value.kind == Kind::block) out = rounds(texts_.keep(value.text), input);
    }
    return out;
  }
  PsValue out;
  PsValue script;
  const bool evaluates = name == "invoke-expression";
  if (evaluates) script = first();
  if (name == "write-output") out = first();
  if (name == "out-string" || name == "out-null") out = name == "out-string" ? input : PsValue::null();
  if (name == "new-object") {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (made.words[i + 1].text.starts_with('-') && !made.words[i + 1].quoted) continue;
      std::vector<PsValue> arguments;
      for (std::size_t k = i + 1; k < values.size(); ++k) {
        if (values[k].kind == Kind::bytes) {
          arguments.push_back(values[k]);  // ",$bytes": one argument
          continue;
        }
        for (PsValue& item : values[k].as_list()) arguments.push_back(std::move(item));
      }
      out = made_object(type_name(made.words[i + 1].text), std::move(arguments));
      break;
    }
  }
  if ((name == "set-variable" || name == "new-variable") && values.size() >= 2)
    set(made.words[1].text.starts_with('-') ? made.words[2].text : made.words[1].text, values.back());
  if (name == "set-alias" || name == "new-alias") set_alias(made, values);
  if (name == "start-process") join_program_and_arguments(made.words, values, texts_);
  for (const PsValue& value : values) {
    if (value.kind == Kind::block && !evaluates) {
      if (input.kind == Kind::unknown || name == "where-object" || name == "?") set("_", PsValue{});
      (void)block(texts_.keep(value.text));
    }
  }
  if (!silent_ && out_.commands.size() < limits::kCommandCommands) {
    if (made.piped && input.known()) {
      made.input = texts_.keep(input.as_text());
      made.has_input = true;
    }
    for (const Word& word : made.words) made.known = made.known && word.known;
    out_.commands.push_back(std::move(made));
  }
  if (evaluates) return invoke_expression(script, "Invoke-Expression");
  return out;
}

void read_powershell_script(std::string_view text, const Variables& variables, TextStore& texts,
                            ShellCommands& out) {
  PowershellReader reader(variables, texts, out);
  (void)reader.read(text);
  if (reader.exhausted())
    out.unresolved.push_back("limit: the script takes too much work, its end was not read");
}

}  // namespace landwarden::command
