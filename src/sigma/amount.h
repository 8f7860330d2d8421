// Numbers in records and in thresholds, exact: decimals in billionths.
//
// Sums of a window are kept up by adding what comes and taking away what leaves; with binary fractions that
// would drift, and the answer would depend on what had been in the window before. Plain values; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace landwarden::sigma {

__extension__ typedef __int128 Amount;

inline constexpr std::int64_t kAmountUnit = 1'000'000'000;

[[nodiscard]] inline Amount amount_of(std::uint64_t count) {
  return static_cast<Amount>(count) * kAmountUnit;
}

/// A decimal number ("-12.5", "3", "1e3"), nothing around it; digits beyond the ninth of the fraction are
/// cut. Nothing for other text and for 10^18 and beyond.
[[nodiscard]] std::optional<Amount> parse_amount(std::string_view text);

[[nodiscard]] std::string to_text(Amount amount);

}  // namespace landwarden::sigma
