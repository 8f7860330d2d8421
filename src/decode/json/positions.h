// Names of the values of Windows events whose layout gives them in order but without names (PowerShell's
// Properties), from content/event_fields/windows.yaml.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::decode::json {

/// The names of an event with so many values; null if it is not known. Any thread.
[[nodiscard]] const std::vector<std::string>* names_of_event(std::string_view provider,
                                                             std::uint32_t event_id, std::size_t values);

}  // namespace landwarden::decode::json
