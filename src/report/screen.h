// Lines for a terminal: width, signs with an ASCII fallback, and colours that can be off.
//
// Collects text; nothing is written here. Text from evidence goes through screen_text.h before it comes here.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/screen_text.h"
#include "sigma/rule.h"

namespace landwarden::report {

struct ScreenOptions {
  std::size_t columns = 80;
  bool unicode = true;
  bool colour = false;
};

enum class Ink : std::uint8_t {
  plain,
  strong,
  faint,
  telling,
  bad,
  good,
  critical,
  high,
  medium,
  low,
  informational
};
[[nodiscard]] Ink ink_of(sigma::Level level);

/// Signs that have an ASCII form.
enum class Sign : std::uint8_t { dot, arrow, line, times, dash, bar, open, close };

class Screen {
 public:
  explicit Screen(ScreenOptions options) : options_(options) {}

  [[nodiscard]] const ScreenOptions& options() const { return options_; }
  [[nodiscard]] const char* sign(Sign sign) const;
  /// `text` in a colour; the same text where colours are off.
  [[nodiscard]] std::string paint(std::string_view text, Ink ink) const;
  /// `text` made safe to show.
  [[nodiscard]] std::string safe(std::string_view text) const { return visible(text, options_.unicode); }

  void line(std::string_view text = {});
  /// A paragraph of plain words: the first line behind `first`, the others indented by its width.
  void paragraph(std::string_view first, std::string_view text, Ink ink = Ink::plain);
  /// A heading, filled with a line up to the width. `columns` is the heading's width without colours.
  void heading(std::string_view painted, std::size_t columns);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  ScreenOptions options_;
  std::string text_;
};

/// 1234567 as "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t number);
/// "1 file", "2 files".
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one, std::string_view many);
/// "18.2 MB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace landwarden::report
