#include "view/transform.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "view/command_field.h"

namespace landwarden::view {
namespace {

using Kind = Transform::Kind;

struct Named {
  std::string_view name;
  Kind kind;
  bool argument = false;
};

constexpr std::array kNames = {
    Named{"command", Kind::command, true},
    Named{"decimal_to_hex", Kind::decimal_to_hex},
    Named{"device_path", Kind::device_path},
    Named{"hash", Kind::hash, true},
    Named{"hex_to_decimal", Kind::hex_to_decimal},
    Named{"initiated", Kind::initiated},
    Named{"integrity_level", Kind::integrity_level},
    Named{"ip_protocol", Kind::ip_protocol},
    Named{"line", Kind::line, true},
    Named{"registry_details", Kind::registry_details},
    Named{"registry_operation", Kind::registry_operation},
    Named{"registry_path", Kind::registry_path},
};

bool same(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](char a, char b) { return text::ascii_lower(a) == text::ascii_lower(b); });
}

bool begins(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same(text.substr(0, with.size()), with);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string hex_to_decimal(std::string_view text) {
  if (begins(text, "0x")) {
    if (const auto value = number(text.substr(2), 16)) return std::to_string(*value);
  }
  return std::string(text);
}

std::string decimal_to_hex(std::string_view text) {
  if (const auto value = number(text, 10)) return fmt::format("{:#x}", *value);
  return std::string(text);
}

/// "MD5=…,SHA256=…", as Sysmon writes it.
std::optional<std::string> hash_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && same(part.substr(0, equals), name))
      return std::string(part.substr(equals + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

/// The value of a line "  HostApplication=powershell.exe".
std::optional<std::string> line_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (line.size() > name.size() && begins(line, name)) {
      const std::string_view rest = trimmed(line.substr(name.size()));
      if (rest.starts_with('=')) return std::string(trimmed(rest.substr(1)));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

using Words = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
std::string word_for(std::string_view text, const std::array<Words, N>& words) {
  const auto found = std::ranges::find_if(words, [&](const Words& word) { return same(word.first, text); });
  return std::string(found == words.end() ? text : found->second);
}

// Mandatory labels, [MS-DTYP] 2.4.2.4.
constexpr std::array kIntegrityLevels = {Words{"S-1-16-0", "Untrusted"}, Words{"S-1-16-4096", "Low"},
                                         Words{"S-1-16-8192", "Medium"}, Words{"S-1-16-8448", "Medium"},
                                         Words{"S-1-16-12288", "High"},  Words{"S-1-16-16384", "System"},
                                         Words{"S-1-16-20480", "System"}};
constexpr std::array kOperations = {Words{"%%1904", "SetValue"}, Words{"%%1905", "SetValue"},
                                    Words{"%%1906", "DeleteValue"}};
constexpr std::array kProtocols = {Words{"1", "icmp"}, Words{"6", "tcp"}, Words{"17", "udp"},
                                   Words{"58", "icmpv6"}};
constexpr std::array kDirections = {Words{"%%14592", "false"}, Words{"%%14593", "true"}};

/// The kernel's name of a key, as Sysmon shortens it.
std::string registry_path(std::string_view text) {
  constexpr std::array kRoots = {
      Words{"\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001", "HKLM\\System\\CurrentControlSet"},
      Words{"\\REGISTRY\\MACHINE", "HKLM"}, Words{"\\REGISTRY\\USER", "HKU"},
      Words{"\\REGISTRY\\A", "\\REGISTRY\\A"}};
  for (const auto& [kernel, shown] : kRoots) {
    const bool whole =
        text.size() == kernel.size() || (text.size() > kernel.size() && text[kernel.size()] == '\\');
    if (begins(text, kernel) && whole) return std::string(shown) + std::string(text.substr(kernel.size()));
  }
  return std::string(text);
}

/// Type (Security's number of a message) and value, joined by a blank.
std::string registry_details(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (!text.starts_with("%%")) return std::string(text);
  const std::string_view type = text.substr(0, blank);
  const std::string_view value =
      blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
  const auto parsed = begins(value, "0x") ? number(value.substr(2), 16) : number(value, 10);
  if (type == "%%1876" && parsed) return fmt::format("DWORD (0x{:08x})", *parsed);
  if (type == "%%1883" && parsed)
    return fmt::format("QWORD (0x{:08x}-0x{:08x})", *parsed >> 32, *parsed & 0xFFFF'FFFF);
  if (type == "%%1875") return "Binary Data";
  return std::string(value);
}

/// The letter of a volume is not in the record; Windows is nearly always on C:.
std::string device_path(std::string_view text) {
  constexpr std::string_view kVolume = "\\device\\harddiskvolume";
  if (!begins(text, kVolume)) return std::string(text);
  const std::size_t slash = text.find('\\', kVolume.size());
  if (slash == std::string_view::npos) return std::string(text);
  return "C:" + std::string(text.substr(slash));
}

}  // namespace

std::optional<Transform> parse_transform(std::string_view name) {
  const std::size_t blank = std::min(name.find(' '), name.size());
  const std::string_view argument = trimmed(name.substr(blank));
  for (const Named& known : kNames) {
    if (known.name != name.substr(0, blank) || known.argument == argument.empty()) continue;
    if (known.kind == Kind::command && !is_command_field(argument)) continue;
    return Transform{known.kind, std::string(argument)};
  }
  return std::nullopt;
}

std::string transform_names() {
  std::string out;
  for (const Named& known : kNames) {
    out += (out.empty() ? "" : ", ") + std::string(known.name) + (known.argument ? " NAME" : "");
  }
  return out;
}

std::optional<std::string> apply(const Transform& transform, std::string_view text) {
  switch (transform.kind) {
    case Kind::none:
      break;
    case Kind::hex_to_decimal:
      return hex_to_decimal(text);
    case Kind::decimal_to_hex:
      return decimal_to_hex(text);
    case Kind::hash:
      return hash_of(text, transform.argument);
    case Kind::line:
      return line_of(text, transform.argument);
    case Kind::integrity_level:
      return word_for(text, kIntegrityLevels);
    case Kind::registry_path:
      return registry_path(text);
    case Kind::registry_details:
      return registry_details(text);
    case Kind::registry_operation:
      return word_for(text, kOperations);
    case Kind::device_path:
      return device_path(text);
    case Kind::ip_protocol:
      return word_for(text, kProtocols);
    case Kind::initiated:
      return word_for(text, kDirections);
    case Kind::command:
      return command_field(transform.argument, text);
  }
  return std::string(text);
}

}  // namespace landwarden::view
