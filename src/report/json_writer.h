// Builds JSON text with an indentation that a person can read too; elements of long lists are one line each.
//
// Strings as append_json_string (report/json.h) writes them. Not thread-safe.

#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "report/json.h"

namespace landwarden::report {

/// Objects and lists.
class JsonWriter {
 public:
  void open(char bracket) {
    before_value();
    out_ += bracket;
    fresh_ = true;
    ++depth_;
  }
  void close(char bracket) {
    --depth_;
    if (!fresh_ && !flat()) new_line();
    out_ += bracket;
    fresh_ = false;
  }
  JsonWriter& key(std::string_view name) {
    before_value();
    append_json_string(out_, name);
    out_ += ':';
    if (!flat()) out_ += ' ';
    after_key_ = true;
    return *this;
  }
  void text(std::string_view value) {
    before_value();
    append_json_string(out_, value);
  }
  void number(std::integral auto value) {
    before_value();
    out_ += std::to_string(value);
  }
  void truth(bool value) {
    before_value();
    out_ += value ? "true" : "false";
  }
  void null() {
    before_value();
    out_ += "null";
  }
  void time(Time value) {
    if (value.known()) {
      text(to_rfc3339(value));
    } else {
      null();
    }
  }
  /// From here on everything stays on one line, until the matching end.
  void begin_flat() {
    before_value();
    flat_from_ = depth_;
    after_key_ = true;
  }
  /// The same for the value of a key.
  void begin_flat_key(std::string_view name) {
    key(name);
    after_key_ = true;
    begin_flat();
  }
  void end_flat() { flat_from_ = kNever; }
  [[nodiscard]] std::string take() { return std::move(out_) + "\n"; }

 private:
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);
  [[nodiscard]] bool flat() const { return flat_from_ != kNever; }
  void new_line() { out_ += "\n" + std::string(depth_ * 2, ' '); }
  void before_value() {
    if (after_key_) {
      after_key_ = false;
      return;
    }
    if (depth_ == 0) return;
    if (!fresh_) out_ += ',';
    if (!flat()) new_line();
    fresh_ = false;
  }

  std::string out_;
  std::size_t depth_ = 0, flat_from_ = kNever;
  bool fresh_ = true, after_key_ = false;
};

inline void times(JsonWriter& json, Time first, Time last) {
  json.key("first").time(first);
  json.key("last").time(last);
}

void list(JsonWriter& json, std::string_view name, const auto& values, auto&& each) {
  json.key(name).open('[');
  for (const auto& value : values) each(value);
  json.close(']');
}

/// A list with an element a line.
void lines(JsonWriter& json, std::string_view name, const auto& values, auto&& each) {
  list(json, name, values, [&](const auto& value) {
    json.begin_flat();
    json.open('{');
    each(value);
    json.close('}');
    json.end_flat();
  });
}

}  // namespace landwarden::report
