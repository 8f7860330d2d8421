#include "decode/json/flatten.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>

#include "base/limits.h"
#include "base/text.h"

namespace landwarden::decode::json {
namespace {

namespace ondemand = simdjson::ondemand;
using event::ValueType;

constexpr std::string_view kData = "Data";
constexpr const char* kTooDeep = "nested too deep";
constexpr const char* kTooMany = "too many values";
constexpr const char* kTrailing = "something follows the object on its line";
constexpr const char* kBadEscape = "a string has an escape that JSON does not know";
constexpr const char* kBadNumber = "a number cannot be read";
constexpr const char* kNoComma = "a value is followed by neither comma nor bracket";
constexpr const char* kBadWord = "a word is neither true, false nor null";
/// Parsers that grew for one long record are not kept: simdjson takes five times its size.
constexpr std::size_t kKeepParserBytes = 4 << 20;

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

/// Four hex digits, or a negative number.
int hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/// Appends what a string's inside means; false for an escape that JSON does not know.
bool append_unescaped(std::string& out, std::string_view inside) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  while (!inside.empty()) {
    const std::size_t plain = std::min(inside.find('\\'), inside.size());
    out += inside.substr(0, plain);
    inside.remove_prefix(plain);
    if (inside.empty()) return true;
    if (inside.size() < 2) return false;
    const std::size_t letter = kLetters.find(inside[1]);
    if (letter != kLetters.npos) {
      out += kMeanings[letter];
      inside.remove_prefix(2);
      continue;
    }
    const int unit = inside[1] == 'u' ? hex4(inside.substr(2)) : -1;
    if (unit < 0) return false;
    inside.remove_prefix(6);
    char32_t code_point = static_cast<char32_t>(unit);
    if (unit >= 0xD800 && unit < 0xDC00 && inside.starts_with("\\u")) {
      const int low = hex4(inside.substr(2));
      if (low >= 0xDC00 && low < 0xE000) {
        code_point =
            0x10000 + ((static_cast<char32_t>(unit) - 0xD800) << 10) + (static_cast<char32_t>(low) - 0xDC00);
        inside.remove_prefix(6);
      }
    }
    text::append_code_point(out, code_point);  // an unpaired surrogate becomes U+FFFD
  }
  return true;
}

bool is_number(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  });
}

/// The record with what is not UTF-8 replaced and control characters in strings escaped.
std::string mend(std::string_view record) {
  std::string valid;
  text::append_valid_utf8(valid, record);
  std::string out;
  out.reserve(valid.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const char c = valid[i];
    if (in_string && static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
      continue;
    }
    if (c == '"') in_string = !in_string;
    out += c;
    if (in_string && c == '\\' && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) >= 0x20)
      out += valid[++i];
  }
  return out;
}

}  // namespace

struct Flattener::Parser {
  Parser(Paths& given_paths, std::vector<Item>& given_items, std::uint64_t& given_meets)
      : paths(given_paths), items(given_items), meets(given_meets) {}

  const char* run(std::string_view record, std::size_t readable, std::string_view at, PathEntry* last_entry) {
    before = last_entry;
    path = at;
    arena.clear();
    arena.reserve(record.size());  // no text is longer than its escaped form: views into it stay
    if (record.size() + simdjson::SIMDJSON_PADDING > readable) {
      copy.assign(record);
      copy.append(simdjson::SIMDJSON_PADDING, ' ');
      record = std::string_view(copy).substr(0, record.size());
    }
    const char* reason = parse(record);
    if (record.size() > kKeepParserBytes) parser = ondemand::parser();
    return reason;
  }

  Paths& paths;
  std::vector<Item>& items;
  std::uint64_t& meets;
  PathEntry* before = nullptr;

 private:
  const char* parse(std::string_view record) {
    ondemand::document document;
    if (const auto error =
            parser.iterate(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING)
                .get(document)) {
      return simdjson::error_message(error);
    }
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return simdjson::error_message(error);
    if (const char* reason = read_object(object, 1)) return reason;
    const char* rest = nullptr;
    if (!document.current_location().get(rest)) return kTrailing;
    return nullptr;
  }

  const char* read_object(ondemand::object& object, std::size_t depth) {
    if (depth > limits::kJsonDepth) return kTooDeep;
    bool any = false;
    // <Data Name="X">: the name leads, the value is its text.
    bool named = false, has_text = false;
    for (auto entry : object) {
      ondemand::field field;
      if (const auto error = std::move(entry).get(field)) return simdjson::error_message(error);
      std::string_view key;
      if (const auto error = key_of(field, key)) return simdjson::error_message(error);
      ondemand::value value = field.value();
      if (!any && key == "@Name" && is_data()) {
        any = true;
        if (const char* reason = enter_named(value, named)) return reason;
        if (named) continue;
      }
      any = true;
      has_text = has_text || key == "#text";
      const std::size_t length = push(key);
      const char* reason = read_value(value, depth);
      path.resize(length);
      if (reason != nullptr) return reason;
    }
    if (named && !has_text) return add(ValueType::text, false, {});
    return any ? nullptr : add(ValueType::text, true, {});
  }

  /// Keys have next to never escapes; then they are read where they stand.
  static simdjson::error_code key_of(ondemand::field& field, std::string_view& key) {
    const char* raw = field.key().raw();
    const char* end = raw;
    while (*end != '"' && *end != '\\') ++end;  // simdjson has found the closing quote
    if (*end == '\\') return field.unescaped_key().get(key);
    key = {raw, static_cast<std::size_t>(end - raw)};
    return simdjson::SUCCESS;
  }

  const char* read_value(ondemand::value& value, std::size_t depth) {
    const std::string_view token = value.raw_json_token();
    // simdjson passes over a value that it was not asked to read, and takes `"a":"b":` for a key when it
    // does.
    const bool scalar = token.front() != '{' && token.front() != '[';
    if (const char next = token.data()[token.size()]; scalar && next != ',' && next != '}' && next != ']') {
      return kNoComma;
    }
    switch (token.front()) {
      case '{': {
        const std::size_t length = path.size();
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return simdjson::error_message(error);
        const bool data = is_data();
        const char* reason = read_object(object, depth + 1);
        path.resize(data ? length - kData.size() : length);
        if (data) path += kData;  // a name may have taken its place
        return reason;
      }
      case '[':
        return read_array(value, depth);
      case '"':
        return read_string(trimmed(token));
      case 't':
        return read_word(trimmed(token), "true", ValueType::boolean);
      case 'f':
        return read_word(trimmed(token), "false", ValueType::boolean);
      case 'n':
        return trimmed(token) == "null" ? add(ValueType::text, true, {}) : kBadWord;
      case 'N':
        return read_word(trimmed(token), "NaN", ValueType::real);
      case 'I':
        return read_word(trimmed(token), "Infinity", ValueType::real);
      default:
        return read_number(trimmed(token));
    }
  }

  const char* read_array(ondemand::value& value, std::size_t depth) {
    if (depth >= limits::kJsonDepth) return kTooDeep;
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return simdjson::error_message(error);
    bool any = false;
    for (auto entry : array) {
      ondemand::value element;
      if (const auto error = std::move(entry).get(element)) return simdjson::error_message(error);
      any = true;
      if (const char* reason = read_value(element, depth + 1)) return reason;
    }
    return any ? nullptr : add(ValueType::text, true, {});
  }

  /// The token of a string; simdjson found its quotes and checked that it is UTF-8.
  const char* read_string(std::string_view token) {
    std::string_view text;
    if (const char* reason = string_of(token, text)) return reason;
    return add(ValueType::text, false, text);
  }

  const char* string_of(std::string_view token, std::string_view& text) {
    if (token.size() < 2 || token.back() != '"') return kTrailing;
    text = token.substr(1, token.size() - 2);
    if (std::memchr(text.data(), '\\', text.size()) == nullptr) return nullptr;
    const std::size_t begin = arena.size();
    if (!append_unescaped(arena, text)) return kBadEscape;
    text = std::string_view(arena).substr(begin);
    return nullptr;
  }

  const char* read_word(std::string_view token, std::string_view word, ValueType type) {
    return token == word ? add(type, false, token) : kBadWord;
  }

  const char* read_number(std::string_view token) {
    if (token == "-Infinity") return add(ValueType::real, false, token);
    if (token.empty() || token.front() == '+' || token == "-" || !is_number(token)) return kBadNumber;
    if (token.find_first_of(".eE") != token.npos) return add(ValueType::real, false, token);
    return add(token.front() == '-' ? ValueType::integer : ValueType::uinteger, false, token);
  }

  const char* add(ValueType type, bool null, std::string_view text) {
    if (items.size() >= limits::kJsonValues) return kTooMany;
    PathEntry& entry = paths.find(path, before);
    before = &entry;
    meets |= entry.meets;
    items.push_back({&entry, type, null, text});
    return nullptr;
  }

  /// Adds a key to the path and gives the length to go back to.
  std::size_t push(std::string_view key) {
    const std::size_t length = path.size();
    if (length > 0) path += kKeySeparator;
    const std::size_t room = limits::kJsonPathBytes - std::min(path.size(), limits::kJsonPathBytes);
    path += key.substr(0, room);
    return length;
  }

  [[nodiscard]] bool is_data() const {
    return path.size() > kData.size() && path.ends_with(kData) &&
           path[path.size() - kData.size() - 1] == kKeySeparator;
  }

  /// Puts a data element's name in the place of "Data" in the path.
  const char* enter_named(ondemand::value& value, bool& named) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (token.empty() || token.front() != '"') return nullptr;
    std::string_view name;
    if (const char* reason = string_of(token, name)) return reason;
    if (name.empty()) return nullptr;
    path.resize(path.size() - kData.size());
    const std::size_t room = limits::kJsonPathBytes - std::min(path.size(), limits::kJsonPathBytes);
    path += name.substr(0, room);
    named = true;
    return nullptr;
  }

  ondemand::parser parser;
  std::string path, arena, copy;
};

Flattener::Flattener(Paths& paths)
    : parser_(std::make_unique<Parser>(paths, items_, meets_)),
      embedded_(std::make_unique<Parser>(paths, items_, meets_)) {}
Flattener::~Flattener() = default;

const char* Flattener::read(std::string_view record, std::size_t readable) {
  const auto attempt = [&](std::string_view bytes, std::size_t bytes_readable) {
    items_.clear();
    meets_ = 0;
    return parser_->run(bytes, bytes_readable, {}, nullptr);
  };
  mended_ = false;
  const char* reason = attempt(record, readable);
  if (reason == nullptr) return nullptr;
  const bool is_text = text::is_utf8(record);
  const bool control =
      std::any_of(record.begin(), record.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (is_text && !control) return reason;
  mended_record_ = mend(record);
  const char* second = attempt(mended_record_, mended_record_.size());
  mended_ = second == nullptr;
  return mended_ ? nullptr : reason;
}

namespace {

struct Escape {
  std::string_view written;
  char meant;
};
constexpr Escape kXmlEscapes[] = {
    {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

const Escape* xml_escape(std::string_view text) {
  for (const Escape& escape : kXmlEscapes) {
    if (text.starts_with(escape.written)) return &escape;
  }
  return nullptr;
}

/// Whether text has a character that escaping would have replaced.
bool is_plain(std::string_view text) {
  for (std::size_t at = text.find_first_of("&<>"); at != text.npos; at = text.find_first_of("&<>", at + 1)) {
    if (text[at] != '&' || xml_escape(text.substr(at)) == nullptr) return true;
  }
  return false;
}

}  // namespace

bool Flattener::undo_xml_escapes() {
  const auto has_plain = [](const Item& item) { return is_plain(item.text); };
  if (std::any_of(items_.begin(), items_.end(), has_plain)) return false;
  unescaped_.clear();
  for (Item& item : items_) {
    if (!item.text.contains('&')) continue;
    std::string& text = unescaped_.emplace_back();
    for (std::size_t at = 0; at < item.text.size();) {
      const Escape* escape = item.text[at] == '&' ? xml_escape(item.text.substr(at)) : nullptr;
      text += escape != nullptr ? escape->meant : item.text[at];
      at += escape != nullptr ? escape->written.size() : 1;
    }
    item.text = text;
  }
  return !unescaped_.empty();
}

const char* Flattener::read_embedded(std::string_view text, std::string_view at) {
  const std::size_t before = items_.size();
  const char* reason = embedded_->run(text, text.size(), at, parser_->before);
  if (reason != nullptr) items_.resize(before);
  return reason;
}

}  // namespace landwarden::decode::json
