#include "sigma/condition.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "base/text.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using Kind = Condition::Kind;

struct Token {
  enum class Kind : std::uint8_t { word, open, close, pipe, end };
  Kind kind = Kind::end;
  std::string_view text;
  std::size_t offset = 0;
};

bool is_word_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '*';
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = text::ascii_lower(c);
  return out;
}

/// Whether `name` is of the form `pattern`, in which '*' stands for any run.
bool like(std::string_view name, std::string_view pattern) {
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Parser {
 public:
  Parser(const yaml::Node& node, std::span<const std::string_view> names, RuleReport& report)
      : node_(node), names_(names), report_(report) {}

  Condition parse();

 private:
  bool tokenise();
  Condition disjunction(std::size_t depth);
  Condition conjunction(std::size_t depth);
  Condition operand(std::size_t depth);
  Condition chain(Kind kind, std::string_view operator_word, std::size_t depth);
  Condition selector(std::string_view quantifier);
  Condition search(const Token& token);

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  bool is_operator(const Token& token, std::string_view word);
  Place place_of(std::size_t offset) const;
  Condition fail(const Token& where, std::string message, std::string hint = {},
                 ErrorCode code = ErrorCode::invalid) {
    if (!failed_) report_.error_at(place_of(where.offset), std::move(message), std::move(hint), code);
    failed_ = true;
    return {};
  }

  const yaml::Node& node_;
  std::span<const std::string_view> names_;
  RuleReport& report_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t nodes_ = 0;
  bool failed_ = false;
  bool warned_case_ = false;
};

/// Exact where the condition stands on one line; else the place where it begins.
Place Parser::place_of(std::size_t offset) const {
  Place place = report_.place(node_);
  if (node_.text.find('\n') == std::string::npos) {
    place.column += static_cast<std::uint32_t>(offset + (node_.quoted ? 1 : 0));
  }
  return place;
}

bool Parser::tokenise() {
  const std::string_view text = node_.text;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (is_space(c)) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    Token token{Token::Kind::word, {}, at};
    if (c == '(' || c == ')' || c == '|') {
      token.kind = c == '(' ? Token::Kind::open : c == ')' ? Token::Kind::close : Token::Kind::pipe;
    } else if (is_word_char(c)) {
      while (end < text.size() && is_word_char(text[end])) ++end;
    } else {
      (void)text::next_code_point(text, end = at);
      token.text = text.substr(at, end - at);
      fail(token, "'" + std::string(token.text) + "' has no meaning in a condition",
           "names of searches are letters, digits, '_' and '-'");
      return false;
    }
    token.text = text.substr(at, end - at);
    tokens_.push_back(token);
    at = token.kind == Token::Kind::pipe ? text.size() : end;  // an aggregation has words of its own
  }
  tokens_.push_back({Token::Kind::end, {}, text.size()});
  return true;
}

/// Whether the token is this operator; upper case is what many community rules use.
bool Parser::is_operator(const Token& token, std::string_view word) {
  if (token.kind != Token::Kind::word || token.text.size() != word.size()) return false;
  if (token.text == word) return true;
  if (lower(token.text) != word || std::ranges::find(names_, token.text) != names_.end()) return false;
  if (!warned_case_) {
    report_.warning_at(place_of(token.offset),
                       "the operator '" + std::string(token.text) + "' is written in lower case in Sigma",
                       "write '" + std::string(word) + "'");
  }
  warned_case_ = true;
  return true;
}

Condition Parser::parse() {
  if (node_.text.size() > limits::kSigmaConditionBytes) {
    report_.error(node_, "the condition is too long", {}, ErrorCode::limit);
    return {};
  }
  if (!tokenise()) return {};
  if (peek().kind == Token::Kind::end)
    return fail(peek(), "the condition is empty", "name the searches that must match");
  Condition out = disjunction(0);
  if (failed_) return {};
  const Token& rest = peek();
  if (rest.kind == Token::Kind::pipe) {
    return fail(rest, "an aggregation ('| count() …') must be the rule's only condition",
                "write a correlation rule over this one", ErrorCode::unsupported);
  }
  if (rest.kind == Token::Kind::close) return fail(rest, "')' without '('");
  if (rest.kind != Token::Kind::end) {
    return fail(rest, "'" + std::string(rest.text) + "' is not expected here",
                "join searches by 'and' or 'or'");
  }
  return out;
}

Condition Parser::chain(Kind kind, std::string_view operator_word, std::size_t depth) {
  Condition out;
  out.kind = kind;
  while (!failed_) {
    Condition child = kind == Kind::any ? conjunction(depth) : operand(depth);
    if (child.kind != Kind::nothing) out.children.push_back(std::move(child));
    if (!is_operator(peek(), operator_word)) break;
    ++next_;
  }
  if (out.children.empty()) return {};
  if (out.children.size() == 1) {
    Condition only = std::move(out.children.front());
    return only;
  }
  return out;
}

Condition Parser::disjunction(std::size_t depth) {
  return chain(Kind::any, "or", depth);
}
Condition Parser::conjunction(std::size_t depth) {
  return chain(Kind::all, "and", depth);
}

Condition Parser::operand(std::size_t depth) {
  const Token token = peek();
  if (depth > limits::kSigmaDepth)
    return fail(token, "the condition is nested too deeply", {}, ErrorCode::limit);
  if (++nodes_ > limits::kSigmaNodes) return fail(token, "the condition is too large", {}, ErrorCode::limit);
  if (token.kind == Token::Kind::open) {
    ++next_;
    Condition inner = disjunction(depth + 1);
    if (failed_) return {};
    if (peek().kind != Token::Kind::close)
      return fail(peek().kind == Token::Kind::end ? token : peek(), "'(' without ')'");
    ++next_;
    return inner;
  }
  if (token.kind != Token::Kind::word) {
    const std::string what =
        token.kind == Token::Kind::end ? "the condition ends" : "'" + std::string(token.text) + "' stands";
    return fail(token, what + " where a search is expected");
  }
  if (is_operator(token, "not")) {
    ++next_;
    Condition inner = operand(depth + 1);
    if (failed_ || inner.kind == Kind::nothing) return {};
    Condition out;
    out.kind = Kind::negate;
    out.children.push_back(std::move(inner));
    return out;
  }
  if (is_operator(peek(1), "of")) return selector(token.text);
  ++next_;
  return search(token);
}

Condition Parser::search(const Token& token) {
  const std::string name(token.text);
  if (std::ranges::find(names_, token.text) == names_.end()) {
    if (is_operator(token, "and") || is_operator(token, "or")) {
      return fail(token, "'" + name + "' stands where a search is expected");
    }
    if (name.find('*') != std::string::npos) {
      return fail(token, "'" + name + "' is a pattern", "write '1 of " + name + "' or 'all of " + name + "'");
    }
    if (name == "them") return fail(token, "'them' stands alone", "write '1 of them' or 'all of them'");
    const FindingCode code(report_, "undefined-search");
    return fail(token, "the search '" + name + "' is not defined", did_you_mean(name, names_));
  }
  Condition out;
  out.kind = Kind::search;
  out.name = name;
  return out;
}

Condition Parser::selector(std::string_view quantifier) {
  const Token first = peek();
  const std::string word = lower(quantifier);
  if (word != "1" && word != "any" && word != "all") {
    return fail(first, "'" + std::string(quantifier) + " of' is not run: Sigma has '1 of' and 'all of'", {},
                ErrorCode::unsupported);
  }
  (void)is_operator(first, word);  // warns of upper case
  next_ += 2;
  const Token pattern = peek();
  if (pattern.kind != Token::Kind::word)
    return fail(pattern, "a name, a pattern or 'them' is expected behind 'of'");
  ++next_;
  const bool them = pattern.text == "them" || (is_operator(pattern, "them"));
  Condition out;
  out.kind = word == "all" ? Kind::all : Kind::any;
  for (const std::string_view name : names_) {
    const bool hidden = name.starts_with('_') && !pattern.text.starts_with('_');
    if (hidden || !(them || like(name, pattern.text))) continue;
    if (++nodes_ > limits::kSigmaNodes)
      return fail(pattern, "the condition is too large", {}, ErrorCode::limit);
    Condition child;
    child.kind = Kind::search;
    child.name = name;
    out.children.push_back(std::move(child));
  }
  if (out.children.empty()) {
    const FindingCode code(report_, "undefined-search");
    report_.warning_at(
        place_of(pattern.offset),
        "no search has a name like '" + std::string(pattern.text) + "': this part drops out of the condition",
        did_you_mean(pattern.text, names_));
    return {};
  }
  if (out.children.size() == 1) {
    Condition only = std::move(out.children.front());
    return only;
  }
  return out;
}

}  // namespace

Condition parse_condition(const yaml::Node& text, std::span<const std::string_view> names,
                          RuleReport& report) {
  return Parser(text, names, report).parse();
}

}  // namespace landwarden::sigma
