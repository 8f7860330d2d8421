#include "command/sh_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"
#include "command/char_set.h"
#include "command/limits.h"

namespace landwarden::command {
namespace {

constexpr int kDepth = 12;  // substitutions inside each other

constexpr CharSet kCommandEnds(";&|\n)");
constexpr CharSet kWordEnds(" \t\r\n;&|)");
constexpr CharSet kTargetEnds(";&|\n)<>");
constexpr CharSet kEscapable("\"\\$`\n");

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Keywords that stand where a command begins and are followed by one.
constexpr std::array<std::string_view, 13> kLeading = {"if", "then", "else", "elif", "while", "until", "do",
                                                       "{",  "!",    "time", "}",    "fi",    "done"};
constexpr std::string_view kUnknown = "$(…)";

class ShReader {
 public:
  ShReader(Variables& variables, TextStore& texts, ShellCommands& out)
      : variables_(variables), texts_(texts), out_(out) {}

  /// Returns what the whole text prints, where that is plain.
  std::optional<std::string> read(std::string_view text, int depth) {
    if (depth > kDepth) return std::nullopt;
    const std::string_view before = text_;
    const std::size_t at_before = at_;
    const int depth_before = depth_;
    text_ = text;
    at_ = 0;
    depth_ = depth;
    auto printed = list();
    text_ = before;
    at_ = at_before;
    depth_ = depth_before;
    return printed;
  }

  /// Whether the text took more work than is allowed, so that its end was not read.
  [[nodiscard]] bool exhausted() const { return work_ > limits::kCommandTextBytes; }

 private:
  struct HereDocument {
    std::string end;
    bool expands = true, strip_tabs = false;
    std::size_t command = 0;
  };

  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  [[nodiscard]] char now() const { return text_[at_]; }
  [[nodiscard]] char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }

  std::optional<std::string> list();
  void take_operator(bool& piped);
  void simple(bool piped);
  void redirect(SimpleCommand& command);
  void take_here_documents();
  bool word(std::vector<Word>& words);
  void dollar(std::string& made, bool& known, bool inside);
  void braced(std::string& made, bool& known);
  void ansi_quoted(std::string& made);
  void substitution(std::string_view script, std::string& made, bool& known);
  [[nodiscard]] std::string_view balanced(char open, char close);
  [[nodiscard]] bool assignment(const Word& word);
  void finish(SimpleCommand&& command, std::size_t line_begin);

  Variables& variables_;
  TextStore& texts_;
  ShellCommands& out_;
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<std::string> printed_;  ///< by the command before, where that is plain
  std::vector<HereDocument> waiting_;
  std::size_t work_ = 0;  ///< bytes of all words made
};

/// Behind an opening bracket: the text up to the closing one, quotes respected.
std::string_view ShReader::balanced(char open, char close) {
  const std::size_t begin = at_;
  int depth = 1;
  char quote = '\0';
  for (; more(); ++at_) {
    const char c = now();
    if (c == '\\' && quote != '\'') {
      ++at_;
      continue;
    }
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == open && open != close) {
      ++depth;
    } else if (c == close && --depth == 0) {
      return text_.substr(begin, at_++ - begin);
    }
  }
  at_ = std::min(at_, text_.size());
  return text_.substr(std::min(begin, text_.size()));
}

std::optional<std::string> ShReader::list() {
  std::string all;
  bool plain = true, piped = false;
  std::size_t commands = 0;
  while (more() && out_.commands.size() < limits::kCommandCommands && !texts_.full() && !exhausted()) {
    const char c = now();
    if (blank(c) || c == '(' || c == ')') {
      ++at_;
    } else if (c == '#') {
      while (more() && now() != '\n') ++at_;
    } else if (c == '\n' || c == ';' || c == '&' || c == '|') {
      take_operator(piped);
    } else {
      const std::size_t before = at_;
      const std::size_t emitted = out_.commands.size();
      if (!piped && commands > 0) {
        plain = plain && printed_.has_value();
        if (printed_) all += *printed_;
      }
      if (!piped) printed_.reset();
      simple(piped);
      if (out_.commands.size() > emitted) ++commands;
      piped = false;
      if (at_ == before) ++at_;
    }
  }
  if (commands == 0 || !plain || !printed_) return std::nullopt;
  return all + *printed_;
}

void ShReader::take_operator(bool& piped) {
  const char c = now();
  const bool doubled = next() == c;
  piped = c == '|' && !doubled;
  at_ += doubled ? 2 : 1;
  if (piped && more() && now() == '&') ++at_;
  if (c == '\n' && !waiting_.empty()) take_here_documents();
}

void ShReader::take_here_documents() {
  std::vector<HereDocument> waiting;
  waiting.swap(waiting_);
  for (const HereDocument& here : waiting) {
    std::string body;
    while (more()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = text_.substr(at_, end - at_);
      at_ = std::min(end + 1, text_.size());
      while (here.strip_tabs && line.starts_with('\t')) line.remove_prefix(1);
      if (line == here.end) break;
      body += line;
      body += '\n';
    }
    if (here.command >= out_.commands.size()) continue;
    SimpleCommand& command = out_.commands[here.command];
    command.input = texts_.keep(body);
    command.has_input = true;
    printed_ = plain_output(command.words, command.input, true);
  }
}

/// One simple command up to its operator.
void ShReader::simple(bool piped) {
  SimpleCommand command;
  command.piped = piped;
  const std::size_t begin = at_;
  const std::size_t here = waiting_.size();
  while (more()) {
    const char c = now();
    if (blank(c)) {
      ++at_;
    } else if (c == '\\' && next() == '\n') {
      at_ += 2;
    } else if (c == '&' && next() == '>') {
      ++at_;
    } else if (kCommandEnds.has(c)) {
      break;
    } else if ((c == '<' || c == '>') && next() != '(') {
      redirect(command);
    } else {
      const bool first = command.words.empty();
      const std::size_t before = at_;
      if (!word(command.words)) break;
      if (at_ == before) break;
      if (first && !command.words.empty()) {
        const Word& leading = command.words.front();
        if (!leading.quoted && std::ranges::find(kLeading, leading.text) != kLeading.end()) {
          command.words.clear();
        } else if (assignment(leading)) {
          command.words.clear();
        }
      }
    }
  }
  for (std::size_t i = here; i < waiting_.size(); ++i) waiting_[i].command = out_.commands.size();
  if (command.words.empty() && command.redirects.empty()) return;
  finish(std::move(command), begin);
}

/// name=value before a command.
bool ShReader::assignment(const Word& word) {
  const std::size_t equals = word.text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  for (const char c : word.text.substr(0, equals)) {
    if (!name_char(c)) return false;
  }
  if (word.text.front() >= '0' && word.text.front() <= '9') return false;
  if (word.known) variables_.set(word.text.substr(0, equals), word.text.substr(equals + 1));
  return true;
}

void ShReader::finish(SimpleCommand&& command, std::size_t line_begin) {
  if (!command.words.empty() &&
      (command.words.front().text == "export" || command.words.front().text == "declare" ||
       command.words.front().text == "readonly")) {
    for (const Word& word : command.words) (void)assignment(word);
  }
  if (!command.words.empty() && command.words.front().text == "for" && command.words.size() >= 3) {
    if (command.words.size() == 4 && command.words[3].known)
      variables_.set(command.words[1].text, command.words[3].text);
    return;
  }
  std::string_view line = text_.substr(line_begin, at_ - line_begin);
  while (!line.empty() && blank(line.back())) line.remove_suffix(1);
  command.line = line;
  if (command.piped && printed_) {
    command.input = texts_.keep(*printed_);
    command.has_input = true;
  }
  for (const Word& word : command.words) command.known = command.known && word.known;
  printed_ = plain_output(command.words, command.input, command.has_input);
  if (std::ranges::any_of(command.redirects, [](const Redirect& r) { return !r.input; })) printed_.reset();
  out_.commands.push_back(std::move(command));
}

void ShReader::redirect(SimpleCommand& command) {
  const bool input = now() == '<';
  if (!command.words.empty()) {  // the number of a handle
    const std::string_view last = command.words.back().text;
    if (all_digits(last) && at_ >= last.size() && text_.substr(at_ - last.size(), last.size()) == last)
      command.words.pop_back();
  }
  std::size_t marks = 0;
  while (more() && (now() == '<' || now() == '>') && marks < 3) ++marks, ++at_;
  if (more() && now() == '&') {
    ++at_;
    if (more() && (now() == '-' || (now() >= '0' && now() <= '9'))) {
      do ++at_;
      while (more() && now() >= '0' && now() <= '9');
      return;
    }
  }
  HereDocument here;
  const bool document = input && marks == 2 && text_[at_ - 1] == '<';  // <> opens for both
  if (document && more() && now() == '-') {
    here.strip_tabs = true;
    ++at_;
  }
  while (more() && blank(now())) ++at_;
  std::vector<Word> target;
  if (!more() || kTargetEnds.has(now()) || !word(target) || target.empty()) return;
  if (document) {
    here.end = target.front().text;
    here.expands = !target.front().quoted;
    waiting_.push_back(std::move(here));
  } else if (input && marks == 3) {
    command.input = target.front().text;
    command.has_input = target.front().known;
  } else {
    command.redirects.push_back({input, target.front().text});
  }
}

/// Appends one word, or several where braces or an unquoted variable make them. False at the end.
bool ShReader::word(std::vector<Word>& words) {
  std::string made;
  bool known = true, quoted = false, any = false;
  while (more()) {
    const char c = now();
    if (kWordEnds.has(c)) break;
    if (c == '(' && !any) break;
    if ((c == '<' || c == '>') && next() == '(') {
      at_ += 2;
      std::string ignored;
      substitution(balanced('(', ')'), ignored, known);
      made += "/dev/fd/63";
      any = true;
      continue;
    }
    if (c == '<' || c == '>') break;
    any = true;
    if (c == '\'') {
      quoted = true;
      const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
      made += text_.substr(at_ + 1, end - at_ - 1);
      at_ = std::min(end + 1, text_.size());
    } else if (c == '"') {
      quoted = true;
      ++at_;
      while (more() && now() != '"') {
        if (now() == '\\' && kEscapable.has(next())) {
          if (next() != '\n') made += next();
          at_ += 2;
        } else if (now() == '$') {
          dollar(made, known, true);
        } else if (now() == '`') {
          ++at_;
          substitution(balanced('`', '`'), made, known);
        } else {
          made += text_[at_++];
        }
      }
      if (more()) ++at_;
    } else if (c == '\\') {
      if (at_ + 1 < text_.size() && next() != '\n') made += next();
      at_ = std::min(at_ + 2, text_.size());
    } else if (c == '$') {
      dollar(made, known, false);
    } else if (c == '`') {
      ++at_;
      substitution(balanced('`', '`'), made, known);
    } else {
      made += c;
      ++at_;
    }
    if (made.size() > limits::kCommandBytes) {
      work_ += made.size();
      return false;
    }
  }
  if (!any) return false;
  work_ += made.size();
  // A field separator that a variable gave splits the word; {a,b} makes several.
  if (!quoted && made.size() > 2 && made.front() == '{' && made.back() == '}' && made.contains(',')) {
    std::string_view rest = std::string_view(made).substr(1, made.size() - 2);
    while (true) {
      const std::size_t comma = rest.find(',');
      if (!rest.substr(0, comma).empty()) words.push_back({texts_.keep(rest.substr(0, comma)), false, known});
      if (comma == std::string_view::npos) return true;
      rest.remove_prefix(comma + 1);
    }
  }
  if (!made.contains('\x1f')) {
    words.push_back({texts_.keep(made), quoted, known});
    return true;
  }
  for (std::size_t begin = 0; begin <= made.size();) {
    const std::size_t end = std::min(made.find('\x1f', begin), made.size());
    if (end > begin)
      words.push_back({texts_.keep(std::string_view(made).substr(begin, end - begin)), quoted, known});
    begin = end + 1;
  }
  return true;
}

/// At a '$'. Inside quotes blanks of values do not split; outside they do, marked by 0x1F.
void ShReader::dollar(std::string& made, bool& known, bool inside) {
  const char c = next();
  if (c == '\'' && !inside) {
    at_ += 2;
    return ansi_quoted(made);
  }
  if (c == '"' && !inside) {
    ++at_;
    return;
  }
  if (c == '(') {
    at_ += 2;
    if (more() && now() == '(') {  // arithmetic
      (void)balanced('(', ')');
      known = false;
      made += kUnknown;
      return;
    }
    return substitution(balanced('(', ')'), made, known);
  }
  if (c == '{') {
    at_ += 2;
    return braced(made, known);
  }
  ++at_;
  if (c == '@' || c == '*' || (c >= '1' && c <= '9')) {  // no positional arguments in a one-liner
    ++at_;
    return;
  }
  const std::size_t begin = at_;
  while (more() && name_char(now())) ++at_;
  const std::string_view name = text_.substr(begin, at_ - begin);
  if (name.empty()) {
    made += '$';
    if (more() && std::string_view("?$!#-").contains(now())) {
      known = false;
      made += text_[at_++];
    }
    return;
  }
  if (name == "IFS") {
    made += inside ? ' ' : '\x1f';
  } else if (const auto value = variables_.find(name)) {
    for (const char v : *value) made += v == ' ' && !inside ? '\x1f' : v;
  } else {
    known = false;
    made += '$';
    made += name;
  }
}

/// ${NAME}, ${NAME:from:count}, ${NAME/old/new}, ${NAME:-default}.
void ShReader::braced(std::string& made, bool& known) {
  const std::string_view whole = balanced('{', '}');
  std::size_t end = 0;
  while (end < whole.size() && name_char(whole[end])) ++end;
  const std::string_view name = whole.substr(0, end), form = whole.substr(end);
  if (name == "IFS") {
    made += '\x1f';
    return;
  }
  if (name.empty() && (whole == "@" || whole == "*")) return;
  const auto value = variables_.find(name);
  if (value && form.empty()) {
    made += *value;
  } else if (value && form.starts_with(':') && form.size() > 1 &&
             (std::string_view("0123456789 ").contains(form[1]))) {
    std::string modifier = "~" + std::string(form.substr(1));
    std::ranges::replace(modifier, ':', ',');
    const auto part = modified_value(*value, modifier);
    known = known && part.has_value();
    made += part ? *part : std::string(whole);
  } else if (value && form.starts_with('/')) {
    std::string modifier(form.substr(form.starts_with("//") ? 2 : 1));
    const std::size_t slash = modifier.find('/');
    if (slash == std::string::npos) {
      modifier += '=';
    } else {
      modifier[slash] = '=';
    }
    const auto part = modified_value(*value, modifier);
    known = known && part.has_value();
    made += part ? *part : std::string(whole);
  } else if (!value && (form.starts_with(":-") || form.starts_with(":="))) {
    made += form.substr(2);
  } else {
    known = false;
    made += "${";
    made += whole;
    made += '}';
  }
}

/// Behind $': C's escapes.
void ShReader::ansi_quoted(std::string& made) {
  while (more() && now() != '\'') {
    if (now() != '\\' || at_ + 1 >= text_.size()) {
      made += text_[at_++];
      continue;
    }
    const char c = next();
    at_ += 2;
    const auto number = [&](int base, std::size_t digits) {
      unsigned value = 0;
      const std::string_view part = text_.substr(at_, digits);
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, base);
      at_ += error == std::errc() ? static_cast<std::size_t>(end - part.data()) : 0;
      return value;
    };
    if (c == 'x') {
      made += static_cast<char>(number(16, 2));
    } else if (c == 'u' || c == 'U') {
      text::append_code_point(made, number(16, c == 'u' ? 4 : 8));
    } else if (c >= '0' && c <= '7') {
      --at_;
      made += static_cast<char>(number(8, 3));
    } else {
      constexpr std::string_view kFrom = "abefnrtv", kTo = "\a\b\x1b\f\n\r\t\v";
      const std::size_t found = kFrom.find(c);
      made += found == std::string_view::npos ? c : kTo[found];
    }
  }
  if (more()) ++at_;
}

void ShReader::substitution(std::string_view script, std::string& made, bool& known) {
  const auto kept = std::move(printed_);
  std::vector<HereDocument> waiting;
  waiting.swap(waiting_);
  auto output = read(script, depth_ + 1);
  waiting_.swap(waiting);
  printed_ = kept;
  if (!output) {
    known = false;
    made += kUnknown;
    return;
  }
  while (output->ends_with('\n')) output->pop_back();
  made += *output;
}

}  // namespace

void read_sh_script(std::string_view text, Variables& variables, TextStore& texts, ShellCommands& out) {
  ShReader reader(variables, texts, out);
  (void)reader.read(text, 0);
  if (reader.exhausted())
    out.unresolved.push_back("limit: the script takes too much work, its end was not read");
}

}  // namespace landwarden::command
