#include "event/renderings.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace landwarden::event {

bool may_be_rendered(std::string_view literal) {
  static constexpr std::array<std::string_view, 5> kWords = {"true", "false", "-nan", "-inf", "0x"};
  const std::string folded = text::folded(literal);
  if (std::ranges::any_of(kWords, [&](std::string_view word) { return word.contains(folded); })) return true;
  // Digits, hexadecimal ones too; e+308; 2026-03-02T07:15:00Z; S-1-5-18; {…}
  return folded.find_first_not_of("0123456789abcdefxtzs{}:.+-") == std::string::npos;
}

}  // namespace landwarden::event
