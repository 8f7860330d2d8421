// What the tests of a rule have to do with each other: values that others cover or rule out, parts that
// exclude each other, conditions that every record meets.

#include <algorithm>
#include <set>
#include <tuple>

#include "base/limits.h"
#include "sigma/lint.h"
#include "sigma/pattern_relations.h"

namespace landwarden::sigma {
namespace {

using Kind = Expression::Kind;
constexpr std::size_t kDeepest = 12;  // of comparisons of trees: rules nest three or four deep

class LogicLint {
 public:
  LogicLint(const Rule& rule, LintReport& report) : rule_(rule), report_(report) {}
  void run() {
    visit(rule_.condition);
    // What an aggregation counts may well be every record: how often they come is what it asks.
    if (!rule_.implied && certain(rule_.condition) == Truth::yes) {
      report_.at("always-matches", rule_.place, "every record of the log source matches this rule",
                 "narrow its values: '*' matches everything");
    }
  }

 private:
  enum class Truth : std::uint8_t { no, open, yes };

  [[nodiscard]] const Test& test(const Expression& e) const { return rule_.tests[e.test]; }
  void visit(const Expression& e);
  void lint_list(const Expression& e);
  void lint_conjunction(const Expression& e);
  void conjuncts(const Expression& e, std::vector<const Expression*>& out) const;
  void lint_choices(const Expression& choice, const std::vector<const Expression*>& others);
  [[nodiscard]] bool implies_all(const Expression& narrow, const Expression& wide, std::size_t depth) const;
  [[nodiscard]] bool excluded(const Expression& left, const Expression& right, std::size_t depth) const;
  [[nodiscard]] bool met_by(const Expression& wide, const std::vector<const Expression*>& parts) const;
  [[nodiscard]] Truth certain(const Expression& e) const;
  [[nodiscard]] const Test* first_test(const Expression& e) const;
  void tell(std::string_view code, const Test& at, std::string message, std::string hint = {});
  [[nodiscard]] bool same_value(const Test& a, const Test& b) const {
    return std::tie(a.place.line, a.place.column) == std::tie(b.place.line, b.place.column);
  }

  const Rule& rule_;
  LintReport& report_;
  std::set<std::tuple<std::string_view, std::uint32_t, std::uint32_t>> told_;
};

/// A search used twice in a condition is told once.
void LogicLint::tell(std::string_view code, const Test& at, std::string message, std::string hint) {
  if (told_.emplace(code, at.place.line, at.place.column).second)
    report_.at(code, at.place, std::move(message), std::move(hint));
}

void LogicLint::visit(const Expression& e) {
  if (e.kind == Kind::any || e.kind == Kind::all) lint_list(e);
  for (const Expression& child : e.children) visit(child);
  if (e.kind == Kind::all) lint_conjunction(e);
}

const Test* LogicLint::first_test(const Expression& e) const {
  if (e.kind == Kind::test) return &test(e);
  for (const Expression& child : e.children) {
    if (const Test* found = first_test(child)) return found;
  }
  return nullptr;
}

/// Values of one list: in "any" the narrower of two is idle, in "all" the wider.
void LogicLint::lint_list(const Expression& e) {
  std::vector<const Test*> tests;
  for (const Expression& child : e.children) {
    if (child.kind == Kind::test) tests.push_back(&test(child));
  }
  if (tests.size() < 2 || tests.size() > limits::kLintList) return;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const Test& idle = *tests[i];
    for (std::size_t j = 0; j < tests.size(); ++j) {
      const Test& other = *tests[j];
      if (i == j || idle.field != other.field || same_value(idle, other)) continue;
      if (implies(idle.predicate, other.predicate) && implies(other.predicate, idle.predicate)) {
        const bool same = idle.predicate == other.predicate;
        if (j < i)
          tell("duplicate-value", idle,
               "'" + idle.source + "' " +
                   (same ? "stands here twice" : "says the same as '" + other.source + "'"),
               "remove one");
        continue;
      }
      const Predicate& narrow = e.kind == Kind::any ? idle.predicate : other.predicate;
      const Predicate& wide = e.kind == Kind::any ? other.predicate : idle.predicate;
      if (!implies(narrow, wide)) continue;
      if (e.kind == Kind::any && matches_everything(wide)) {
        tell("match-all-value", other,
             "'" + other.source + "' matches every value: the others beside it are idle");
      } else if (e.kind == Kind::any) {
        tell("subsumed-value", idle, "whatever meets this meets '" + other.source + "' too",
             "it can be removed");
      } else {
        tell("subsumed-value", idle, "'" + other.source + "' demands this already", "it can be removed");
      }
      break;
    }
  }
}

/// All parts that must hold, those of inner "all"s too.
void LogicLint::conjuncts(const Expression& e, std::vector<const Expression*>& out) const {
  if (e.kind != Kind::all) {
    out.push_back(&e);
    return;
  }
  for (const Expression& child : e.children) conjuncts(child, out);
}

bool LogicLint::implies_all(const Expression& narrow, const Expression& wide, std::size_t depth) const {
  if (depth > kDeepest) return false;
  const auto below = [&](const Expression& n, const Expression& w) { return implies_all(n, w, depth + 1); };
  if (narrow.kind == Kind::any) {
    return !narrow.children.empty() &&
           std::ranges::all_of(narrow.children, [&](const Expression& part) { return below(part, wide); });
  }
  if (wide.kind == Kind::all)
    return std::ranges::all_of(wide.children, [&](const Expression& part) { return below(narrow, part); });
  if (wide.kind == Kind::any &&
      std::ranges::any_of(wide.children, [&](const Expression& part) { return below(narrow, part); }))
    return true;
  if (narrow.kind == Kind::all)
    return std::ranges::any_of(narrow.children, [&](const Expression& part) { return below(part, wide); });
  if (narrow.kind == Kind::negate && wide.kind == Kind::negate)
    return below(wide.children.front(), narrow.children.front());
  if (narrow.kind != Kind::test || wide.kind != Kind::test) return false;
  // Keywords are held against any value of the record, not against one.
  return test(narrow).field == test(wide).field && implies(test(narrow).predicate, test(wide).predicate);
}

bool LogicLint::excluded(const Expression& left, const Expression& right, std::size_t depth) const {
  if (depth > kDeepest) return false;
  const auto below = [&](const Expression& l, const Expression& r) { return excluded(l, r, depth + 1); };
  if (left.kind == Kind::negate) return implies_all(right, left.children.front(), depth + 1);
  if (right.kind == Kind::negate) return implies_all(left, right.children.front(), depth + 1);
  if (left.kind == Kind::any) {
    return !left.children.empty() &&
           std::ranges::all_of(left.children, [&](const Expression& part) { return below(part, right); });
  }
  if (right.kind == Kind::any) return below(right, left);
  if (left.kind == Kind::all)
    return std::ranges::any_of(left.children, [&](const Expression& part) { return below(part, right); });
  if (right.kind == Kind::all) return below(right, left);
  return !test(left).field.empty() && test(left).field == test(right).field &&
         excludes(test(left).predicate, test(right).predicate);
}

/// Whether the parts together imply it, each a piece.
bool LogicLint::met_by(const Expression& wide, const std::vector<const Expression*>& parts) const {
  if (wide.kind == Kind::all)
    return std::ranges::all_of(wide.children, [&](const Expression& piece) { return met_by(piece, parts); });
  return std::ranges::any_of(parts, [&](const Expression* part) { return implies_all(*part, wide, 0); });
}

void LogicLint::lint_choices(const Expression& choice, const std::vector<const Expression*>& others) {
  if (choice.children.size() > limits::kLintList) return;
  for (const Expression& value : choice.children) {
    const Test* at = first_test(value);
    if (at == nullptr) continue;
    for (const Expression* other : others) {
      const Test* because = first_test(*other);
      if (other == &choice || because == nullptr || !excluded(value, *other, 0)) continue;
      tell("dead-value", *at,
           "this can never be met: '" + because->source + "' in line " + std::to_string(because->place.line) +
               (other->kind == Kind::negate ? " takes it out again" : " must hold too"),
           "remove it, or mend the condition");
      break;
    }
  }
}

void LogicLint::lint_conjunction(const Expression& e) {
  std::vector<const Expression*> parts;
  conjuncts(e, parts);
  if (parts.size() > limits::kLintConjuncts) return;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t j = i + 1; j < parts.size(); ++j) {
      const Test* first = first_test(*parts[i]);
      const Test* second = first_test(*parts[j]);
      if (first == nullptr || second == nullptr || !excluded(*parts[i], *parts[j], 0)) continue;
      tell(
          "contradiction", *second,
          "can never hold together with '" + first->source + "' in line " + std::to_string(first->place.line),
          "one of both is not meant, or 'or' is");
      return;
    }
  }
  for (const Expression* part : parts) {
    const Test* at = first_test(*part);
    if (part->kind != Kind::negate || at == nullptr || part->children.front().kind != Kind::all) continue;
    if (!met_by(part->children.front(), parts)) continue;
    tell("contradiction", *at, "takes out everything that the rest of the condition lets in",
         "mend the condition");
    return;
  }
  for (const Expression* part : parts) {
    if (part->kind == Kind::any) lint_choices(*part, parts);
  }
}

LogicLint::Truth LogicLint::certain(const Expression& e) const {
  switch (e.kind) {
    case Kind::test:
      // A match-all pattern asks that the field is there; that is all a rule of nothing else asks.
      return matches_everything(test(e).predicate) ? Truth::yes : Truth::open;
    case Kind::negate: {
      const Truth inner = certain(e.children.front());
      return inner == Truth::yes ? Truth::no : inner == Truth::no ? Truth::yes : Truth::open;
    }
    case Kind::all: {
      Truth out = Truth::yes;
      for (const Expression& child : e.children) out = std::min(out, certain(child));
      return out;
    }
    case Kind::any: {
      Truth out = Truth::no;
      for (const Expression& child : e.children) out = std::max(out, certain(child));
      return out;
    }
  }
  return Truth::open;
}

}  // namespace

void lint_logic(const Rule& rule, LintReport& report) {
  LogicLint(rule, report).run();
}

}  // namespace landwarden::sigma
