// Values in one form, however they are written.

#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "command/use_matcher.h"

namespace landwarden::command {
namespace {

bool begins_folded(std::string_view text, std::string_view with) {
  if (text.size() < with.size()) return false;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (text::ascii_lower(text[i]) != text::ascii_lower(with[i])) return false;
  }
  return true;
}

/// Quotes around all of it; in `"a" "b"` the first and the last do not belong together.
std::string_view without_quotes(std::string_view text) {
  const bool quoted =
      text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  if (!quoted) return text;
  const std::string_view inner = text.substr(1, text.size() - 2);
  return inner.contains(text.front()) ? text : inner;
}

/// HKEY_LOCAL_MACHINE\…, Registry::HKEY_…, HKLM:\… → HKLM\….
std::string_view registry_key(std::string_view key, TextStore& texts) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kRoots = {{
      {"HKEY_LOCAL_MACHINE", "HKLM"},
      {"HKEY_CURRENT_USER", "HKCU"},
      {"HKEY_CLASSES_ROOT", "HKCR"},
      {"HKEY_USERS", "HKU"},
      {"HKEY_CURRENT_CONFIG", "HKCC"},
  }};
  for (const std::string_view front : {"Microsoft.PowerShell.Core\\Registry::", "Registry::"}) {
    if (begins_folded(key, front)) key.remove_prefix(front.size());
  }
  while (key.size() > 1 && key.ends_with('\\')) key.remove_suffix(1);
  for (const auto& [root, brief] : kRoots) {
    for (const std::string_view name : {root, brief}) {
      if (!begins_folded(key, name)) continue;
      std::string_view behind = key.substr(name.size());
      if (behind.starts_with(':')) behind.remove_prefix(1);
      if (!behind.empty() && behind.front() != '\\') continue;
      if (key.substr(0, name.size()) == brief && behind.data() == key.data() + brief.size()) return key;
      return texts.keep(std::string(brief) + std::string(behind));
    }
  }
  return key;
}

}  // namespace

std::string_view common_form(ValueType type, std::string_view value, TextStore& texts) {
  value = without_quotes(value);
  switch (type) {
    case ValueType::key:
      return registry_key(value, texts);
    case ValueType::host: {
      while (value.starts_with('\\') || value.starts_with('/')) value.remove_prefix(1);
      value = value.substr(0, value.find_first_of("\\/"));
      return without_quotes(value);
    }
    case ValueType::path:
      if (value.starts_with("\\\\?\\") && value.size() > 5 && value[5] == ':') value.remove_prefix(4);
      return value;
    default:
      return value;
  }
}

}  // namespace landwarden::command
