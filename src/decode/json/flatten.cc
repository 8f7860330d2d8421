#include "decode/json/flatten.h"

#include <simdjson.h>

#include <algorithm>
#include <string>

#include "base/limits.h"
#include "base/text.h"
#include "decode/json/token.h"

namespace landwarden::decode::json {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr const char* kTooDeep = "nested too deep";
constexpr const char* kTooMany = "too many values";
constexpr const char* kTrailing = "something follows the object on its line";
constexpr const char* kBadName = "a name has an escape that JSON does not know";
constexpr const char* kNoComma = "a value is followed by neither comma nor bracket";
/// Parsers that grew for one long record are not kept: simdjson takes five times its size.
constexpr std::size_t kKeepParserBytes = 4 << 20;

static_assert(simdjson::SIMDJSON_PADDING >= kTokenSlack);

/// Stand for values that the record has no bytes for: {} and [] are nothing, a data element without a text is
/// an empty one.
alignas(16) constexpr char kNothing[4 + kTokenSlack] = "null";
alignas(16) constexpr char kEmptyText[2 + kTokenSlack] = "\"\"";

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
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
  Parser(KeyTree& given_keys, std::vector<PathEntry*>& given_entries,
         std::vector<std::string_view>& given_tokens)
      : keys(given_keys), entries(given_entries), tokens(given_tokens) {}

  const char* run(std::string_view record, std::size_t readable, KeyNode& at) {
    arena_size = record.size();
    copied = record.size() + simdjson::SIMDJSON_PADDING > readable;
    if (copied) {
      copy.assign(record);
      copy.append(simdjson::SIMDJSON_PADDING, ' ');
      record = std::string_view(copy).substr(0, record.size());
    }
    end = record.data() + record.size();
    const char* reason = parse(record, at);
    if (record.size() > kKeepParserBytes) parser = ondemand::parser();
    return reason;
  }

  TextArena arena;
  std::size_t arena_size = 0;  ///< that the texts of the record need
  bool copied = false;         ///< the record, since too few bytes behind it may be read

 private:
  const char* parse(std::string_view record, KeyNode& at) {
    ondemand::document document;
    if (const auto error =
            parser.iterate(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING)
                .get(document)) {
      return simdjson::error_message(error);
    }
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return simdjson::error_message(error);
    if (const char* reason = read_object(object, 1, at)) return reason;
    const char* rest = nullptr;
    if (!document.current_location().get(rest)) return kTrailing;
    return nullptr;
  }

  const char* read_object(ondemand::object& object, std::size_t depth, KeyNode& at) {
    if (depth > limits::kJsonDepth) return kTooDeep;
    KeyNode *here = &at, *before = nullptr;
    bool any = false, has_text = false;
    for (auto entry : object) {
      ondemand::field field;
      if (const auto error = std::move(entry).get(field)) return simdjson::error_message(error);
      KeyNode*& guess = before == nullptr ? here->first : before->next;
      const char* raw = field.key().raw();
      if (guess == nullptr || !guess->is(raw, left(raw))) {
        if (const char* reason = find_key(field, *here, guess)) return reason;
      }
      KeyNode& key = *guess;
      before = &key;
      ondemand::value value = field.value();
      // <Data Name="X">: the name leads, the value is its text.
      if (!any && key.is_name && at.data) {
        any = true;
        if (const char* reason = enter_named(value, at, here)) return reason;
        if (here != &at) {
          before = nullptr;
          continue;
        }
      }
      any = true;
      has_text = has_text || key.is_text;
      if (const char* reason = read_value(value, depth, key)) return reason;
    }
    if (here != &at && !has_text) return add(*here, {kEmptyText, 2});
    return any ? nullptr : add(at, {kNothing, 4});
  }

  /// Bytes of the record from here on.
  [[nodiscard]] std::size_t left(const char* at) const { return static_cast<std::size_t>(end - at); }

  const char* find_key(ondemand::field& field, KeyNode& here, KeyNode*& found) {
    const char* raw = field.key().raw();
    const char* quote = raw;
    while (*quote != '"') quote += *quote == '\\' ? 2 : 1;  // simdjson has found the closing quote
    const std::string_view written(raw, static_cast<std::size_t>(quote - raw) + 1);
    found = keys.find(here, written);
    if (found != nullptr) return nullptr;
    std::string_view key = written.substr(0, written.size() - 1);
    if (key.contains('\\')) {
      if (const auto error = field.unescaped_key().get(key)) return simdjson::error_message(error);
    }
    found = &keys.child(here, written, key);
    return nullptr;
  }

  /// Goes to what a data element's name stands for, if it has one.
  const char* enter_named(ondemand::value& value, KeyNode& data, KeyNode*& here) {
    const std::string_view whole = value.raw_json_token();
    if (whole.size() >= left(whole.data())) return kNoComma;
    const std::string_view token = trimmed(whole);
    if (token.empty() || token.front() != '"') return nullptr;
    if (token.size() < 2 || token.back() != '"') return kTrailing;
    const std::string_view written = token.substr(1);
    if (written.size() == 1) return nullptr;
    KeyNode*& guess = data.last_named == nullptr ? data.first_named : data.last_named->next_named;
    if (guess == nullptr || !guess->is(written.data(), left(written.data()))) {
      names.reset(written.size());
      std::string_view name;
      if (!unescape(written.substr(0, written.size() - 1), names, name)) return kBadName;
      guess = &keys.named(data, written, name);
    }
    here = data.last_named = guess;
    return nullptr;
  }

  const char* read_value(ondemand::value& value, std::size_t depth, KeyNode& key) {
    const std::string_view token = value.raw_json_token();
    // Behind the last bracket or comma of a broken record simdjson gives a length below zero.
    if (token.size() >= left(token.data())) return kNoComma;
    if (token.front() == '{') {
      ondemand::object object;
      if (const auto error = value.get_object().get(object)) return simdjson::error_message(error);
      return read_object(object, depth + 1, key);
    }
    if (token.front() == '[') return read_array(value, depth, key);
    // simdjson passes over a value that it was not asked to read, and takes `"a":"b":` for a key when it
    // does.
    const char next = token.data()[token.size()];
    if (next != ',' && next != '}' && next != ']') return kNoComma;
    return add(key, trimmed(token));
  }

  const char* read_array(ondemand::value& value, std::size_t depth, KeyNode& key) {
    if (depth >= limits::kJsonDepth) return kTooDeep;
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return simdjson::error_message(error);
    bool any = false;
    for (auto entry : array) {
      ondemand::value element;
      if (const auto error = std::move(entry).get(element)) return simdjson::error_message(error);
      any = true;
      if (const char* reason = read_value(element, depth + 1, key)) return reason;
    }
    return any ? nullptr : add(key, {kNothing, 4});
  }

  const char* add(KeyNode& key, std::string_view token) {
    if (entries.size() >= limits::kJsonValues) return kTooMany;
    entries.push_back(&keys.entry(key));
    tokens.push_back(token);
    return nullptr;
  }

  KeyTree& keys;
  std::vector<PathEntry*>& entries;
  std::vector<std::string_view>& tokens;
  ondemand::parser parser;
  const char* end = nullptr;  ///< of the record
  std::string copy;
  TextArena names;
};

Flattener::Flattener(Paths& paths)
    : keys_(paths),
      parser_(std::make_unique<Parser>(keys_, entries_, tokens_)),
      embedded_(std::make_unique<Parser>(keys_, entries_, tokens_)) {}
Flattener::~Flattener() = default;

const char* Flattener::walk(std::string_view record, std::size_t readable) {
  keys_.make_room();
  mended_ = false;
  entries_.clear();
  tokens_.clear();
  return parser_->run(record, readable, keys_.root({}));
}

bool Flattener::in_place() const {
  return !parser_->copied;
}

const char* Flattener::read_values() {
  clear();
  return add_values(*parser_);
}

/// Adds what the tokens mean to the items.
const char* Flattener::add_values(Parser& parser) {
  parser.arena.reset(parser.arena_size);
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    Meaning meaning;
    if (const char* reason = read_token(tokens_[i], parser.arena, meaning)) return reason;
    items_.push_back({entries_[i], meaning.type, meaning.null, meaning.text});
    meets_ |= entries_[i]->meets;
  }
  return nullptr;
}

const char* Flattener::read(std::string_view record, std::size_t readable) {
  const auto attempt = [&](std::string_view bytes, std::size_t bytes_readable) {
    const char* reason = walk(bytes, bytes_readable);
    return reason != nullptr ? reason : read_values();
  };
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

void Flattener::clear() {
  items_.clear();
  meets_ = 0;
}

const char* Flattener::read_embedded(std::string_view text, std::string_view at) {
  keys_.make_room();
  entries_.clear();
  tokens_.clear();
  const std::size_t before = items_.size();
  const char* reason = embedded_->run(text, text.size(), keys_.root(at));
  if (reason == nullptr) reason = add_values(*embedded_);
  if (reason != nullptr) items_.resize(before);
  return reason;
}

}  // namespace landwarden::decode::json
