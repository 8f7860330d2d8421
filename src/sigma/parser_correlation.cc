#include "sigma/parser_correlation.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/limits.h"
#include "base/text.h"
#include "sigma/condition.h"
#include "sigma/parser_detection.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;
using Type = Correlation::Type;
using Comparison = Correlation::Comparison;

constexpr auto kKeys = std::to_array<std::string_view>(
    {"type", "rules", "group-by", "timespan", "condition", "aliases", "generate", "field", "timeframe"});
constexpr auto kTypes =
    std::to_array<std::string_view>({"event_count", "value_count", "temporal", "temporal_ordered",
                                     "value_sum", "value_avg", "value_percentile", "value_median"});
constexpr auto kComparisons = std::to_array<std::string_view>({"gt", "gte", "lt", "lte", "eq", "neq"});
constexpr auto kConditionKeys =
    std::to_array<std::string_view>({"gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile"});

/// The tools' units; a month and a year are their mean lengths.
struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr auto kUnits = std::to_array<Unit>(
    {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}, {'w', 604'800}, {'M', 2'629'746}, {'y', 31'556'952}});

bool is_temporal(Type type) {
  return type == Type::temporal || type == Type::temporal_ordered;
}

bool is_value(Type type) {
  return type != Type::event_count && !is_temporal(type);
}

class CorrelationParser {
 public:
  CorrelationParser(const Node& document, RuleReport& report, Correlation& out)
      : document_(document), map_(*document.find("correlation")), report_(report), out_(out) {}

  void parse();

 private:
  void type();
  void rules();
  void rules_of_condition(const std::string& text);
  void timespan();
  void aliases();
  void generate();
  void condition();
  void bounds(const Node& condition);
  void bound(const Node& key, const Node& value);
  void percentile(const Node* value, const Node& condition);
  void expression(const Node& text);
  void check_bounds(const Node& condition);
  void names(const Node* node, std::string_view what, std::vector<std::string>& out);
  Expression resolved(const Condition& condition, std::span<const std::string_view> names) const;

  const Node& document_;
  const Node& map_;
  RuleReport& report_;
  Correlation& out_;
};

void CorrelationParser::parse() {
  const FindingCode code(report_, "correlation");
  if (map_.kind != NodeKind::map) return report_.error(map_, "'correlation' must be a map");
  for (const auto& [key, value] : map_.entries) {
    if (std::ranges::find(kKeys, key.text) == kKeys.end())
      report_.error(key, "unknown key '" + key.text + "' in a correlation", did_you_mean(key.text, kKeys));
  }
  type();
  if (report_.failed()) return;
  rules();
  names(map_.find("group-by"), "group-by", out_.group_by);
  timespan();
  aliases();
  generate();
  condition();
}

void CorrelationParser::type() {
  const Node* type = map_.find("type");
  if (type == nullptr || !type->is_scalar()) {
    return report_.error(map_, "the correlation has no 'type'",
                         "types are event_count, value_count, temporal, temporal_ordered, value_sum, "
                         "value_avg, value_percentile and value_median");
  }
  // The specification's own pages have it both ways.
  std::string_view name = type->text;
  if (name == "ordered_temporal") name = "temporal_ordered";
  const auto found = std::ranges::find(kTypes, name);
  if (found == kTypes.end()) {
    return report_.error(*type, "unknown correlation type '" + type->text + "'",
                         did_you_mean(type->text, kTypes));
  }
  out_.type = static_cast<Type>(found - kTypes.begin());
}

void CorrelationParser::names(const Node* node, std::string_view what, std::vector<std::string>& out) {
  if (node == nullptr || node->kind == NodeKind::null) return;
  const auto one = [&](const Node& name) {
    if (!name.is_scalar() || name.text.empty())
      return report_.error(name, "'" + std::string(what) + "' must be names of fields");
    out.push_back(name.text);
  };
  if (node->kind == NodeKind::list) {
    for (const Node& item : node->items) one(item);
  } else {
    one(*node);
  }
  if (out.size() > limits::kCorrelationFields)
    report_.error(*node, "'" + std::string(what) + "' has too many fields", {}, ErrorCode::limit);
}

void CorrelationParser::rules() {
  const Node* rules = map_.find("rules");
  const Node* condition = map_.find("condition");
  const bool in_condition =
      is_temporal(out_.type) && condition != nullptr && condition->kind == NodeKind::text;
  if (rules == nullptr && in_condition) return rules_of_condition(condition->text);
  if (rules == nullptr || rules->kind == NodeKind::null || rules->kind == NodeKind::map) {
    return report_.error(map_, "the correlation has no 'rules'", "list the ids or names of rules");
  }
  const auto one = [&](const Node& name) {
    if (!name.is_scalar() || name.text.empty())
      return report_.error(name, "'rules' must be ids or names of rules");
    out_.rules.push_back({name.text, report_.place(name)});
  };
  if (rules->kind == NodeKind::list) {
    for (const Node& item : rules->items) one(item);
  } else {
    one(*rules);
  }
  if (out_.rules.empty()) report_.error(*rules, "the correlation refers to no rule");
  const std::size_t most =
      out_.type == Type::temporal_ordered ? limits::kCorrelationSteps : limits::kCorrelationRules;
  if (out_.rules.size() > most)
    report_.error(*rules, "the correlation refers to too many rules", "split it", ErrorCode::limit);
}

/// An extended condition may say which rules it is about all by itself.
void CorrelationParser::rules_of_condition(const std::string& text) {
  constexpr auto kWords = std::to_array<std::string_view>({"and", "or", "not", "of", "all", "any", "1"});
  const Place place = report_.place(*map_.find("condition"));
  for (std::size_t at = 0; at < text.size();) {
    const auto is_name = [&](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    };
    std::size_t end = at;
    while (end < text.size() && is_name(text[end])) ++end;
    const std::string word = text.substr(at, end - at);
    at = std::max(end, at + 1);
    if (word.empty() || std::ranges::find(kWords, std::string_view(word)) != kWords.end()) continue;
    const auto same = [&](const Correlation::Reference& known) { return known.name == word; };
    if (std::ranges::none_of(out_.rules, same)) out_.rules.push_back({word, place});
  }
  if (out_.rules.empty() || out_.rules.size() > limits::kCorrelationSteps)
    report_.error(map_, "the correlation has no 'rules'", "list the ids or names of rules");
}

void CorrelationParser::timespan() {
  const Node* timespan = map_.find("timespan");
  if (const Node* frame = map_.find("timeframe"); timespan == nullptr && frame != nullptr) {
    report_.warning(*frame, "'timeframe' is called 'timespan' in a correlation");
    timespan = frame;
  }
  if (timespan == nullptr || !timespan->is_scalar()) {
    return report_.error(map_, "the correlation has no 'timespan'", "write 'timespan: 5m' or the like");
  }
  const auto ticks = parse_timespan(timespan->text);
  if (!ticks) {
    return report_.error(*timespan, "'" + timespan->text + "' is no time span",
                         "write a number and one of s, m, h, d, w, M, y: at most 100 years");
  }
  out_.timespan = timespan->text;
  out_.timespan_ticks = *ticks;
}

void CorrelationParser::aliases() {
  const Node* aliases = map_.find("aliases");
  if (aliases == nullptr || aliases->kind == NodeKind::null) return;
  if (aliases->kind != NodeKind::map)
    return report_.error(*aliases, "'aliases' must be a map of names to rules and fields");
  for (const auto& [name, fields] : aliases->entries) {
    if (fields.kind != NodeKind::map) {
      report_.error(fields, "an alias must be a map of rules to fields", "write 'rule: field'");
      continue;
    }
    Correlation::Alias& alias = out_.aliases.emplace_back();
    alias.name = name.text;
    for (const auto& [rule, field] : fields.entries) {
      if (!field.is_scalar() || field.text.empty()) {
        report_.error(field, "an alias must give one field for each rule");
        continue;
      }
      alias.fields.push_back({{rule.text, report_.place(rule)}, field.text});
    }
  }
  if (out_.aliases.size() > limits::kCorrelationFields)
    report_.error(*aliases, "the correlation has too many aliases", {}, ErrorCode::limit);
}

void CorrelationParser::generate() {
  const Node* generate = map_.find("generate");
  if (generate == nullptr) generate = document_.find("generate");
  if (generate == nullptr || generate->kind == NodeKind::null) return;
  if (generate->kind != NodeKind::boolean)
    return report_.error(*generate, "'generate' must be true or false");
  out_.generate = generate->flag;
}

void CorrelationParser::condition() {
  const Node* condition = map_.find("condition");
  const bool given = condition != nullptr && condition->kind != NodeKind::null;
  names(map_.find("field"), "field", out_.fields);
  if (!given && is_temporal(out_.type)) return;
  if (!given) {
    return report_.error(map_, "the correlation has no 'condition'",
                         "write 'condition: {gte: 10}' or the like");
  }
  if (condition->kind == NodeKind::map) {
    bounds(*condition);
  } else if (condition->is_scalar() && is_temporal(out_.type)) {
    expression(*condition);
  } else {
    report_.error(*condition, "the condition of this correlation must be a map",
                  "write 'condition: {gte: 10}' or the like");
  }
}

void CorrelationParser::bounds(const Node& condition) {
  const Node* percentage = nullptr;
  for (const auto& [key, value] : condition.entries) {
    if (key.text == "field") {
      names(&value, "field", out_.fields);
    } else if (key.text == "percentile") {
      percentage = &value;
    } else {
      bound(key, value);
    }
  }
  if (report_.failed()) return;
  if (out_.bounds.empty())
    return report_.error(condition, "the condition compares with nothing", "add 'gte: 10' or the like");
  if (is_value(out_.type) && out_.fields.empty())
    return report_.error(condition, "the condition names no 'field'", "say whose values are meant");
  if (out_.type != Type::value_count && out_.fields.size() > 1)
    return report_.error(condition, "only value_count takes several fields");
  if (!is_value(out_.type) && !out_.fields.empty())
    return report_.error(condition, std::string("'field' has no meaning for ") + to_text(out_.type));
  percentile(percentage, condition);
  check_bounds(condition);
}

void CorrelationParser::bound(const Node& key, const Node& value) {
  const auto found = std::ranges::find(kComparisons, key.text);
  if (found == kComparisons.end()) {
    return report_.error(key, "unknown key '" + key.text + "' in the condition of a correlation",
                         did_you_mean(key.text, kConditionKeys));
  }
  const bool number = value.kind == NodeKind::integer || value.kind == NodeKind::real;
  const auto amount = value.kind == NodeKind::integer ? parse_amount(std::to_string(value.integer))
                      : number                        ? parse_amount(value.text)
                                                      : std::nullopt;
  if (!amount) return report_.error(value, "'" + key.text + "' must be a number below 10^18");
  const bool counts = !is_value(out_.type) || out_.type == Type::value_count;
  if (counts && (*amount > amount_of(limits::kCorrelationThreshold) ||
                 -*amount > amount_of(limits::kCorrelationThreshold))) {
    return report_.error(value,
                         "no more than " + std::to_string(limits::kCorrelationThreshold) + " are counted",
                         "lower the threshold", ErrorCode::limit);
  }
  out_.bounds.push_back({static_cast<Comparison>(found - kComparisons.begin()), *amount});
}

void CorrelationParser::percentile(const Node* value, const Node& condition) {
  if (out_.type != Type::value_percentile) {
    if (value != nullptr) report_.error(*value, "'percentile' has a meaning only for value_percentile");
    return;
  }
  if (value == nullptr) {
    return report_.error(condition, "value_percentile does not say which percentile",
                         "add 'percentile: 95' or the like; the specification leaves it open");
  }
  const auto amount = parse_amount(value->text);
  if (!amount || *amount < 0 || *amount > amount_of(100))
    return report_.error(*value, "'percentile' must be a number from 0 to 100");
  out_.percentile = *amount;
}

/// Says what can never hold: a range whose ends are the wrong way round.
void CorrelationParser::check_bounds(const Node& condition) {
  for (const Correlation::Bound& low : out_.bounds) {
    for (const Correlation::Bound& high : out_.bounds) {
      const bool from = low.comparison == Comparison::gt || low.comparison == Comparison::gte;
      const bool to = high.comparison == Comparison::lt || high.comparison == Comparison::lte;
      if (from && to && low.value > high.value)
        return report_.warning(condition, "the condition can never hold: " + to_text(out_.bounds));
    }
  }
}

Expression CorrelationParser::resolved(const Condition& condition,
                                       std::span<const std::string_view> names) const {
  Expression out;
  if (condition.kind == Condition::Kind::search) {
    out.kind = Expression::Kind::test;
    out.test = static_cast<std::uint32_t>(std::ranges::find(names, condition.name) - names.begin());
    out.name = condition.name;
    return out;
  }
  out.kind = condition.kind == Condition::Kind::negate ? Expression::Kind::negate
             : condition.kind == Condition::Kind::any  ? Expression::Kind::any
                                                       : Expression::Kind::all;
  for (const Condition& child : condition.children) out.children.push_back(resolved(child, names));
  return out;
}

bool has_negation(const Expression& expression) {
  return expression.kind == Expression::Kind::negate ||
         std::ranges::any_of(expression.children, has_negation);
}

void CorrelationParser::expression(const Node& text) {
  std::vector<std::string_view> names;
  for (const Correlation::Reference& rule : out_.rules) names.push_back(rule.name);
  const Condition condition = parse_condition(text, names, report_);
  if (report_.failed()) return;
  if (condition.kind == Condition::Kind::nothing)
    return report_.error(text, "nothing is left of the condition: no rule has such a name");
  Expression tree = resolved(condition, names);
  if (has_negation(tree) && out_.type == Type::temporal_ordered) {
    return report_.error(text, "'not' has no meaning in an order of events",
                         "take the type temporal, or leave the rule out", ErrorCode::unsupported);
  }
  if (has_negation(tree)) {
    report_.warning(text, "'not' looks at what came before within the time span, never at what comes after");
  }
  out_.condition = std::move(tree);
}

/// Walks over "count(User) by Computer > 5".
class AggregationParser {
 public:
  AggregationParser(std::string_view text, Place place, RuleReport& report)
      : text_(text), place_(std::move(place)), report_(report) {}

  std::shared_ptr<Correlation> parse();

 private:
  std::string_view word();
  bool take(std::string_view sign);
  void skip_space();
  bool field();
  bool comparison();
  std::shared_ptr<Correlation> refuse(std::string message, std::string hint = {}) {
    report_.error_at(place_, std::move(message), std::move(hint), ErrorCode::unsupported);
    return nullptr;
  }

  std::string_view text_;
  Place place_;
  RuleReport& report_;
  std::shared_ptr<Correlation> out_ = std::make_shared<Correlation>();
};

void AggregationParser::skip_space() {
  while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front())) != 0)
    text_.remove_prefix(1);
}

std::string_view AggregationParser::word() {
  skip_space();
  const auto ends = [](char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0 || std::string_view("()<>=!,").contains(c);
  };
  const auto size = static_cast<std::size_t>(std::ranges::find_if(text_, ends) - text_.begin());
  const std::string_view out = text_.substr(0, size);
  text_.remove_prefix(size);
  return out;
}

bool AggregationParser::take(std::string_view sign) {
  skip_space();
  if (!text_.starts_with(sign)) return false;
  text_.remove_prefix(sign.size());
  return true;
}

/// "(Field)" or "()"
bool AggregationParser::field() {
  if (!take("(")) return false;
  const std::string_view name = word();
  if (!name.empty()) out_->fields.emplace_back(name);
  return take(")");
}

bool AggregationParser::comparison() {
  struct Sign {
    std::string_view text;
    Comparison comparison;
  };
  constexpr auto kSigns = std::to_array<Sign>({{">=", Comparison::gte},
                                               {"<=", Comparison::lte},
                                               {"!=", Comparison::neq},
                                               {"==", Comparison::eq},
                                               {">", Comparison::gt},
                                               {"<", Comparison::lt},
                                               {"=", Comparison::eq}});
  for (const Sign& sign : kSigns) {
    if (!take(sign.text)) continue;
    const auto amount = parse_amount(word());
    skip_space();
    if (!amount || !text_.empty()) return false;
    out_->bounds.push_back({sign.comparison, *amount});
    return true;
  }
  return false;
}

std::shared_ptr<Correlation> AggregationParser::parse() {
  constexpr std::string_view kHint = "write a correlation rule over this one";
  const std::string name = text::folded(word());
  if (name == "near")
    return refuse("'| near' is not run: it was removed from Sigma", "write a temporal correlation");
  if (name == "min" || name == "max")
    return refuse("'| " + name + "()' is not run: Sigma has no correlation of that kind", std::string(kHint));
  const std::string shown = "'| " + name + "'";
  if (name != "count" && name != "sum" && name != "avg")
    return refuse(shown + " is no aggregation", "aggregations are count, sum and avg");
  if (!field()) return refuse(shown + " must be followed by a field in brackets", std::string(kHint));
  if (name != "count" && out_->fields.empty()) return refuse(shown + " needs a field");
  out_->type = name == "sum"          ? Type::value_sum
               : name == "avg"        ? Type::value_avg
               : out_->fields.empty() ? Type::event_count
                                      : Type::value_count;
  skip_space();
  const std::string_view before = text_;
  if (text::folded(word()) == "by") {
    do {
      const std::string_view group = word();
      if (group.empty()) return refuse("a field is expected behind 'by'", std::string(kHint));
      out_->group_by.emplace_back(group);
    } while (take(","));
  } else {
    text_ = before;
  }
  if (!comparison())
    return refuse("the aggregation must end with a comparison such as '> 10'", std::string(kHint));
  const Amount most = amount_of(limits::kCorrelationThreshold);
  const bool counts = out_->type == Type::event_count || out_->type == Type::value_count;
  if (counts && (out_->bounds[0].value > most || -out_->bounds[0].value > most))
    return refuse("no more than " + std::to_string(limits::kCorrelationThreshold) + " are counted");
  out_->aggregation = true;
  out_->place = place_;
  return out_;
}

}  // namespace

std::optional<std::int64_t> parse_timespan(std::string_view text) {
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  const auto unit = std::ranges::find(kUnits, text.back(), &Unit::letter);
  if (unit == kUnits.end()) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  const std::int64_t seconds = number * unit->seconds;  // at most 10^9 · 3·10^7
  if (number == 0 || seconds > limits::kCorrelationTimespanSeconds) return std::nullopt;
  return seconds * kTicksPerSecond;
}

void parse_correlation(const Node& document, RuleReport& report, Rule& rule) {
  auto correlation = std::make_shared<Correlation>();
  correlation->place = report.place(*document.find("correlation"));
  CorrelationParser(document, report, *correlation).parse();
  rule.kind = RuleKind::correlation;
  rule.correlation = std::move(correlation);
}

void parse_filter(const Node& filter, const PlaceholderValues& placeholders, const Processing* processing,
                  RuleReport& report, Rule& rule) {
  rule.kind = RuleKind::filter;
  if (filter.kind != NodeKind::map) return report.error(filter, "'filter' must be a map");
  Node detection = filter;
  std::erase_if(detection.entries, [](const auto& entry) { return entry.first.text == "rules"; });
  const Node* rules = filter.find("rules");
  if (rules == nullptr || rules->kind == NodeKind::null || rules->kind == NodeKind::map) {
    report.error(filter, "the filter does not say for which rules it is",
                 "list their ids or names under 'rules', or write 'rules: any'");
  } else if (rules->kind != NodeKind::list) {
    rule.filters_any = text::equal_folded(rules->text, "any");
    if (!rule.filters_any) rule.filtered.push_back(rules->text);
  } else {
    for (const Node& name : rules->items) {
      if (!name.is_scalar() || name.text.empty()) {
        report.error(name, "'rules' must be ids or names of rules");
      } else {
        rule.filtered.push_back(name.text);
      }
    }
    if (rules->items.empty())
      report.error(*rules, "the filter is for no rule", "list ids or names, or write 'any'");
  }
  parse_detection(detection, placeholders, processing, report, rule);
  if (rule.correlation) report.error(*detection.find("condition"), "a filter cannot count");
  if (!report.failed() && !has_negation(rule.condition)) {
    const Node* condition = detection.find("condition");
    const FindingCode code(report, "filter");
    report.warning(condition != nullptr ? *condition : filter,
                   "the filter has no 'not': rules keep matching only where it matches",
                   "to leave out what it matches, write 'not' before it");
  }
}

std::shared_ptr<Correlation> parse_aggregation(std::string_view text, const Place& place,
                                               const Node* timeframe, RuleReport& report) {
  auto out = AggregationParser(text, place, report).parse();
  if (!out || timeframe == nullptr) return out;
  const auto ticks = timeframe->is_scalar() ? parse_timespan(timeframe->text) : std::nullopt;
  if (!ticks) {
    report.error(*timeframe, "'" + timeframe->text + "' is no time span",
                 "write 'timeframe: 5m' or the like");
    return nullptr;
  }
  out->timespan = timeframe->text;
  out->timespan_ticks = *ticks;
  return out;
}

}  // namespace landwarden::sigma
