// A processing pipeline as it was read; private to processing*.cc.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "sigma/condition.h"
#include "sigma/processing_regex.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

struct ProcessingCondition {
  enum class Kind : std::uint8_t {
    // on rules
    logsource,
    contains_detection_item,
    contains_field,
    is_sigma_rule,
    is_sigma_correlation_rule,
    tag,
    rule_attribute,
    // on values of an item
    match_string,
    match_value,
    contains_wildcard,
    is_null,
    // on field names
    include_fields,
    exclude_fields,
    // on all
    processing_item_applied,
    processing_state,
  };
  Kind kind = Kind::is_sigma_rule;
  std::string name;  ///< for expressions; may be empty
  std::optional<std::string> category, product, service;
  std::string field, text;  ///< text: id, key, tag, attribute
  yaml::Node value;
  bool negate = false, all_values = false, not_equal = false;
  std::vector<std::string> fields;
  std::vector<ProcessingRegex> patterns;
};

/// Conditions that belong together.
struct ProcessingConditions {
  std::vector<ProcessingCondition> list;
  bool any = false;  ///< one is enough
  bool negate = false;
  std::optional<Condition> expression;  ///< over the names; instead of `any`
};

struct ProcessingItem {
  enum class Kind : std::uint8_t {
    field_name_mapping,
    field_name_prefix_mapping,
    field_name_prefix,
    field_name_suffix,
    drop_detection_item,
    add_condition,
    change_logsource,
    add_field,
    remove_field,
    set_field,
    replace_string,
    map_string,
    set_state,
    set_value,
    convert_type,
    rule_failure,
    detection_item_failure,
    set_custom_attribute,
    value_placeholders,
    wildcard_placeholders,
  };
  Kind kind = Kind::rule_failure;
  std::string id, pipeline;  ///< pipeline: its name or file, for messages
  Place place;
  ProcessingConditions on_rule, on_item, on_field;

  std::vector<std::pair<std::string, std::vector<std::string>>> mapping;
  std::string text;  ///< prefix, suffix, message, key, name, replacement, target type
  std::optional<std::string> category, product, service;
  yaml::Node conditions, value;
  bool templated = false, negated = false, skip_special = false;
  std::optional<ProcessingRegex> regex;
  std::vector<std::string> fields, include, exclude;
};

struct ProcessingPipeline {
  std::string name;
  std::int64_t priority = 0;
  std::map<std::string, std::vector<std::string>, std::less<>> vars;
  std::vector<ProcessingItem> items;
};

[[nodiscard]] Result<ProcessingPipeline> parse_pipeline(std::string_view yaml, const std::string& file);

}  // namespace landwarden::sigma
