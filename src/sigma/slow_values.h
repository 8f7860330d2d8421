// For tests: what Sigma's values mean, said in the shortest and slowest way: patterns, base64, addresses,
// dates.
//
// Shares no code with the engine, and goes one code point and one bit at a time. Case is known of ASCII, of
// Latin-1 and of Greek letters only; what is generated keeps to these.

#pragma once

#include <cstdlib>
#include <ctime>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace landwarden::sigma::slow {

using Points = std::u32string;

inline Points points_of(const std::string& text) {
  Points out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const int more = byte < 0x80 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    char32_t point = more == 0 ? byte : byte & (0x3F >> more);
    for (int k = 1; k <= more; ++k) point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    out += point;
    i += 1 + more;
  }
  return out;
}

inline char32_t lower(char32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9))
    return c + 32;
  return c == 0x3C2 ? 0x3C3 : c;  // the final sigma
}

struct Token {
  enum class Kind { point, run, one, dash } kind;
  char32_t point = 0;
  bool operator==(const Token&) const = default;
};
using Tokens = std::vector<Token>;

inline Tokens literal(const std::string& text) {
  Tokens out;
  for (const char32_t point : points_of(text)) out.push_back({Token::Kind::point, point});
  return out;
}

inline Tokens tokens_of(const std::string& value) {
  const Points text = points_of(value);
  Tokens out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t next = i + 1 < text.size() ? text[i + 1] : 0;
    if (text[i] == '\\' && (next == '*' || next == '?' || next == '\\')) {
      out.push_back({Token::Kind::point, text[++i]});
    } else {
      out.push_back({text[i] == '*'   ? Token::Kind::run
                     : text[i] == '?' ? Token::Kind::one
                                      : Token::Kind::point,
                     text[i]});
    }
  }
  return out;
}

inline bool is_dash(char32_t c) {
  return c == '-' || c == '/' || (c >= 0x2013 && c <= 0x2015);
}
inline bool is_word(const Token& token) {
  const char32_t c = lower(token.point);
  return token.kind == Token::Kind::point &&
         ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c >= 0xC0 && c < 0x400));
}

inline bool glob(const Tokens& tokens, std::size_t t, const Points& value, std::size_t v, bool cased) {
  if (t == tokens.size()) return v == value.size();
  const Token& token = tokens[t];
  if (token.kind == Token::Kind::run)
    return glob(tokens, t + 1, value, v, cased) || (v < value.size() && glob(tokens, t, value, v + 1, cased));
  if (v == value.size()) return false;
  const bool same = token.kind == Token::Kind::one    ? true
                    : token.kind == Token::Kind::dash ? is_dash(value[v])
                    : cased                           ? token.point == value[v]
                                                      : lower(token.point) == lower(value[v]);
  return same && glob(tokens, t + 1, value, v + 1, cased);
}

/// The bytes of a text: UTF-8, or what wide and its kin make of it.
inline std::string bytes_of(const std::string& text, const std::string& encoding) {
  if (encoding.empty()) return text;
  std::string out = encoding == "utf16" ? "\xFF\xFE" : "";
  const auto unit = [&](char32_t u) {
    const char low = static_cast<char>(u & 255), high = static_cast<char>(u >> 8);
    out += encoding == "utf16be" ? high : low;
    out += encoding == "utf16be" ? low : high;
  };
  for (const char32_t point : points_of(text)) {
    if (point >= 0x10000) unit(0xD800 + ((point - 0x10000) >> 10));
    unit(point >= 0x10000 ? 0xDC00 + (point & 0x3FF) : point);
  }
  return out;
}

/// The characters of base64 that say nothing of what stands before and behind `bytes`, if `offset` bytes
/// stand before.
inline std::string base64(const std::string& bytes, std::size_t offset, bool whole) {
  static const char* const kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string all = std::string(offset, '\0') + bytes;
  const auto bit = [&](std::size_t i) {
    return i / 8 < all.size() && (static_cast<unsigned char>(all[i / 8]) >> (7 - i % 8) & 1) != 0;
  };
  std::string out;
  for (std::size_t begin = 0; begin < all.size() * 8; begin += 6) {
    if (!whole && (begin < offset * 8 || begin + 6 > all.size() * 8)) continue;
    int letter = 0;
    for (std::size_t i = begin; i < begin + 6; ++i) letter = letter * 2 + (bit(i) ? 1 : 0);
    out += kLetters[letter];
  }
  while (whole && out.size() % 4 != 0) out += '=';
  return out;
}

inline std::optional<double> decimal(const std::string& text) {
  std::size_t digits = 0, points = 0;
  for (std::size_t i = !text.empty() && text[0] == '-' ? 1 : 0; i < text.size(); ++i) {
    if (text[i] == '.' && digits > 0 && i + 1 < text.size())
      ++points;
    else if (text[i] >= '0' && text[i] <= '9')
      ++digits;
    else
      return std::nullopt;
  }
  return digits > 0 && points < 2 ? std::optional(std::strtod(text.c_str(), nullptr)) : std::nullopt;
}

/// Whether a regular expression of characters, ., [a-z], groups, counts and anchors is found.
inline bool regex_found(const std::string& expression, const std::string& flags, const std::string& value) {
  const auto wide = [](const Points& points) { return std::wstring(points.begin(), points.end()); };
  const auto has = [&](char flag) { return flags.find(flag) != std::string::npos; };
  std::wstring text;
  for (const wchar_t c : wide(points_of(expression))) {
    text += c == L'.' ? std::wstring(has('s') ? L"[\\s\\S]" : L"[^\n]") : std::wstring(1, c);
  }
  auto options = std::regex::ECMAScript;
  if (has('i')) options |= std::regex::icase;
  if (has('m')) options |= std::regex::multiline;
  return std::regex_search(wide(points_of(value)), std::wregex(text, options));
}

/// An address as 16 bytes, version 4 mapped into version 6.
std::optional<std::string> address(std::string text);

inline bool inside(const std::string& network, const std::string& value) {
  const std::size_t slash = network.find('/');
  const auto base = address(network.substr(0, slash)), is = address(value);
  const bool v4 = !network.contains(':');
  const std::size_t bits = std::stoul(network.substr(slash + 1)) + (v4 ? 96 : 0);
  if (!base || !is) return false;
  for (std::size_t i = 0; i < bits; ++i) {
    if ((((*base)[i / 8] ^ (*is)[i / 8]) >> (7 - i % 8) & 1) != 0) return false;
  }
  return true;
}

inline std::optional<double> part_of_date(const std::string& part, const std::string& value) {
  std::tm tm{};
  const char* end = strptime(value.c_str(), "%Y-%m-%dT%H:%M:%S", &tm);
  if (end == nullptr) return std::nullopt;
  timegm(&tm);
  char week[8];
  std::strftime(week, sizeof week, "%V", &tm);
  return part == "minute"  ? tm.tm_min
         : part == "hour"  ? tm.tm_hour
         : part == "day"   ? tm.tm_mday
         : part == "month" ? tm.tm_mon + 1
         : part == "year"  ? tm.tm_year + 1900
                           : std::atoi(week);
}

}  // namespace landwarden::sigma::slow
