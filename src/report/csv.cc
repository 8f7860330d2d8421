#include "report/csv.h"

#include <algorithm>

#include <fmt/format.h>

namespace landwarden::report {
namespace {

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7F;
}

/// U+0080 to U+009F, which some terminals obey as they do ESC, are C2 80 to C2 9F.
bool begins_c1(std::string_view text) {
  return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

/// Whether there may be something to escape; true also of most letters with accents.
bool has_control(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return is_control(static_cast<unsigned char>(c)) || c == '\xC2'; });
}

}  // namespace

void append_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (std::size_t quote; (quote = text.find('"')) != std::string_view::npos; text.remove_prefix(quote + 1)) {
    out.append(text.substr(0, quote + 1)) += '"';
  }
  out.append(text) += '"';
}

void append_text_cell(std::string& out, std::string_view text, std::string& scratch) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  if (!formula && !has_control(text)) return append_cell(out, text);
  scratch.clear();
  if (formula) scratch += '\'';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool c1 = begins_c1(text.substr(i));
    if (c1) ++i;
    if (c1 || is_control(static_cast<unsigned char>(text[i]))) {
      scratch += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else {
      scratch += text[i];
    }
  }
  append_cell(out, scratch);
}

}  // namespace landwarden::report
