#include "command/cmd_script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "base/text.h"
#include "command/char_set.h"
#include "command/limits.h"

namespace landwarden::command {
namespace {

constexpr CharSet kTargetEnds("&|<>()\n");
constexpr CharSet kNameEnds(" \t,;=(/\"");

bool blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed_front(std::string_view text, std::string_view what = " \t") {
  const std::size_t begin = text.find_first_not_of(what);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

std::string_view trimmed(std::string_view text) {
  text = trimmed_front(text);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool same(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](char a, char b) { return text::ascii_lower(a) == text::ascii_lower(b); });
}

/// The first word if it is `word` and ends there: at a blank, a separator or a bracket.
bool begins_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size() || !same(text.substr(0, word.size()), word)) return false;
  return text.size() == word.size() || kNameEnds.has(text[word.size()]);
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

/// Cuts the first word off, quotes kept together.
std::string_view take_word(std::string_view& text) {
  text = trimmed_front(text);
  bool inside = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '"') inside = !inside;
    if (!inside && blank(text[i])) break;
  }
  const std::string_view word = text.substr(0, i);
  text = trimmed_front(text.substr(i));
  return word;
}

/// What stands behind "tokens=", "delims=" or "usebackq"; nothing if the option is not there.
std::optional<std::string_view> for_option(std::string_view options, std::string_view name) {
  const auto found =
      std::ranges::search(options, name, [](char a, char b) { return text::ascii_lower(a) == b; });
  if (found.empty()) return std::nullopt;
  return options.substr(static_cast<std::size_t>(found.end() - options.begin()));
}

/// The parts of a line that "tokens=1,3-4*" names, between the characters of "delims=".
std::vector<std::string> for_tokens(std::string_view line, std::string_view options) {
  std::string_view delimiters = " \t", wanted = "1";
  if (const auto given = for_option(options, "delims=")) {
    delimiters = *given;  // up to the end, or to another option
    const std::size_t more = delimiters.find(' ', 1);
    if (more != std::string_view::npos && more + 1 < delimiters.size())
      delimiters = delimiters.substr(0, more);
  }
  if (const auto given = for_option(options, "tokens=")) wanted = given->substr(0, given->find(' '));
  std::vector<std::string_view> parts;  // from each part's begin to the line's end
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < line.size();) {
    i = std::min(line.find_first_not_of(delimiters, i), line.size());
    if (i == line.size()) break;
    const std::size_t end = std::min(line.find_first_of(delimiters, i), line.size());
    parts.push_back(line.substr(i));
    sizes.push_back(end - i);
    i = end;
  }
  std::vector<std::string> out;
  std::size_t last = 0;
  while (!wanted.empty() && out.size() < 26) {
    if (wanted.front() == '*') {
      out.emplace_back(last < parts.size() ? parts[last] : std::string_view());
      break;
    }
    const std::size_t end = std::min(wanted.find_first_of(",*"), wanted.size());
    const std::string_view range = wanted.substr(0, end);
    std::size_t from = 0, to = 0;
    const auto [stop, error] = std::from_chars(range.data(), range.data() + range.size(), from);
    to = from;
    if (error == std::errc() && stop != range.data() + range.size() && *stop == '-')
      (void)std::from_chars(stop + 1, range.data() + range.size(), to);
    for (std::size_t n = from; n >= 1 && n <= to && out.size() < 26; ++n) {
      out.emplace_back(n <= parts.size() ? parts[n - 1].substr(0, sizes[n - 1]) : std::string_view());
      last = n;
    }
    wanted.remove_prefix(end < wanted.size() && wanted[end] == ',' ? end + 1 : end);
  }
  return out;
}

class CmdReader {
 public:
  CmdReader(Variables& variables, TextStore& texts, ShellCommands& out)
      : variables_(variables), texts_(texts), out_(out) {}

  void read(std::string_view text, int depth) {
    if (depth > kDepth) return;
    text = expanded(text, '%');
    scan(text, depth);
  }

 private:
  static constexpr int kDepth = 16;   // if in for in if …: what people write has three
  static constexpr int kRounds = 16;  // of a for over listed words
  static constexpr char kForMark = '%';
  static constexpr std::size_t kNone = std::string_view::npos;

  /// One command while it is scanned.
  struct Draft {
    std::string text;
    std::vector<Redirect> redirects;
    bool piped = false;
    std::size_t fed_from = kNone;  ///< the first command of the block before the bar
  };

  [[nodiscard]] std::string_view expanded(std::string_view text, char mark);
  void scan(std::string_view text, int depth);
  std::size_t take_redirect(std::string_view text, std::size_t at, Draft& draft);
  void finish(Draft& draft, int depth);
  void dispatch(std::string_view text, Draft& draft, int depth);
  void read_if(std::string_view rest, Draft& draft, int depth);
  void read_for(std::string_view rest, Draft& draft, int depth);
  [[nodiscard]] std::optional<std::string_view> line_of_for(std::string_view list, std::string_view options,
                                                            int depth);
  void read_set(std::string_view rest, Draft& draft);
  void read_start(std::string_view rest, Draft& draft, int depth);
  void feed(SimpleCommand& command, std::size_t from);
  void emit(std::string_view text, Draft& draft);

  Variables& variables_;
  TextStore& texts_;
  ShellCommands& out_;
};

/// %NAME%, %NAME:~a,b% (or with '!'). A name that is not set stays as it is, as on cmd's command line.
std::string_view CmdReader::expanded(std::string_view text, char mark) {
  std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return text;
  std::string made;
  std::size_t done = 0;
  bool changed = false;
  while (at != std::string_view::npos && made.size() < limits::kCommandBytes) {
    const std::size_t end = text.find(mark, at + 1);
    if (end == std::string_view::npos) break;
    const std::string_view inside = text.substr(at + 1, end - at - 1);
    const std::size_t colon = inside.find(':');
    const auto value = inside.empty() ? std::nullopt : variables_.find(inside.substr(0, colon));
    std::optional<std::string> put;
    if (value && colon != std::string_view::npos) {
      put = modified_value(*value, inside.substr(colon + 1));
    } else if (value) {
      put = std::string(*value);
    }
    if (!put) {
      at = end;
      continue;
    }
    made.append(text, done, at - done);
    made += *put;
    done = end + 1;
    changed = true;
    at = text.find(mark, done);
  }
  if (!changed) return text;
  made.append(text, done);
  return texts_.keep(made);
}

/// The target of > or <, and how far it reaches. A number of a handle before it is taken off the command.
std::size_t CmdReader::take_redirect(std::string_view text, std::size_t at, Draft& draft) {
  const bool input = text[at] == '<';
  std::string& made = draft.text;
  if (!made.empty() && made.back() >= '0' && made.back() <= '9' &&
      (made.size() == 1 || blank(made[made.size() - 2]))) {
    made.pop_back();
  }
  while (at < text.size() && (text[at] == '>' || text[at] == '<')) ++at;
  if (at < text.size() && text[at] == '&') {  // to another handle
    ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at;
  }
  while (at < text.size() && blank(text[at])) ++at;
  std::string target;
  bool inside = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      inside = !inside;
      continue;
    }
    if (!inside && (blank(c) || kTargetEnds.has(c))) break;
    if (!inside && c == '^' && at + 1 < text.size()) {
      target += text[++at];
    } else {
      target += c;
    }
  }
  if (!target.empty()) draft.redirects.push_back({input, texts_.keep(target)});
  return at;
}

void CmdReader::scan(std::string_view text, int depth) {
  Draft draft;
  bool inside = false;
  int brackets = 0, list = 0;       // list: brackets of a for's ( … )
  std::vector<std::size_t> blocks;  // where open ones began, in commands
  std::size_t ended = kNone;        // where the one began that stands right before
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') inside = !inside;
    if (inside || c == '"') {
      draft.text += c;
      ++i;
      continue;
    }
    if (c == '^') {
      if (i + 1 < text.size() && text[i + 1] != '\n' && text[i + 1] != '\r') draft.text += text[i + 1];
      i += 2;
    } else if (list > 0) {
      list += c == '(' ? 1 : c == ')' ? -1 : 0;
      draft.text += c;
      ++i;
    } else if (c == '&' || c == '|' || c == '\n' || c == '\r') {
      const bool doubled = i + 1 < text.size() && text[i + 1] == c;
      const bool of_block = trimmed(draft.text).empty();
      finish(draft, depth);
      draft.piped = c == '|' && !doubled;
      draft.fed_from = draft.piped && of_block ? ended : kNone;
      ended = kNone;
      i += doubled ? 2 : 1;
    } else if (c == '<' || c == '>') {
      i = take_redirect(text, i, draft);
    } else if (c == '(' && draft.text.find_first_not_of(" \t@,;=") == std::string::npos) {
      ++brackets;
      blocks.push_back(out_.commands.size());
      draft.text.clear();
      ++i;
    } else if (c == '(' && begins_with_word(trimmed_front(draft.text, " \t@"), "for")) {
      list = 1;
      draft.text += c;
      ++i;
    } else if (c == '(' && (begins_with_word(trimmed_front(draft.text, " \t@"), "if") ||
                            begins_with_word(trimmed_front(draft.text, " \t@"), "else") ||
                            trimmed(draft.text).ends_with(" do"))) {
      ++brackets;
      blocks.push_back(kNone);
      draft.text += ' ';
      ++i;
    } else if (c == ')' && brackets > 0) {
      finish(draft, depth);
      --brackets;
      ended = blocks.back();
      blocks.pop_back();
      ++i;
    } else {
      draft.text += c;
      ++i;
    }
  }
  finish(draft, depth);
}

void CmdReader::finish(Draft& draft, int depth) {
  std::string_view text = trimmed_front(draft.text, " \t@,;=");
  if (!text.empty() || !draft.redirects.empty()) {
    text = texts_.keep(text);
    dispatch(expanded(text, '!'), draft, depth);
  }
  draft = {};
}

void CmdReader::dispatch(std::string_view text, Draft& draft, int depth) {
  if (depth > kDepth) return;
  text = trimmed_front(text, " \t@,;=");
  if (begins_with_word(text, "rem") || text.starts_with(':')) return;
  if (begins_with_word(text, "if")) return read_if(text.substr(2), draft, depth);
  if (begins_with_word(text, "else")) return dispatch(text.substr(4), draft, depth + 1);
  if (begins_with_word(text, "for")) return read_for(text.substr(3), draft, depth);
  if (begins_with_word(text, "set")) return read_set(text, draft);
  if (begins_with_word(text, "call")) {
    const std::string_view rest = expanded(trimmed_front(text.substr(4)), '%');
    if (!rest.starts_with(':')) dispatch(rest, draft, depth + 1);
    return;
  }
  if (begins_with_word(text, "start")) return read_start(text.substr(5), draft, depth);
  emit(text, draft);
}

/// "if [/i] [not] exist X | defined X | errorlevel N | a==b | a EQU b" and what it runs.
void CmdReader::read_if(std::string_view rest, Draft& draft, int depth) {
  std::string_view word = take_word(rest);
  while (same(word, "/i") || same(word, "not")) word = take_word(rest);
  constexpr std::array<std::string_view, 4> kUnary = {"exist", "defined", "errorlevel", "cmdextversion"};
  constexpr std::array<std::string_view, 7> kBinary = {"equ", "neq", "lss", "leq", "gtr", "geq", "=="};
  const auto is_word = [&](std::string_view other) { return same(word, other); };
  if (std::ranges::any_of(kUnary, is_word)) {
    take_word(rest);
  } else if (!word.contains("==") || word.ends_with("==")) {
    std::string_view behind = rest;
    const std::string_view next = take_word(behind);
    const bool binary = std::ranges::any_of(kBinary, [&](std::string_view o) { return same(next, o); });
    if (binary) {
      take_word(behind);
      rest = behind;
    } else if (next.starts_with("==") || word.ends_with("==")) {
      rest = behind;
    }
  }
  dispatch(rest, draft, depth + 1);
}

/// "%i in (list) do command": for each listed word; for /f over what a command prints, once with %i unknown.
void CmdReader::read_for(std::string_view rest, Draft& draft, int depth) {
  std::string_view word = take_word(rest), options;
  bool over_lines = false, other = false;
  while (word.starts_with('/')) {
    over_lines = over_lines || same(word.substr(0, 2), "/f");
    other = true;
    word = take_word(rest);
    if (word.starts_with('"') || (over_lines && !word.starts_with(kForMark))) {
      options = without_quotes(word);
      word = take_word(rest);
    }
  }
  while (word.starts_with(kForMark)) word.remove_prefix(1);
  const char name = word.empty() ? '\0' : word.front();
  const std::size_t open = rest.find('(');
  const std::size_t close = open == std::string_view::npos ? open : rest.rfind(')');
  const auto found_do = std::ranges::search(rest, std::string_view(") do"),
                                            [](char a, char b) { return text::ascii_lower(a) == b; });
  std::size_t end = found_do.empty() ? close : static_cast<std::size_t>(found_do.begin() - rest.begin());
  if (open == std::string_view::npos || end == std::string_view::npos || end < open) return;
  std::string_view list = trimmed(rest.substr(open + 1, end - open - 1));
  std::string_view body = trimmed_front(rest.substr(end + 1));
  if (begins_with_word(body, "do")) body = body.substr(2);
  std::vector<std::vector<std::string>> rounds;  // the values of %i, %j, … in each
  if (!other) {
    while (!list.empty() && rounds.size() < kRounds)
      rounds.push_back({std::string(without_quotes(take_word(list)))});
  } else if (over_lines) {
    if (const auto line = line_of_for(list, options, depth)) rounds.push_back(for_tokens(*line, options));
  }
  if (rounds.empty()) rounds.emplace_back();
  for (const std::vector<std::string>& values : rounds) {
    std::string made;
    for (std::size_t i = 0; i < body.size(); ++i) {
      std::size_t marks = i;
      while (marks < body.size() && body[marks] == kForMark) ++marks;
      const std::size_t number = marks > i && marks < body.size()
                                     ? static_cast<std::size_t>(static_cast<unsigned char>(body[marks]) -
                                                                static_cast<unsigned char>(name))
                                     : kNone;
      if (number < values.size()) {
        made += values[number];
        i = marks;
      } else {
        made += body[i];
      }
    }
    Draft round;
    round.redirects = draft.redirects;
    if (made.contains(kForMark) && values.empty()) out_.unresolved.push_back("variable of a for loop");
    dispatch(expanded(texts_.keep(made), '!'), round, depth + 1);
  }
}

/// The one line that "for /f" reads, where that is plain: a text, or what echo prints. Commands are read.
std::optional<std::string_view> CmdReader::line_of_for(std::string_view list, std::string_view options,
                                                       int depth) {
  if (list.size() < 2 || list.front() != list.back()) return std::nullopt;
  const std::string_view inside = list.substr(1, list.size() - 2);
  const bool back_quotes = for_option(options, "usebackq").has_value();
  if (list.front() == (back_quotes ? '\'' : '"')) return inside;
  if (list.front() != (back_quotes ? '`' : '\'')) return std::nullopt;
  read(inside, depth + 1);
  if (!begins_with_word(inside, "echo") || inside.find_first_of("&|<>(") != std::string_view::npos)
    return std::nullopt;
  return trimmed(inside.substr(4));
}

void CmdReader::read_set(std::string_view text, Draft& draft) {
  std::string_view rest = trimmed_front(text.substr(3));
  if (rest.starts_with('"')) {
    const std::size_t last = rest.rfind('"');
    rest = last == 0 ? rest.substr(1) : rest.substr(1, last - 1);
  }
  const bool asks = rest.size() > 1 && rest[0] == '/' && (text::ascii_lower(rest[1]) == 'p');
  const bool counts = rest.size() > 1 && rest[0] == '/' && (text::ascii_lower(rest[1]) == 'a');
  const std::size_t equals = rest.find('=');
  if (asks) {
    out_.unresolved.push_back("set /p");
  } else if (counts) {
    out_.unresolved.push_back("set /a");
  } else if (equals != std::string_view::npos) {
    variables_.set(rest.substr(0, equals), rest.substr(equals + 1));
    return;
  }
  emit(text, draft);
}

/// start ["title"] [/switches] command.
void CmdReader::read_start(std::string_view rest, Draft& draft, int depth) {
  rest = trimmed_front(rest);
  if (rest.starts_with('"')) {
    std::string_view behind = rest;
    take_word(behind);
    if (!behind.empty()) rest = behind;
  }
  while (rest.starts_with('/')) {
    const std::string_view option = take_word(rest);
    if (same(option, "/d") || same(option, "/node") || same(option, "/affinity")) take_word(rest);
  }
  if (!rest.empty()) dispatch(rest, draft, depth + 1);
}

/// What the echo commands of a block say, to the command behind its bar.
void CmdReader::feed(SimpleCommand& command, std::size_t from) {
  std::string lines;
  for (std::size_t i = from; i < out_.commands.size(); ++i) {
    const std::string_view line = out_.commands[i].line;
    if (begins_with_word(line, "echo")) lines += std::string(trimmed(line.substr(4))) + "\n";
  }
  if (lines.empty()) return;
  command.input = texts_.keep(lines);
  command.has_input = true;
}

void CmdReader::emit(std::string_view text, Draft& draft) {
  if (out_.commands.size() >= limits::kCommandCommands) return;
  SimpleCommand command;
  command.line = trimmed(text);
  command.redirects = std::move(draft.redirects);
  command.piped = draft.piped;
  if (draft.fed_from != kNone) feed(command, draft.fed_from);
  draft.redirects.clear();
  if (text.contains(":~") && (text.contains('%') || text.contains('!'))) {
    command.known = false;
    out_.unresolved.push_back(command.line);
  }
  out_.commands.push_back(std::move(command));
}

}  // namespace

CmdCall read_cmd_call(std::string_view rest, TextStore& texts) {
  CmdCall call;
  bool keep_first_rule = true;
  for (std::size_t i = 0; i + 1 < rest.size(); ++i) {
    if (rest[i] != '/') continue;
    const char letter = text::ascii_lower(rest[i + 1]);
    if (letter == 's') keep_first_rule = false;
    if (letter == 'v') call.delayed = !same(rest.substr(i + 2, 4), ":off");
    if (letter != 'c' && letter != 'k' && letter != 'r') continue;
    call.script = true;
    call.text = trimmed_front(rest.substr(i + 2));
    break;
  }
  if (!call.script || !call.text.starts_with('"')) return call;
  const auto quotes = std::ranges::count(call.text, '"');
  const std::size_t last = call.text.rfind('"');
  if (last == 0) {
    call.text.remove_prefix(1);
    return call;
  }
  // Two quotes round the name of a program with blanks in it stay; all others lose the first and the last.
  const std::string_view between = call.text.substr(1, last - 1);
  const bool special = between.find_first_of("&<>()@^|") != std::string_view::npos;
  const auto is_program = [&] {
    for (const std::string_view ending : {".exe", ".com", ".bat", ".cmd"}) {
      if (between.size() > 4 && same(between.substr(between.size() - 4), ending)) return true;
    }
    return false;
  };
  if (keep_first_rule && quotes == 2 && !special && is_program()) return call;
  const std::string_view behind = call.text.substr(last + 1);  // stays, as cmd does it
  call.text = behind.empty() ? between : texts.keep(std::string(between) + std::string(behind));
  return call;
}

void read_cmd_script(std::string_view text, Variables& variables, TextStore& texts, ShellCommands& out) {
  CmdReader(variables, texts, out).read(text, 0);
}

}  // namespace landwarden::command
