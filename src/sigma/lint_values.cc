// Keys and values of a detection as YAML has them: what it typed unexpectedly, escapes that undo wildcards,
// modifiers that change nothing, and searches that the condition does not use.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/condition.h"
#include "sigma/lint.h"
#include "sigma/modifiers.h"
#include "sigma/regex_cost.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// `C:\Temp\*`: a single backslash between a name and a wildcard was most likely meant as a path's. Whoever
/// escapes a star where no path can be, as in `\*name\*`, means what he writes.
bool hides_wildcard(std::string_view text) {
  bool hidden = false;
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    std::size_t end = at;
    while (end < text.size() && text[end] == '\\') ++end;
    const bool odd = (end - at) % 2 == 1;
    const bool single = end - at == 1;
    const bool drive = at > 1 && text[at - 1] == ':' && is_letter(text[at - 2]);
    const bool path_before = at > 0 && (is_word(text[at - 1]) || drive);
    const bool star = end < text.size() && text[end] == '*';
    const bool path_behind = end + 1 >= text.size() || text[end + 1] == '\\' || text[end + 1] == '.' ||
                             (star && is_word(text[end + 1]));
    if (odd && star && !path_before) return false;
    hidden = hidden || (odd && single && path_before && star && path_behind);
    at = end;
  }
  return hidden;
}

/// Whether `windash` may find something: any of the five characters that it takes for one another.
bool has_dash(std::string_view text) {
  constexpr auto kDashes = std::to_array<std::string_view>({"-", "/", "\u2013", "\u2014", "\u2015"});
  return std::ranges::any_of(
      kDashes, [&](std::string_view dash) { return text.find(dash) != std::string_view::npos; });
}

class ValueLint {
 public:
  ValueLint(const FieldKey& key, const Node& key_node, LintReport& report)
      : key_(key), key_node_(key_node), report_(report) {}

  void value(const Node& value) {
    if (value.kind == NodeKind::list) {
      for (const Node& item : value.items) this->value(item);
    } else if (value.kind == NodeKind::text) {
      text(value);
    } else if (value.is_scalar()) {
      typed(value);
    }
  }

 private:
  void text(const Node& value);
  void wildcards(const Node& value);
  void regex(const Node& value);
  void typed(const Node& value);

  const FieldKey& key_;
  const Node& key_node_;
  LintReport& report_;
};

void ValueLint::text(const Node& value) {
  if (key_.has(Modifier::re)) return regex(value);
  if (key_.has(Modifier::cidr) || key_.has(Modifier::fieldref)) return;
  if (hides_wildcard(value.text)) {
    report_.at("escaped-wildcard", value, "'\\*' is a plain star here, no wildcard",
               "write '\\\\*' for a backslash and a wildcard");
  }
  wildcards(value);
  if (key_.has(Modifier::windash) && !has_dash(value.text))
    report_.at("redundant-modifier", value, "'windash' finds no dash in '" + value.text + "'");
}

void ValueLint::wildcards(const Node& value) {
  const Pattern pattern = parse_pattern(value.text);
  if (pattern.parts.size() < 2) return;
  const bool front = pattern.parts.front().kind == Pattern::Kind::any_run;
  const bool back = pattern.parts.back().kind == Pattern::Kind::any_run;
  const auto idle = [&](bool there, std::string_view where, std::string_view modifier) {
    if (!there) return;
    report_.at("redundant-modifier", value,
               fmt::format("the '*' at the {} changes nothing: '{}' looks there anyway", where, modifier));
  };
  if (key_.has(Modifier::contains)) {
    idle(front, "beginning", "contains");
    idle(back, "end", "contains");
  } else if (key_.has(Modifier::startswith) && !key_.has(Modifier::endswith)) {
    idle(back, "end", "startswith");
  } else if (key_.has(Modifier::endswith) && !key_.has(Modifier::startswith)) {
    idle(front, "beginning", "endswith");
  } else if (key_.field.empty() && key_.modifiers.empty()) {
    idle(front, "beginning", "a keyword");
    idle(back, "end", "a keyword");
  }
}

void ValueLint::regex(const Node& value) {
  if (key_.has(Modifier::expand)) return;
  if (backtracks_exponentially(value.text, key_.has(Modifier::ignore_case))) {
    report_.at(
        "exponential-regex", value,
        "engines that backtrack (PCRE, .NET) can take exponential time over this expression",
        "a repeated part can be read in several ways: make what repeats begin or end with something that "
        "the rest of it cannot match; this program's own engine takes linear time");
  }
}

void ValueLint::typed(const Node& value) {
  const bool quotes_help = !value.quoted;
  const std::string quoted = "put it in quotes if text is meant";
  switch (value.kind) {
    case NodeKind::null:
      if (value.text.empty() && key_.modifiers.empty() && !key_.field.empty()) {
        report_.at("empty-value", key_node_,
                   "'" + key_.text + "' has no value: it tests that the field is absent",
                   "write null if that is meant, '' for an empty text");
      }
      break;
    case NodeKind::boolean:
      if (quotes_help && key_.modifiers.empty() && !key_.field.empty() &&
          !text::equal_folded(value.text, "true") && !text::equal_folded(value.text, "false")) {
        report_.at(
            "typed-value", value,
            fmt::format("'{}' is the truth value {} in YAML", value.text, value.flag ? "true" : "false"),
            quoted);
      }
      break;
    case NodeKind::integer:
      if (quotes_help && key_.modifiers.empty() && value.text != std::to_string(value.integer))
        report_.at("typed-value", value,
                   fmt::format("'{}' is the number {} in YAML", value.text, value.integer), quoted);
      break;
    default:
      break;
  }
}

/// Looks at every field key of a search.
void lint_search(const Node& search, LintReport& report) {
  if (search.kind == NodeKind::list) {
    for (const Node& item : search.items) lint_search(item, report);
    return;
  }
  if (search.kind != NodeKind::map) {
    const FieldKey keyword;
    ValueLint(keyword, search, report).value(search);
    return;
  }
  std::vector<Diagnostic> unheard;  // the parser has told what is wrong with the key
  const std::string nowhere;
  for (const auto& [key, value] : search.entries) {
    RuleReport quiet(nowhere, unheard);
    if (const auto parsed = parse_field_key(key, quiet)) ValueLint(*parsed, key, report).value(value);
  }
}

void collect(const Condition& condition, std::set<std::string, std::less<>>& out) {
  if (condition.kind == Condition::Kind::search) out.insert(condition.name);
  for (const Condition& child : condition.children) collect(child, out);
}

/// The searches that the condition uses; nothing if it cannot be read.
bool used_searches(const Node& condition, std::span<const std::string_view> names,
                   std::set<std::string, std::less<>>& out) {
  if (condition.kind == NodeKind::list) {
    return std::ranges::all_of(condition.items,
                               [&](const Node& item) { return used_searches(item, names, out); });
  }
  std::vector<Diagnostic> unheard;
  const std::string nowhere;
  RuleReport quiet(nowhere, unheard);
  Node text = condition;
  // An aggregation behind the condition names fields, not searches.
  text.text.resize(std::min(text.text.size(), text.text.find('|')));
  collect(parse_condition(text, names, quiet), out);
  return !quiet.failed();
}

void lint_unused(const Node& detection, const Node& condition, LintReport& report) {
  std::vector<std::string_view> names;
  for (const auto& [key, value] : detection.entries) {
    if (key.text != "condition" && key.text != "timeframe") names.push_back(key.text);
  }
  std::set<std::string, std::less<>> used;
  if (!used_searches(condition, names, used)) return;
  for (const auto& [key, value] : detection.entries) {
    if (key.text == "condition" || key.text == "timeframe" || used.contains(key.text)) continue;
    report.at("unused-search", key, "the condition does not use the search '" + key.text + "'",
              "name it in the condition, or remove it");
  }
}

}  // namespace

void lint_values(const Node& document, LintReport& report) {
  const Node* detection = document.find("detection");
  if (detection == nullptr || detection->kind != NodeKind::map) return;
  for (const auto& [key, value] : detection->entries) {
    if (key.text != "condition" && key.text != "timeframe") lint_search(value, report);
  }
  if (const Node* condition = detection->find("condition")) lint_unused(*detection, *condition, report);
}

}  // namespace landwarden::sigma
