#include "intel/own_text.h"

#include "base/text.h"

namespace landwarden::intel {

bool is_unprintable(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE ||
         c == 0xFFFF;
}

std::string calm_text(std::string_view text) {
  std::string out;
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = text::next_code_point(text, at);
    if (c == U' ' || c == 0xA0 || is_unprintable(c)) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    text::append_code_point(out, c);
  }
  return out;
}

std::string quoted_value(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string quoted_text(std::string_view text) {
  return quoted_value(calm_text(text));
}

}  // namespace landwarden::intel
