// What is done to a source field's rendering so that it reads as Sigma's field of that meaning does.
//
// A transform is named in a view (content/logsources). Pure functions of the text; any thread. Text that a
// transform cannot read stays as it is, except for those that look for a part: where the part is not there
// the field is absent.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landwarden::view {

struct Transform {
  enum class Kind : std::uint8_t {
    none,
    hex_to_decimal,      ///< 0x1a4 → 420
    decimal_to_hex,      ///< 420 → 0x1a4
    hash,                ///< the hash that `argument` names, of "MD5=…,SHA256=…"
    line,                ///< what stands behind "`argument`=" in a line of its own
    integrity_level,     ///< S-1-16-12288 → High
    registry_path,       ///< \REGISTRY\MACHINE\… → HKLM\…, as Sysmon writes it
    registry_details,    ///< "%%1876 1" → DWORD (0x00000001), as Sysmon writes it
    registry_operation,  ///< %%1904 → SetValue
    device_path,         ///< \device\harddiskvolume2\x → C:\x
    ip_protocol,         ///< 6 → tcp
    initiated,           ///< %%14593 → true
    command,             ///< what a command line means: view/command_field.h
  };
  Kind kind = Kind::none;
  std::string argument;

  auto operator<=>(const Transform&) const = default;
  [[nodiscard]] bool none() const { return kind == Kind::none; }
};

/// A transform by its name in a view: "hex_to_decimal", "hash SHA256". Nothing if there is none such.
[[nodiscard]] std::optional<Transform> parse_transform(std::string_view name);
/// The names that parse_transform() knows, for messages.
[[nodiscard]] std::string transform_names();

/// Nothing: the field is absent.
[[nodiscard]] std::optional<std::string> apply(const Transform& transform, std::string_view text);

}  // namespace landwarden::view
