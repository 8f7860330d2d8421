#include "sigma/processing_values.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sigma/amount.h"
#include "sigma/modifiers_pattern.h"

namespace landwarden::sigma {
namespace {

using Kind = Pattern::Kind;
using PredicateKind = Predicate::Kind;

bool is_string(const Predicate& p) {
  return p.kind == PredicateKind::pattern || p.kind == PredicateKind::contains;
}

/// A character of a pattern's plain text, and the part that it stands for.
struct Span {
  std::size_t begin, end;
  Pattern::Part part;
};

std::string plain_of(const Pattern& pattern, std::vector<Span>* spans) {
  std::string out;
  const auto put = [&](std::string_view shown, Kind kind, std::string_view text) {
    if (spans != nullptr)
      spans->push_back({out.size(), out.size() + shown.size(), {kind, std::string(text)}});
    out += shown;
  };
  for (const Pattern::Part& part : pattern.parts) {
    switch (part.kind) {
      case Kind::any_run:
        put("*", part.kind, {});
        break;
      case Kind::any_one:
        put("?", part.kind, {});
        break;
      case Kind::dash:
        put("-", part.kind, {});
        break;
      case Kind::literal:
        for (const char c : part.text) {
          const std::string one(1, c);
          put(c == '*' || c == '?' ? "\\" + one : one, part.kind, one);
        }
    }
  }
  return out;
}

void append(Pattern& pattern, const Pattern::Part& part) {
  if (part.kind == Kind::literal) return append_literal(pattern, part.text);
  if (part.kind == Kind::any_run && !pattern.parts.empty() && pattern.parts.back().kind == Kind::any_run)
    return;
  pattern.parts.push_back(part);
}

/// Text in which * and ? are wildcards unless a backslash stands before them; other backslashes are text.
void append_text(Pattern& pattern, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escaped =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '*' || text[at + 1] == '?');
    if (escaped) {
      append_literal(pattern, text.substr(++at, 1));
    } else if (text[at] == '*' || text[at] == '?') {
      append(pattern, {text[at] == '*' ? Kind::any_run : Kind::any_one, {}});
    } else {
      append_literal(pattern, text.substr(at, 1));
    }
  }
}

/// Only what the expression found is read anew; the rest keeps its parts.
Pattern replaced_in_plain(const Pattern& pattern, const ProcessingItem& step) {
  std::vector<Span> spans;
  const std::string plain = plain_of(pattern, &spans);
  Pattern out{.parts = {}, .cased = pattern.cased};
  std::size_t at = 0, span = 0;
  const auto keep_until = [&](std::size_t end) {
    for (; span < spans.size() && spans[span].begin < end; ++span) {
      if (spans[span].begin >= at && spans[span].end <= end) append(out, spans[span].part);
    }
  };
  step.regex->replace_each(plain, step.text,
                           [&](std::size_t begin, std::size_t end, const std::string& made) {
                             keep_until(begin);
                             append_text(out, made);
                             at = end;
                             while (span < spans.size() && spans[span].begin < end) ++span;
                           });
  keep_until(plain.size());
  return out;
}

/// Literals alone; wildcards are neither looked at nor made.
Pattern replaced_in_literals(const Pattern& pattern, const ProcessingItem& step) {
  Pattern out{.parts = {}, .cased = pattern.cased};
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != Kind::literal) {
      append(out, part);
      continue;
    }
    std::size_t at = 0;
    step.regex->replace_each(part.text, step.text,
                             [&](std::size_t begin, std::size_t end, const std::string& made) {
                               append_literal(out, std::string_view(part.text).substr(at, begin - at));
                               append_literal(out, made);
                               at = end;
                             });
    append_literal(out, std::string_view(part.text).substr(at));
  }
  return out;
}

}  // namespace

std::optional<std::string> plain_text(const Predicate& predicate) {
  if (!is_string(predicate)) return std::nullopt;
  return plain_of(predicate.pattern, nullptr);
}

bool has_wildcard(const Predicate& predicate) {
  return is_string(predicate) && std::ranges::any_of(predicate.pattern.parts, [](const Pattern::Part& part) {
           return part.kind == Kind::any_run || part.kind == Kind::any_one;
         });
}

Predicate predicate_of(const std::string& text, const Predicate& like) {
  Predicate out{.kind =
                    like.kind == PredicateKind::contains ? PredicateKind::contains : PredicateKind::pattern};
  out.pattern.cased = is_string(like) && like.pattern.cased;
  append_text(out.pattern, text);
  return out;
}

Predicate predicate_of(const yaml::Node& value, const Predicate& like) {
  using NodeKind = yaml::Node::Kind;
  Predicate out;
  switch (value.kind) {
    case NodeKind::null:
      out.kind = PredicateKind::null;
      return out;
    case NodeKind::boolean:
      out.kind = PredicateKind::boolean;
      out.flag = value.flag;
      return out;
    case NodeKind::integer:
    case NodeKind::real:
      out.kind = PredicateKind::number;
      out.number = value.real;
      out.number_text = value.kind == NodeKind::integer ? std::to_string(value.integer) : value.text;
      return out;
    default:
      return predicate_of(value.text, like);
  }
}

bool is_value(const Predicate& predicate, const yaml::Node& value) {
  const Predicate other = predicate_of(value, predicate);
  if (predicate.kind != other.kind) return false;
  switch (other.kind) {
    case PredicateKind::null:
      return true;
    case PredicateKind::boolean:
      return predicate.flag == other.flag;
    case PredicateKind::number:
      return predicate.number_text == other.number_text;
    default:
      return plain_text(predicate) == plain_text(other);
  }
}

Predicate replaced(const Predicate& predicate, const ProcessingItem& step) {
  Predicate out = predicate;
  if (predicate.kind == PredicateKind::number) {
    const std::string before = predicate.number_text;
    Predicate text{.kind = PredicateKind::pattern};
    append_literal(text.pattern, before);
    text.pattern = replaced_in_plain(text.pattern, step);
    // A number that the expression does not find stays one.
    return plain_text(text) == before ? predicate : text;
  }
  if (!is_string(predicate)) return out;
  out.pattern = step.skip_special ? replaced_in_literals(predicate.pattern, step)
                                  : replaced_in_plain(predicate.pattern, step);
  return out;
}

std::optional<Predicate> converted(const Predicate& predicate, const std::string& target) {
  if (target == "str") {
    if (predicate.kind != PredicateKind::number) return predicate;
    Predicate out{.kind = PredicateKind::pattern};
    append_literal(out.pattern, predicate.number_text);
    return out;
  }
  if (!is_string(predicate)) return predicate;
  const std::string text = plain_of(predicate.pattern, nullptr);
  if (!parse_amount(text)) return std::nullopt;
  Predicate out{.kind = PredicateKind::number};
  out.number_text = text;
  out.number = std::strtod(text.c_str(), nullptr);
  return out;
}

}  // namespace landwarden::sigma
