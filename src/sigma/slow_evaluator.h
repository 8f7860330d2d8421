// For tests: what a Sigma rule means, said in the shortest and slowest way, from the rule's own words.
//
// Shares no code with the engine: it reads values, modifiers and conditions as the specification and
// docs/sigma-semantics.md have them, record by record.

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sigma/slow_values.h"

namespace landwarden::sigma::slow {

/// A field's values; nothing is null.
using Record = std::map<std::string, std::vector<std::optional<std::string>>>;

struct Value {
  enum class Kind { text, number, boolean, null } kind = Kind::text;
  std::string text;
};
struct Item {
  std::string field;  ///< empty: keywords
  std::vector<std::string> modifiers;
  std::vector<Value> values;
};
/// Any of these maps; each map is all of its items.
using Search = std::vector<std::vector<Item>>;

/// A condition: "and", "or", "not" over children, "name", or "1 of" and "all of" a pattern.
struct Condition {
  std::string kind, name;
  std::vector<Condition> children;
};
struct Rule {
  std::map<std::string, Search> searches;
  std::vector<Condition> conditions;
};

inline const std::map<std::string, std::vector<std::string>>& placeholders() {
  static const std::map<std::string, std::vector<std::string>> kValues = {{"one", {"net"}},
                                                                          {"two", {"x*7", "Ab"}}};
  return kValues;
}

class Evaluator {
 public:
  explicit Evaluator(const Record& record) : record_(record) {}

  /// Nothing if nothing is left of the condition.
  std::optional<bool> matches(const Rule& rule) const {
    std::optional<bool> any;
    for (const Condition& condition : rule.conditions) {
      const auto one = holds(rule, condition);
      if (!one) return std::nullopt;
      any = any.value_or(false) || *one;
    }
    return any;
  }

 private:
  static bool has(const Item& item, const std::string& modifier) {
    return std::ranges::find(item.modifiers, modifier) != item.modifiers.end();
  }
  std::optional<bool> holds(const Rule& rule, const Condition& c) const {
    if (c.kind == "name") return found(rule.searches.at(c.name));
    if (c.kind == "not") {
      const auto child = holds(rule, c.children[0]);
      return child ? std::optional(!*child) : std::nullopt;
    }
    std::vector<bool> parts;
    for (const Condition& child : c.children) {
      if (const auto one = holds(rule, child)) parts.push_back(*one);
    }
    const bool all = c.kind == "and" || c.kind == "all of";
    if (c.kind.ends_with(" of")) {
      const std::string pattern = c.name == "them" ? "*" : c.name;
      for (const auto& [name, search] : rule.searches) {
        if (name[0] == '_' && pattern[0] != '_') continue;
        if (glob(tokens_of(pattern), 0, points_of(name), 0, true)) parts.push_back(found(search));
      }
    }
    if (parts.empty()) return std::nullopt;
    return all ? std::ranges::all_of(parts, std::identity()) : std::ranges::any_of(parts, std::identity());
  }
  bool found(const Search& search) const {
    return std::ranges::any_of(search, [&](const auto& map) {
      return std::ranges::all_of(map, [&](const Item& item) { return met(item); });
    });
  }
  bool met(const Item& item) const {
    const auto one = [&](const Value& value) { return met(item, value); };
    const bool is =
        has(item, "all") ? std::ranges::all_of(item.values, one) : std::ranges::any_of(item.values, one);
    return has(item, "neq") ? !is : is;
  }
  /// One value of the rule against the field, or against every value of the record.
  bool met(const Item& item, const Value& value) const {
    if (item.field.empty()) {
      return std::ranges::any_of(record_, [&](const auto& field) { return any(field.second, item, value); });
    }
    const auto field = record_.find(item.field);
    const bool there = field != record_.end();
    if (has(item, "exists")) return there == (value.text == "true");
    if (value.kind == Value::Kind::null)
      return !there || std::ranges::any_of(field->second, [](const auto& v) { return !v; });
    return there && any(field->second, item, value);
  }
  bool any(const std::vector<std::optional<std::string>>& values, const Item& item,
           const Value& value) const {
    return std::ranges::any_of(values, [&](const auto& v) { return v && meets(*v, item, value); });
  }
  bool meets(const std::string& have, const Item& item, const Value& want) const;
  bool refers(const std::string& have, const std::string& other, bool begins, bool ends, bool cased) const;

  const Record& record_;
};

inline bool compared(const std::string& how, double a, double b) {
  return how == "lt" ? a < b : how == "lte" ? a <= b : how == "gt" ? a > b : how == "gte" ? a >= b : a == b;
}

inline bool Evaluator::refers(const std::string& have, const std::string& other, bool begins, bool ends,
                              bool cased) const {
  const auto field = record_.find(other);
  return field != record_.end() && std::ranges::any_of(field->second, [&](const auto& v) {
           if (!v) return false;
           Tokens tokens = literal(*v);
           if (ends) tokens.insert(tokens.begin(), {Token::Kind::run});
           if (begins) tokens.push_back({Token::Kind::run});
           return glob(tokens, 0, points_of(have), 0, cased);
         });
}

/// The texts that a value with placeholders stands for.
inline std::vector<Tokens> expanded(const Tokens& tokens) {
  for (const auto& [name, values] : placeholders()) {
    const Tokens sought = literal("%" + name + "%");
    const auto at = std::search(tokens.begin(), tokens.end(), sought.begin(), sought.end());
    if (at == tokens.end()) continue;
    std::vector<Tokens> out;
    for (const std::string& value : values) {
      Tokens one(tokens.begin(), at), inner = tokens_of(value);
      one.insert(one.end(), inner.begin(), inner.end());
      one.insert(one.end(), at + static_cast<std::ptrdiff_t>(sought.size()), tokens.end());
      for (const Tokens& whole : expanded(one)) out.push_back(whole);
    }
    return out;
  }
  Tokens plain;  // \% is a percent sign
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool escape =
        tokens[i] == literal("\\")[0] && i + 1 < tokens.size() && tokens[i + 1] == literal("%")[0];
    if (!escape) plain.push_back(tokens[i]);
  }
  return {plain};
}

/// A regular expression with the values of placeholders in it.
inline std::vector<std::string> expanded_regex(const std::string& text) {
  std::vector<std::string> out;
  for (const Tokens& tokens : expanded(literal(text))) {
    std::string& one = out.emplace_back();
    for (const Token& token : tokens) {
      if (token.kind == Token::Kind::run) one += '.';
      one += static_cast<char>(token.point);  // ASCII, as what is generated
    }
  }
  return out;
}

inline Tokens with_dashes(Tokens tokens) {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool behind = i > 0 && is_word(tokens[i - 1]);
    const bool dash = tokens[i].kind == Token::Kind::point && is_dash(tokens[i].point);
    if (dash && !behind && is_word(tokens[i + 1])) tokens[i].kind = Token::Kind::dash;
  }
  return tokens;
}

/// What the modifiers, from left to right, make of a text; nothing of what no text can hold.
inline std::vector<Tokens> patterns_of(const Item& item, const Value& want) {
  std::vector<Tokens> patterns = {tokens_of(want.text)};
  std::string encoding;
  for (const std::string& name : item.modifiers) {
    std::vector<Tokens> next;
    if (name == "wide" || name.starts_with("utf16")) encoding = name;
    for (Tokens& tokens : patterns) {
      if (name == "expand") {
        for (const Tokens& one : expanded(tokens)) next.push_back(one);
      } else if (name == "base64" || name == "base64offset") {
        const std::string bytes = bytes_of(want.text, encoding);
        for (std::size_t offset = 0; offset < (name == "base64" ? 1 : 3); ++offset)
          next.push_back(literal(base64(bytes, offset, name == "base64")));
      } else {
        if (name == "windash") tokens = with_dashes(tokens);
        if (name == "contains" || name == "endswith") tokens.insert(tokens.begin(), {Token::Kind::run});
        if (name == "contains" || name == "startswith") tokens.push_back({Token::Kind::run});
        next.push_back(tokens);
      }
    }
    if (name.starts_with("base64")) encoding.clear();
    patterns = next;
  }
  return encoding.empty() ? patterns : std::vector<Tokens>();
}

inline bool Evaluator::meets(const std::string& have, const Item& item, const Value& want) const {
  const bool begins = has(item, "contains") || has(item, "startswith");
  const bool ends = has(item, "contains") || has(item, "endswith");
  if (has(item, "re")) {
    std::string flags;
    for (const char* flag : {"i", "m", "s"}) flags += has(item, flag) ? flag : "";
    const auto texts = has(item, "expand") ? expanded_regex(want.text) : std::vector{want.text};
    return std::ranges::any_of(texts, [&](const auto& text) { return regex_found(text, flags, have); });
  }
  if (has(item, "cidr")) return inside(want.text, have);
  if (has(item, "fieldref")) return refers(have, want.text, begins, ends, has(item, "cased"));
  std::string how = "eq", part;
  for (const std::string& name : item.modifiers) {
    if (name == "lt" || name == "lte" || name == "gt" || name == "gte") how = name;
    if (std::string(" minute hour day week month year ").contains(" " + name + " ")) part = name;
  }
  if (!part.empty() || how != "eq") {
    const auto number = part.empty() ? decimal(have) : part_of_date(part, have);
    return number && compared(how, *number, std::strtod(want.text.c_str(), nullptr));
  }
  const bool plain =
      std::ranges::all_of(item.modifiers, [](const auto& m) { return m == "all" || m == "neq"; });
  if (plain && !item.field.empty() && want.kind == Value::Kind::number) {
    if (const auto number = decimal(have)) return *number == std::strtod(want.text.c_str(), nullptr);
  }
  return std::ranges::any_of(patterns_of(item, want), [&](Tokens tokens) {
    if (item.field.empty() && (has(item, "contains") || !(begins || ends))) {  // a keyword is anywhere
      tokens.insert(tokens.begin(), {Token::Kind::run});
      tokens.push_back({Token::Kind::run});
    }
    return glob(tokens, 0, points_of(have), 0, has(item, "cased"));
  });
}

}  // namespace landwarden::sigma::slow
