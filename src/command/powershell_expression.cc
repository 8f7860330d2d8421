// Expressions of PowerShell: operands, operators by their precedence, members and calls.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "command/limits.h"
#include "command/powershell_reader.h"

namespace landwarden::command {
namespace {

using Kind = PsValue::Kind;

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Words of operators that have a meaning for texts, with their level; the others all compare.
struct Operator {
  std::string_view name;
  int level;
};
constexpr int kCompare = 2, kLogic = 1, kSum = 3, kProduct = 4, kFormat = 5, kRange = 6;
constexpr std::array kOperators = {
    Operator{"f", kFormat},         Operator{"join", kCompare},     Operator{"split", kCompare},
    Operator{"replace", kCompare},  Operator{"csplit", kCompare},   Operator{"isplit", kCompare},
    Operator{"creplace", kCompare}, Operator{"ireplace", kCompare}, Operator{"as", kCompare},
    Operator{"bxor", kLogic},       Operator{"band", kLogic},       Operator{"bor", kLogic},
    Operator{"and", kLogic},        Operator{"or", kLogic},         Operator{"xor", kLogic},
    Operator{"eq", kCompare},       Operator{"ne", kCompare},       Operator{"gt", kCompare},
    Operator{"ge", kCompare},       Operator{"lt", kCompare},       Operator{"le", kCompare},
    Operator{"like", kCompare},     Operator{"notlike", kCompare},  Operator{"match", kCompare},
    Operator{"notmatch", kCompare}, Operator{"contains", kCompare}, Operator{"notcontains", kCompare},
    Operator{"in", kCompare},       Operator{"notin", kCompare},    Operator{"is", kCompare},
    Operator{"isnot", kCompare},    Operator{"ceq", kCompare},      Operator{"cne", kCompare},
    Operator{"cmatch", kCompare},   Operator{"clike", kCompare},    Operator{"imatch", kCompare},
    Operator{"ilike", kCompare},    Operator{"shl", kLogic},        Operator{"shr", kLogic},
};

}  // namespace

/// The operator that stands here, with its length skipped; empty if there is none.
std::string PowershellReader::operator_name(int& level) {
  const char c = now();
  if (c == '.' && ahead(1) == '.') {
    at_ += 2;
    level = kRange;
    return "..";
  }
  if (c == '+' || c == '*' || c == '/' || c == '%') {
    if (ahead(1) == '=') return {};
    ++at_;
    level = c == '+' ? kSum : kProduct;
    return std::string(1, c);
  }
  std::size_t dash = 0;
  if (!is_dash(text_, at_, dash)) return {};
  std::string name;
  std::size_t end = at_ + dash;
  while (end < text_.size() && (name_char(text_[end]) || text_[end] == '`')) {
    if (text_[end] != '`') name += text::ascii_lower(text_[end]);
    ++end;
  }
  const auto known = std::ranges::find(kOperators, name, &Operator::name);
  if (known != kOperators.end()) {
    at_ = end;
    level = known->level;
    return name;
  }
  if (ahead(1) == '=' || (!name.empty() && !(name[0] >= '0' && name[0] <= '9'))) return {};
  at_ += dash;
  level = kSum;
  return "-";
}

PsValue PowershellReader::expression(int least) {
  if (depth_ > kDepth || !spend()) return {};
  ++depth_;
  PsValue left = comma_list();
  while (spend()) {
    const std::size_t before = at_;
    skip_blanks();
    int level = 0;
    const std::string name = operator_name(level);
    if (name.empty() || level < least) {
      at_ = before;
      break;
    }
    skip_blanks(true);
    const std::size_t operand_at = at_;
    const PsValue right = expression(level + 1);
    if (at_ == operand_at) break;
    left = binary(name, left, right);
    steps_ += static_cast<int>((left.text.size() + 8 * left.items.size()) / 64);  // copied each time
  }
  --depth_;
  return left;
}

/// Operands with commas between: the comma binds tighter than every binary operator.
PsValue PowershellReader::comma_list() {
  skip_blanks();
  if (now() == ',' && !commas_part_) {
    if (depth_ > kDepth) return {};
    ++at_;
    ++depth_;
    PsValue only = comma_list();
    --depth_;
    return PsValue::list({std::move(only)});
  }
  PsValue first = operand();
  std::vector<PsValue> items;
  while (spend()) {
    const std::size_t before = at_;
    skip_blanks();
    if (now() != ',' || commas_part_) {
      at_ = before;
      break;
    }
    ++at_;
    skip_blanks(true);
    if (items.empty()) items.push_back(std::move(first));
    const std::size_t operand_at = at_;
    items.push_back(operand());
    if (at_ == operand_at || items.size() > limits::kCommandBytes) break;
  }
  return items.empty() ? std::move(first) : PsValue::list(std::move(items));
}

PsValue PowershellReader::operand() {
  skip_blanks();
  if (depth_ > kDepth || !more()) return {};
  const std::size_t begin = at_;
  const char c = now();
  bool known = true;
  std::string_view name;
  if (c == '\'' || c == '"') return postfix(quoted(known), begin, {});
  if (c == '$') {
    if (ahead(1) == '(') {
      at_ += 2;
      return postfix(statements(')'), begin, {});
    }
    PsValue value = variable(name);
    return postfix(std::move(value), begin, name);
  }
  if (c == '@' && ahead(1) == '(') {
    at_ += 2;
    PsValue value = statements(')');
    return postfix(value.kind == Kind::list || value.kind == Kind::unknown ? std::move(value)
                                                                           : PsValue::list(value.as_list()),
                   begin, {});
  }
  if (c == '@' && ahead(1) == '{') return postfix(hash_table(), begin, {});
  if (c == '@' && (ahead(1) == '\'' || ahead(1) == '"')) return postfix(here_string(ahead(1)), begin, {});
  if (c == '(') {
    ++at_;
    return postfix(statements(')'), begin, {});
  }
  if (c == '{') return postfix({Kind::block, std::string(braces()), 0, {}}, begin, {});
  if (c == '[') return bracketed_type();
  if (c == '!') {
    ++at_;
    ++depth_;
    (void)operand();
    --depth_;
    return {};
  }
  if (c >= '0' && c <= '9') return postfix(number(), begin, {});
  std::size_t dash = 0;
  if (is_dash(text_, at_, dash)) {
    std::string word;
    std::size_t end = at_ + dash;
    while (end < text_.size() && name_char(text_[end])) word += text::ascii_lower(text_[end++]);
    const bool text_operator = word == "join" || word == "split" || word == "not" || word == "bnot";
    at_ = text_operator ? end : at_ + dash;
    ++depth_;
    const PsValue right = text_operator ? comma_list() : operand();
    --depth_;
    return unary(text_operator ? std::string_view(word) : "-", right);
  }
  return {};
}

/// [type], [type]::member or [type]operand.
PsValue PowershellReader::bracketed_type() {
  const std::size_t begin = at_++;
  int open = 1;
  const std::size_t name_at = at_;
  while (more() && open > 0) {
    open += now() == '[' ? 1 : now() == ']' ? -1 : 0;
    ++at_;
  }
  std::string type = type_name(text_.substr(name_at, at_ - name_at - (open == 0 ? 1 : 0)));
  if (now() == ':' && ahead(1) == ':') return postfix({Kind::type, std::move(type), 0, {}}, begin, {});
  const std::size_t before = at_;
  skip_blanks();
  const char c = now();
  std::size_t dash = 0;
  const bool value_follows = c == '\'' || c == '"' || c == '$' || c == '(' || c == '@' || c == '[' ||
                             c == '{' || c == ',' || (c >= '0' && c <= '9') ||
                             (is_dash(text_, at_, dash) && ahead(dash) >= '0' && ahead(dash) <= '9');
  if (!value_follows) {
    at_ = before;
    return postfix({Kind::type, std::move(type), 0, {}}, begin, {});
  }
  if (depth_ > kDepth) return {};
  ++depth_;
  const PsValue value = c == ',' ? comma_list() : operand();
  --depth_;
  return cast(type, value);
}

/// Members, calls and indexes behind an operand. `variable`: its name, if the operand is one and nothing
/// else.
PsValue PowershellReader::postfix(PsValue value, std::size_t begin, std::string_view variable) {
  while (spend()) {
    const char c = now();
    if (c == '[') {
      ++at_;
      ++depth_;
      const bool parting = commas_part_;
      commas_part_ = false;
      const PsValue index = depth_ > kDepth ? PsValue{} : expression();
      commas_part_ = parting;
      --depth_;
      skip_blanks(true);
      if (now() == ']') ++at_;
      value = indexed(value, index);
    } else if (c == ':' && ahead(1) == ':') {
      at_ += 2;
      value = member(value, begin, true, variable);
    } else if (c == '.' && ahead(1) != '.' && ahead(1) != ' ' && at_ + 1 < text_.size()) {
      ++at_;
      value = member(value, begin, false, variable);
    } else {
      break;
    }
    variable = {};
  }
  return value;
}

/// A member's name, also in quotes or made by an expression. Lower case.
std::string PowershellReader::member_name() {
  bool known = true;
  PsValue made;
  if (now() == '\'' || now() == '"') {
    made = quoted(known);
  } else if (now() == '(') {
    ++at_;
    made = statements(')');
  } else if (now() == '$') {
    std::string_view name;
    made = variable(name);
  } else {
    std::string name;
    while (more() && (name_char(now()) || now() == '`')) {
      if (now() != '`') name += now();
      ++at_;
    }
    made = PsValue::of(std::move(name));
  }
  std::string out = made.as_text();
  for (char& c : out) c = text::ascii_lower(c);
  return out;
}

/// Behind an opening bracket: what stands between the commas.
std::vector<PsValue> PowershellReader::call_arguments() {
  std::vector<PsValue> out;
  const bool parting = commas_part_;
  commas_part_ = true;
  ++depth_;
  bool wanted = true;
  while (spend()) {
    skip_blanks(true);
    if (!more() || now() == ')') break;
    const std::size_t before = at_;
    if (!wanted) {
      wanted = now() == ',';
      ++at_;
      continue;
    }
    if (now() == ',') {  // ",x" is a list of one
      ++at_;
      PsValue only = expression();
      out.push_back(PsValue::list({std::move(only)}));
    } else {
      out.push_back(expression());
    }
    wanted = false;
    if (at_ == before) ++at_;
  }
  --depth_;
  commas_part_ = parting;
  if (now() == ')') ++at_;
  return out;
}

/// Constants that obfuscators index into or that name an encoding.
PsValue PowershellReader::known_static(const std::string& type, const std::string& name) {
  if (type == "text.encoding") return {Kind::object, "encoding:" + name, 0, {}};
  if (type == "string" && name == "empty") return PsValue::of("");
  if (type == "io.path" && name == "directoryseparatorchar") return PsValue::of("\\");
  return {};
}

PsValue PowershellReader::member(const PsValue& value, std::size_t begin, bool is_static,
                                 std::string_view variable) {
  const std::string name = member_name();
  if (now() != '(') {
    if (is_static && value.kind == Kind::type) return known_static(value.text, name);
    return property(value, name);
  }
  if (depth_ > kDepth) return {};
  ++at_;
  const std::vector<PsValue> arguments = call_arguments();
  if (is_static) {
    if (value.text == "array" && name == "reverse" && arguments.size() == 1 &&
        arguments[0].kind == Kind::list) {
      for (auto& [known, held] : set_) {  // the variable whose items these are
        if (held.kind == Kind::list && held.items.size() == arguments[0].items.size() &&
            held.as_text() == arguments[0].as_text())
          std::ranges::reverse(held.items);
      }
      return PsValue::null();
    }
    PsValue out = static_method(value.text, name, arguments);
    const bool text_handling = out.kind != Kind::unknown && value.text != "io.memorystream";
    if (!text_handling) call_as_command("[" + value.text + "]::" + name, arguments, begin);
    return out;
  }
  if (value.kind == Kind::block && name.starts_with("invoke")) return block(texts_.keep(value.text));
  if ((name == "invokescript" || name == "newscriptblock") && !arguments.empty())
    return invoke_expression(arguments[0], "InvokeScript");
  if (value.kind == Kind::type && value.text.starts_with("wmiclass:")) {
    call_as_command("[" + value.text + "]::" + name, arguments, begin);
    return {};
  }
  PsValue out = method(value, name, arguments);
  if (out.kind == Kind::unknown && !value.is_text()) call_as_command("." + name, arguments, begin);
  (void)variable;
  return out;
}

/// At '$': a variable and its value.
PsValue PowershellReader::variable(std::string_view& name) {
  const std::size_t begin = ++at_;
  if (now() == '{') {
    ++at_;
    const std::size_t end = std::min(text_.find('}', at_), text_.size());
    name = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    if (name.contains('`')) {
      std::string plain(name);
      std::erase(plain, '`');
      name = texts_.keep(plain);
    }
    return find(name);
  }
  if (std::string_view("$?^").contains(now()) && more()) {
    name = text_.substr(begin, 1);
    ++at_;
    return {};
  }
  while (more() && (name_char(now()) || (now() == ':' && ahead(1) != ':' && name_char(ahead(1))))) ++at_;
  name = text_.substr(begin, at_ - begin);
  return find(name);
}

/// @{ a = 'b'; c = d }: an object whose text is "a=b;c=d".
PsValue PowershellReader::hash_table() {
  at_ += 2;
  std::string made;
  bool known = true;
  while (spend()) {
    skip_blanks(true);
    while (now() == ';') {
      ++at_;
      skip_blanks(true);
    }
    if (!more() || now() == '}') break;
    const std::size_t begin = at_;
    while (more() && now() != '=' && now() != '}' && now() != '\n') ++at_;
    std::string key(text_.substr(begin, at_ - begin));
    while (!key.empty() && (key.back() == ' ' || key.back() == '\t')) key.pop_back();
    if (now() != '=') break;
    ++at_;
    skip_blanks();
    const std::size_t value_at = at_;
    const PsValue value = statement();
    if (at_ == value_at) break;
    if (!made.empty()) made += ';';
    known = known && value.known();
    made +=
        key + "=" + (value.known() ? value.as_text() : std::string(text_.substr(value_at, at_ - value_at)));
    if (made.size() > limits::kCommandBytes) break;
  }
  if (now() == '}') ++at_;
  return known ? PsValue::of(std::move(made)) : PsValue{Kind::object, std::move(made), 0, {}};
}

PsValue PowershellReader::number() {
  const std::size_t begin = at_;
  std::int64_t value = 0;
  if (now() == '0' && (ahead(1) == 'x' || ahead(1) == 'X')) {
    const auto [end, error] = std::from_chars(text_.data() + at_ + 2, text_.data() + text_.size(), value, 16);
    at_ = error == std::errc() ? static_cast<std::size_t>(end - text_.data()) : at_ + 2;
    return PsValue::of(value);
  }
  const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  at_ = static_cast<std::size_t>(end - text_.data());
  if (at_ == begin) ++at_;
  if (now() == '.' && ahead(1) >= '0' && ahead(1) <= '9') {  // fractions are of no use here
    ++at_;
    while (more() && now() >= '0' && now() <= '9') ++at_;
    return {};
  }
  return error == std::errc() ? PsValue::of(value) : PsValue{};
}

/// At a quote.
PsValue PowershellReader::quoted(bool& known) {
  const char quote = now();
  ++at_;
  std::string made;
  while (more()) {
    const char c = now();
    if (c == quote) {
      if (ahead(1) != quote) break;
      made += quote;
      at_ += 2;
    } else if (quote == '"' && (c == '`' || c == '$')) {
      in_string(made, known);
    } else {
      made += c;
      ++at_;
    }
    if (made.size() > limits::kCommandBytes) return {};
  }
  if (more()) ++at_;
  if (!known) return {Kind::object, std::move(made), 0, {}};  // its text, but not known
  return PsValue::of(std::move(made));
}

/// At a backtick or a '$' inside double quotes.
void PowershellReader::in_string(std::string& made, bool& known) {
  if (now() == '`') {
    constexpr std::string_view kFrom = "0abfnrtv", kTo("\0\a\b\f\n\r\t\v", 8);
    const char c = ahead(1);
    const std::size_t found = kFrom.find(c);
    if (at_ + 1 < text_.size()) made += found == std::string_view::npos ? c : kTo[found];
    at_ = std::min(at_ + 2, text_.size());
    return;
  }
  const std::size_t begin = at_;
  PsValue value;
  if (ahead(1) == '(') {
    at_ += 2;
    value = depth_ > kDepth ? PsValue{} : statements(')');
  } else if (name_char(ahead(1)) || ahead(1) == '{') {
    std::string_view name;
    value = variable(name);
  } else {
    made += '$';
    ++at_;
    return;
  }
  if (value.known()) {
    made += value.as_text();
  } else {
    known = false;
    made += text_.substr(begin, at_ - begin);
  }
  if (at_ == begin) ++at_;
}

/// @' … '@
PsValue PowershellReader::here_string(char quote) {
  at_ += 2;
  const std::string end = {'\n', quote, '@'};
  const std::size_t line = text_.find('\n', at_);
  if (line == std::string_view::npos) return {};
  std::size_t close = text_.find(end, line);
  const std::size_t after = close == std::string_view::npos ? text_.size() : close + 3;
  close = std::min(close, text_.size());
  std::string_view body = close > line ? text_.substr(line + 1, close - line - 1) : std::string_view();
  if (body.ends_with('\r')) body.remove_suffix(1);
  at_ = after;
  if (quote == '\'' || !body.contains('$')) return PsValue::of(std::string(body));
  return {Kind::object, std::string(body), 0, {}};
}

PsValue PowershellReader::find(std::string_view name) const {
  const std::string key = text::folded(name);
  for (const auto& [known, value] : set_) {
    if (known == key) return value;
  }
  if (key == "true" || key == "false") return PsValue::of(std::int64_t{key == "true"});
  if (key == "null") return PsValue::null();
  if (key == "ofs") return PsValue::of(" ");
  const auto fixed = defaults_.find(key);
  return fixed ? PsValue::of(std::string(*fixed)) : PsValue{};
}

void PowershellReader::set(std::string_view name, PsValue value) {
  std::string key = text::folded(name);
  for (auto& [known, held] : set_) {
    if (known != key) continue;
    held = std::move(value);
    return;
  }
  if (set_.size() < limits::kCommandVariables) set_.emplace_back(std::move(key), std::move(value));
}

/// Set-Alias NAME VALUE, or with -Name and -Value.
void PowershellReader::set_alias(const SimpleCommand& made, const std::vector<PsValue>& values) {
  std::vector<std::string> plain;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Word& word = made.words[i + 1];
    if (!word.quoted && word.text.starts_with('-')) continue;
    if (values[i].known()) plain.push_back(values[i].as_text());
  }
  if (plain.size() != 2) return;
  set("alias:" + text::folded(plain[0]), PsValue::of(plain[1]));
  has_aliases_ = true;
}

}  // namespace landwarden::command
