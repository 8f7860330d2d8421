#include "sigma/amount.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace landwarden::sigma {
namespace {

using text::is_digit;

constexpr std::size_t kWholeDigits = 18;
constexpr std::size_t kFractionDigits = 9;

/// Takes the digits off the front of `text`.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  const auto size = static_cast<std::size_t>(end - text.begin());
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

std::optional<Amount> scaled(std::string_view whole, std::string_view fraction, int exponent) {
  std::string digits(whole);
  digits += fraction;
  // The point stands behind `point` digits; we need the nine that follow it.
  const long point = static_cast<long>(whole.size()) + exponent;
  const long wanted = point + static_cast<long>(kFractionDigits);
  Amount out = 0;
  for (long i = 0; i < wanted; ++i) {
    const auto at = static_cast<std::size_t>(i);
    out = out * 10 + (at < digits.size() ? digits[at] - '0' : 0);
    if (out >= static_cast<Amount>(kAmountUnit) * 1'000'000'000'000'000'000LL) return std::nullopt;
  }
  return out;
}

}  // namespace

std::optional<Amount> parse_amount(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string_view whole = take_digits(text), fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  int exponent = 0;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(text.starts_with("e+") || text.starts_with("E+") ? 2 : 1);
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), exponent);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (exponent < -1000 || exponent > 1000) return std::nullopt;
  } else if (!text.empty()) {
    return std::nullopt;
  }
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.size() > kWholeDigits + 1000) return std::nullopt;
  const auto out = scaled(whole, fraction, exponent);
  if (!out) return std::nullopt;
  return negative ? -*out : *out;
}

std::string to_text(Amount amount) {
  const bool negative = amount < 0;
  if (negative) amount = -amount;
  auto whole = static_cast<std::uint64_t>(amount / kAmountUnit % 10'000'000'000'000'000'000ULL);
  const auto above = static_cast<std::uint64_t>(amount / kAmountUnit / 10'000'000'000'000'000'000ULL);
  auto part = static_cast<std::uint64_t>(amount % kAmountUnit);
  std::string out = negative ? "-" : "";
  const std::string low = std::to_string(whole);
  if (above > 0) out += std::to_string(above) + std::string(19 - low.size(), '0');
  out += low;
  if (part == 0) return out;
  std::string fraction = std::to_string(part);
  fraction.insert(0, kFractionDigits - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return out + "." + fraction;
}

}  // namespace landwarden::sigma
