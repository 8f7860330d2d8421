#include "report/screen_text.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"

namespace landwarden::report {
namespace {

struct Range {
  char32_t first, last;
};

/// East Asian Width W and F of Unicode 15, runs with small gaps joined: what terminals show two columns wide.
constexpr std::array kWide = std::to_array<Range>({
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x25FD, 0x25FE},
    {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},
    {0x26C4, 0x26C5},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x274C, 0x274C},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2E80, 0x303E},
    {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x17000, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
    {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
});

/// Combining marks of the scripts that logs hold; they stand on the character before them.
constexpr std::array kZero = std::to_array<Range>({
    {0x0300, 0x036F},
    {0x0483, 0x0489},
    {0x0591, 0x05BD},
    {0x0610, 0x061A},
    {0x064B, 0x065F},
    {0x093C, 0x093C},
    {0x0941, 0x0948},
    {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A},
    {0x0E47, 0x0E4E},
    {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF},
    {0x20D0, 0x20FF},
    {0x3099, 0x309A},
    {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F},
    {0xE0100, 0xE01EF},
});

/// Characters that hide or reorder their neighbours: zero-width, bidirectional controls, invisible operators,
/// tags.
constexpr std::array kHidden = std::to_array<Range>({
    {0x00AD, 0x00AD},
    {0x034F, 0x034F},
    {0x061C, 0x061C},
    {0x115F, 0x1160},
    {0x17B4, 0x17B5},
    {0x180E, 0x180E},
    {0x200B, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0x3164, 0x3164},
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0xFFF9, 0xFFFB},
    {0xE0000, 0xE007F},
});

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t code_point) {
  const auto after = std::ranges::upper_bound(ranges, code_point, {}, &Range::first);
  return after != ranges.begin() && code_point <= std::prev(after)->last;
}

bool is_blank(char32_t c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

Glyph glyph_of(char32_t c, std::size_t source, bool unicode) {
  Glyph glyph{.text = {}, .source = source, .width = 0};
  if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0)) {
    glyph.text = fmt::format("\\x{:02x}", static_cast<std::uint32_t>(c));
  } else if ((c >= 0x80 && !unicode) || in(kHidden, c)) {
    glyph.text = fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
  } else {
    text::append_code_point(glyph.text, c);
    glyph.width = static_cast<std::size_t>(width_of(c));
    return glyph;
  }
  glyph.width = glyph.text.size();
  return glyph;
}

std::string joined(const std::vector<Glyph>& glyphs, std::size_t begin, std::size_t end) {
  std::string out;
  for (std::size_t i = begin; i < end; ++i) out += glyphs[i].text;
  return out;
}

std::size_t columns_of(const std::vector<Glyph>& glyphs, std::size_t begin, std::size_t end) {
  std::size_t columns = 0;
  for (std::size_t i = begin; i < end; ++i) columns += glyphs[i].width;
  return columns;
}

struct Ellipsis {
  const char* text;
  std::size_t width;
};
Ellipsis ellipsis(bool unicode) {
  return unicode ? Ellipsis{"…", 1} : Ellipsis{"...", 3};
}

}  // namespace

int width_of(char32_t code_point) {
  if (code_point < 0x300) return 1;
  if (in(kZero, code_point)) return 0;
  return in(kWide, code_point) ? 2 : 1;
}

std::size_t width_of(std::string_view utf8) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < utf8.size();)
    columns += static_cast<std::size_t>(width_of(text::next_code_point(utf8, i)));
  return columns;
}

std::vector<Glyph> glyphs_of(std::string_view utf8, bool unicode) {
  std::vector<Glyph> glyphs;
  bool after_blank = false;
  for (std::size_t i = 0; i < utf8.size();) {
    const std::size_t source = i;
    const char32_t c = text::next_code_point(utf8, i);
    if (is_blank(c)) {
      if (!after_blank) glyphs.push_back({.text = " ", .source = source, .width = 1});
      after_blank = true;
      continue;
    }
    after_blank = false;
    glyphs.push_back(glyph_of(c, source, unicode));
  }
  return glyphs;
}

std::string visible(std::string_view utf8, bool unicode) {
  const auto glyphs = glyphs_of(utf8, unicode);
  return joined(glyphs, 0, glyphs.size());
}

std::string shortened(std::string_view utf8, std::size_t columns, bool unicode) {
  const auto glyphs = glyphs_of(utf8, unicode);
  if (columns_of(glyphs, 0, glyphs.size()) <= columns) return joined(glyphs, 0, glyphs.size());
  const Ellipsis dots = ellipsis(unicode);
  std::size_t end = 0, used = dots.width;
  while (end < glyphs.size() && used + glyphs[end].width <= columns) used += glyphs[end++].width;
  return joined(glyphs, 0, end) + dots.text;
}

std::string shortened_middle(std::string_view utf8, std::size_t columns, bool unicode) {
  const auto glyphs = glyphs_of(utf8, unicode);
  if (columns_of(glyphs, 0, glyphs.size()) <= columns) return joined(glyphs, 0, glyphs.size());
  const Ellipsis dots = ellipsis(unicode);
  const std::size_t room = columns > dots.width ? columns - dots.width : 0;
  std::size_t head = 0, tail = glyphs.size(), used = 0;
  while (head < tail && used + glyphs[head].width <= room / 3) used += glyphs[head++].width;
  while (tail > head && used + glyphs[tail - 1].width <= room) used += glyphs[--tail].width;
  return joined(glyphs, 0, head) + dots.text + joined(glyphs, tail, glyphs.size());
}

std::string padded(std::string text, std::size_t columns) {
  const std::size_t width = width_of(text);
  if (width < columns) text.append(columns - width, ' ');
  return text;
}

namespace {

/// Telling parts as [begin, end) of glyphs; parts that fall together are joined.
std::vector<Span> in_glyphs(const std::vector<Glyph>& glyphs, const std::vector<Span>& telling) {
  std::vector<Span> out;
  for (const Span& span : telling) {
    const auto before = [](const Glyph& glyph, std::size_t offset) { return glyph.source < offset; };
    const auto begin = std::lower_bound(glyphs.begin(), glyphs.end(), span.begin, before) - glyphs.begin();
    const auto end = std::lower_bound(glyphs.begin(), glyphs.end(), span.end, before) - glyphs.begin();
    const Span part{static_cast<std::size_t>(begin), static_cast<std::size_t>(end)};
    if (part.begin >= part.end) continue;
    if (!out.empty() && out.back().end >= part.begin) {
      out.back().end = std::max(out.back().end, part.end);
    } else {
      out.push_back(part);
    }
  }
  return out;
}

/// The glyphs to show: telling parts that fit into `columns`, each grown to both sides as far as all can.
/// Sorted, apart.
std::vector<Span> windows_of(const std::vector<Glyph>& glyphs, const std::vector<Span>& parts,
                             std::size_t columns, std::size_t mark, std::size_t dots) {
  std::vector<Span> windows;
  std::size_t used = dots;
  for (Span part : parts) {
    std::size_t cost = columns_of(glyphs, part.begin, part.end) + mark + dots;
    if (!windows.empty() && used + cost > columns) break;
    while (used + cost > columns && part.end > part.begin) cost -= glyphs[--part.end].width;
    windows.push_back(part);
    used += cost;
  }
  if (windows.empty()) windows.push_back({0, 0});
  const auto grow = [&](std::size_t& edge, std::size_t glyph, std::size_t moved) {
    // A part without a window of its own may be grown into: its mark must be paid for then.
    const auto begins_here = [glyph](const Span& part) { return part.begin == glyph; };
    const bool another =
        std::any_of(parts.begin() + static_cast<std::ptrdiff_t>(std::min(windows.size(), parts.size())),
                    parts.end(), begins_here);
    const std::size_t cost = glyphs[glyph].width + (another ? mark : 0);
    if (used + cost > columns) return false;
    used += cost;
    edge = moved;
    return true;
  };
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const std::size_t low = i == 0 ? 0 : windows[i - 1].end;
      const std::size_t high = i + 1 == windows.size() ? glyphs.size() : windows[i + 1].begin;
      if (windows[i].begin > low) grown |= grow(windows[i].begin, windows[i].begin - 1, windows[i].begin - 1);
      if (windows[i].end < high) grown |= grow(windows[i].end, windows[i].end, windows[i].end + 1);
    }
  }
  return windows;
}

void append_run(std::vector<Run>& runs, std::string text, bool telling) {
  if (text.empty()) return;
  if (!runs.empty() && runs.back().telling == telling) {
    runs.back().text += text;
  } else {
    runs.push_back({std::move(text), telling});
  }
}

}  // namespace

std::vector<Run> excerpt(std::string_view utf8, const std::vector<Span>& telling, std::size_t columns,
                         std::size_t mark, bool unicode) {
  const auto glyphs = glyphs_of(utf8, unicode);
  const auto parts = in_glyphs(glyphs, telling);
  const Ellipsis dots = ellipsis(unicode);
  std::vector<Span> windows{{0, glyphs.size()}};
  if (columns_of(glyphs, 0, glyphs.size()) + parts.size() * mark > columns) {
    windows = windows_of(glyphs, parts, columns, mark, dots.width);
  }
  std::vector<Run> runs;
  std::size_t shown = 0;
  for (const Span& window : windows) {
    if (window.begin > shown) append_run(runs, dots.text, false);
    for (std::size_t i = window.begin; i < window.end; ++i) {
      const bool tells =
          std::ranges::any_of(parts, [&](const Span& part) { return part.begin <= i && i < part.end; });
      append_run(runs, glyphs[i].text, tells);
    }
    shown = window.end;
  }
  if (shown < glyphs.size()) append_run(runs, dots.text, false);
  return runs;
}

}  // namespace landwarden::report
