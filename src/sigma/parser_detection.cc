#include "sigma/parser_detection.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <unordered_map>

#include "base/limits.h"
#include "sigma/condition.h"
#include "sigma/modifiers.h"
#include "sigma/parser_correlation.h"
#include "sigma/processing.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using yaml::Node;
using NodeKind = Node::Kind;

/// A search identifier's tests, numbered from 0, and the tree over them.
struct Search {
  std::vector<Test> tests;
  Expression tree;
  std::optional<std::uint32_t> first_test;  ///< in the rule, once the condition has used it
  std::vector<DraftMark> items;             ///< where pipelines work
};

class DetectionParser {
 public:
  DetectionParser(const Node& detection, const PlaceholderValues& placeholders, const Processing* processing,
                  RuleReport& report, Rule& rule)
      : detection_(detection),
        placeholders_(placeholders),
        processing_(processing != nullptr && !processing->empty() ? processing : nullptr),
        report_(report),
        rule_(rule) {}

  void parse();

 private:
  std::optional<Expression> item(const FieldKey& key, const Node& value, std::vector<Test>& tests);
  std::optional<Expression> search(const Node& node, std::vector<Test>& tests);
  std::optional<Expression> map(const Node& node, std::vector<Test>& tests);
  std::optional<Expression> list(const Node& node, std::vector<Test>& tests);
  Expression resolve(const Condition& condition);
  Expression use(Search& search, const std::string& name);
  Expression renumbered(const Expression& tree, std::uint32_t first);
  std::vector<Condition> conditions(const Node& node);
  void process();
  Condition as_processed(Condition condition, const Node& node);
  void aggregation(Node& condition);

  const Node& detection_;
  const PlaceholderValues& placeholders_;
  const Processing* processing_;
  RuleReport& report_;
  Rule& rule_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string, Search> searches_;
  std::size_t nodes_ = 0;
  std::vector<DraftMark> items_;         ///< of the search at hand
  std::deque<std::string> added_names_;  ///< `names_` points there
  std::set<std::string> dropped_;        ///< searches that pipelines left nothing of
  std::vector<DraftCondition> added_;
};

Expression joined(Expression::Kind kind, std::vector<Expression> children) {
  if (children.size() == 1) {
    Expression only = std::move(children.front());
    return only;
  }
  Expression out;
  out.kind = kind;
  out.children = std::move(children);
  return out;
}

std::optional<Expression> DetectionParser::search(const Node& node, std::vector<Test>& tests) {
  if (node.kind == NodeKind::map) return map(node, tests);
  if (node.kind == NodeKind::list) return list(node, tests);
  return item(FieldKey(), node, tests);
}

std::optional<Expression> DetectionParser::item(const FieldKey& key, const Node& value,
                                                std::vector<Test>& tests) {
  const std::size_t first = tests.size();
  auto out = parse_item(key, value, placeholders_, report_, tests);
  if (processing_ == nullptr || !out) return out;
  out->name = draft_mark_name(items_.size());
  items_.push_back({.field = key.field,
                    .all = key.all,
                    .first = static_cast<std::uint32_t>(first),
                    .count = static_cast<std::uint32_t>(tests.size() - first)});
  return out;
}

std::optional<Expression> DetectionParser::map(const Node& node, std::vector<Test>& tests) {
  if (node.entries.empty()) {
    report_.error(node, "the search is empty");
    return std::nullopt;
  }
  std::vector<Expression> parts;
  bool good = true;
  for (const auto& [name, value] : node.entries) {
    const auto key = parse_field_key(name, report_);
    auto read = key ? item(*key, value, tests) : std::nullopt;
    if (read) {
      parts.push_back(std::move(*read));
    } else {
      good = false;
    }
  }
  if (!good) return std::nullopt;
  return joined(Expression::Kind::all, std::move(parts));
}

std::optional<Expression> DetectionParser::list(const Node& node, std::vector<Test>& tests) {
  if (node.items.empty()) {
    report_.error(node, "the search is empty");
    return std::nullopt;
  }
  std::vector<Expression> parts;
  bool good = true;
  for (const Node& item : node.items) {
    auto part = search(item, tests);
    if (part) {
      parts.push_back(std::move(*part));
    } else {
      good = false;
    }
  }
  if (!good) return std::nullopt;
  return joined(Expression::Kind::any, std::move(parts));
}

Expression DetectionParser::renumbered(const Expression& tree, std::uint32_t first) {
  Expression out;
  out.kind = tree.kind;
  out.test = tree.kind == Expression::Kind::test ? tree.test + first : 0;
  out.name = tree.name;
  ++nodes_;
  out.children.reserve(tree.children.size());
  for (const Expression& child : tree.children) {
    if (nodes_ > limits::kSigmaNodes) break;
    out.children.push_back(renumbered(child, first));
  }
  return out;
}

/// A search's tree; its tests join the rule's when it is used for the first time.
Expression DetectionParser::use(Search& search, const std::string& name) {
  if (!search.first_test) {
    search.first_test = static_cast<std::uint32_t>(rule_.tests.size());
    rule_.tests.insert(rule_.tests.end(), std::make_move_iterator(search.tests.begin()),
                       std::make_move_iterator(search.tests.end()));
  }
  Expression out = renumbered(search.tree, *search.first_test);
  out.name = name;
  return out;
}

Expression DetectionParser::resolve(const Condition& condition) {
  if (condition.kind == Condition::Kind::search) return use(searches_[condition.name], condition.name);
  Expression out;
  out.kind = condition.kind == Condition::Kind::negate ? Expression::Kind::negate
             : condition.kind == Condition::Kind::any  ? Expression::Kind::any
                                                       : Expression::Kind::all;
  ++nodes_;
  for (const Condition& child : condition.children) {
    if (nodes_ > limits::kSigmaNodes) break;
    out.children.push_back(resolve(child));
  }
  return out;
}

std::vector<Condition> DetectionParser::conditions(const Node& node) {
  const FindingCode code(report_, "condition");
  std::vector<Condition> out;
  if (node.kind == NodeKind::list && node.items.empty()) report_.error(node, "the condition is empty");
  const auto one = [&](const Node& text) {
    if (!text.is_scalar()) {
      report_.error(text, "a condition must be a text");
      return;
    }
    const bool failed_before = report_.failed();
    Condition condition = parse_condition(text, names_, report_);
    if (condition.kind == Condition::Kind::nothing) {
      const FindingCode undefined(report_, "undefined-search");
      if (failed_before == report_.failed() && !failed_before) {
        report_.error(text, "nothing is left of the condition: no search has such a name",
                      did_you_mean(text.text, names_));
      }
      return;
    }
    if (processing_ != nullptr) condition = as_processed(std::move(condition), text);
    if (condition.kind != Condition::Kind::nothing) out.push_back(std::move(condition));
  };
  if (node.kind == NodeKind::list) {
    for (const Node& item : node.items) one(item);
  } else {
    one(node);
  }
  return out;
}

/// Gives the searches to the pipelines and takes them back.
void DetectionParser::process() {
  Draft draft;
  for (const std::string_view name : names_) {
    const Search& search = searches_.at(std::string(name));
    draft.searches.push_back({std::string(name), draft_of(search.tree, search.tests, search.items)});
  }
  processing_->apply(rule_, draft, report_);
  names_.clear();
  searches_.clear();
  added_ = std::move(draft.added);
  for (const DraftSearch& search : draft.searches) {
    names_.push_back(added_names_.emplace_back(search.name));
    Search made;
    if (search.root.gone()) {
      dropped_.insert(search.name);
    } else {
      made.tree = tree_of(search.root, made.tests);
    }
    searches_.emplace(search.name, std::move(made));
  }
}

/// The condition without searches that are gone.
Condition without(const std::set<std::string>& dropped, Condition condition) {
  if (condition.kind == Condition::Kind::search)
    return dropped.contains(condition.name) ? Condition() : std::move(condition);
  std::vector<Condition> left;
  for (Condition& child : condition.children) {
    Condition rest = without(dropped, std::move(child));
    if (rest.kind != Condition::Kind::nothing) left.push_back(std::move(rest));
  }
  if (left.empty()) return {};
  condition.children = std::move(left);
  return condition;
}

/// The condition with what the pipelines put before it, and without what they dropped.
Condition DetectionParser::as_processed(Condition condition, const Node& node) {
  condition = without(dropped_, std::move(condition));
  for (const DraftCondition& added : added_) {
    if (dropped_.contains(added.name)) continue;
    Condition search{.kind = Condition::Kind::search, .children = {}, .name = added.name};
    if (added.negated) {
      Condition negated{.kind = Condition::Kind::negate, .children = {}, .name = {}};
      negated.children.push_back(std::move(search));
      search = std::move(negated);
    }
    if (condition.kind == Condition::Kind::nothing) {
      condition = std::move(search);
      continue;
    }
    Condition both{.kind = Condition::Kind::all, .children = {}, .name = {}};
    both.children.push_back(std::move(search));
    both.children.push_back(std::move(condition));
    condition = std::move(both);
  }
  if (condition.kind == Condition::Kind::nothing)
    report_.error(node, "the pipelines leave nothing of the condition", {}, ErrorCode::unsupported);
  return condition;
}

/// Cuts "| count() by User > 5" off a condition that is one text, and keeps it as the rule's correlation.
void DetectionParser::aggregation(Node& condition) {
  const Node* timeframe = detection_.find("timeframe");
  const std::size_t pipe = condition.text.find('|');
  if (!condition.is_scalar() || pipe == std::string::npos) {
    if (timeframe != nullptr) {
      const FindingCode code(report_, "aggregation");
      report_.warning(
          *timeframe,
          "'timeframe' has no effect: it belonged to aggregations, which were removed from Sigma");
    }
    return;
  }
  Place place = report_.place(condition);
  if (condition.text.find('\n') == std::string::npos)
    place.column += static_cast<std::uint32_t>(pipe + (condition.quoted ? 1 : 0));
  rule_.correlation =
      parse_aggregation(std::string_view(condition.text).substr(pipe + 1), place, timeframe, report_);
  condition.text.resize(pipe);
}

void DetectionParser::parse() {
  if (detection_.kind != NodeKind::map) {
    report_.error(detection_, "'detection' must be a map of searches and a condition");
    return;
  }
  if (detection_.entries.size() > limits::kSigmaSearches) {
    report_.error(detection_, "the rule has too many searches", "split it", ErrorCode::limit);
    return;
  }
  for (const auto& [key, value] : detection_.entries) {
    if (key.text == "condition") continue;
    if (key.text == "timeframe") continue;
    Search made;
    items_.clear();
    auto tree = search(value, made.tests);
    made.items = std::move(items_);
    names_.push_back(key.text);
    if (tree) made.tree = std::move(*tree);
    searches_.emplace(key.text, std::move(made));
  }
  const Node* condition = detection_.find("condition");
  if (condition == nullptr) {
    const FindingCode code(report_, "condition");
    constexpr std::string_view kCondition = "condition";
    const std::string_view near = nearest_name(kCondition, names_);
    report_.error(
        detection_, "the detection has no 'condition'",
        near.empty() ? "say which searches must match" : "did you mean it by '" + std::string(near) + "'?");
    return;
  }
  if (names_.empty()) {
    report_.error(detection_, "the detection has no search",
                  "write what a record must hold beside the condition");
    return;
  }
  if (processing_ != nullptr && !report_.failed()) process();
  Node plain = *condition;
  aggregation(plain);
  const std::vector<Condition> parsed = conditions(plain);
  if (report_.failed()) return;
  std::vector<Expression> choices;
  for (const Condition& one : parsed) choices.push_back(resolve(one));
  if (nodes_ > limits::kSigmaNodes) {
    report_.error(*condition, "the condition names too many tests", "split the rule", ErrorCode::limit);
    return;
  }
  rule_.condition = joined(Expression::Kind::any, std::move(choices));
}

}  // namespace

void parse_detection(const yaml::Node& detection, const PlaceholderValues& placeholders,
                     const Processing* processing, RuleReport& report, Rule& rule) {
  DetectionParser(detection, placeholders, processing, report, rule).parse();
}

}  // namespace landwarden::sigma
