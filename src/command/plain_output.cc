// What echo, printf, base64 -d and their like print.

#include <algorithm>
#include <string>

#include "base/text.h"
#include "command/decoding.h"
#include "command/limits.h"
#include "command/sh_script.h"

namespace landwarden::command {
namespace {

/// Backslash escapes of echo -e and printf.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    const auto digits = [&](int base, std::size_t most) {
      unsigned value = 0;
      for (std::size_t n = 0; n < most && i + 1 < text.size(); ++n) {
        const char d = text::ascii_lower(text[i + 1]);
        const int digit = d >= '0' && d <= '9' ? d - '0' : d >= 'a' && d <= 'f' ? d - 'a' + 10 : 99;
        if (digit >= base) break;
        value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
        ++i;
      }
      return static_cast<char>(value);
    };
    if (c == 'x') {
      out += digits(16, 2);
    } else if (c >= '0' && c <= '7') {
      --i;
      out += digits(8, c == '0' ? 4 : 3);
    } else {
      constexpr std::string_view kFrom = "abefnrtv\\", kTo = "\a\b\x1b\f\n\r\t\v\\";
      const std::size_t found = kFrom.find(c);
      if (found == std::string_view::npos) out += '\\';
      out += found == std::string_view::npos ? c : kTo[found];
    }
  }
  return out;
}

std::string echo(const std::vector<Word>& words) {
  std::size_t i = 1;
  bool newline = true, escapes = false;
  while (i < words.size() && words[i].text.size() > 1 && words[i].text[0] == '-' &&
         words[i].text.find_first_not_of("neE", 1) == std::string_view::npos) {
    newline = newline && !words[i].text.contains('n');
    escapes = escapes || words[i].text.contains('e');
    ++i;
  }
  std::string out;
  for (std::size_t first = i; i < words.size(); ++i) {
    if (i > first) out += ' ';
    out += words[i].text;
  }
  if (escapes) out = unescaped(out);
  if (newline) out += '\n';
  return out;
}

std::optional<std::string> printf(const std::vector<Word>& words) {
  if (words.size() < 2) return std::nullopt;
  const std::string format = unescaped(words[1].text);
  std::string out;
  std::size_t next = 2;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const char kind = format[++i];
    if (kind == '%') {
      out += '%';
    } else if (kind == 's' || kind == 'b' || kind == 'd') {
      if (next < words.size())
        out += kind == 'b' ? unescaped(words[next].text) : std::string(words[next].text);
      ++next;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

/// The characters of a set of tr: ranges and escapes.
std::string tr_set(std::string_view set) {
  const std::string plain = unescaped(set);
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i + 2 < plain.size() && plain[i + 1] == '-' && plain[i + 2] >= plain[i]) {
      for (int c = static_cast<unsigned char>(plain[i]); c <= static_cast<unsigned char>(plain[i + 2]); ++c)
        out += static_cast<char>(c);
      i += 2;
    } else {
      out += plain[i];
    }
  }
  return out;
}

std::optional<std::string> tr(const std::vector<Word>& words, std::string_view input) {
  std::string out;
  if (words.size() == 3 && words[1].text == "-d") {
    const std::string gone = tr_set(words[2].text);
    for (const char c : input) {
      if (!gone.contains(c)) out += c;
    }
    return out;
  }
  if (words.size() != 3 || words[1].text.starts_with('-')) return std::nullopt;
  const std::string from = tr_set(words[1].text), to = tr_set(words[2].text);
  if (to.empty()) return std::nullopt;
  for (const char c : input) {
    const std::size_t found = from.rfind(c);
    out += found == std::string::npos ? c : to[std::min(found, to.size() - 1)];
  }
  return out;
}

std::string reversed_lines(std::string_view input) {
  std::string out;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    std::string line(input.substr(0, end));
    std::ranges::reverse(line);
    out += line;
    if (end < input.size()) out += '\n';
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return out;
}

bool has_option(const std::vector<Word>& words, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(words, [&](const Word& word) {
    return std::ranges::any_of(names, [&](std::string_view name) {
      return word.text == name || (name.size() == 2 && word.text.size() > 2 && word.text[0] == '-' &&
                                   word.text[1] != '-' && word.text.contains(name[1]));
    });
  });
}

bool only_options(const std::vector<Word>& words) {
  return std::ranges::all_of(words.begin() + 1, words.end(),
                             [](const Word& word) { return word.text.starts_with('-'); });
}

}  // namespace

std::optional<std::string> plain_output(const std::vector<Word>& words, std::string_view input,
                                        bool has_input) {
  if (words.empty() || words.size() > 256) return std::nullopt;
  if (!std::ranges::all_of(words, &Word::known)) return std::nullopt;
  std::string_view name = words.front().text;
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (name == "echo") return echo(words);
  if (name == "printf") return printf(words);
  if (!has_input || input.size() > limits::kCommandBytes) return std::nullopt;
  if (name == "cat" || name == "tee")
    return words.size() == 1 ? std::optional(std::string(input)) : std::nullopt;
  if (name == "rev") return reversed_lines(input);
  if (name == "tr") return tr(words, input);
  if (name == "base64" && only_options(words) && has_option(words, {"-d", "-D", "--decode", "-di"}))
    return from_base64(input);
  if (name == "openssl" && has_option(words, {"-d"}) && has_option(words, {"base64", "-base64", "-a"}))
    return from_base64(input);
  if (name == "xxd" && has_option(words, {"-r"}) && has_option(words, {"-p", "-ps", "-plain"}))
    return from_hex(input);
  if (name == "gunzip" || name == "zcat" || (name == "gzip" && has_option(words, {"-d", "--decompress"})))
    return inflated(input);
  return std::nullopt;
}

}  // namespace landwarden::command
