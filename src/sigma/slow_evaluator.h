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
    const auto has = [&](const char* name) {
      return std::ranges::find(item.modifiers, name) != item.modifiers.end();
    };
    const auto one = [&](const Value& value) { return met(item, value); };
    const bool is =
        has("all") ? std::ranges::all_of(item.values, one) : std::ranges::any_of(item.values, one);
    return has("neq") ? !is : is;
  }
  /// One value of the rule against the field, or against every value of the record.
  bool met(const Item& item, const Value& value) const {
    if (item.field.empty()) {
      return std::ranges::any_of(record_, [&](const auto& field) { return any(field.second, item, value); });
    }
    const auto field = record_.find(item.field);
    const bool there = field != record_.end();
    const std::string first = item.modifiers.empty() ? "" : item.modifiers[0];
    if (first == "exists") return there == (value.text == "true");
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
           Tokens tokens;
           if (ends) tokens.push_back({Token::Kind::run});
           for (const char32_t point : points_of(*v)) tokens.push_back({Token::Kind::point, point});
           if (begins) tokens.push_back({Token::Kind::run});
           return glob(tokens, 0, points_of(have), 0, cased);
         });
}

inline bool Evaluator::meets(const std::string& have, const Item& item, const Value& want) const {
  const auto has = [&](const char* name) {
    return std::ranges::find(item.modifiers, name) != item.modifiers.end();
  };
  const std::string first = item.modifiers.empty() ? "" : item.modifiers[0];
  const bool begins = has("contains") || has("startswith"), ends = has("contains") || has("endswith");
  if (first == "re") {
    return regex_found(
        want.text, std::string(has("i") ? "i" : "") + (has("m") ? "m" : "") + (has("s") ? "s" : ""), have);
  }
  if (first == "cidr") return inside(want.text, have);
  if (first == "fieldref") return refers(have, want.text, begins, ends, has("cased"));
  std::string how = "eq", part;
  for (const std::string& name : item.modifiers) {
    if (name == "lt" || name == "lte" || name == "gt" || name == "gte") how = name;
    if (std::string(" minute hour day week month year ").contains(" " + name + " ")) part = name;
  }
  if (!part.empty() || how != "eq") {
    const auto number = part.empty() ? decimal(have) : part_of_date(part, have);
    return number && compared(how, *number, std::strtod(want.text.c_str(), nullptr));
  }
  const bool plain = item.modifiers.empty() || std::ranges::all_of(item.modifiers, [](const auto& m) {
                       return m == "all" || m == "neq";
                     });
  if (plain && !item.field.empty() && want.kind == Value::Kind::number) {
    if (const auto number = decimal(have)) return *number == std::strtod(want.text.c_str(), nullptr);
  }
  // Text: every value that expansion and encoding make of it.
  std::vector<Tokens> patterns = {want.kind == Value::Kind::text ? tokens_of(want.text)
                                                                 : tokens_of(want.text)};
  if (has("expand")) {
    std::vector<std::string> texts = {want.text};
    for (const auto& [name, values] : placeholders()) {
      std::vector<std::string> next;
      for (const std::string& text : texts) {
        const std::size_t at = text.find("%" + name + "%");
        if (at == std::string::npos)
          next.push_back(text);
        else
          for (const std::string& v : values)
            next.push_back(text.substr(0, at) + v + text.substr(at + name.size() + 2));
      }
      texts = next;
    }
    patterns.clear();
    for (const std::string& text : texts) patterns.push_back(tokens_of(text));
  }
  std::string encoding;
  for (const std::string& name : item.modifiers) {
    if (name == "wide" || name.starts_with("utf16")) encoding = name;
    if (name != "base64" && name != "base64offset") continue;
    std::vector<Tokens> encoded;
    for (std::size_t offset = 0; offset < (name == "base64" ? 1 : 3); ++offset)
      encoded.push_back(tokens_of(base64(bytes_of(want.text, encoding), offset, name == "base64")));
    patterns = encoded;
    encoding.clear();
  }
  if (!encoding.empty()) return false;
  return std::ranges::any_of(patterns, [&](Tokens tokens) {
    for (std::size_t i = 0; has("windash") && i + 1 < tokens.size(); ++i) {
      const bool behind = i > 0 && is_word(tokens[i - 1]);
      if (tokens[i].kind == Token::Kind::point && is_dash(tokens[i].point) && !behind &&
          is_word(tokens[i + 1]))
        tokens[i].kind = Token::Kind::dash;
    }
    const bool anywhere = item.field.empty() && (has("contains") || !(begins || ends));
    if (ends || anywhere) tokens.insert(tokens.begin(), {Token::Kind::run});
    if (begins || anywhere) tokens.push_back({Token::Kind::run});
    return glob(tokens, 0, points_of(have), 0, has("cased"));
  });
}

}  // namespace landwarden::sigma::slow
