// The small language in which a grammar writes a use: "create shadow [/for={from:path}]".

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "command/grammar.h"

namespace landwarden::command {

/// The parts of a use. Errors say what is wrong, without a place.
[[nodiscard]] Result<std::vector<UsagePart>> parse_usage(std::string_view usage, Syntax syntax);

[[nodiscard]] std::optional<Role> role_named(std::string_view name);

}  // namespace landwarden::command
