// Reads pipeline files. A key, a kind or a value that is not understood is an error: a pipeline that works in
// part would leave rules that are silently deaf.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "sigma/limits.h"
#include "sigma/parser_report.h"
#include "sigma/processing_pipeline.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;
using Kind = ProcessingItem::Kind;
using When = ProcessingCondition::Kind;

struct KindOf {
  std::string_view name;
  Kind kind;
  std::array<std::string_view, 3> keys;  ///< of its own
};

constexpr std::array kKinds = {
    KindOf{"add_condition", Kind::add_condition, {"conditions", "template", "negated"}},
    KindOf{"add_field", Kind::add_field, {"field"}},
    KindOf{"change_logsource", Kind::change_logsource, {"category", "product", "service"}},
    KindOf{"convert_type", Kind::convert_type, {"target_type"}},
    KindOf{"detection_item_failure", Kind::detection_item_failure, {"message"}},
    KindOf{"drop_detection_item", Kind::drop_detection_item, {}},
    KindOf{"field_name_mapping", Kind::field_name_mapping, {"mapping"}},
    KindOf{"field_name_prefix", Kind::field_name_prefix, {"prefix"}},
    KindOf{"field_name_prefix_mapping", Kind::field_name_prefix_mapping, {"mapping"}},
    KindOf{"field_name_suffix", Kind::field_name_suffix, {"suffix"}},
    KindOf{"map_string", Kind::map_string, {"mapping"}},
    KindOf{"remove_field", Kind::remove_field, {"field"}},
    KindOf{"replace_string", Kind::replace_string, {"regex", "replacement", "skip_special"}},
    KindOf{"rule_failure", Kind::rule_failure, {"message"}},
    KindOf{"set_custom_attribute", Kind::set_custom_attribute, {"attribute", "value"}},
    KindOf{"set_field", Kind::set_field, {"fields"}},
    KindOf{"set_state", Kind::set_state, {"key", "val"}},
    KindOf{"set_value", Kind::set_value, {"value"}},
    KindOf{"value_placeholders", Kind::value_placeholders, {"include", "exclude"}},
    KindOf{"wildcard_placeholders", Kind::wildcard_placeholders, {"include", "exclude"}},
};

/// What pySigma knows besides, and why it does not work here.
constexpr std::array kRefused = {
    std::pair{"case", "values are compared without case here"},
    std::pair{"command_placeholders", "no program is run for a rule"},
    std::pair{"extract_fields", "it is not supported here"},
    std::pair{"field_name_transform", "it names a function of Python"},
    std::pair{"file_placeholders", "list the values in the settings, under placeholders"},
    std::pair{"hashes_fields", "a log source's table splits hashes; see docs/settings.md"},
    std::pair{"http_placeholders", "nothing is fetched for a rule"},
    std::pair{"nest", "write its steps one after the other"},
    std::pair{"query_expression_placeholders", "it writes a piece of another product's query"},
    std::pair{"regex", "it is not supported here"},
    std::pair{"strict_field_mapping_failure", "rules check names fields that a log source does not have"},
};

struct WhenOf {
  std::string_view name;
  When kind;
  std::array<std::string_view, 4> keys;
};

constexpr std::array kOnRule = {
    WhenOf{"contains_detection_item", When::contains_detection_item, {"field", "value"}},
    WhenOf{"contains_field", When::contains_field, {"field"}},
    WhenOf{"is_sigma_correlation_rule", When::is_sigma_correlation_rule, {}},
    WhenOf{"is_sigma_rule", When::is_sigma_rule, {}},
    WhenOf{"logsource", When::logsource, {"category", "product", "service"}},
    WhenOf{"processing_item_applied", When::processing_item_applied, {"processing_item_id"}},
    WhenOf{"processing_state", When::processing_state, {"key", "val", "op"}},
    WhenOf{"rule_attribute", When::rule_attribute, {"attribute", "value", "op"}},
    WhenOf{"tag", When::tag, {"tag"}},
};
constexpr std::array kOnItem = {
    WhenOf{"contains_wildcard", When::contains_wildcard, {"cond"}},
    WhenOf{"is_null", When::is_null, {"cond"}},
    WhenOf{"match_string", When::match_string, {"cond", "pattern", "negate"}},
    WhenOf{"match_value", When::match_value, {"cond", "value"}},
    WhenOf{"processing_item_applied", When::processing_item_applied, {"processing_item_id"}},
    WhenOf{"processing_state", When::processing_state, {"key", "val", "op"}},
};
constexpr std::array kOnField = {
    WhenOf{"exclude_fields", When::exclude_fields, {"fields", "mode"}},
    WhenOf{"include_fields", When::include_fields, {"fields", "mode"}},
    WhenOf{"processing_item_applied", When::processing_item_applied, {"processing_item_id"}},
    WhenOf{"processing_state", When::processing_state, {"key", "val", "op"}},
};

class PipelineParser {
 public:
  explicit PipelineParser(const std::string& file) : file_(file) {}
  Result<ProcessingPipeline> parse(const Node& document);

 private:
  using Done = Result<void>;

  std::unexpected<Error> wrong(const Node& where, std::string message, std::string hint = {}) const {
    return fail(ErrorCode::invalid, "pipeline: " + std::move(message), where.place(file_), std::move(hint));
  }
  Done header(const Node& key, const Node& value);
  Done vars(const Node& map);
  Done items(const Node& list);
  Result<ProcessingItem> item(const Node& node);
  Done known_keys(const Node& node, const KindOf& kind) const;
  Done parameters(const Node& node, ProcessingItem& item);
  Done parameter(const Node& key, const Node& value, ProcessingItem& item);
  Done needs(const Node& node, const ProcessingItem& item) const;
  Done mapping(const Node& map, ProcessingItem& item) const;
  Done regex(const Node& node, ProcessingItem& item) const;
  Done conditions(const Node& node, std::string_view front, std::span<const WhenOf> kinds,
                  ProcessingConditions& out) const;
  Result<ProcessingCondition> condition(const Node& node, std::span<const WhenOf> kinds) const;
  Done condition_key(const Node& key, const Node& value, ProcessingCondition& out) const;
  Done field_patterns(const Node& node, ProcessingCondition& out) const;
  Done expression(const Node& text, ProcessingConditions& out) const;
  Result<std::vector<std::string>> texts(const Node& node) const;
  Result<std::string> text(const Node& node) const;
  Result<bool> flag(const Node& node) const;

  const std::string& file_;
  ProcessingPipeline out_;
};

Result<std::string> PipelineParser::text(const Node& node) const {
  if (!node.is_scalar() || node.kind == NodeKind::null) return wrong(node, "a text is expected here");
  return node.text;
}

Result<bool> PipelineParser::flag(const Node& node) const {
  if (node.kind != NodeKind::boolean) return wrong(node, "true or false is expected here");
  return node.flag;
}

/// A text, or a list of texts.
Result<std::vector<std::string>> PipelineParser::texts(const Node& node) const {
  std::vector<std::string> out;
  if (node.kind != NodeKind::list) {
    auto one = text(node);
    if (!one) return std::unexpected(one.error());
    out.push_back(std::move(*one));
    return out;
  }
  for (const Node& item : node.items) {
    auto one = text(item);
    if (!one) return std::unexpected(one.error());
    out.push_back(std::move(*one));
  }
  return out;
}

Result<void> PipelineParser::vars(const Node& map) {
  if (map.kind != NodeKind::map) return wrong(map, "'vars' takes names with values");
  for (const auto& [key, value] : map.entries) {
    auto list = texts(value);
    if (!list) return std::unexpected(list.error());
    out_.vars[key.text] = std::move(*list);
  }
  return {};
}

Result<void> PipelineParser::header(const Node& key, const Node& value) {
  const auto is_empty = [](const Node& node) {
    return node.kind == NodeKind::null || (!node.is_scalar() && node.items.empty() && node.entries.empty());
  };
  if (key.text == "name") {
    out_.name = value.text;
  } else if (key.text == "priority") {
    if (value.kind != NodeKind::integer) return wrong(value, "'priority' is a number");
    out_.priority = value.integer;
  } else if (key.text == "vars") {
    return is_empty(value) ? Done() : vars(value);
  } else if (key.text == "transformations") {
    return is_empty(value) ? Done() : items(value);
  } else if (key.text == "postprocessing" || key.text == "finalizers") {
    if (!is_empty(value))
      return wrong(key, "'" + key.text + "' shapes the query of a backend, and there is none here",
                   "leave it out");
  } else if (key.text == "allowed_backends") {
    if (!is_empty(value))
      return wrong(key, "the pipeline says that it is for other backends only", "leave the key out");
  } else {
    return wrong(key, "unknown key '" + key.text + "'", "known: name, priority, vars, transformations");
  }
  return {};
}

Result<void> PipelineParser::items(const Node& list) {
  if (list.kind != NodeKind::list) return wrong(list, "'transformations' is a list");
  if (list.items.size() > limits::kProcessingItems) return wrong(list, "there are too many steps");
  for (const Node& node : list.items) {
    auto made = item(node);
    if (!made) return std::unexpected(made.error());
    out_.items.push_back(std::move(*made));
  }
  return {};
}

std::string names_of(std::span<const WhenOf> kinds) {
  std::string out;
  for (const WhenOf& kind : kinds) out += (out.empty() ? "" : ", ") + std::string(kind.name);
  return out;
}

Result<ProcessingItem> PipelineParser::item(const Node& node) {
  const Node* type = node.find("type");
  if (type == nullptr) return wrong(node, "a step needs the key 'type'");
  for (const auto& [name, why] : kRefused) {
    if (type->text == name)
      return wrong(*type, "the step '" + type->text + "' does not work here: " + why, "leave it out");
  }
  const auto kind = std::ranges::find(kKinds, type->text, [](const KindOf& one) { return one.name; });
  if (kind == kKinds.end()) {
    std::vector<std::string_view> names;
    for (const KindOf& one : kKinds) names.push_back(one.name);
    return wrong(*type, "unknown step '" + type->text + "'",
                 did_you_mean(type->text, names, fmt::format("known: {}", fmt::join(names, ", "))));
  }
  ProcessingItem out;
  out.kind = kind->kind;
  out.pipeline = out_.name.empty() ? file_ : out_.name;
  out.place = node.place(file_);
  if (auto done = known_keys(node, *kind); !done) return std::unexpected(done.error());
  if (auto done = parameters(node, out); !done) return std::unexpected(done.error());
  if (auto done = conditions(node, "rule", kOnRule, out.on_rule); !done) return std::unexpected(done.error());
  if (auto done = conditions(node, "detection_item", kOnItem, out.on_item); !done)
    return std::unexpected(done.error());
  if (auto done = conditions(node, "field_name", kOnField, out.on_field); !done)
    return std::unexpected(done.error());
  if (auto done = needs(node, out); !done) return std::unexpected(done.error());
  return out;
}

Result<void> PipelineParser::known_keys(const Node& node, const KindOf& kind) const {
  static constexpr std::string_view kCommon[] = {"id", "type"};
  for (const auto& [key, value] : node.entries) {
    const std::string_view name = key.text;
    if (std::ranges::find(kCommon, name) != std::end(kCommon)) continue;
    if (!name.empty() && std::ranges::find(kind.keys, name) != kind.keys.end()) continue;
    // The name of the search that add_condition makes, and pySigma's keys of conditions.
    if (kind.kind == Kind::add_condition && name == "name") continue;
    bool of_conditions = false;
    for (const std::string_view front : {"rule", "detection_item", "field_name"}) {
      for (const std::string_view back : {"_conditions", "_cond_op", "_cond_not", "_cond_expr"})
        of_conditions = of_conditions || name == std::string(front) + std::string(back);
    }
    if (of_conditions) continue;
    return wrong(key, "the step '" + std::string(kind.name) + "' has no key '" + key.text + "'");
  }
  return {};
}

Result<void> PipelineParser::parameters(const Node& node, ProcessingItem& item) {
  for (const auto& [key, value] : node.entries) {
    if (auto done = parameter(key, value, item); !done) return done;
  }
  if (item.kind == Kind::replace_string) return regex(node, item);
  return {};
}

Result<void> PipelineParser::parameter(const Node& key, const Node& value, ProcessingItem& item) {
  const std::string& name = key.text;
  const auto to_text = [&](std::string& to) -> Done {
    auto read = text(value);
    if (!read) return std::unexpected(read.error());
    to = std::move(*read);
    return {};
  };
  const auto to_texts = [&](std::vector<std::string>& to) -> Done {
    auto read = texts(value);
    if (!read) return std::unexpected(read.error());
    to = std::move(*read);
    return {};
  };
  const auto to_flag = [&](bool& to) -> Done {
    const auto read = flag(value);
    if (!read) return std::unexpected(read.error());
    to = *read;
    return {};
  };
  const auto to_optional = [&](std::optional<std::string>& to) -> Done {
    if (value.kind == NodeKind::null) return {};
    return to_text(to.emplace());
  };
  if (name == "id") return to_text(item.id);
  if (name == "mapping") return mapping(value, item);
  if (name == "category") return to_optional(item.category);
  if (name == "product") return to_optional(item.product);
  if (name == "service") return to_optional(item.service);
  if (name == "field" || name == "fields") return to_texts(item.fields);
  if (name == "include") return to_texts(item.include);
  if (name == "exclude") return to_texts(item.exclude);
  if (name == "template") return to_flag(item.templated);
  if (name == "negated") return to_flag(item.negated);
  if (name == "skip_special") return to_flag(item.skip_special);
  if (name == "value" || name == "val") {
    item.value = value;
  } else if (name == "conditions") {
    if (value.kind != NodeKind::map || value.entries.empty())
      return wrong(value, "'conditions' takes fields with values");
    item.conditions = value;
  } else if (name == "prefix" || name == "suffix" || name == "message" || name == "key" || name == "name" ||
             name == "attribute" || name == "target_type" || name == "replacement") {
    return to_text(item.text);
  }
  return {};
}

/// What a step cannot do without, and what it cannot have.
Result<void> PipelineParser::needs(const Node& node, const ProcessingItem& item) const {
  const auto lacks = [&](const char* key) { return node.find(key) == nullptr; };
  const auto missing = [&](const char* key) {
    return wrong(node, std::string("the step needs '") + key + "'");
  };
  switch (item.kind) {
    case Kind::field_name_mapping:
    case Kind::field_name_prefix_mapping:
    case Kind::map_string:
      if (lacks("mapping")) return missing("mapping");
      break;
    case Kind::field_name_prefix:
      if (lacks("prefix")) return missing("prefix");
      break;
    case Kind::field_name_suffix:
      if (lacks("suffix")) return missing("suffix");
      break;
    case Kind::add_condition:
      if (lacks("conditions")) return missing("conditions");
      break;
    case Kind::change_logsource:
      if (!item.category && !item.product && !item.service) return missing("category, product or service");
      break;
    case Kind::add_field:
    case Kind::remove_field:
      if (lacks("field")) return missing("field");
      break;
    case Kind::set_field:
      if (lacks("fields")) return missing("fields");
      break;
    case Kind::replace_string:
      if (lacks("replacement")) return missing("replacement");
      break;
    case Kind::set_state:
      if (lacks("key") || lacks("val")) return missing("key and val");
      break;
    case Kind::set_custom_attribute:
      if (lacks("attribute") || lacks("value")) return missing("attribute and value");
      break;
    case Kind::set_value:
      if (lacks("value") || !item.value.is_scalar()) return missing("value, one text, number or truth value");
      break;
    case Kind::convert_type:
      if (item.text != "str" && item.text != "num") return missing("target_type, str or num");
      break;
    case Kind::rule_failure:
    case Kind::detection_item_failure:
      if (lacks("message")) return missing("message");
      break;
    case Kind::value_placeholders:
    case Kind::wildcard_placeholders:
      if (!item.on_rule.list.empty() || !item.on_item.list.empty() || !item.on_field.list.empty()) {
        return wrong(
            node, "placeholders are filled in when a rule is read, so that this step cannot have conditions",
            "leave them out, or name the placeholders under 'include'");
      }
      break;
    case Kind::drop_detection_item:
      break;
  }
  return {};
}

Result<void> PipelineParser::mapping(const Node& map, ProcessingItem& item) const {
  if (map.kind != NodeKind::map) return wrong(map, "'mapping' takes names with what they become");
  for (const auto& [key, value] : map.entries) {
    if (key.kind == NodeKind::null)
      return wrong(key, "keywords cannot be given a field here", "name the field in the rule");
    auto names = texts(value);
    if (!names) return std::unexpected(names.error());
    if (names->empty()) return wrong(value, "a name or a list of names is expected here");
    item.mapping.emplace_back(key.text, std::move(*names));
  }
  return {};
}

Result<void> PipelineParser::regex(const Node& node, ProcessingItem& item) const {
  const Node* pattern = node.find("regex");
  if (pattern == nullptr) return wrong(node, "the step needs 'regex'");
  auto made = ProcessingRegex::make(pattern->text, pattern->place(file_));
  if (!made) return std::unexpected(made.error());
  if (auto fits = made->check_replacement(item.text, node.place(file_)); !fits) return fits;
  item.regex = std::move(*made);
  return {};
}

Result<void> PipelineParser::conditions(const Node& node, std::string_view front,
                                        std::span<const WhenOf> kinds, ProcessingConditions& out) const {
  const std::string name(front);
  if (const Node* list = node.find(name + "_conditions")) {
    if (list->kind != NodeKind::list && list->kind != NodeKind::map)
      return wrong(*list, "conditions are a list, or names with conditions");
    const std::size_t size = list->items.size() + list->entries.size();
    if (size > limits::kProcessingConditions) return wrong(*list, "there are too many conditions");
    const auto add = [&](const Node& one, const std::string& called) -> Done {
      auto made = condition(one, kinds);
      if (!made) return std::unexpected(made.error());
      made->name = called;
      out.list.push_back(std::move(*made));
      return {};
    };
    for (const Node& one : list->items) {
      if (auto done = add(one, {}); !done) return done;
    }
    for (const auto& [key, one] : list->entries) {
      if (auto done = add(one, key.text); !done) return done;
    }
  }
  if (const Node* op = node.find(name + "_cond_op")) {
    if (op->text != "and" && op->text != "or") return wrong(*op, "'and' or 'or' is expected here");
    out.any = op->text == "or";
  }
  if (const Node* negate = node.find(name + "_cond_not")) {
    const auto read = flag(*negate);
    if (!read) return std::unexpected(read.error());
    out.negate = *read;
  }
  const Node* expr = node.find(name + "_cond_expr");
  if (expr == nullptr) return {};
  if (node.find(name + "_cond_op") != nullptr)
    return wrong(*expr, "there is '" + name + "_cond_op' already; one of the two is meant");
  return expression(*expr, out);
}

Result<void> PipelineParser::expression(const Node& text, ProcessingConditions& out) const {
  std::vector<std::string_view> names;
  for (const ProcessingCondition& one : out.list) names.push_back(one.name);
  if (names.empty() || std::ranges::find(names, "") != names.end()) {
    return wrong(text, "an expression needs conditions with names",
                 "write the conditions as 'name: {type: …}' instead of a list");
  }
  std::vector<Diagnostic> diagnostics;
  RuleReport report(file_, diagnostics);
  Condition read = parse_condition(text, names, report);
  if (report.failed()) return std::unexpected(diagnostics.front().error);
  if (read.kind == Condition::Kind::nothing) return wrong(text, "the expression names no condition");
  out.expression = std::move(read);
  return {};
}

Result<ProcessingCondition> PipelineParser::condition(const Node& node, std::span<const WhenOf> kinds) const {
  const Node* type = node.find("type");
  if (type == nullptr) return wrong(node, "a condition needs the key 'type'");
  const auto kind = std::ranges::find(kinds, type->text, [](const WhenOf& one) { return one.name; });
  if (kind == kinds.end()) {
    return wrong(*type, "unknown condition '" + type->text + "'", "known here: " + names_of(kinds));
  }
  ProcessingCondition out;
  out.kind = kind->kind;
  for (const auto& [key, value] : node.entries) {
    if (key.text == "type") continue;
    if (key.text.empty() || std::ranges::find(kind->keys, key.text) == kind->keys.end())
      return wrong(key, "the condition '" + type->text + "' has no key '" + key.text + "'");
    if (auto done = condition_key(key, value, out); !done) return std::unexpected(done.error());
  }
  const bool needs_all = out.kind != When::logsource;
  for (const std::string_view key : kind->keys) {
    if (key.empty() || !needs_all || key == "op" || key == "cond" || key == "mode" || key == "negate")
      continue;
    if (node.find(key) == nullptr)
      return wrong(node, "the condition '" + type->text + "' needs '" + std::string(key) + "'");
  }
  if (auto done = field_patterns(node, out); !done) return std::unexpected(done.error());
  return out;
}

Result<void> PipelineParser::condition_key(const Node& key, const Node& value,
                                           ProcessingCondition& out) const {
  const std::string& name = key.text;
  if (name == "value" || name == "val") {
    if (!value.is_scalar()) return wrong(value, "one value is expected here");
    out.value = value;
    return {};
  }
  if (name == "fields") {
    auto read = texts(value);
    if (!read) return std::unexpected(read.error());
    out.fields = std::move(*read);
    return {};
  }
  if (name == "negate") {
    const auto read = flag(value);
    if (!read) return std::unexpected(read.error());
    out.negate = *read;
    return {};
  }
  auto read = text(value);
  if (!read) return std::unexpected(read.error());
  if (name == "category") {
    out.category = std::move(*read);
  } else if (name == "product") {
    out.product = std::move(*read);
  } else if (name == "service") {
    out.service = std::move(*read);
  } else if (name == "field") {
    out.field = std::move(*read);
  } else if (name == "op") {
    if (*read != "eq" && *read != "ne")
      return wrong(value, "'" + *read + "' does not work here", "there are eq and ne");
    out.not_equal = *read == "ne";
  } else if (name == "cond") {
    if (*read != "any" && *read != "all") return wrong(value, "'any' or 'all' is expected here");
    out.all_values = *read == "all";
  } else if (name == "pattern") {
    auto made = ProcessingRegex::make(*read, value.place(file_));
    if (!made) return std::unexpected(made.error());
    out.patterns.push_back(std::move(*made));
  } else if (name == "mode") {
    if (*read != "plain" && *read != "re") return wrong(value, "'plain' or 're' is expected here");
  } else {
    out.text = std::move(*read);
  }
  return {};
}

Result<void> PipelineParser::field_patterns(const Node& node, ProcessingCondition& out) const {
  static constexpr std::string_view kAttributes[] = {"author", "id", "level", "status", "title"};
  if (out.kind == When::rule_attribute && std::ranges::find(kAttributes, out.text) == std::end(kAttributes)) {
    return wrong(node, "the attribute '" + out.text + "' does not work here",
                 fmt::format("known: {}", fmt::join(kAttributes, ", ")));
  }
  const Node* mode = node.find("mode");
  if (mode == nullptr || mode->text != "re") return {};
  for (const std::string& field : out.fields) {
    auto made = ProcessingRegex::make(field, node.place(file_));
    if (!made) return std::unexpected(made.error());
    out.patterns.push_back(std::move(*made));
  }
  return {};
}

Result<ProcessingPipeline> PipelineParser::parse(const Node& document) {
  if (document.kind != NodeKind::map) return wrong(document, "a pipeline is a map of keys");
  if (const Node* name = document.find("name")) out_.name = name->text;
  for (const auto& [key, value] : document.entries) {
    if (auto done = header(key, value); !done) return std::unexpected(done.error());
  }
  return std::move(out_);
}

}  // namespace

Result<ProcessingPipeline> parse_pipeline(std::string_view yaml, const std::string& file) {
  const auto documents = yaml::parse(yaml, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() != 1) {
    return fail(ErrorCode::invalid, "pipeline: one document is expected", {file, 1, 1, {}},
                "a file holds one pipeline");
  }
  return PipelineParser(file).parse(documents->front());
}

}  // namespace landwarden::sigma
