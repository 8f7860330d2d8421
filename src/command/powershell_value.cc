#include "command/powershell_value.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "command/decoding.h"
#include "command/limits.h"

namespace landwarden::command {
namespace {

using Kind = PsValue::Kind;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = text::ascii_lower(c);
  return out;
}

PsValue bounded(std::string text) {
  return text.size() > limits::kCommandBytes ? PsValue{} : PsValue::of(std::move(text));
}

/// Pattern of -replace or -split as plain text, where it is one; nothing if it is a real expression.
std::optional<std::string> plain_pattern(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char escaped = pattern[++i];
      if ((escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z') ||
          (escaped >= '0' && escaped <= '9'))
        return std::nullopt;
      out += escaped;
    } else if (c == '[' && i + 2 < pattern.size() && pattern[i + 2] == ']' && pattern[i + 1] != '^') {
      out += pattern[i + 1];  // a class of one character
      i += 2;
    } else if (std::string_view(".*+?()[]{}|^$").contains(c)) {
      return std::nullopt;
    } else {
      out += c;
    }
  }
  return out;
}

bool same(std::string_view left, std::string_view right, bool fold) {
  if (!fold) return left == right;
  return std::ranges::equal(left, right,
                            [](char a, char b) { return text::ascii_lower(a) == text::ascii_lower(b); });
}

PsValue replaced(std::string_view text, std::string_view old, std::string_view fresh, bool fold) {
  if (old.empty()) return {};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() > limits::kCommandBytes) return {};
    if (same(text.substr(i, old.size()), old, fold)) {
      out += fresh;
      i += old.size();
    } else {
      out += text[i++];
    }
  }
  return bounded(std::move(out));
}

PsValue split_by(std::string_view text, std::string_view separator, bool fold) {
  std::vector<PsValue> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i + separator.size() <= text.size() && !separator.empty();) {
    if (same(text.substr(i, separator.size()), separator, fold)) {
      out.push_back(PsValue::of(std::string(text.substr(begin, i - begin))));
      i += separator.size();
      begin = i;
    } else {
      ++i;
    }
  }
  out.push_back(PsValue::of(std::string(text.substr(begin))));
  return PsValue::list(std::move(out));
}

PsValue split_by_any(std::string_view text, std::string_view separators) {
  std::vector<PsValue> out;
  std::string part;
  for (const char c : text) {
    if (separators.contains(c)) {
      out.push_back(PsValue::of(std::move(part)));
      part.clear();
    } else {
      part += c;
    }
  }
  out.push_back(PsValue::of(std::move(part)));
  return PsValue::list(std::move(out));
}

PsValue formatted(const PsValue& left, const PsValue& right) {
  if (!left.is_text()) return {};
  const std::vector<PsValue> values = right.as_list();
  std::string out;
  const std::string& format = left.text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    const std::size_t close = c == '{' ? format.find('}', i) : std::string::npos;
    if (close == std::string::npos) {
      out += c;
      continue;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(format.data() + i + 1, format.data() + close, index);
    if (error != std::errc() || index >= values.size() || !values[index].known()) return {};
    out += values[index].as_text();
    if (out.size() > limits::kCommandBytes) return {};
    i = close;
    (void)end;
  }
  return PsValue::of(std::move(out));
}

PsValue joined(const PsValue& list, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const PsValue& item : list.as_list()) {
    if (!item.known()) return {};
    if (!first) out += separator;
    first = false;
    out += item.as_text();
    if (out.size() > limits::kCommandBytes) return {};
  }
  return PsValue::of(std::move(out));
}

PsValue range(std::int64_t from, std::int64_t to) {
  if (std::abs(from - to) > static_cast<std::int64_t>(limits::kCommandRange)) return {};
  std::vector<PsValue> out;
  for (std::int64_t i = from;; i += from < to ? 1 : -1) {
    out.push_back(PsValue::of(i));
    if (i == to) break;
  }
  return PsValue::list(std::move(out));
}

PsValue sum(const PsValue& left, const PsValue& right) {
  if (left.kind == Kind::null) return right;
  if (left.kind == Kind::list) {
    PsValue out = left;
    for (PsValue& item : right.as_list()) out.items.push_back(std::move(item));
    return out.items.size() > limits::kCommandBytes ? PsValue{} : out;
  }
  std::int64_t number = 0;
  if (left.kind == Kind::number)
    return right.as_number(number)
               ? PsValue::of(static_cast<std::int64_t>(static_cast<std::uint64_t>(left.number) +
                                                       static_cast<std::uint64_t>(number)))
               : PsValue{};
  if (!left.known() || !right.known()) return {};
  return bounded(left.as_text() + right.as_text());
}

PsValue arithmetic(std::string_view name, const PsValue& left, const PsValue& right) {
  std::int64_t a = 0, b = 0;
  if (name == "*" && left.is_text() && right.as_number(b)) {
    std::string out;
    if (b < 0 || static_cast<std::uint64_t>(b) * left.text.size() > limits::kCommandBytes) return {};
    for (std::int64_t i = 0; i < b; ++i) out += left.text;
    return PsValue::of(std::move(out));
  }
  if (!left.as_number(a) || !right.as_number(b)) return {};
  const auto ua = static_cast<std::uint64_t>(a), ub = static_cast<std::uint64_t>(b);
  if (name == "-") return PsValue::of(static_cast<std::int64_t>(ua - ub));
  if (name == "*") return PsValue::of(static_cast<std::int64_t>(ua * ub));
  if (name == "bxor") return PsValue::of(a ^ b);
  if (name == "band") return PsValue::of(a & b);
  if (name == "bor") return PsValue::of(a | b);
  if (b == 0 || b == -1) return {};
  if (name == "/") return a % b == 0 ? PsValue::of(a / b) : PsValue{};
  if (name == "%") return PsValue::of(a % b);
  return {};
}

PsValue to_char(const PsValue& value) {
  std::int64_t code = 0;
  if (value.is_text() && value.text.size() == 1) return value;
  if (!value.as_number(code) || code < 0 || code > 0xFFFF) return {};
  std::string out;
  text::append_code_point(out, static_cast<char32_t>(code));
  return PsValue::of(std::move(out));
}

PsValue characters(const PsValue& value) {
  std::vector<PsValue> out;
  if (value.is_text()) {
    for (std::size_t at = 0; at < value.text.size();) {
      const std::size_t begin = at;
      (void)text::next_code_point(value.text, at);
      out.push_back(PsValue::of(value.text.substr(begin, at - begin)));
    }
    return PsValue::list(std::move(out));
  }
  if (value.kind == Kind::bytes) {
    for (const char c : value.text)
      out.push_back(to_char(PsValue::of(std::int64_t{static_cast<unsigned char>(c)})));
    return PsValue::list(std::move(out));
  }
  for (const PsValue& item : value.as_list()) {
    out.push_back(to_char(item));
    if (!out.back().known()) return {};
  }
  return PsValue::list(std::move(out));
}

/// The bytes of a value: themselves, or a list of numbers; found in an object's own arguments too.
std::optional<std::string> bytes_of(const PsValue& value) {
  if (value.kind == Kind::bytes) return value.text;
  if (value.kind == Kind::list) {
    std::string out;
    for (const PsValue& item : value.items) {
      if (item.kind == Kind::bytes && value.items.size() == 1) return item.text;
      std::int64_t number = 0;
      if (!item.as_number(number) || number < 0 || number > 255) return std::nullopt;
      out += static_cast<char>(number);
    }
    return out.empty() ? std::nullopt : std::optional(out);
  }
  if (value.kind == Kind::object && !value.items.empty()) return bytes_of(value.items.front());
  return std::nullopt;
}

PsValue decoded(std::string_view encoding, const PsValue& value) {
  const auto bytes = bytes_of(value);
  if (!bytes) return {};
  if (encoding == "unicode" || encoding == "utf-16" || encoding == "utf-16le" || encoding == "1200")
    return bounded(from_utf16(*bytes));
  if (encoding == "bigendianunicode") {
    std::string swapped = *bytes;
    for (std::size_t i = 0; i + 1 < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
    return bounded(from_utf16(swapped));
  }
  std::string out;
  text::append_valid_utf8(out, *bytes);
  return bounded(std::move(out));
}

std::size_t size_argument(const std::vector<PsValue>& arguments, std::size_t i, std::size_t otherwise) {
  std::int64_t number = 0;
  if (i >= arguments.size()) return otherwise;
  if (!arguments[i].as_number(number) || number < 0) return std::string::npos;
  return static_cast<std::size_t>(number);
}

PsValue text_method(const std::string& text, std::string_view name, const std::vector<PsValue>& arguments) {
  const auto argument = [&](std::size_t i) {
    return i < arguments.size() && arguments[i].known() ? std::optional(arguments[i].as_text())
                                                        : std::nullopt;
  };
  if (name == "tostring" || name == "clone" || name == "normalize") return PsValue::of(text);
  if (name == "tolower" || name == "tolowerinvariant") return PsValue::of(lower(text));
  if (name == "toupper" || name == "toupperinvariant") {
    std::string out = text;
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return PsValue::of(std::move(out));
  }
  if (name == "tochararray") return characters(PsValue::of(text));
  if (name == "replace" && argument(0) && argument(1))
    return replaced(text, *argument(0), *argument(1), false);
  if (name == "split") {
    std::string separators;
    for (const PsValue& item : arguments.empty() ? std::vector<PsValue>{} : arguments[0].as_list())
      separators += item.as_text();
    return split_by_any(text, separators.empty() ? " \t\r\n" : separators);
  }
  if (name == "trim" || name == "trimstart" || name == "trimend") {
    const std::string gone = argument(0).value_or(" \t\r\n");
    std::size_t begin = 0, end = text.size();
    while (name != "trimend" && begin < end && gone.contains(text[begin])) ++begin;
    while (name != "trimstart" && end > begin && gone.contains(text[end - 1])) --end;
    return PsValue::of(text.substr(begin, end - begin));
  }
  const std::size_t from = size_argument(arguments, 0, std::string::npos);
  if (name == "substring" && from <= text.size())
    return PsValue::of(text.substr(from, size_argument(arguments, 1, std::string::npos)));
  if (name == "remove" && from <= text.size()) {
    std::string out = text;
    out.erase(from, size_argument(arguments, 1, std::string::npos));
    return PsValue::of(std::move(out));
  }
  if (name == "insert" && from <= text.size() && argument(1)) {
    std::string out = text;
    out.insert(from, *argument(1));
    return bounded(std::move(out));
  }
  return {};
}

}  // namespace

std::string type_name(std::string_view written) {
  std::string out;
  for (const char c : written) {
    if (c != ' ' && c != '`' && c != '\t') out += text::ascii_lower(c);
  }
  if (out.starts_with("system.")) out.erase(0, 7);
  return out;
}

bool PsValue::known() const {
  switch (kind) {
    case Kind::null:
    case Kind::text:
    case Kind::number:
    case Kind::block:
    case Kind::type:
      return true;
    case Kind::list:
      return std::ranges::all_of(items, &PsValue::known);
    default:
      return false;
  }
}

std::string PsValue::as_text() const {
  if (kind == Kind::number) return std::to_string(number);
  if (kind != Kind::list) return kind == Kind::null || kind == Kind::unknown ? std::string() : text;
  std::string out;
  for (const PsValue& item : items) {
    if (!out.empty()) out += ' ';
    out += item.as_text();
    if (out.size() > limits::kCommandBytes) break;
  }
  return out;
}

bool PsValue::as_number(std::int64_t& out) const {
  if (kind == Kind::number) {
    out = number;
    return true;
  }
  if (kind != Kind::text || text.empty()) return false;
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  }
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
  return error == std::errc() && end == digits.data() + digits.size();
}

std::vector<PsValue> PsValue::as_list() const {
  if (kind == Kind::list) return items;
  if (kind == Kind::null) return {};
  if (kind == Kind::bytes) {
    std::vector<PsValue> out;
    for (const char c : text) out.push_back(of(std::int64_t{static_cast<unsigned char>(c)}));
    return out;
  }
  return {*this};
}

PsValue binary(std::string_view name, const PsValue& left, const PsValue& right) {
  if (name == "f") return formatted(left, right);
  if (name == "+") return sum(left, right);
  if (name == "join") return right.known() ? joined(left, right.as_text()) : PsValue{};
  if (name == "..") {
    std::int64_t from = 0, to = 0;
    return left.as_number(from) && right.as_number(to) ? range(from, to) : PsValue{};
  }
  if (name == "as" && right.kind == Kind::type) return cast(right.text, left);
  const bool fold = !name.starts_with('c');
  if (name.size() > 5 && (name[0] == 'c' || name[0] == 'i') &&
      (name.substr(1) == "replace" || name.substr(1) == "split"))
    name.remove_prefix(1);
  if (name == "replace" || name == "split") {
    const std::vector<PsValue> arguments = right.as_list();
    if (arguments.empty() || !left.known() || !arguments[0].known()) return {};
    const auto pattern = plain_pattern(arguments[0].as_text());
    if (name == "replace") {
      const std::string fresh = arguments.size() > 1 ? arguments[1].as_text() : std::string();
      if (!pattern || fresh.contains('$')) return {};
      return replaced(left.as_text(), *pattern, fresh, fold);
    }
    if (pattern) return split_by(left.as_text(), *pattern, fold);
    const std::string set = arguments[0].as_text();  // [abc]: any of them
    if (set.size() > 2 && set.front() == '[' && set.find_first_of("]^-\\", 1) == set.size() - 1)
      return split_by_any(left.as_text(), std::string_view(set).substr(1, set.size() - 2));
    return {};
  }
  return arithmetic(name, left, right);
}

PsValue unary(std::string_view name, const PsValue& operand) {
  if (name == "join") return joined(operand, "");
  if (name == "split" && operand.known()) {
    PsValue out = split_by_any(operand.as_text(), " \t\r\n");
    std::erase_if(out.items, [](const PsValue& item) { return item.text.empty(); });
    return out;
  }
  std::int64_t number = 0;
  if (name == "-" && operand.as_number(number))
    return PsValue::of(static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(number)));
  return {};
}

PsValue cast(std::string_view type, const PsValue& operand) {
  if (type == "char") return to_char(operand);
  if (type == "char[]") return characters(operand);
  if (type == "string") {
    return operand.kind == Kind::list || operand.known()
               ? (operand.known() ? PsValue::of(operand.as_text()) : PsValue{})
               : PsValue{};
  }
  if (type.starts_with("int") || type == "byte" || type == "long" || type == "uint32") {
    std::int64_t number = 0;
    if (type.ends_with("[]")) {
      std::vector<PsValue> out;
      for (const PsValue& item : operand.as_list())
        out.push_back(cast(type.substr(0, type.size() - 2), item));
      return PsValue::list(std::move(out));
    }
    if (operand.as_number(number)) return PsValue::of(number);
    if (operand.is_text() && operand.text.size() == 1)
      return PsValue::of(std::int64_t{static_cast<unsigned char>(operand.text[0])});
    return {};
  }
  if (type == "scriptblock" && operand.is_text()) return {Kind::block, operand.text, 0, {}};
  if (type == "type" && operand.known()) return {Kind::type, type_name(operand.as_text()), 0, {}};
  if (type == "wmiclass" && operand.is_text()) {  // "\\\\fs02\\root\\cimv2:win32_process"
    const std::string name = lower(operand.text);
    return {Kind::type, "wmiclass:" + name.substr(name.find_last_of(":\\") + 1), 0, {}};
  }
  if (type == "io.memorystream") return made_object("io.memorystream", {operand});
  return operand;
}

PsValue indexed(const PsValue& value, const PsValue& index) {
  const PsValue all = value.is_text()             ? characters(value)
                      : value.kind == Kind::bytes ? PsValue::list(value.as_list())
                                                  : value;
  if (all.kind != Kind::list) return {};
  std::vector<PsValue> out;
  for (const PsValue& one : index.as_list()) {
    std::int64_t at = 0;
    if (!one.as_number(at)) return {};
    const auto size = static_cast<std::int64_t>(all.items.size());
    if (at < 0) at += size;
    if (at >= 0 && at < size) out.push_back(all.items[static_cast<std::size_t>(at)]);
    if (out.size() > limits::kCommandBytes) return {};
  }
  if (index.kind != Kind::list) return out.empty() ? PsValue::null() : std::move(out.front());
  return PsValue::list(std::move(out));
}

PsValue property(const PsValue& value, std::string_view name) {
  if (name == "length" || name == "count") {
    if (value.is_text() && name == "length") return PsValue::of(static_cast<std::int64_t>(value.text.size()));
    if (value.kind == Kind::list) return PsValue::of(static_cast<std::int64_t>(value.items.size()));
  }
  if (name == "value" && value.is_text()) return value;
  return {};
}

PsValue method(const PsValue& value, std::string_view name, const std::vector<PsValue>& arguments) {
  if (value.is_text()) return text_method(value.text, name, arguments);
  if ((value.kind == Kind::number || value.kind == Kind::block) && name == "tostring")
    return PsValue::of(value.as_text());
  if (value.kind != Kind::object) return {};
  if (value.text.starts_with("encoding:") && !arguments.empty()) {
    const std::string_view encoding = std::string_view(value.text).substr(9);
    if (name == "getstring") return decoded(encoding, arguments[0]);
    if (name == "getbytes" && arguments[0].is_text() && encoding != "unicode")
      return PsValue::bytes(arguments[0].text);
  }
  const auto bytes = bytes_of(value);
  if (bytes && (name == "readtoend" || name == "readline")) return bounded(as_text(*bytes));
  if (bytes && (name == "toarray" || name == "getbuffer")) return PsValue::bytes(*bytes);
  return {};
}

PsValue static_method(std::string_view type, std::string_view name, const std::vector<PsValue>& arguments) {
  const auto argument = [&](std::size_t i) { return i < arguments.size() ? arguments[i] : PsValue{}; };
  std::int64_t number = 0;
  if (type == "convert") {
    if (name == "frombase64string" && argument(0).known()) {
      auto bytes = from_base64(argument(0).as_text());
      return bytes ? PsValue::bytes(std::move(*bytes)) : PsValue{};
    }
    std::int64_t base = 10;
    if (arguments.size() > 1 && !argument(1).as_number(base)) return {};
    if ((name.starts_with("toint") || name == "tobyte" || name == "touint32") && argument(0).is_text() &&
        (base == 2 || base == 8 || base == 16 || base == 10)) {
      const std::string& text = argument(0).text;
      const std::string digits = base == 16 && text.starts_with("0x") ? text.substr(2) : text;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), number, static_cast<int>(base));
      return error == std::errc() && end == digits.data() + digits.size() ? PsValue::of(number) : PsValue{};
    }
    if (name == "tochar") return to_char(argument(0));
    if (name == "tostring") return cast("string", argument(0));
  }
  if (type == "char" && (name == "convertfromutf32" || name == "parse")) return to_char(argument(0));
  if (type == "string" || type == "text.string") {
    if (name == "join" && argument(0).known())
      return arguments.size() == 2
                 ? joined(argument(1), argument(0).as_text())
                 : joined(PsValue::list({arguments.begin() + 1, arguments.end()}), argument(0).as_text());
    if (name == "concat") return joined(arguments.size() == 1 ? argument(0) : PsValue::list(arguments), "");
    if (name == "format" && !arguments.empty())
      return formatted(argument(0), PsValue::list({arguments.begin() + 1, arguments.end()}));
    if (name == "new") return joined(argument(0), "");
  }
  if (type == "scriptblock" && name == "create" && argument(0).known())
    return {Kind::block, argument(0).as_text(), 0, {}};
  if (type == "text.encoding" && name == "getencoding" && argument(0).known())
    return {Kind::object, "encoding:" + lower(argument(0).as_text()), 0, {}};
  if (type == "regex" && name == "matches" && argument(1).as_text() == "." && argument(0).is_text()) {
    PsValue out = characters(argument(0));
    if (lower(argument(2).as_text()) == "righttoleft") std::ranges::reverse(out.items);
    return out;
  }
  if (type == "regex" && (name == "replace" || name == "split"))
    return binary("c" + std::string(name), argument(0), PsValue::list({argument(1), argument(2)}));
  if (type == "regex" && name == "unescape" && argument(0).is_text() && !argument(0).text.contains('\\'))
    return argument(0);
  if (name == "new") return made_object(std::string(type), arguments);
  return {};
}

PsValue made_object(std::string type, std::vector<PsValue> arguments) {
  if (type == "string" && !arguments.empty()) return joined(arguments[0], "");
  if (type.starts_with("text.") && type.ends_with("encoding")) {
    std::string name = type.substr(5, type.size() - 13);
    return {Kind::object, "encoding:" + (name == "unicode" ? std::string("unicode") : name), 0, {}};
  }
  if (type.ends_with("gzipstream") || type.ends_with("deflatestream") || type.ends_with("zlibstream")) {
    const auto packed = arguments.empty() ? std::nullopt : bytes_of(arguments.front());
    auto plain = packed ? inflated(*packed) : std::nullopt;
    if (!plain) return {};
    return {Kind::object, std::move(type), 0, {PsValue::bytes(std::move(*plain))}};
  }
  return {Kind::object, std::move(type), 0, std::move(arguments)};
}

}  // namespace landwarden::command
