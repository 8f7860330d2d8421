#include "command/foreign_code.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"

namespace landwarden::command {
namespace {

constexpr int kDepth = 4;              // code in texts that are run as code
constexpr std::size_t kCommands = 16;  // of one text

enum class Way : std::uint8_t {
  shell,    ///< a shell reads the text
  program,  ///< a program and its arguments, in one text or several
  code,     ///< the text is code again
};
struct Call {
  std::string_view name;  ///< lower case
  Way way = Way::shell;
  bool member = false;  ///< only behind a dot: too common a word alone
};
constexpr std::array kCalls = {
    Call{"system", Way::shell},
    Call{"popen", Way::program},  // Python's takes a list, the others' a line
    Call{"check_output", Way::program},
    Call{"check_call", Way::program},
    Call{"call", Way::program, true},
    Call{"run", Way::program, true},
    Call{"getoutput", Way::shell},
    Call{"getstatusoutput", Way::shell},
    Call{"exec", Way::shell},
    Call{"execute", Way::code},
    Call{"executeglobal", Way::code},
    Call{"execscript", Way::code},
    Call{"eval", Way::code},
    Call{"execl", Way::program},
    Call{"execlp", Way::program},
    Call{"execv", Way::program},
    Call{"execvp", Way::program},
    Call{"passthru", Way::shell},
    Call{"shell_exec", Way::shell},
    Call{"proc_open", Way::shell},
    Call{"execsync", Way::shell},
    Call{"spawn", Way::program},
    Call{"spawnsync", Way::program},
    Call{"execfile", Way::program},
    Call{"shellexecute", Way::program},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = text::ascii_lower(c);
  return out;
}
bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class CodeReader {
 public:
  CodeReader(TextStore& texts, std::vector<ForeignCommand>& out) : texts_(texts), out_(out) {}

  void read(std::string_view code, int depth);

 private:
  [[nodiscard]] char now() const { return at_ < code_.size() ? code_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < code_.size() && blank(code_[at_])) ++at_;
  }
  std::optional<std::string> text();
  std::optional<std::string> sum();
  std::optional<std::string> arguments(const Call& call);
  bool apple_script();
  void keep(const std::string& command, bool by_shell);

  TextStore& texts_;
  std::vector<ForeignCommand>& out_;
  std::string_view code_;
  std::size_t at_ = 0;
  bool basic_ = false;  ///< quotes are doubled, backslashes mean nothing
};

/// A text in quotes.
std::optional<std::string> CodeReader::text() {
  const char quote = now();
  if (quote != '"' && quote != '\'' && quote != '`') return std::nullopt;
  std::string made;
  for (std::size_t i = at_ + 1; i < code_.size(); ++i) {
    const char c = code_[i];
    const char next = i + 1 < code_.size() ? code_[i + 1] : '\0';
    if (c == quote) {
      if (basic_ && next == quote) {
        made += c;
        ++i;
        continue;
      }
      at_ = i + 1;
      return made;
    }
    if (c == '\\' && !basic_ && (next == quote || next == '\\')) {
      made += next;
      ++i;
    } else {
      made += c;
    }
  }
  return std::nullopt;
}

/// Texts with a '+', '&' or '.' between: all known, or nothing.
std::optional<std::string> CodeReader::sum() {
  auto made = text();
  while (made) {
    const std::size_t before = at_;
    skip_blanks();
    if (now() != '+' && now() != '&' && now() != '.') {
      at_ = before;
      break;
    }
    ++at_;
    skip_blanks();
    const auto more = text();
    if (!more) return std::nullopt;
    *made += *more;
  }
  return made;
}

/// Behind a name: its text, or several as one line.
std::optional<std::string> CodeReader::arguments(const Call& call) {
  skip_blanks();
  bool list = false;
  while (now() == '(' || now() == '[') {
    list = list || now() == '[';
    ++at_;
    skip_blanks();
  }
  auto made = sum();
  if (!made || call.way == Way::code) return made;
  const bool twice = call.name.starts_with("execl");  // its second argument is the program's name once more
  for (bool first = true; list || call.way == Way::program || call.name == "system"; first = false) {
    skip_blanks();
    if (now() != ',') break;
    ++at_;
    skip_blanks();
    if (now() == '[') ++at_;
    skip_blanks();
    const auto more = sum();
    if (!more) break;
    const bool empty_or_name = more->empty() || (first && twice);
    if (!empty_or_name) *made += (more->find(' ') == std::string::npos) ? " " + *more : " \"" + *more + "\"";
  }
  return made;
}

bool CodeReader::apple_script() {
  constexpr std::string_view kWords = "do shell script";
  const std::string_view rest = code_.substr(at_, kWords.size());
  if (!text::equal_folded(rest, kWords)) return false;
  at_ += kWords.size();
  skip_blanks();
  if (const auto command = sum()) keep(*command, true);
  return true;
}

void CodeReader::keep(const std::string& command, bool by_shell) {
  if (out_.size() < kCommands && !command.empty()) out_.push_back({texts_.keep(command), by_shell});
}

void CodeReader::read(std::string_view code, int depth) {
  if (depth > kDepth) return;
  code_ = code;
  at_ = 0;
  const std::string folded = lower(code);
  basic_ = folded.contains("createobject(") || folded.starts_with("vbscript:");
  while (!code.empty() && (blank(code.front()) || code.front() == ':')) code.remove_prefix(1);
  if (code.starts_with('!')) return keep(std::string(code.substr(1)), true);  // an editor's
  std::vector<std::string> inner;
  while (at_ < code_.size() && out_.size() < kCommands) {
    if (!name_char(now())) {
      ++at_;
      continue;
    }
    if (apple_script()) continue;
    const std::size_t begin = at_;
    while (at_ < code_.size() && name_char(code_[at_])) ++at_;
    const std::string_view name = std::string_view(folded).substr(begin, at_ - begin);
    const auto call = std::ranges::find(kCalls, name, &Call::name);
    const bool member = begin > 0 && code_[begin - 1] == '.';
    if (call == kCalls.end() || (call->member && !member)) continue;
    if (member && name == "exec" && !folded.contains("shell")) continue;  // of a pattern: /x/.exec("y")
    const std::size_t behind = at_;
    const auto made = arguments(*call);
    if (!made) {
      at_ = std::max(behind, at_);
    } else if (call->way == Way::code || (call->name == "exec" && made->contains("import "))) {
      inner.push_back(*made);
    } else {
      keep(*made, call->way == Way::shell && !(member && call->name == "exec"));
    }
  }
  for (const std::string& text : inner) read(texts_.keep(text), depth + 1);
}

}  // namespace

std::vector<ForeignCommand> commands_in_code(std::string_view code, TextStore& texts) {
  std::vector<ForeignCommand> out;
  CodeReader(texts, out).read(code, 0);
  return out;
}

}  // namespace landwarden::command
