// Values of PowerShell expressions that follow from the script's text alone, and what operators, casts and
// methods make of them.
//
// Only what obfuscators build texts with: strings, numbers, lists, bytes, encodings, decompressed streams.
// All else is `unknown`, and everything made of it is unknown too. Results are bounded by
// limits::kCommandBytes.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "command/limits.h"

namespace landwarden::command {

struct PsValue {
  enum class Kind : std::uint8_t {
    unknown,
    null,
    text,
    number,
    list,
    bytes,
    type,    ///< [name], lower case, without "system."
    block,   ///< { … }: the text between the braces
    object,  ///< of the type in `text`; what it was made with in `items`
  };
  Kind kind = Kind::unknown;
  std::string text;
  std::int64_t number = 0;
  std::vector<PsValue> items;

  [[nodiscard]] static PsValue of(std::string text) { return {Kind::text, std::move(text), 0, {}}; }
  [[nodiscard]] static PsValue of(std::int64_t number) { return {Kind::number, {}, number, {}}; }
  [[nodiscard]] static PsValue list(std::vector<PsValue> items) {
    return {Kind::list, {}, 0, std::move(items)};
  }
  [[nodiscard]] static PsValue bytes(std::string bytes) { return {Kind::bytes, std::move(bytes), 0, {}}; }
  [[nodiscard]] static PsValue null() { return {Kind::null, {}, 0, {}}; }

  [[nodiscard]] bool is_text() const { return kind == Kind::text; }
  /// Whether as_text() says all of it.
  [[nodiscard]] bool known() const;
  /// As PowerShell puts it into a string; lists with blanks between.
  [[nodiscard]] std::string as_text() const;
  [[nodiscard]] bool as_number(std::int64_t& out) const;
  /// The items of a list, the characters of nothing else: a single value is a list of one.
  [[nodiscard]] std::vector<PsValue> as_list() const;
};

/// A binary operator by its name, lower case, without '-': "f", "join", "replace", "+", "..", "bxor".
[[nodiscard]] PsValue binary(std::string_view name, const PsValue& left, const PsValue& right);
/// "join", "split", "-", "not" before an operand.
[[nodiscard]] PsValue unary(std::string_view name, const PsValue& operand);
/// [type]operand.
[[nodiscard]] PsValue cast(std::string_view type, const PsValue& operand);
[[nodiscard]] PsValue indexed(const PsValue& value, const PsValue& index);
/// A property, lower case.
[[nodiscard]] PsValue property(const PsValue& value, std::string_view name);
/// A method, lower case; unknown if it is none that is known here.
[[nodiscard]] PsValue method(const PsValue& value, std::string_view name,
                             const std::vector<PsValue>& arguments);
/// [type]::name(arguments).
[[nodiscard]] PsValue static_method(std::string_view type, std::string_view name,
                                    const std::vector<PsValue>& arguments);
/// New-Object.
[[nodiscard]] PsValue made_object(std::string type, std::vector<PsValue> arguments);

/// A type's name as it is compared: lower case, no blanks, without "system.".
[[nodiscard]] std::string type_name(std::string_view written);

}  // namespace landwarden::command
