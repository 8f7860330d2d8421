#include "sigma/rule.h"

#include <array>

#include "base/text.h"

namespace landwarden::sigma {
namespace {

constexpr auto kLevels = std::to_array<const char*>({"informational", "low", "medium", "high", "critical"});
constexpr auto kComparisons = std::to_array<const char*>({"=", "<", "<=", ">", ">="});
constexpr auto kTimeParts = std::to_array<const char*>({"minute", "hour", "day", "week", "month", "year"});
constexpr auto kRelations = std::to_array<const char*>({"equals", "contains", "startswith", "endswith"});

template <class Enum, std::size_t N>
const char* name_of(const std::array<const char*, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

/// In quotes; what would be read as a wildcard of to_text(Pattern) is escaped.
void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      continue;
    }
    if (c == '\\' || c == '"' || c == '*' || c == '?' || c == '~') out += '\\';
    out += c;
  }
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  append_quoted(out, text);
  return out += '"';
}

std::string regex_text(const Predicate& predicate) {
  std::string out = "/" + predicate.text + "/";
  if (predicate.regex_ignore_case) out += 'i';
  if (predicate.regex_multiline) out += 'm';
  if (predicate.regex_dotall) out += 's';
  return out;
}

}  // namespace

const char* to_text(Level level) {
  return name_of(kLevels, level);
}

std::optional<Level> parse_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (text::equal_folded(text, kLevels[i])) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::string to_text(const Pattern& pattern) {
  std::string out = "\"";
  for (const Pattern::Part& part : pattern.parts) {
    switch (part.kind) {
      case Pattern::Kind::literal:
        append_quoted(out, part.text);
        break;
      case Pattern::Kind::any_run:
        out += '*';
        break;
      case Pattern::Kind::any_one:
        out += '?';
        break;
      case Pattern::Kind::dash:
        out += '~';
        break;
    }
  }
  return out += pattern.cased ? "\"c" : "\"";
}

std::string to_text(const Predicate& predicate) {
  using Kind = Predicate::Kind;
  switch (predicate.kind) {
    case Kind::pattern:
      return to_text(predicate.pattern);
    case Kind::contains:
      return "contains " + to_text(predicate.pattern);
    case Kind::number:
      return predicate.number_text;
    case Kind::boolean:
      return predicate.flag ? "true" : "false";
    case Kind::null:
      return "null";
    case Kind::exists:
      return predicate.flag ? "exists" : "absent";
    case Kind::regex:
      return regex_text(predicate);
    case Kind::cidr:
      return "in " + predicate.text;
    case Kind::compare:
      return std::string(name_of(kComparisons, predicate.comparison)) + " " + predicate.number_text;
    case Kind::time_part:
      return std::string(name_of(kTimeParts, predicate.part)) + " " +
             name_of(kComparisons, predicate.comparison) + " " + predicate.number_text;
    case Kind::field:
      return std::string(name_of(kRelations, predicate.field_relation)) + " field " +
             in_quotes(predicate.text) + (predicate.pattern.cased ? "c" : "");
    case Kind::never:
      return "never";
  }
  return {};
}

std::string to_text(const Expression& expression, const Rule& rule) {
  std::string out = expression.name.empty() ? std::string() : expression.name + "=";
  if (expression.kind == Expression::Kind::test) {
    const Test& test = rule.tests.at(expression.test);
    return out + "(" + (test.field.empty() ? "<any>" : test.field) + " " + to_text(test.predicate) + ")";
  }
  out += expression.kind == Expression::Kind::all   ? "(and"
         : expression.kind == Expression::Kind::any ? "(or"
                                                    : "(not";
  for (const Expression& child : expression.children) out += " " + to_text(child, rule);
  return out + ")";
}

}  // namespace landwarden::sigma
