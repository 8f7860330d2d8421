#include "sigma/modifiers_pattern.h"

#include <array>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::sigma {
namespace {

using Kind = Pattern::Kind;

bool is_special(char c) {
  return c == '*' || c == '?' || c == '\\';
}

void append_part(Pattern& pattern, const Pattern::Part& part) {
  switch (part.kind) {
    case Kind::literal:
      append_literal(pattern, part.text);
      break;
    case Kind::any_run:
      append_any_run(pattern);
      break;
    default:
      pattern.parts.push_back(part);
  }
}

bool is_dash(char32_t c) {
  return c == '-' || c == '/' || c == 0x2013 || c == 0x2014 || c == 0x2015;
}

/// A letter, digit or '_' as regular expressions' \w has it; beyond Latin-1, all that is not punctuation or a
/// symbol block.
bool is_word(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA || c == 0xB2 || c == 0xB3 || c == 0xB9;
  if (c == 0xD7 || c == 0xF7) return false;
  if (c >= 0x2000 && c <= 0x2BFF) return false;  // punctuation, arrows, mathematics, dingbats
  if (c >= 0x3000 && c <= 0x3004) return false;  // CJK punctuation
  if (c >= 0x3008 && c <= 0x3020) return false;
  if (c >= 0xD800 && c <= 0xF8FF) return false;    // surrogates, private use
  if (c >= 0xFE00 && c <= 0xFE6F) return false;    // variation selectors, small forms
  if (c >= 0xFF01 && c <= 0xFF0F) return false;    // full-width punctuation
  if (c >= 0x1F000 && c <= 0x1FAFF) return false;  // pictures
  return c != 0xFFFD && c != 0xFEFF;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Text and placeholder names by turns: text, name, text, …; "\%" is a percent sign.
std::vector<std::string> split_placeholders(std::string_view text) {
  std::vector<std::string> pieces(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '%') {
      pieces.back() += '%';
      ++at;
      continue;
    }
    const std::size_t end = text[at] == '%' ? text.find_first_of("%\\", at + 1) : std::string_view::npos;
    if (end != std::string_view::npos && end > at + 1 && text[end] == '%') {
      pieces.emplace_back(text.substr(at + 1, end - at - 1));
      pieces.emplace_back();
      at = end;
    } else {
      pieces.back() += text[at];
    }
  }
  return pieces;
}

/// Sigma's standard placeholders, and what their lists hold.
constexpr std::array kStandardPlaceholders = {
    std::pair{"Administrators", "accounts that administrate"},
    std::pair{"DomainControllers", "host names of domain controllers"},
    std::pair{"JumpServers", "host names of jump servers"},
    std::pair{"Servers", "host names of servers"},
    std::pair{"Workstations", "host names of workstations"},
};

std::string remedy(const std::string& name) {
  std::string out = "list them in the settings, under placeholders: " + name;
  for (const auto& [standard, holds] : kStandardPlaceholders) {
    if (name == standard) out += std::string(" (one of Sigma's own: ") + holds + ")";
  }
  return out;
}

Result<const std::vector<std::string>*> values_of(const std::string& name, const PlaceholderValues& values) {
  const std::vector<std::string>* found = values ? values(name) : nullptr;
  if (found == nullptr || found->empty()) {
    return fail(ErrorCode::unsupported, "placeholder %" + name + "% has no values", {}, remedy(name));
  }
  return found;
}

Error too_many() {
  return {
      ErrorCode::limit, "placeholders expand to too many values", {}, "split the rule or shorten the lists"};
}

std::string regex_of(const Pattern& pattern) {
  constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";
  std::string out;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind == Kind::any_run) out += ".*";
    if (part.kind == Kind::any_one) out += '.';
    for (const char c : part.text) {
      if (kSpecial.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace

void append_literal(Pattern& pattern, std::string_view literal) {
  if (literal.empty()) return;
  if (!pattern.parts.empty() && pattern.parts.back().kind == Kind::literal) {
    pattern.parts.back().text += literal;
  } else {
    pattern.parts.push_back({Kind::literal, std::string(literal)});
  }
}

void append_any_run(Pattern& pattern) {
  if (pattern.parts.empty() || pattern.parts.back().kind != Kind::any_run)
    pattern.parts.push_back({Kind::any_run, {}});
}

void prepend_any_run(Pattern& pattern) {
  if (pattern.parts.empty() || pattern.parts.front().kind != Kind::any_run) {
    pattern.parts.insert(pattern.parts.begin(), Pattern::Part{Kind::any_run, {}});
  }
}

void strip_any_runs(Pattern& pattern) {
  if (!pattern.parts.empty() && pattern.parts.back().kind == Kind::any_run) pattern.parts.pop_back();
  if (!pattern.parts.empty() && pattern.parts.front().kind == Kind::any_run)
    pattern.parts.erase(pattern.parts.begin());
}

Pattern literal_pattern(std::string_view value) {
  Pattern pattern;
  append_literal(pattern, value);
  return pattern;
}

Pattern parse_pattern(std::string_view value) {
  Pattern pattern;
  std::string literal;
  const auto flush = [&] {
    append_literal(pattern, literal);
    literal.clear();
  };
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '\\' && at + 1 < value.size() && is_special(value[at + 1])) {
      literal += value[++at];
    } else if (c == '*') {
      flush();
      append_any_run(pattern);
    } else if (c == '?') {
      flush();
      pattern.parts.push_back({Kind::any_one, {}});
    } else {
      literal += c;
    }
  }
  flush();
  return pattern;
}

bool is_literal(const Pattern& pattern) {
  return pattern.parts.empty() || (pattern.parts.size() == 1 && pattern.parts[0].kind == Kind::literal);
}

std::string literal_text(const Pattern& pattern) {
  return pattern.parts.empty() ? std::string() : pattern.parts[0].text;
}

Pattern with_dash_classes(const Pattern& pattern) {
  Pattern out;
  out.cased = pattern.cased;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != Kind::literal) {
      append_part(out, part);
      continue;
    }
    bool behind_word = false;
    for (std::size_t at = 0; at < part.text.size();) {
      const std::size_t begin = at;
      const char32_t c = text::next_code_point(part.text, at);
      std::size_t peek = at;
      const bool before_word = at < part.text.size() && is_word(text::next_code_point(part.text, peek));
      if (is_dash(c) && !behind_word && before_word) {
        out.parts.push_back({Kind::dash, {}});
      } else {
        append_literal(out, std::string_view(part.text).substr(begin, at - begin));
      }
      behind_word = is_word(c);
    }
  }
  return out;
}

std::string encode(std::string_view utf8, Encoding encoding) {
  if (encoding == Encoding::utf8) return std::string(utf8);
  std::string out;
  const auto unit = [&](unsigned value) {
    const char low = static_cast<char>(value & 0xFF);
    const char high = static_cast<char>(value >> 8);
    out += encoding == Encoding::utf16be ? high : low;
    out += encoding == Encoding::utf16be ? low : high;
  };
  if (encoding == Encoding::utf16) unit(0xFEFF);
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = text::next_code_point(utf8, at);
    if (c >= 0x10000) {
      unit(0xD800 + static_cast<unsigned>((c - 0x10000) >> 10));
      unit(0xDC00 + static_cast<unsigned>((c - 0x10000) & 0x3FF));
    } else {
      unit(static_cast<unsigned>(c));
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  const auto byte = [&](std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const unsigned three = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    out += kBase64[three >> 18];
    out += kBase64[three >> 12 & 63];
    out += at + 1 < bytes.size() ? kBase64[three >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? kBase64[three & 63] : '=';
  }
  return out;
}

std::vector<std::string> base64_at_offsets(std::string_view bytes) {
  // What the bytes before and behind share a character with is cut off: so many characters at the beginning,
  // by offset …
  constexpr std::array<std::size_t, 3> kLead = {0, 2, 3};
  // … and so many at the end, padding included, by (offset + length) mod 3.
  constexpr std::array<std::size_t, 3> kTail = {0, 3, 2};
  std::vector<std::string> out;
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string encoded = base64(std::string(offset, ' ') + std::string(bytes));
    const std::size_t cut = kLead[offset] + kTail[(offset + bytes.size()) % 3];
    out.push_back(cut < encoded.size() ? encoded.substr(kLead[offset], encoded.size() - cut) : std::string());
  }
  return out;
}

Result<std::vector<Pattern>> expand_placeholders(const Pattern& pattern, const PlaceholderValues& values) {
  std::vector<Pattern> made(1);
  made[0].cased = pattern.cased;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != Kind::literal) {
      for (Pattern& one : made) append_part(one, part);
      continue;
    }
    const std::vector<std::string> pieces = split_placeholders(part.text);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (i % 2 == 0) {
        for (Pattern& one : made) append_literal(one, pieces[i]);
        continue;
      }
      const auto found = values_of(pieces[i], values);
      if (!found) return std::unexpected(found.error());
      if (made.size() * (*found)->size() > limits::kSigmaExpansions) return std::unexpected(too_many());
      std::vector<Pattern> product;
      for (const Pattern& one : made) {
        for (const std::string& value : **found) {
          product.push_back(one);
          for (const Pattern::Part& inserted : parse_pattern(value).parts)
            append_part(product.back(), inserted);
        }
      }
      made = std::move(product);
    }
  }
  return made;
}

bool has_placeholder(std::string_view text) {
  return split_placeholders(text).size() > 1;
}

Result<std::vector<std::string>> expand_regex(std::string_view regex, const PlaceholderValues& values) {
  const std::vector<std::string> pieces = split_placeholders(regex);
  std::vector<std::string> made(1);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i % 2 == 0) {
      for (std::string& one : made) one += pieces[i];
      continue;
    }
    const auto found = values_of(pieces[i], values);
    if (!found) return std::unexpected(found.error());
    if (made.size() * (*found)->size() > limits::kSigmaExpansions) return std::unexpected(too_many());
    std::vector<std::string> product;
    for (const std::string& one : made) {
      for (const std::string& value : **found) product.push_back(one + regex_of(parse_pattern(value)));
    }
    made = std::move(product);
  }
  return made;
}

}  // namespace landwarden::sigma
