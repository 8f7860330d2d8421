#include "report/screen.h"

#include <array>

#include <fmt/format.h>

namespace landwarden::report {
namespace {

const char* escape_of(Ink ink) {
  switch (ink) {
    case Ink::plain:
      return "";
    case Ink::strong:
      return "\x1b[1m";
    case Ink::faint:
      return "\x1b[2m";
    case Ink::telling:
      return "\x1b[1;33m";
    case Ink::bad:
      return "\x1b[31m";
    case Ink::good:
      return "\x1b[32m";
    case Ink::critical:
      return "\x1b[1;97;41m";
    case Ink::high:
      return "\x1b[1;31m";
    case Ink::medium:
      return "\x1b[1;33m";
    case Ink::low:
      return "\x1b[1;36m";
    case Ink::informational:
      return "\x1b[1;34m";
  }
  return "";
}

}  // namespace

Ink ink_of(sigma::Level level) {
  switch (level) {
    case sigma::Level::critical:
      return Ink::critical;
    case sigma::Level::high:
      return Ink::high;
    case sigma::Level::medium:
      return Ink::medium;
    case sigma::Level::low:
      return Ink::low;
    case sigma::Level::informational:
      return Ink::informational;
  }
  return Ink::plain;
}

const char* Screen::sign(Sign sign) const {
  static constexpr std::array<const char*, 8> kUnicode = {"·", "→", "─", "×", "–", "│", "«", "»"};
  static constexpr std::array<const char*, 8> kAscii = {"|", "->", "-", "x", "-", "|", ">>", "<<"};
  return (options_.unicode ? kUnicode : kAscii)[static_cast<std::size_t>(sign)];
}

std::string Screen::paint(std::string_view text, Ink ink) const {
  if (!options_.colour || ink == Ink::plain || text.empty()) return std::string(text);
  return std::string(escape_of(ink)).append(text) + "\x1b[0m";
}

void Screen::line(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  text_.append(text) += '\n';
}

void Screen::paragraph(std::string_view first, std::string_view text, Ink ink) {
  const std::size_t indent = width_of(first);
  const std::size_t room = options_.columns > indent + 20 ? options_.columns - indent : 20;
  std::string current(first), words;
  std::size_t used = 0;
  const auto end_line = [&] {
    line(current + paint(words, ink));
    current.assign(indent, ' ');
    words.clear();
    used = 0;
  };
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t width = width_of(word);
    if (used > 0 && used + 1 + width > room) end_line();
    if (used > 0) words += ' ';
    words += word;
    used += width + (used > 0 ? 1 : 0);
  }
  end_line();
}

void Screen::heading(std::string_view painted, std::size_t columns) {
  std::string text(painted);
  text += ' ';
  std::string rule;
  for (std::size_t i = columns + 1; i < options_.columns; ++i) rule += sign(Sign::line);
  line(text + paint(rule, Ink::faint));
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return counted(bytes, "byte", "bytes");
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

}  // namespace landwarden::report
