#include "base/yaml_scalar.h"

#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>

#include "base/text.h"

namespace landwarden::yaml {
namespace {

using text::is_digit;

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

/// A number as PyYAML computes it: exact while it fits 64 bits, and as a double.
struct Number {
  unsigned __int128 exact = 0;
  bool fits = true;
  double real = 0;

  void push(unsigned base, unsigned digit) {
    real = real * base + digit;
    if (!fits) return;
    exact = exact * base + digit;
    fits = exact <= static_cast<unsigned __int128>(1) << 63;
  }
};

/// [0-9a-f_]+ of a base; nothing if another character or no digit is in it.
std::optional<Number> in_base(std::string_view text, unsigned base) {
  Number number;
  bool any = false;
  for (const char c : text) {
    if (c == '_') continue;
    const int digit = digit_value(c);
    if (digit >= static_cast<int>(base)) return std::nullopt;
    number.push(base, static_cast<unsigned>(digit));
    any = true;
  }
  if (!any) return std::nullopt;
  return number;
}

/// The (?::[0-5]?[0-9])+ behind a sexagesimal number's first part; false if it is not that.
bool sexagesimal_tail(std::string_view tail, Number& number) {
  while (!tail.empty()) {
    if (tail.front() != ':') return false;
    tail.remove_prefix(1);
    if (tail.empty() || !is_digit(tail[0])) return false;
    unsigned value = static_cast<unsigned>(tail[0] - '0');
    std::size_t used = 1;
    if (value <= 5 && tail.size() > 1 && is_digit(tail[1])) {
      value = value * 10 + static_cast<unsigned>(tail[1] - '0');
      used = 2;
    }
    tail.remove_prefix(used);
    number.push(60, value);
  }
  return true;
}

std::optional<Number> unsigned_integer(std::string_view text) {
  if (text == "0") return Number{};
  if (text.starts_with("0b")) return in_base(text.substr(2), 2);
  if (text.starts_with("0x")) return in_base(text.substr(2), 16);
  if (text.front() == '0') return in_base(text.substr(1), 8);
  const std::size_t colon = text.find(':');
  auto head = in_base(text.substr(0, colon), 10);
  if (!head || colon == std::string_view::npos) return head;
  if (!sexagesimal_tail(text.substr(colon), *head)) return std::nullopt;
  return head;
}

/// [0-9][0-9_]* or, if `optional`, [0-9_]*, appended without underscores.
bool digits(std::string_view text, std::string& out, bool optional) {
  if (!optional && (text.empty() || !is_digit(text.front()))) return false;
  for (const char c : text) {
    if (c == '_') continue;
    if (!is_digit(c)) return false;
    out.push_back(c);
  }
  return true;
}

std::optional<double> decimal_value(const std::string& plain) {
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (end != plain.data() + plain.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    const std::size_t exponent = plain.find('e');
    const bool tiny = exponent != std::string::npos && plain.find('-', exponent) != std::string::npos;
    return tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  if (error != std::errc()) return std::nullopt;
  return value;
}

/// A float without its sign; `sign` says whether there was one.
std::optional<double> unsigned_real(std::string_view text, bool sign) {
  if (one_of(text, {".inf", ".Inf", ".INF"})) return std::numeric_limits<double>::infinity();
  if (!sign && one_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || (dot == 0 && sign)) return std::nullopt;
  std::string_view whole = text.substr(0, dot);
  std::string_view rest = text.substr(dot + 1);

  std::string plain;
  if (const std::size_t colon = whole.find(':'); colon != std::string_view::npos) {
    auto head = is_digit(whole.front()) ? in_base(whole.substr(0, colon), 10) : std::nullopt;
    if (!head || !sexagesimal_tail(whole.substr(colon), *head)) return std::nullopt;
    plain = "0.";
    if (!digits(rest, plain, true)) return std::nullopt;
    const auto fraction = decimal_value(plain == "0." ? "0" : plain);
    return fraction ? std::optional(head->real + *fraction) : std::nullopt;
  }
  if (dot > 0 && !digits(whole, plain, false)) return std::nullopt;
  if (dot == 0) plain = "0";
  std::string_view exponent;
  if (const std::size_t e = rest.find_first_of("eE"); e != std::string_view::npos) {
    exponent = rest.substr(e + 1);
    rest = rest.substr(0, e);
    if (exponent.size() < 2 || (exponent[0] != '-' && exponent[0] != '+')) return std::nullopt;
    for (const char c : exponent.substr(1)) {
      if (!is_digit(c)) return std::nullopt;
    }
  }
  plain.push_back('.');
  if (!digits(rest, plain, dot > 0)) return std::nullopt;
  if (plain.back() == '.') plain.push_back('0');
  if (!exponent.empty()) plain.append("e").append(exponent);
  return decimal_value(plain);
}

bool take_digits(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  while (count < most && count < text.size() && is_digit(text[count])) ++count;
  if (count < least) return false;
  text.remove_prefix(count);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool is_time_zone(std::string_view text) {
  const std::size_t content = text.find_first_not_of(" \t");
  if (content == std::string_view::npos) return text.empty();
  text.remove_prefix(content);
  if (text == "Z") return true;
  if (!take(text, '+') && !take(text, '-')) return false;
  if (!take_digits(text, 1, 2)) return false;
  return text.empty() || (take(text, ':') && take_digits(text, 2, 2) && text.empty());
}

bool is_date(std::string_view text) {
  const std::string_view whole = text;
  if (!take_digits(text, 4, 4) || !take(text, '-') || !take_digits(text, 1, 2) || !take(text, '-') ||
      !take_digits(text, 1, 2)) {
    return false;
  }
  if (text.empty()) return whole.size() == 10;
  if (text.front() == 'T' || text.front() == 't') {
    text.remove_prefix(1);
  } else {
    const std::size_t content = text.find_first_not_of(" \t");
    if (content == 0 || content == std::string_view::npos) return false;
    text.remove_prefix(content);
  }
  if (!take_digits(text, 1, 2) || !take(text, ':') || !take_digits(text, 2, 2) || !take(text, ':') ||
      !take_digits(text, 2, 2)) {
    return false;
  }
  if (take(text, '.')) take_digits(text, 0, text.size());
  return is_time_zone(text);
}

void resolve_number(Node& node) {
  std::string_view text = node.text;
  const bool sign = text.front() == '-' || text.front() == '+';
  const bool negative = text.front() == '-';
  if (sign) text.remove_prefix(1);
  if (text.empty()) return;
  if (is_digit(text.front())) {
    if (const auto number = unsigned_integer(text)) {
      const unsigned __int128 largest = (static_cast<unsigned __int128>(1) << 63) - (negative ? 0 : 1);
      node.real = negative ? -number->real : number->real;
      const bool fits = number->fits && number->exact <= largest;
      node.kind = fits ? Node::Kind::integer : Node::Kind::real;
      if (fits) {
        const auto bits = static_cast<std::uint64_t>(number->exact);
        node.integer = static_cast<std::int64_t>(negative ? ~bits + 1 : bits);
      }
      return;
    }
    if (!sign && is_date(text)) {
      node.kind = Node::Kind::date;
      return;
    }
  }
  if (const auto real = unsigned_real(text, sign)) {
    node.kind = Node::Kind::real;
    node.real = negative ? -*real : *real;
  }
}

}  // namespace

void resolve_scalar(Node& node) {
  node.kind = Node::Kind::text;
  const std::string_view text = node.text;
  if (text.empty()) {
    node.kind = Node::Kind::null;
    return;
  }
  const char first = text.front();
  if (is_digit(first) || first == '-' || first == '+' || first == '.') {
    resolve_number(node);
    return;
  }
  if (text.size() > 5) return;
  if (one_of(text, {"~", "null", "Null", "NULL"})) {
    node.kind = Node::Kind::null;
  } else if (one_of(text, {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) {
    node.kind = Node::Kind::boolean;
    node.flag = true;
  } else if (one_of(text, {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) {
    node.kind = Node::Kind::boolean;
  }
}

}  // namespace landwarden::yaml
