#include "command/usage.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace landwarden::command {
namespace {

using Kind = UsagePart::Kind;

constexpr std::array<std::pair<std::string_view, ValueType>, 13> kTypes = {{
    {"text", ValueType::text},
    {"path", ValueType::path},
    {"key", ValueType::key},
    {"host", ValueType::host},
    {"account", ValueType::account},
    {"url", ValueType::url},
    {"remote", ValueType::remote},
    {"number", ValueType::number},
    {"line", ValueType::line},
    {"cmd", ValueType::cmd},
    {"powershell", ValueType::powershell},
    {"sh", ValueType::sh},
    {"code", ValueType::code},
}};

bool has_case(Syntax syntax) {
  return syntax == Syntax::getopt || syntax == Syntax::dashes;
}

std::string folded(std::string_view text, Syntax syntax) {
  std::string out(text);
  if (!has_case(syntax)) {
    for (char& c : out) c = text::ascii_lower(c);
  }
  return out;
}

/// "a|b|c"; of options without their dashes.
std::vector<std::string> names_of(std::string_view text, Syntax syntax, bool options) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t bar = text.find('|');
    std::string_view name = text.substr(0, bar);
    if (options && name != "\\\\") {
      const bool two = name.starts_with("--");
      if (syntax == Syntax::getopt) {
        name = two ? name : name.substr(name.starts_with('-') ? 1 : 0);
      } else {
        while (name.starts_with('-') || name.starts_with('/')) name.remove_prefix(1);
      }
    }
    out.push_back(folded(name, syntax));
    if (bar == std::string_view::npos) return out;
    text.remove_prefix(bar + 1);
  }
}

/// "{role:type}" or "{role:type...}".
Result<UsagePart> parse_value(std::string_view text) {
  UsagePart part;
  part.kind = Kind::value;
  std::string_view inside = text.substr(1, text.size() - 2);
  if (inside.ends_with("...")) {
    part.kind = Kind::rest;
    inside.remove_suffix(3);
  }
  const std::size_t colon = inside.find(':');
  const auto role = role_named(inside.substr(0, colon));
  if (!role) return fail(ErrorCode::invalid, "unknown role in " + std::string(text));
  part.role = *role;
  if (colon == std::string_view::npos) return part;
  for (const auto& [name, type] : kTypes) {
    if (name != inside.substr(colon + 1)) continue;
    part.type = type;
    return part;
  }
  return fail(ErrorCode::invalid, "unknown type in " + std::string(text));
}

Result<UsagePart> parse_part(std::string_view text, Syntax syntax) {
  if (text.starts_with('{') && text.ends_with('}')) return parse_value(text);
  UsagePart part;
  if (text == ">") {
    part.kind = Kind::menu;
    return part;
  }
  if (text == "*") {
    part.kind = Kind::value;
    return part;
  }
  const bool option = syntax != Syntax::menu && text.size() > 1 &&
                      (text[0] == '/' || text[0] == '-' || text.starts_with("\\\\"));
  const std::size_t brace = text.find('{');
  if (brace != std::string_view::npos) {
    if (!text.ends_with('}')) return fail(ErrorCode::invalid, "a value ends the word: " + std::string(text));
    auto value = parse_value(text.substr(brace));
    if (!value) return value;
    part = std::move(*value);
    part.kind = option ? Kind::option : Kind::key_value;
    part.valued = true;
    part.glued = brace == 0 || text[brace - 1] != '=';
    text = text.substr(0, part.glued ? brace : brace - 1);
    if (!option && part.glued)
      return fail(ErrorCode::invalid, "'=' is wanted before the value of " + std::string(text));
  } else {
    part.kind = option ? Kind::option : Kind::word;
  }
  part.names = names_of(text, syntax, option);
  for (const std::string& name : part.names) {
    if (name.empty()) return fail(ErrorCode::invalid, "an empty name in " + std::string(text));
  }
  return part;
}

}  // namespace

std::optional<Role> role_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Role::ignored); ++i) {
    if (role_name(static_cast<Role>(i)) == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

Result<std::vector<UsagePart>> parse_usage(std::string_view usage, Syntax syntax) {
  std::vector<UsagePart> out;
  while (true) {
    const std::size_t begin = usage.find_first_not_of(' ');
    if (begin == std::string_view::npos) return out;
    usage.remove_prefix(begin);
    std::string_view word = usage.substr(0, usage.find(' '));
    usage.remove_prefix(word.size());
    const bool optional = word.starts_with('[');
    if (optional) {
      if (!word.ends_with(']'))
        return fail(ErrorCode::invalid, "brackets stand round one word: " + std::string(word));
      word = word.substr(1, word.size() - 2);
    }
    auto part = parse_part(word, syntax);
    if (!part) return std::unexpected(part.error());
    part->optional = optional;
    out.push_back(std::move(*part));
  }
}

}  // namespace landwarden::command
