// A long run of characters of one class that an expression cannot do without: `\s[a-f0-9]{64}\s` is in no
// value without 64 bytes in a row that may be hexadecimal digits. Looking for that costs a byte in 64, where
// RE2 makes 64 states and visits them at every space.
//
// What is looked for is wider than what the expression asks for (every byte that is not ASCII belongs to
// every class, case is of no account), so that no value is missed whatever the flags are. Holds for
// expressions that RE2 takes. Immutable, safe from any thread.

#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

namespace landwarden::sigma {

struct CharacterRun {
  std::bitset<256> members;
  std::size_t length = 0;

  /// Whether so many bytes of the class stand in a row in the value. Linear; looks at one byte in `length`
  /// where the class is rare.
  [[nodiscard]] bool found_in(std::string_view value) const;
};

/// The longest one that can be told to be needed; nothing if no class is repeated at least eight times
/// outside groups and alternatives.
[[nodiscard]] std::optional<CharacterRun> needed_run(std::string_view regex);

}  // namespace landwarden::sigma
