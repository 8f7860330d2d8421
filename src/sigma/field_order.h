// The order in which a record's fields are shown: the System part as Windows writes it, then the event's own
// fields by name. A batch's columns stand in the order in which a worker met them, which depends on what it
// read before. Pure functions.

#pragma once

#include <string_view>
#include <utility>

namespace landwarden::sigma {

/// What a Windows event's System part has in front of its names (event/catalogue.h).
inline constexpr std::string_view kSystemPrefix = "System.";

/// A field as people know it: without that.
[[nodiscard]] inline std::string_view shown_name(std::string_view name) {
  return name.starts_with(kSystemPrefix) ? name.substr(kSystemPrefix.size()) : name;
}

/// A key to sort by, of a field's full name ("System.Channel", "CommandLine"). Views the name.
[[nodiscard]] std::pair<std::size_t, std::string_view> field_order(std::string_view name);

}  // namespace landwarden::sigma
