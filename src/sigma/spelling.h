// "Did you mean …?": the nearest of some names to what somebody wrote.
//
// Pure functions over short names; names longer than 64 bytes are never near anything.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace landwarden::sigma {

/// Insertions, deletions, substitutions and swaps of neighbours that make one of the other; ASCII case does
/// not count.
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// Whether at most so many of them do.
[[nodiscard]] bool is_near(std::string_view left, std::string_view right, std::size_t most);

/// The name that is nearest to `written`; empty if none is near enough to be meant.
[[nodiscard]] std::string_view nearest_name(std::string_view written,
                                            std::span<const std::string_view> names);

/// "did you mean 'x'?" or `otherwise`.
[[nodiscard]] std::string did_you_mean(std::string_view written, std::span<const std::string_view> names,
                                       std::string otherwise = {});

}  // namespace landwarden::sigma
