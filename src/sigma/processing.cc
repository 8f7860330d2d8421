#include "sigma/processing.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "sigma/correlation.h"
#include "sigma/limits.h"
#include "sigma/modifiers.h"
#include "sigma/processing_pipeline.h"
#include "sigma/processing_values.h"

namespace landwarden::sigma {
namespace {

using Kind = ProcessingItem::Kind;
using When = ProcessingCondition::Kind;

/// One rule on its way through all pipelines.
struct Progress {
  Rule& rule;
  Draft* draft = nullptr;             ///< none: a correlation
  std::vector<LogSource> logsources;  ///< of the rule, or of the rules that a correlation is over
  std::set<std::string> applied;
  std::map<std::string, std::string> state;
};

template <class Visit>
void each_item(DraftPart& part, const Visit& visit) {
  if (part.kind == DraftPart::Kind::item) return visit(part);
  for (DraftPart& child : part.children) each_item(child, visit);
}

bool holds(const Condition& condition, const ProcessingConditions& all, const auto& met) {
  const auto child = [&](const Condition& one) { return holds(one, all, met); };
  switch (condition.kind) {
    case Condition::Kind::all:
      return std::ranges::all_of(condition.children, child);
    case Condition::Kind::any:
      return std::ranges::any_of(condition.children, child);
    case Condition::Kind::negate:
      return !child(condition.children.front());
    case Condition::Kind::search: {
      const auto found = std::ranges::find(all.list, condition.name, &ProcessingCondition::name);
      return found != all.list.end() && met(*found);
    }
    case Condition::Kind::nothing:
      break;
  }
  return false;
}

/// No conditions are met by everything.
bool are_met(const ProcessingConditions& conditions, const auto& met) {
  if (conditions.expression) return holds(*conditions.expression, conditions, met) != conditions.negate;
  if (conditions.list.empty()) return true;
  const bool found =
      conditions.any ? std::ranges::any_of(conditions.list, met) : std::ranges::all_of(conditions.list, met);
  return found != conditions.negate;
}

bool is_of(const LogSource& source, const ProcessingCondition& condition) {
  const auto part = [](const std::optional<std::string>& asked, const std::string& given) {
    return !asked || *asked == given;
  };
  return part(condition.category, source.category) && part(condition.product, source.product) &&
         part(condition.service, source.service);
}

bool has_attribute(const Rule& rule, const ProcessingCondition& condition) {
  std::string have;
  if (condition.text == "author") have = rule.author;
  if (condition.text == "id") have = rule.id;
  if (condition.text == "title") have = rule.title;
  if (condition.text == "status") have = rule.status;
  if (condition.text == "level") have = rule.level ? to_text(*rule.level) : "";
  return (have == condition.value.text) != condition.not_equal;
}

bool has_state(const Progress& at, const ProcessingCondition& condition) {
  const auto found = at.state.find(condition.text);
  return (found != at.state.end() && found->second == condition.value.text) != condition.not_equal;
}

bool contains(Progress& at, const ProcessingCondition& condition) {
  if (at.draft == nullptr) return false;
  bool found = false;
  for (DraftSearch& search : at.draft->searches) {
    each_item(search.root, [&](DraftPart& part) {
      if (part.item.field.empty() || part.item.field != condition.field) return;
      found = found || condition.kind == When::contains_field ||
              std::ranges::any_of(part.item.tests, [&](const Test& test) {
                return is_value(test.predicate, condition.value);
              });
    });
  }
  return found;
}

bool rule_meets(Progress& at, const ProcessingCondition& condition) {
  switch (condition.kind) {
    case When::logsource:
      return std::ranges::any_of(at.logsources,
                                 [&](const LogSource& source) { return is_of(source, condition); });
    case When::contains_detection_item:
    case When::contains_field:
      return contains(at, condition);
    case When::is_sigma_rule:
      return at.draft != nullptr;
    case When::is_sigma_correlation_rule:
      return at.draft == nullptr;
    case When::tag:
      return std::ranges::find(at.rule.tags, condition.text) != at.rule.tags.end();
    case When::rule_attribute:
      return has_attribute(at.rule, condition);
    case When::processing_item_applied:
      return at.applied.contains(condition.text);
    case When::processing_state:
      return has_state(at, condition);
    default:
      return false;
  }
}

bool field_meets(const Progress& at, const std::string& field, const std::set<std::string>& processed,
                 const ProcessingCondition& condition) {
  if (condition.kind == When::processing_item_applied) return processed.contains(condition.text);
  if (condition.kind == When::processing_state) return has_state(at, condition);
  const bool listed =
      !field.empty() && (condition.patterns.empty()
                             ? std::ranges::find(condition.fields, field) != condition.fields.end()
                             : std::ranges::any_of(condition.patterns, [&](const ProcessingRegex& regex) {
                                 return regex.matches_front(field);
                               }));
  return listed == (condition.kind == When::include_fields);
}

bool value_meets(const Predicate& value, const ProcessingCondition& condition) {
  switch (condition.kind) {
    case When::match_string: {
      const auto text = plain_text(value);
      return (text && condition.patterns.front().matches_front(*text)) != condition.negate;
    }
    case When::match_value:
      return is_value(value, condition.value);
    case When::contains_wildcard:
      return has_wildcard(value);
    case When::is_null:
      return value.kind == Predicate::Kind::null;
    default:
      return false;
  }
}

bool item_meets(const Progress& at, const DraftItem& item, const ProcessingCondition& condition) {
  if (condition.kind == When::processing_item_applied) return item.processed.contains(condition.text);
  if (condition.kind == When::processing_state) return has_state(at, condition);
  const auto meets = [&](const Test& test) { return value_meets(test.predicate, condition); };
  return condition.all_values ? std::ranges::all_of(item.tests, meets)
                              : std::ranges::any_of(item.tests, meets);
}

/// What a step makes of a field's name; nothing if it leaves it alone.
std::optional<std::vector<std::string>> renamed(const ProcessingItem& step, const std::string& field) {
  if (field.empty()) return std::nullopt;
  if (step.kind == Kind::field_name_prefix) return std::vector{step.text + field};
  if (step.kind == Kind::field_name_suffix) return std::vector{field + step.text};
  for (const auto& [from, to] : step.mapping) {
    if (step.kind == Kind::field_name_mapping && from == field) return to;
    if (step.kind != Kind::field_name_prefix_mapping || !field.starts_with(from)) continue;
    std::vector<std::string> out;
    for (const std::string& front : to) out.push_back(front + field.substr(from.size()));
    return out;
  }
  return std::nullopt;
}

void rename(DraftItem& item, const std::string& field) {
  item.field = field;
  for (Test& test : item.tests) test.field = field;
}

/// The step does its work on one item; `part` may become a tree.
class ItemWork {
 public:
  ItemWork(const ProcessingItem& step, Progress& at, RuleReport& report)
      : step_(step), at_(at), report_(report) {}

  void run(DraftPart& part) {
    const auto meets_field = [&](const ProcessingCondition& one) {
      return field_meets(at_, part.item.field, part.item.processed, one);
    };
    const auto meets_item = [&](const ProcessingCondition& one) { return item_meets(at_, part.item, one); };
    if (!are_met(step_.on_item, meets_item)) return;
    map_references(part.item);
    if (!are_met(step_.on_field, meets_field)) return;
    switch (step_.kind) {
      case Kind::detection_item_failure:
        report_.error_at(part.item.tests.empty() ? at_.rule.place : part.item.tests.front().place,
                         "pipeline '" + step_.pipeline + "': " + step_.text, {}, ErrorCode::unsupported);
        return;
      case Kind::drop_detection_item:
        part = DraftPart{};
        return;
      case Kind::replace_string:
      case Kind::map_string:
      case Kind::set_value:
      case Kind::convert_type:
        change_values(part.item);
        break;
      default:
        return change_name(part);
    }
    if (!step_.id.empty()) part.item.processed.insert(step_.id);
  }

 private:
  void change_name(DraftPart& part) {
    const auto names = renamed(step_, part.item.field);
    if (!names) return;
    if (!step_.id.empty()) part.item.processed.insert(step_.id);
    const auto too_long = [](const std::string& name) { return name.size() > limits::kProcessingNameBytes; };
    if (names->empty() || std::ranges::any_of(*names, too_long) ||
        names->size() * std::max<std::size_t>(part.item.tests.size(), 1) > limits::kSigmaNodes) {
      return too_much();
    }
    if (names->size() == 1) return rename(part.item, names->front());
    DraftPart any{.kind = DraftPart::Kind::any, .children = {}, .item = {}};
    for (const std::string& name : *names) {
      any.children.push_back(part);
      rename(any.children.back().item, name);
    }
    part = std::move(any);
  }

  void too_much() {
    report_.error_at(at_.rule.place, "pipeline '" + step_.pipeline + "': it makes too much of the rule", {},
                     ErrorCode::limit);
  }

  /// The other field of a |fieldref is a field, too.
  void map_references(DraftItem& item) {
    for (Test& test : item.tests) {
      if (test.predicate.kind != Predicate::Kind::field) continue;
      const auto meets = [&](const ProcessingCondition& one) {
        return field_meets(at_, test.predicate.text, item.processed, one);
      };
      const auto names = are_met(step_.on_field, meets) ? renamed(step_, test.predicate.text) : std::nullopt;
      if (!names) continue;
      if (names->size() > 1) {
        report_.error_at(test.place,
                         "pipeline '" + step_.pipeline + "': a field that is compared with becomes several",
                         {}, ErrorCode::unsupported);
      }
      test.predicate.text = names->front();
    }
  }

  void change_values(DraftItem& item) {
    std::vector<Test> tests;
    std::vector<Expression> becomes;
    for (const Test& test : item.tests) {
      const std::vector<Predicate> values = changed(test);
      if (report_.failed()) return;
      if (tests.size() + values.size() > limits::kSigmaNodes || is_long(values)) return too_much();
      Expression& one = becomes.emplace_back();
      one.kind = item.all ? Expression::Kind::all : Expression::Kind::any;
      for (const Predicate& value : values) {
        Expression& leaf = one.children.emplace_back();
        leaf.kind = Expression::Kind::test;
        leaf.test = static_cast<std::uint32_t>(tests.size());
        tests.push_back(test);
        tests.back().predicate = value;
      }
      if (one.children.size() == 1) one = Expression(one.children.front());
    }
    item.tree = with_leaves(item.tree, becomes);
    item.tests = std::move(tests);
  }

  static bool is_long(const std::vector<Predicate>& values) {
    return std::ranges::any_of(values, [](const Predicate& value) {
      std::size_t bytes = value.pattern.parts.size();
      for (const Pattern::Part& part : value.pattern.parts) bytes += part.text.size();
      return bytes > limits::kProcessingValueBytes;
    });
  }

  static Expression with_leaves(const Expression& tree, const std::vector<Expression>& becomes) {
    if (tree.kind == Expression::Kind::test) return becomes[tree.test];
    Expression out;
    out.kind = tree.kind;
    for (const Expression& child : tree.children) out.children.push_back(with_leaves(child, becomes));
    return out;
  }

  std::vector<Predicate> changed(const Test& test) {
    const Predicate& value = test.predicate;
    if (step_.kind == Kind::replace_string) return {replaced(value, step_)};
    if (step_.kind == Kind::set_value) return {predicate_of(step_.value, value)};
    if (step_.kind == Kind::convert_type) {
      if (auto made = converted(value, step_.text)) return {std::move(*made)};
      report_.error_at(test.place, "pipeline '" + step_.pipeline + "': a value is no number", {},
                       ErrorCode::unsupported);
      return {value};
    }
    const auto text = plain_text(value);
    const auto found =
        text ? std::ranges::find(step_.mapping, *text, [](const auto& one) { return one.first; })
             : step_.mapping.end();
    if (found == step_.mapping.end()) return {value};
    std::vector<Predicate> out;
    for (const std::string& one : found->second) out.push_back(predicate_of(one, value));
    return out;
  }

  const ProcessingItem& step_;
  Progress& at_;
  RuleReport& report_;
};

/// "$product" and the like in the texts of an added condition.
std::string filled(const std::string& text, const LogSource& source) {
  std::string out;
  const std::pair<std::string_view, const std::string*> names[] = {
      {"category", &source.category}, {"product", &source.product}, {"service", &source.service}};
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    std::size_t used = 0;
    for (const auto& [name, value] : names) {
      const std::string plain = "$" + std::string(name), braced = "${" + std::string(name) + "}";
      if (!rest.starts_with(plain) && !rest.starts_with(braced)) continue;
      used = rest.starts_with(plain) ? plain.size() : braced.size();
      out += *value;
      break;
    }
    if (used == 0) out += text[at];
    at += std::max<std::size_t>(used, 1);
  }
  return out;
}

void fill(yaml::Node& node, const LogSource& source) {
  if (node.kind == yaml::Node::Kind::text) node.text = filled(node.text, source);
  for (yaml::Node& item : node.items) fill(item, source);
  for (yaml::Entry& entry : node.entries) fill(entry.second, source);
}

void add_condition(const ProcessingItem& step, Progress& at, RuleReport& report) {
  yaml::Node conditions = step.conditions;
  if (step.templated) fill(conditions, at.rule.logsource);
  DraftSearch search;
  search.name = step.text.empty() ? fmt::format("_pipeline_{}", at.draft->added.size() + 1) : step.text;
  for (const auto& [key, value] : conditions.entries) {
    const auto field = parse_field_key(key, report);
    DraftItem item;
    auto tree = field ? parse_item(*field, value, {}, report, item.tests) : std::nullopt;
    if (!tree) return;
    item.field = field->field;
    item.all = field->all;
    item.tree = std::move(*tree);
    if (!step.id.empty()) item.processed.insert(step.id);
    for (Test& test : item.tests) test.place = step.place;
    search.root.children.push_back({.kind = DraftPart::Kind::item, .children = {}, .item = std::move(item)});
  }
  at.draft->added.push_back({search.name, step.negated});
  std::erase_if(at.draft->searches, [&](const DraftSearch& one) { return one.name == search.name; });
  at.draft->searches.push_back(std::move(search));
}

void change_logsource(const ProcessingItem& step, Progress& at) {
  // As in the tools: what the step does not say is gone.
  at.rule.logsource = {step.category.value_or(""), step.product.value_or(""), step.service.value_or("")};
  at.logsources = {at.rule.logsource};
}

void change_fields(const ProcessingItem& step, Rule& rule) {
  if (step.kind == Kind::set_field) rule.fields.clear();
  for (const std::string& field : step.fields) {
    std::erase(rule.fields, field);
    if (step.kind != Kind::remove_field) rule.fields.push_back(field);
  }
}

/// Steps may multiply what is there.
void check_size(Progress& at, RuleReport& report) {
  std::size_t tests = 0;
  for (DraftSearch& search : at.draft->searches)
    each_item(search.root, [&](DraftPart& part) { tests += 1 + part.item.tests.size(); });
  if (tests > limits::kSigmaNodes)
    report.error_at(at.rule.place, "the pipelines make too much of the rule", {}, ErrorCode::limit);
}

/// Whether the rule goes on.
bool work(const ProcessingItem& step, Progress& at, RuleReport& report) {
  const auto meets = [&](const ProcessingCondition& one) { return rule_meets(at, one); };
  if (!are_met(step.on_rule, meets)) return true;
  switch (step.kind) {
    case Kind::rule_failure:
      report.error_at(at.rule.place, "pipeline '" + step.pipeline + "': " + step.text, {},
                      ErrorCode::unsupported);
      return false;
    case Kind::add_condition:
      if (at.draft != nullptr) add_condition(step, at, report);
      break;
    case Kind::change_logsource:
      if (at.draft != nullptr) change_logsource(step, at);
      break;
    case Kind::add_field:
    case Kind::remove_field:
    case Kind::set_field:
      change_fields(step, at.rule);
      break;
    case Kind::set_state:
      at.state[step.text] = step.value.text;
      break;
    case Kind::set_custom_attribute:
      at.rule.custom.emplace_back(step.text, step.value.is_scalar() ? step.value.text : "…");
      break;
    case Kind::value_placeholders:
    case Kind::wildcard_placeholders:
      break;  // when the rule is read
    default:
      if (at.draft == nullptr) break;
      for (DraftSearch& search : at.draft->searches)
        each_item(search.root, [&](DraftPart& part) {
          if (!report.failed()) ItemWork(step, at, report).run(part);
        });
      check_size(at, report);
  }
  if (!step.id.empty()) at.applied.insert(step.id);
  return !report.failed();
}

/// Takes out what has nothing left in it.
void prune(DraftPart& part) {
  for (DraftPart& child : part.children) prune(child);
  std::erase_if(part.children, [](const DraftPart& child) { return child.gone(); });
}

bool is_placeholder_of(const ProcessingItem& step, std::string_view name) {
  const auto has = [&](const std::vector<std::string>& list) {
    return std::ranges::find(list, name) != list.end();
  };
  return !has(step.exclude) && (step.include.empty() || has(step.include));
}

/// The fields of a correlation.
class CorrelationWork {
 public:
  CorrelationWork(const ProcessingItem& step, Progress& at) : step_(step), at_(at) {}

  void run(Correlation& correlation) {
    const auto is_alias = [&](const std::string& name) {
      return std::ranges::any_of(correlation.aliases, [&](const auto& alias) { return alias.name == name; });
    };
    std::vector<std::string> groups;
    for (const std::string& field : correlation.group_by) {
      if (is_alias(field)) {
        groups.push_back(field);
      } else {
        std::ranges::copy(names(field), std::back_inserter(groups));
      }
    }
    correlation.group_by = std::move(groups);
    for (auto& alias : correlation.aliases) {
      for (auto& [rule, field] : alias.fields) field = names(field).front();
    }
    for (std::string& field : correlation.fields) {
      if (!is_alias(field)) field = names(field).front();
    }
  }

 private:
  std::vector<std::string> names(const std::string& field) const {
    const auto meets = [&](const ProcessingCondition& one) { return field_meets(at_, field, {}, one); };
    auto out = are_met(step_.on_field, meets) ? renamed(step_, field) : std::nullopt;
    return out ? std::move(*out) : std::vector{field};
  }

  const ProcessingItem& step_;
  Progress& at_;
};

bool renames(Kind kind) {
  return kind == Kind::field_name_mapping || kind == Kind::field_name_prefix_mapping ||
         kind == Kind::field_name_prefix || kind == Kind::field_name_suffix;
}

/// Log sources of the rules behind a correlation, however deep.
void gather(const std::vector<Rule>& rules, const Rule& rule, std::size_t depth,
            std::vector<LogSource>& out) {
  if (!rule.logsource.category.empty() || !rule.logsource.product.empty() || !rule.logsource.service.empty())
    out.push_back(rule.logsource);
  if (!rule.correlation || depth == limits::kCorrelationDepth) return;
  for (const Correlation::Reference& reference : rule.correlation->rules) {
    for (const Rule& other : rules) {
      if (&other != &rule && (text::equal_folded(other.id, reference.name) || other.name == reference.name))
        gather(rules, other, depth + 1, out);
    }
  }
}

}  // namespace

Result<void> Processing::add(std::string_view yaml, const std::string& file) {
  auto pipeline = parse_pipeline(yaml, file);
  if (!pipeline) return std::unexpected(pipeline.error());
  pipelines_.push_back(std::make_shared<const ProcessingPipeline>(std::move(*pipeline)));
  std::ranges::stable_sort(pipelines_, {}, [](const auto& one) { return one->priority; });
  return {};
}

PlaceholderValues Processing::placeholders(PlaceholderValues own) const {
  return [this, own = std::move(own)](std::string_view name) -> const std::vector<std::string>* {
    static const std::vector<std::string> kAnything = {"*"};
    if (const auto* values = own ? own(name) : nullptr) return values;
    for (const auto& pipeline : pipelines_) {
      for (const ProcessingItem& step : pipeline->items) {
        if (step.kind == Kind::wildcard_placeholders && is_placeholder_of(step, name)) return &kAnything;
        if (step.kind != Kind::value_placeholders || !is_placeholder_of(step, name)) continue;
        if (const auto found = pipeline->vars.find(name); found != pipeline->vars.end())
          return &found->second;
      }
    }
    return nullptr;
  };
}

void Processing::apply(Rule& rule, Draft& draft, RuleReport& report) const {
  Progress at{.rule = rule, .draft = &draft, .logsources = {rule.logsource}, .applied = {}, .state = {}};
  for (const auto& pipeline : pipelines_) {
    for (const ProcessingItem& step : pipeline->items) {
      if (!work(step, at, report)) return;
    }
  }
  for (DraftSearch& search : draft.searches) prune(search.root);
}

void Processing::apply_to_correlations(std::vector<Rule>& rules, std::vector<Diagnostic>& diagnostics) const {
  if (pipelines_.empty()) return;
  std::set<const Rule*> refused;
  for (Rule& rule : rules) {
    if (rule.kind != RuleKind::correlation) continue;
    RuleReport report(rule.file, diagnostics);
    report.rule_id = rule.id;
    report.title = rule.title;
    Progress at{.rule = rule, .draft = nullptr, .logsources = {}, .applied = {}, .state = {}};
    gather(rules, rule, 0, at.logsources);
    auto changed = std::make_shared<Correlation>(*rule.correlation);
    for (const auto& pipeline : pipelines_) {
      for (const ProcessingItem& step : pipeline->items) {
        const auto meets = [&](const ProcessingCondition& one) { return rule_meets(at, one); };
        if (renames(step.kind) && are_met(step.on_rule, meets)) CorrelationWork(step, at).run(*changed);
        if (!report.failed()) static_cast<void>(work(step, at, report));
      }
    }
    rule.correlation = std::move(changed);
    if (report.failed()) refused.insert(&rule);
  }
  // A correlation that a pipeline refuses does not run.
  std::vector<Rule> kept;
  for (Rule& rule : rules) {
    if (!refused.contains(&rule)) kept.push_back(std::move(rule));
  }
  rules = std::move(kept);
}

}  // namespace landwarden::sigma
