#include "command/shape.h"

#include <array>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "command/char_set.h"
#include "command/process_line.h"

namespace landwarden::command {
namespace {

constexpr CharSet kBlanks(" \t\r\n");
constexpr CharSet kSeparators(":=");

constexpr bool digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool hex(char c) {
  c = text::ascii_lower(c);
  return digit(c) || (c >= 'a' && c <= 'f');
}
constexpr bool letter(char c) {
  c = text::ascii_lower(c);
  return c >= 'a' && c <= 'z';
}

/// What one character counts as.
struct Counts {
  std::uint8_t digit = 0, hex = 0, letter = 0, upper = 0, other = 0;
};
constexpr std::array<Counts, 256> counts() {
  std::array<Counts, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = static_cast<char>(i);
    out[i].digit = digit(c);
    out[i].hex = hex(c);
    out[i].letter = letter(c);
    out[i].upper = c >= 'A' && c <= 'Z';
    out[i].other = !digit(c) && !letter(c) && c != '+' && c != '/' && c != '=';
  }
  return out;
}
constexpr auto kCounts = counts();

bool is_guid(std::string_view text) {
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !hex(text[i])) return false;
  }
  return true;
}

bool is_address(std::string_view text) {
  std::size_t dots = 0, digits = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0) return false;
      ++dots;
      digits = 0;
    } else if (digit(c)) {
      if (++digits > 3) return false;
    } else {
      return (c == '/' || c == ':') && dots == 3 && digits > 0;
    }
  }
  return dots == 3 && digits > 0;
}

bool is_date(std::string_view text) {
  std::size_t digits = 0, marks = 0;
  for (const char c : text) {
    if (digit(c)) {
      ++digits;
    } else if (c == '-' || c == '/' || c == ':' || c == '.' || c == 'T' || c == 'Z') {
      ++marks;
    } else {
      return false;
    }
  }
  return marks >= 2 && digits >= 6;
}

bool is_path(std::string_view text) {
  if (text.size() > 2 && letter(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/'))
    return true;
  if (text.starts_with("\\\\") || text.starts_with("..\\") || text.starts_with(".\\")) return true;
  if (text.starts_with('%') && text.contains("%\\")) return true;
  return (text.starts_with('/') || text.starts_with("./") || text.starts_with("~/")) &&
         text.find('/', 1) != std::string_view::npos;
}

/// The kind that stands for a value; empty: it stays.
std::string_view kind_of(std::string_view text) {
  if (text.size() < 2) return text.size() == 1 && digit(text[0]) ? "{number}" : "";
  if (is_guid(text)) return "{guid}";
  if (text.starts_with("S-1-") || text.starts_with("s-1-")) return "{sid}";
  if (is_address(text)) return "{host}";
  if (text.contains("://")) return "{url}";
  if (is_path(text)) return "{path}";
  std::size_t digits = 0, hexes = 0, letters = 0, upper = 0, others = 0;
  for (const char c : text) {
    const Counts& of = kCounts[static_cast<unsigned char>(c)];
    digits += of.digit;
    hexes += of.hex;
    letters += of.letter;
    upper += of.upper;
    others += of.other;
  }
  if (digits == text.size() || (text.starts_with("0x") && hexes + 1 == text.size())) return "{number}";
  if (hexes == text.size() && text.size() >= 32) return "{hash}";
  const bool mixed = others == 0 && digits > 0 && upper > 0 && upper < letters;
  if (mixed && (text.size() >= 40 || (text.size() >= 24 && text.ends_with('=')))) return "{base64}";
  if (is_date(text)) return "{date}";
  if (text.starts_with('-') && text.size() > 1 && digits + 1 == text.size()) return "{number}";
  const std::size_t slash = text.find('\\');
  if (slash != std::string_view::npos && slash > 0) {
    const std::string_view front = text.substr(0, slash);
    const bool key =
        front.size() >= 3 && text::ascii_lower(front[0]) == 'h' && text::ascii_lower(front[1]) == 'k';
    if (!key) return text.find('\\', slash + 1) == std::string_view::npos ? "{account}" : "{path}";
  }
  if (digits > 0 && digits * 2 >= text.size()) return "{number}";
  return {};
}

std::string_view type_kind(ValueType type) {
  switch (type) {
    case ValueType::path:
      return "{path}";
    case ValueType::host:
      return "{host}";
    case ValueType::account:
      return "{account}";
    case ValueType::url:
      return "{url}";
    case ValueType::number:
      return "{number}";
    default:
      return {};
  }
}

/// Lower case; three digits or more become one '#', so that "v4tov4" stays and "job20261130" does not.
void append_lower(std::string& out, std::string_view text) {
  std::size_t to = out.size();
  out.resize(to + text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (!digit(text[i])) {
      out[to++] = text::ascii_lower(text[i++]);
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && digit(text[end])) ++end;
    if (end - i >= 3) {
      out[to++] = '#';
      i = end;
    }
    while (i < end) out[to++] = text[i++];
  }
  out.resize(to);
}

std::string_view bare(std::string_view word) {
  if (word.starts_with("\\\"")) word.remove_prefix(1);
  while (!word.empty() && (word.front() == '"' || word.front() == '\'')) word.remove_prefix(1);
  while (!word.empty() && (word.back() == '"' || word.back() == '\'' || word.back() == ',')) {
    word.remove_suffix(1);
    if (word.ends_with('\\')) word.remove_suffix(1);  // an escaped quote
  }
  return word;
}

class ShapeWriter {
 public:
  ShapeWriter(const Meaning& meaning, std::string& out) : meaning_(meaning), out_(out) {}

  void word(std::string_view word) {
    word = bare(word);
    if (word.empty()) return;
    if (argument(word)) return;
    const std::string_view kind = kind_of(word);
    if (!kind.empty()) {
      out_ += kind;
      return;
    }
    const std::size_t separator = kSeparators.find(word, 0);
    if (separator < word.size() && separator > 0 && separator + 1 < word.size()) {
      append_lower(out_, word.substr(0, separator + 1));
      const std::string_view value = bare(word.substr(separator + 1));
      if (argument(value)) return;
      const std::string_view value_kind = kind_of(value);
      if (value_kind.empty()) {
        append_lower(out_, value);
      } else {
        out_ += value_kind;
      }
      return;
    }
    append_lower(out_, word);
  }

 private:
  /// Whether the grammar says what this is.
  bool argument(std::string_view word) {
    for (const Argument& argument : meaning_.arguments) {
      if (argument.role == Role::secret && !argument.value.empty() && word.ends_with(argument.value)) {
        append_lower(out_, word.substr(0, word.size() - argument.value.size()));  // -pSECRET
        out_ += "{secret}";
        return true;
      }
      if (argument.type == ValueType::host && word.starts_with("\\\\") && word.substr(2) == argument.value) {
        out_ += "{host}";
        return true;
      }
      if (argument.role == Role::host && addressed(word, argument.value)) return true;
      const std::string_view kind = type_kind(argument.type);
      if (kind.empty() || argument.value.size() != word.size() || argument.value != word) continue;
      out_ += kind;
      return true;
    }
    return false;
  }

  /// "op7@fs02", "op7@fs02:/srv/x" with what the grammar took for the host.
  bool addressed(std::string_view word, std::string_view host) {
    const std::size_t at = word.rfind('@');
    if (at == std::string_view::npos || at == 0 || host.empty()) return false;
    const std::string_view behind = word.substr(at + 1);
    if (!behind.starts_with(host)) return false;
    if (behind.size() > host.size() && behind[host.size()] != ':') return false;
    out_ += "{account}@{host}";
    if (behind.size() > host.size()) {
      const std::string_view kind = kind_of(behind.substr(host.size() + 1));
      out_ += ':';
      out_ += kind.empty() ? "{path}" : kind;
    }
    return true;
  }

  const Meaning& meaning_;
  std::string& out_;
};

}  // namespace

void append_shape(const Meaning& meaning, std::string& out) {
  if (meaning.layers.empty()) return;
  const std::string_view line = meaning.layers.front().text;
  ShapeWriter writer(meaning, out);
  std::size_t i = 0;
  if (meaning.layers.front().dialect == Dialect::process && !meaning.commands.empty()) {
    append_lower(out, meaning.commands.front().name);
    i = line.size() - split_program(line).rest.size();
  }
  while (i < line.size()) {
    i = kBlanks.skip(line, i);
    if (i == line.size()) break;
    // A quoted path with blanks is one word; other quoted texts are read word by word.
    std::size_t end = kBlanks.find(line, i);
    if (line[i] == '"') {
      const std::size_t close = line.find('"', i + 1);
      if (close != std::string_view::npos && is_path(line.substr(i + 1, close - i - 1))) end = close + 1;
    }
    if (!out.empty() && out.back() != ' ') out += ' ';
    writer.word(line.substr(i, end - i));
    i = end;
  }
  while (out.ends_with(' ')) out.pop_back();
}

}  // namespace landwarden::command
