#include "decode/raw_filter.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "base/text.h"
#include "event/renderings.h"

namespace landwarden::decode {
namespace {

constexpr std::size_t kBlock = 64;

std::u16string utf16_of(std::string_view utf8) {
  std::u16string out;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = text::next_code_point(utf8, i);
    if (c < 0x10000) {
      out += static_cast<char16_t>(c);
    } else {
      out += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
      out += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

/// Units that stand in the bytes as they do in the text: not halves of pairs (folded as one), and not U+FFFD,
/// which stands for what is damaged.
bool is_plain(char16_t unit) {
  return unit != 0 && unit != 0xFFFD && (unit < 0xD800 || unit > 0xDFFF);
}

std::u16string longest_plain(std::u16string_view units) {
  std::u16string_view best;
  for (std::size_t begin = 0; begin < units.size();) {
    std::size_t end = begin;
    while (end < units.size() && is_plain(units[end])) ++end;
    if (end - begin > best.size()) best = units.substr(begin, end - begin);
    begin = end + 1;
  }
  return std::u16string(best);
}

/// How rare a character is in event logs: those of words and paths last.
int rarity(char16_t unit) {
  static constexpr std::string_view kCommonFirst = "eitsronaclmdpuwfghyvbkx-.\\/ :0123456789jqz";
  const auto at =
      unit < 0x80 ? kCommonFirst.find(text::ascii_lower(static_cast<char>(unit))) : std::string_view::npos;
  return at == std::string_view::npos ? 100 : static_cast<int>(at);
}

bool is_letter(char16_t unit) {
  return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z');
}

}  // namespace

std::optional<Utf16Needle> Utf16Needle::make(std::string_view literal, bool caseless) {
  Utf16Needle needle;
  needle.caseless_ = caseless;
  needle.units_ = longest_plain(utf16_of(caseless ? text::folded(literal) : std::string(literal)));
  if (needle.units_.size() < limits::kRawNeedleUnits || !needle.choose_anchors()) return std::nullopt;
  return needle;
}

bool Utf16Needle::choose_anchors() {
  std::vector<std::size_t> fit;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const char16_t unit = units_[i];
    // U+212A folds to k, U+017F to s: their bytes are others'. Beyond ASCII any letter may have other forms.
    if (caseless_ && (unit >= 0x80 || unit == 'k' || unit == 's')) continue;
    fit.push_back(i);
  }
  if (fit.empty()) return false;
  std::ranges::stable_sort(fit, std::greater{}, [&](std::size_t i) { return rarity(units_[i]); });
  for (std::size_t i = 0; i < std::size(anchors_); ++i) {
    const std::size_t at = fit[std::min(i, fit.size() - 1)];
    anchors_[i] = {.at = at * 2,
                   .mask = static_cast<unsigned char>(caseless_ && is_letter(units_[at]) ? 0x20 : 0),
                   .low = static_cast<unsigned char>(units_[at] & 0xFF)};
  }
  return true;
}

bool Utf16Needle::stands_at(const std::byte* at) const {
  for (const char16_t wanted : units_) {
    char16_t unit = 0;
    std::memcpy(&unit, at, sizeof unit);
    at += sizeof unit;
    if (unit == wanted) continue;
    if (!caseless_ || text::fold(unit) != wanted) return false;
  }
  return true;
}

void Utf16Needle::find(std::span<const std::byte> bytes, std::vector<std::uint32_t>& places) const {
  if (bytes.size() < this->bytes()) return;
  const std::size_t ends = bytes.size() - this->bytes() + 1;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const Anchor a = anchors_[0], b = anchors_[1], c = anchors_[2];
  const auto may = [&](std::size_t i) {
    return static_cast<unsigned char>(static_cast<unsigned char>((data[i + a.at] | a.mask) == a.low) &
                                      static_cast<unsigned char>((data[i + b.at] | b.mask) == b.low) &
                                      static_cast<unsigned char>((data[i + c.at] | c.mask) == c.low));
  };
  const auto look = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (may(i) != 0 && stands_at(bytes.data() + i)) places.push_back(static_cast<std::uint32_t>(i));
    }
  };
  std::size_t i = 0;
  for (; i + kBlock <= ends; i += kBlock) {
    // No branch within a block: compilers make vector instructions of it.
    unsigned char any = 0;
    for (std::size_t j = 0; j < kBlock; ++j) any |= may(i + j);
    if (any != 0) look(i, i + kBlock);
  }
  look(i, ends);
}

std::optional<RawFilter> RawFilter::make(const std::vector<std::string>& literals, bool caseless) {
  if (literals.empty() || literals.size() > limits::kRawNeedles) return std::nullopt;
  RawFilter filter;
  for (const std::string& literal : literals) {
    auto needle = Utf16Needle::make(literal, caseless);
    if (!needle) return std::nullopt;
    filter.needles_.push_back(std::move(*needle));
    if (event::may_be_rendered(literal)) filter.rendered_.push_back(text::folded(literal));
  }
  return filter;
}

void RawFilter::find(std::span<const std::byte> bytes, std::vector<std::uint32_t>& places) const {
  const std::size_t before = places.size();
  for (const Utf16Needle& needle : needles_) needle.find(bytes, places);
  if (needles_.size() > 1) std::sort(places.begin() + static_cast<std::ptrdiff_t>(before), places.end());
}

bool RawFilter::confirms(std::span<const std::byte> text) const {
  // A half of a pair may belong to bytes that are none of a value's: paired with them it reads otherwise.
  for (std::size_t i = 1; i < text.size(); i += 2) {
    if ((static_cast<unsigned char>(text[i]) & 0xF8) == 0xD8) return true;
  }
  std::string utf8;
  text::append_utf16le(utf8, text);
  return confirm_(utf8);
}

bool RawFilter::is_in_rendering(std::string_view shown) const {
  return std::ranges::any_of(rendered_, [&](const std::string& literal) {
    const auto same = [](char a, char b) { return text::ascii_lower(a) == b; };
    return !std::ranges::search(shown, literal, same).empty();
  });
}

bool RawFilter::may_be_in(std::string_view utf8) const {
  const std::u16string units = utf16_of(utf8);
  std::vector<std::uint32_t> places;
  find(std::as_bytes(std::span(units.data(), units.size())), places);
  return !places.empty();
}

}  // namespace landwarden::decode
