#include "sigma/pattern_relations.h"

#include <algorithm>

#include "base/text.h"
#include "sigma/modifiers_pattern.h"
#include "sigma/pattern.h"

namespace landwarden::sigma {
namespace {

/// One code point of a literal (folded unless the comparison is cased), or a wildcard.
struct Symbol {
  Pattern::Kind kind = Pattern::Kind::literal;
  char32_t code_point = 0;
};

std::vector<Symbol> symbols_of(const Pattern& pattern, bool cased) {
  std::vector<Symbol> out;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != Pattern::Kind::literal) {
      out.push_back({part.kind, 0});
      continue;
    }
    for (std::size_t at = 0; at < part.text.size();) {
      const char32_t c = text::next_code_point(part.text, at);
      out.push_back({Pattern::Kind::literal, cased ? c : text::fold(c)});
    }
  }
  return out;
}

bool is_dash(char32_t c) {
  return c == U'-' || c == U'/' || (c >= U'\u2013' && c <= U'\u2015');
}

/// Whether whatever `narrow` stands for is something that `wide` (no run) stands for.
bool covers(const Symbol& wide, const Symbol& narrow) {
  using Kind = Pattern::Kind;
  if (narrow.kind == Kind::any_run) return false;
  if (wide.kind == Kind::any_one) return true;
  if (wide.kind == Kind::dash)
    return narrow.kind == Kind::dash || (narrow.kind == Kind::literal && is_dash(narrow.code_point));
  return narrow.kind == Kind::literal && narrow.code_point == wide.code_point;
}

/// The glob algorithm over symbols: a run of `wide` swallows anything, also wildcards of `narrow`.
bool glob_covers(const std::vector<Symbol>& wide, const std::vector<Symbol>& narrow) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t w = 0, n = 0, run = kNone, retry = 0;
  while (n < narrow.size()) {
    if (w < wide.size() && wide[w].kind == Pattern::Kind::any_run) {
      run = w++;
      retry = n;
    } else if (w < wide.size() && covers(wide[w], narrow[n])) {
      ++w;
      ++n;
    } else if (run != kNone) {
      w = run + 1;
      n = ++retry;
    } else {
      return false;
    }
  }
  while (w < wide.size() && wide[w].kind == Pattern::Kind::any_run) ++w;
  return w == wide.size();
}

/// The longest literal part; what matches `wide` must hold it, so `narrow` must spell it out.
bool may_cover(const Pattern& wide, const Pattern& narrow) {
  const Pattern::Part* longest = nullptr;
  for (const Pattern::Part& part : wide.parts) {
    if (part.kind != Pattern::Kind::literal) continue;
    if (longest == nullptr || part.text.size() > longest->text.size()) longest = &part;
  }
  if (longest == nullptr) return true;
  const bool has_dash = std::ranges::any_of(
      wide.parts, [](const Pattern::Part& part) { return part.kind == Pattern::Kind::dash; });
  return has_dash || std::ranges::any_of(narrow.parts, [&](const Pattern::Part& part) {
           return part.kind == Pattern::Kind::literal && part.text.size() >= longest->text.size();
         });
}

bool clash(const Symbol& left, const Symbol& right) {
  using Kind = Pattern::Kind;
  if (left.kind == Kind::any_one || right.kind == Kind::any_one) return false;
  if (left.kind == Kind::dash) return right.kind == Kind::literal && !is_dash(right.code_point);
  if (right.kind == Kind::dash) return !is_dash(left.code_point);
  return left.code_point != right.code_point;
}

/// Whether the texts before the first run differ somewhere, or are of different length without any run.
bool beginnings_clash(const auto& left, const auto& right) {
  auto l = left.begin();
  auto r = right.begin();
  for (; l != left.end() && r != right.end(); ++l, ++r) {
    if (l->kind == Pattern::Kind::any_run || r->kind == Pattern::Kind::any_run) return false;
    if (clash(*l, *r)) return true;
  }
  const auto only_runs = [](auto at, auto end) {
    return std::all_of(at, end, [](const Symbol& s) { return s.kind == Pattern::Kind::any_run; });
  };
  return !only_runs(l, left.end()) || !only_runs(r, right.end());
}

bool needs_value(const Predicate& p) {
  using Kind = Predicate::Kind;
  return p.kind == Kind::pattern || p.kind == Kind::number || p.kind == Kind::boolean ||
         p.kind == Kind::cidr || p.kind == Kind::compare || p.kind == Kind::time_part ||
         (p.kind == Kind::exists && p.flag);
}

bool is_absent(const Predicate& p) {
  return p.kind == Predicate::Kind::exists && !p.flag;
}

/// `a` < `b` style comparisons that leave no number between them.
bool bounds_clash(const Predicate& a, const Predicate& b) {
  using Comparison = Predicate::Comparison;
  const bool a_above = a.comparison == Comparison::gt || a.comparison == Comparison::gte;
  const bool b_below = b.comparison == Comparison::lt || b.comparison == Comparison::lte;
  if (!a_above || !b_below) return false;
  const bool both_closed = a.comparison == Comparison::gte && b.comparison == Comparison::lte;
  return a.number > b.number || (a.number == b.number && !both_closed);
}

}  // namespace

bool implies(const Pattern& narrow, const Pattern& wide) {
  if (wide.cased && !narrow.cased) return false;
  if (!may_cover(wide, narrow)) return false;
  return glob_covers(symbols_of(wide, wide.cased), symbols_of(narrow, wide.cased));
}

bool implies(const Predicate& narrow, const Predicate& wide) {
  using Kind = Predicate::Kind;
  if (narrow == wide) return true;
  if (narrow.kind == Kind::never) return true;
  if (wide.kind == Kind::exists && wide.flag) return needs_value(narrow);
  if (wide.kind == Kind::null) return is_absent(narrow);
  const bool text = narrow.kind == Kind::pattern && wide.kind == Kind::pattern;
  return text && implies(narrow.pattern, wide.pattern);
}

bool excludes(const Pattern& left, const Pattern& right) {
  if (is_literal(left) || is_literal(right)) {
    const bool left_literal = is_literal(left);
    const std::string value = literal_text(left_literal ? left : right);
    Pattern other = left_literal ? right : left;
    other.cased = left.cased && right.cased;
    return !CompiledPattern(other).matches(value, text::folded(value));
  }
  const bool cased = left.cased && right.cased;
  std::vector<Symbol> l = symbols_of(left, cased), r = symbols_of(right, cased);
  if (beginnings_clash(l, r)) return true;
  std::ranges::reverse(l);
  std::ranges::reverse(r);
  return beginnings_clash(l, r);
}

bool excludes(const Predicate& left, const Predicate& right) {
  using Kind = Predicate::Kind;
  if (left.kind == Kind::pattern && right.kind == Kind::pattern) return excludes(left.pattern, right.pattern);
  if (left.kind == Kind::number && right.kind == Kind::number) return left.number != right.number;
  if (left.kind == Kind::boolean && right.kind == Kind::boolean) return left.flag != right.flag;
  if (left.kind == Kind::compare && right.kind == Kind::compare)
    return bounds_clash(left, right) || bounds_clash(right, left);
  const auto absent = [](const Predicate& p) { return p.kind == Kind::null || is_absent(p); };
  if (is_absent(left) && right.kind == Kind::exists) return right.flag;
  if (is_absent(right) && left.kind == Kind::exists) return left.flag;
  const auto valued = [](const Predicate& p) { return needs_value(p) && p.kind != Kind::exists; };
  return (absent(left) && valued(right)) || (absent(right) && valued(left));
}

bool matches_everything(const Predicate& predicate) {
  const auto& parts = predicate.pattern.parts;
  if (predicate.kind == Predicate::Kind::contains) return parts.empty();
  if (predicate.kind == Predicate::Kind::regex)
    return predicate.text.empty() || predicate.text == ".*" || predicate.text == "^.*" ||
           predicate.text == "^" || predicate.text == "$";
  return predicate.kind == Predicate::Kind::pattern && parts.size() == 1 &&
         parts.front().kind == Pattern::Kind::any_run;
}

}  // namespace landwarden::sigma
