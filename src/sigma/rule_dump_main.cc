// lw_rule_dump PATH…: what the parser made of rule files, as JSON lines for the comparison with other parsers
// (tools/golden_diff.py). A line is a rule, a correlation or a filter, or a remark with its place.
//
// A test program. Every %placeholder% has two values, "lw-NAME" and "lw-*-NAME", so that rules that need the
// user's lists can be compared too.

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sigma/correlation.h"
#include "sigma/loader.h"

namespace landwarden::sigma {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

template <class Items, class Text>
std::string list_of(const Items& items, Text&& text) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += text(item);
  }
  return out += ']';
}

std::string flag(bool value) {
  return value ? "true" : "false";
}

std::string json_of(const Pattern& pattern) {
  constexpr auto kKinds = std::to_array<const char*>({"literal", "*", "?", "dash"});
  return list_of(pattern.parts, [&](const Pattern::Part& part) {
    std::string out = "[" + in_quotes(kKinds[static_cast<std::size_t>(part.kind)]);
    if (part.kind == Pattern::Kind::literal) out += "," + in_quotes(part.text);
    return out + "]";
  });
}

/// All members, whichever the kind uses: the reader of the dump picks.
std::string json_of(const Predicate& predicate) {
  constexpr auto kKinds =
      std::to_array<const char*>({"pattern", "keyword", "number", "boolean", "null", "exists", "regex",
                                  "cidr", "compare", "time_part", "field", "never"});
  constexpr auto kComparisons = std::to_array<const char*>({"eq", "lt", "lte", "gt", "gte"});
  constexpr auto kTimeParts = std::to_array<const char*>({"minute", "hour", "day", "week", "month", "year"});
  constexpr auto kRelations = std::to_array<const char*>({"equals", "contains", "startswith", "endswith"});
  const auto name = [](const auto& names, auto value) {
    return in_quotes(names[static_cast<std::size_t>(value)]);
  };
  std::string flags;
  if (predicate.regex_ignore_case) flags += 'i';
  if (predicate.regex_multiline) flags += 'm';
  if (predicate.regex_dotall) flags += 's';
  return "{\"kind\":" + name(kKinds, predicate.kind) + ",\"pattern\":" + json_of(predicate.pattern) +
         ",\"cased\":" + flag(predicate.pattern.cased) + ",\"text\":" + in_quotes(predicate.text) +
         ",\"number\":" + in_quotes(predicate.number_text) + ",\"flag\":" + flag(predicate.flag) +
         ",\"flags\":" + in_quotes(flags) + ",\"comparison\":" + name(kComparisons, predicate.comparison) +
         ",\"part\":" + name(kTimeParts, predicate.part) +
         ",\"relation\":" + name(kRelations, predicate.field_relation) + "}";
}

std::string json_of(const Expression& expression, const Rule& rule) {
  if (expression.kind == Expression::Kind::test) {
    const Test& test = rule.tests.at(expression.test);
    return "[\"test\"," + in_quotes(test.field) + "," + json_of(test.predicate) + "]";
  }
  const char* kind = expression.kind == Expression::Kind::all   ? "and"
                     : expression.kind == Expression::Kind::any ? "or"
                                                                : "not";
  return "[" + in_quotes(kind) + "," +
         list_of(expression.children, [&](const Expression& child) { return json_of(child, rule); }) + "]";
}

/// The condition of a correlation: its tests count in the list of rules.
std::string json_of(const Expression& expression, const Correlation& correlation) {
  if (expression.kind == Expression::Kind::test)
    return "[\"rule\"," + in_quotes(correlation.rules.at(expression.test).name) + "]";
  const char* kind = expression.kind == Expression::Kind::all   ? "and"
                     : expression.kind == Expression::Kind::any ? "or"
                                                                : "not";
  return "[" + in_quotes(kind) + "," +
         list_of(expression.children, [&](const Expression& child) { return json_of(child, correlation); }) +
         "]";
}

std::string json_of(const Correlation& correlation) {
  const auto text = [](const std::string& value) { return in_quotes(value); };
  const bool endless = correlation.timespan_ticks == kNoTimespan;
  std::string out = "{\"type\":" + in_quotes(to_text(correlation.type)) + ",\"rules\":";
  out += list_of(correlation.rules, [](const auto& reference) { return in_quotes(reference.name); });
  out += ",\"group_by\":" + list_of(correlation.group_by, text);
  out += ",\"aliases\":" + list_of(correlation.aliases, [](const Correlation::Alias& alias) {
           return "[" + in_quotes(alias.name) + "," +
                  list_of(alias.fields,
                          [](const auto& field) {
                            return "[" + in_quotes(field.first.name) + "," + in_quotes(field.second) + "]";
                          }) +
                  "]";
         });
  out += ",\"seconds\":" +
         (endless ? std::string("null") : std::to_string(correlation.timespan_ticks / kTicksPerSecond));
  out += ",\"bounds\":" + list_of(correlation.bounds, [](const Correlation::Bound& bound) {
           return "[" + in_quotes(to_text(bound.comparison)) + "," + in_quotes(to_text(bound.value)) + "]";
         });
  out += ",\"fields\":" + list_of(correlation.fields, text);
  out += ",\"percentile\":" + in_quotes(to_text(correlation.percentile));
  out += ",\"condition\":" +
         (correlation.condition ? json_of(*correlation.condition, correlation) : std::string("null"));
  return out + ",\"generate\":" + flag(correlation.generate) +
         ",\"aggregation\":" + flag(correlation.aggregation) + "}";
}

std::string json_of(const Rule& rule) {
  constexpr auto kKinds = std::to_array<const char*>({"detection", "correlation", "filter"});
  std::string out = "{\"file\":" + in_quotes(rule.file) + ",\"line\":" + std::to_string(rule.place.line) +
                    ",\"id\":" + in_quotes(rule.id) + ",\"title\":" + in_quotes(rule.title) +
                    ",\"kind\":" + in_quotes(kKinds[static_cast<std::size_t>(rule.kind)]) +
                    ",\"implied\":" + flag(rule.implied) + ",\"logsource\":[" +
                    in_quotes(rule.logsource.category) + "," + in_quotes(rule.logsource.product) + "," +
                    in_quotes(rule.logsource.service) + "]";
  if (rule.kind != RuleKind::correlation) out += ",\"condition\":" + json_of(rule.condition, rule);
  if (rule.correlation) out += ",\"correlation\":" + json_of(*rule.correlation);
  if (rule.kind == RuleKind::filter) {
    out += ",\"filters_any\":" + flag(rule.filters_any) +
           ",\"filtered\":" + list_of(rule.filtered, [](const std::string& name) { return in_quotes(name); });
  }
  return out + "}";
}

std::string json_of(const Diagnostic& diagnostic) {
  constexpr auto kSeverities = std::to_array<const char*>({"error", "warning", "note"});
  return "{\"file\":" + in_quotes(diagnostic.error.place.file) +
         ",\"line\":" + std::to_string(diagnostic.error.place.line) +
         ",\"id\":" + in_quotes(diagnostic.rule_id) + ",\"title\":" + in_quotes(diagnostic.title) +
         ",\"severity\":" + in_quotes(kSeverities[static_cast<std::size_t>(diagnostic.severity)]) +
         ",\"message\":" + in_quotes(diagnostic.error.message) + "}";
}

/// Values for every placeholder; pointers to them stay good.
class EveryPlaceholder {
 public:
  const std::vector<std::string>* operator()(std::string_view name) {
    const std::string key(name);
    return &values_.try_emplace(key, std::vector<std::string>{"lw-" + key, "lw-*-" + key}).first->second;
  }

 private:
  std::unordered_map<std::string, std::vector<std::string>> values_;  // its nodes do not move
};

int run(const std::vector<std::string>& paths) {
  EveryPlaceholder placeholders;
  LoadOptions options;  // one thread, for the placeholders' sake
  options.placeholders = [&](std::string_view name) { return placeholders(name); };
  const LoadedRules loaded = load_rules(paths, options);
  for (const Rule& rule : loaded.rules) std::puts(json_of(rule).c_str());
  for (const Diagnostic& diagnostic : loaded.diagnostics) std::puts(json_of(diagnostic).c_str());
  return std::ferror(stdout) == 0 ? 0 : 2;
}

}  // namespace
}  // namespace landwarden::sigma

int main(int count, char** arguments) {
  const std::vector<std::string> paths(arguments + 1, arguments + count);
  if (paths.empty()) {
    std::fputs("usage: lw_rule_dump PATH…\n", stderr);
    return 2;
  }
  return landwarden::sigma::run(paths);
}
