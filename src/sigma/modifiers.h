// Detection items: "Field|modifier|…: value" as tests of a field against typed predicates.
//
// Implements the modifiers of the Sigma specification 2.1.0; which chains are legal is in
// docs/sigma-semantics.md. What is wrong goes to the report with its place; nothing is weakened: an item that
// cannot be resolved makes the rule fail.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "sigma/modifiers_pattern.h"
#include "sigma/parser_report.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

enum class Modifier : std::uint8_t {
  all,
  neq,
  contains,
  startswith,
  endswith,
  cased,
  windash,
  wide,
  utf16be,
  utf16,
  base64,
  base64offset,
  re,
  ignore_case,
  multiline,
  dotall,
  cidr,
  lt,
  lte,
  gt,
  gte,
  minute,
  hour,
  day,
  week,
  month,
  year,
  exists,
  fieldref,
  expand,
};

/// What stands left of the values.
struct FieldKey {
  std::string text;                 ///< as written
  std::string field;                ///< empty: keywords
  std::vector<Modifier> modifiers;  ///< without `all` and `neq`
  bool all = false;                 ///< every value must be met
  bool negate = false;              ///< |neq

  [[nodiscard]] bool has(Modifier modifier) const;
};

/// Reads a key and checks its chain of modifiers.
[[nodiscard]] std::optional<FieldKey> parse_field_key(const yaml::Node& key, RuleReport& report);

/// The tests of one item, appended to `tests`, as an expression over their indexes.
[[nodiscard]] std::optional<Expression> parse_item(const FieldKey& key, const yaml::Node& value,
                                                   const PlaceholderValues& placeholders, RuleReport& report,
                                                   std::vector<Test>& tests);

}  // namespace landwarden::sigma
