#include "sigma/correlation_plan.h"

#include <algorithm>
#include <unordered_map>

#include "base/limits.h"
#include "base/text.h"
#include "sigma/spelling.h"

namespace landwarden::sigma {
namespace {

using Type = Correlation::Type;
using Member = CorrelationPlan::Member;

/// Which rules an id or a name means.
class RuleNames {
 public:
  explicit RuleNames(const std::vector<Rule>& rules) : rules_(rules) {
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
      if (!rules[i].id.empty() && !rules[i].implied) by_id_[text::folded(rules[i].id)].push_back(i);
      if (!rules[i].name.empty()) by_name_[rules[i].name].push_back(i);
    }
  }

  [[nodiscard]] const std::vector<std::uint32_t>& find(const std::string& reference) const {
    static const std::vector<std::uint32_t> kNothing;
    if (const auto id = by_id_.find(text::folded(reference)); id != by_id_.end()) return id->second;
    const auto name = by_name_.find(reference);
    return name != by_name_.end() ? name->second : kNothing;
  }

  [[nodiscard]] std::string nearest(const std::string& reference) const {
    std::vector<std::string_view> names;
    for (const Rule& rule : rules_) {
      if (!rule.name.empty() && !rule.implied) names.emplace_back(rule.name);
    }
    return did_you_mean(reference, names, "give the rule with --rules, beside the correlation");
  }

 private:
  const std::vector<Rule>& rules_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_id_, by_name_;
};

class Resolver {
 public:
  Resolver(std::vector<Rule>& rules, std::vector<bool>& runs, std::vector<Diagnostic>& diagnostics)
      : rules_(rules), runs_(runs), diagnostics_(diagnostics), names_(rules), state_(rules.size()) {
    out_.carried.resize(rules.size());
  }

  ResolvedCorrelations run();

 private:
  enum class State : std::uint8_t { fresh, open, done };

  bool resolve(std::uint32_t index, std::size_t depth);
  bool resolve_members(std::uint32_t index, std::size_t depth, CorrelationPlan& plan);
  bool resolve_one(const Rule& rule, const Correlation::Reference& reference, std::size_t depth,
                   CorrelationPlan& plan);
  bool check_aliases(const Rule& rule, const CorrelationPlan& plan);
  bool bind_fields(const Rule& rule, CorrelationPlan& plan);
  bool bind(const Rule& rule, const CorrelationPlan& plan, Member& member, const std::string& name,
            std::vector<std::uint32_t>& out);
  bool find_orders(const Rule& rule, CorrelationPlan& plan);
  void settle(const CorrelationPlan& plan);
  bool refuse(const Rule& rule, const Place& place, std::string message, std::string hint = {},
              ErrorCode code = ErrorCode::invalid);

  std::vector<Rule>& rules_;
  std::vector<bool>& runs_;
  std::vector<Diagnostic>& diagnostics_;
  RuleNames names_;
  std::vector<State> state_;
  ResolvedCorrelations out_;
};

bool Resolver::refuse(const Rule& rule, const Place& place, std::string message, std::string hint,
                      ErrorCode code) {
  diagnostics_.push_back({.severity = Diagnostic::Severity::error,
                          .error = {code, std::move(message), place, std::move(hint)},
                          .rule_id = rule.id,
                          .title = rule.title,
                          .code = code == ErrorCode::unsupported ? "not-run" : "correlation"});
  return false;
}

ResolvedCorrelations Resolver::run() {
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].kind == RuleKind::correlation) (void)resolve(i, 0);
  }
  for (const CorrelationPlan& plan : out_.plans) settle(plan);
  return std::move(out_);
}

/// Whether the correlation runs; its plan comes behind those of the correlations that it refers to.
bool Resolver::resolve(std::uint32_t index, std::size_t depth) {
  if (state_[index] == State::done) return runs_[index];
  state_[index] = State::open;
  CorrelationPlan plan;
  plan.rule = index;
  plan.what = rules_[index].correlation.get();
  const Rule& rule = rules_[index];
  const bool good = resolve_members(index, depth, plan) && check_aliases(rule, plan) &&
                    bind_fields(rule, plan) && find_orders(rule, plan);
  state_[index] = State::done;
  runs_[index] = good;
  if (good) out_.plans.push_back(std::move(plan));
  return good;
}

bool Resolver::resolve_members(std::uint32_t index, std::size_t depth, CorrelationPlan& plan) {
  const Rule& rule = rules_[index];
  if (depth > limits::kCorrelationDepth) {
    return refuse(rule, plan.what->place, "too many correlations of correlations", {}, ErrorCode::limit);
  }
  bool good = true;
  for (const Correlation::Reference& reference : plan.what->rules) {
    good = resolve_one(rule, reference, depth, plan) && good;
  }
  return good;
}

bool Resolver::resolve_one(const Rule& rule, const Correlation::Reference& reference, std::size_t depth,
                           CorrelationPlan& plan) {
  const auto& found = names_.find(reference.name);
  if (found.empty()) {
    return refuse(rule, reference.place, "no rule has the id or name '" + reference.name + "'",
                  names_.nearest(reference.name));
  }
  if (found.size() > 1) {
    return refuse(rule, reference.place,
                  "two rules are called '" + reference.name + "': " + rules_[found[0]].place.to_string() +
                      " and " + rules_[found[1]].place.to_string(),
                  "give one of them another id or name");
  }
  const std::uint32_t target = found.front();
  const Rule& other = rules_[target];
  if (other.kind == RuleKind::correlation) {
    if (state_[target] == State::open)
      return refuse(rule, reference.place,
                    "correlations refer to each other in a circle: '" + reference.name + "'");
    (void)resolve(target, depth + 1);
  }
  if (!runs_[target]) {
    return refuse(rule, reference.place, "the rule that it refers to cannot run here: '" + other.title + "'",
                  {}, ErrorCode::unsupported);
  }
  Member member{.rule = target, .slot = plan.slots, .group = {}, .values = {}};
  const auto same = std::ranges::find(plan.members, target, &Member::rule);
  if (same != plan.members.end()) {
    member.slot = same->slot;
  } else {
    ++plan.slots;
  }
  plan.members.push_back(std::move(member));
  return true;
}

/// An alias for a rule that the correlation does not refer to is a slip.
bool Resolver::check_aliases(const Rule& rule, const CorrelationPlan& plan) {
  for (const Correlation::Alias& alias : plan.what->aliases) {
    for (const auto& [reference, field] : alias.fields) {
      const auto& meant = names_.find(reference.name);
      const auto is_member = [&](const Member& member) {
        return !meant.empty() && member.rule == meant.front();
      };
      if (std::ranges::any_of(plan.members, is_member)) continue;
      return refuse(rule, reference.place,
                    "the alias '" + alias.name + "' is for '" + reference.name +
                        "', which the correlation does not refer to");
    }
  }
  return true;
}

/// The position of a field of the correlation in what the member's matches carry.
bool Resolver::bind(const Rule& rule, const CorrelationPlan& plan, Member& member, const std::string& name,
                    std::vector<std::uint32_t>& out) {
  std::string field = name;
  for (const Correlation::Alias& alias : plan.what->aliases) {
    if (alias.name != name) continue;
    for (const auto& [reference, aliased] : alias.fields) {
      const auto& meant = names_.find(reference.name);
      if (!meant.empty() && meant.front() == member.rule) field = aliased;
    }
  }
  const Rule& other = rules_[member.rule];
  std::vector<std::string>& carried = out_.carried[member.rule];
  auto at = std::ranges::find(carried, field);
  if (at == carried.end()) {
    if (other.kind == RuleKind::correlation) {
      return refuse(
          rule, plan.what->place,
          "the correlation '" + other.title + "' that it refers to is not grouped by '" + field + "'",
          "add the field to its group-by");
    }
    carried.push_back(field);
    at = carried.end() - 1;
  }
  out.push_back(static_cast<std::uint32_t>(at - carried.begin()));
  return true;
}

bool Resolver::bind_fields(const Rule& rule, CorrelationPlan& plan) {
  out_.carried[plan.rule] = plan.what->group_by;
  for (Member& member : plan.members) {
    for (const std::string& name : plan.what->group_by) {
      if (!bind(rule, plan, member, name, member.group)) return false;
    }
    for (const std::string& name : plan.what->fields) {
      if (!bind(rule, plan, member, name, member.values)) return false;
    }
  }
  plan.most = 1;
  for (const Correlation::Bound& bound : plan.what->bounds) {
    if (bound.value >= 0)
      plan.most = std::max(plan.most, static_cast<std::uint64_t>(bound.value / kAmountUnit) + 1);
  }
  return true;
}

using Orders = std::vector<std::vector<std::uint32_t>>;

/// Sets of members that meet the expression, each sorted: its disjunctive form. Too many are cut by the
/// caller.
Orders orders_of(const Expression& expression) {
  if (expression.kind == Expression::Kind::test) return {{expression.test}};
  Orders out;
  if (expression.kind == Expression::Kind::any) {
    for (const Expression& child : expression.children) {
      for (auto& order : orders_of(child)) out.push_back(std::move(order));
      if (out.size() > limits::kCorrelationOrders) return out;
    }
    return out;
  }
  out.emplace_back();
  for (const Expression& child : expression.children) {
    Orders joined;
    const Orders more = orders_of(child);
    for (const auto& left : out) {
      for (const auto& right : more) {
        std::vector<std::uint32_t> both;
        std::ranges::set_union(left, right, std::back_inserter(both));
        joined.push_back(std::move(both));
        if (joined.size() > limits::kCorrelationOrders) return joined;
      }
    }
    out = std::move(joined);
  }
  return out;
}

/// All ways to choose `count` of `of` members, in order.
Orders choices(std::uint32_t count, std::uint32_t of) {
  Orders out;
  std::vector<std::uint32_t> choice(count);
  for (std::uint32_t i = 0; i < count; ++i) choice[i] = i;
  while (out.size() <= limits::kCorrelationOrders) {
    out.push_back(choice);
    std::uint32_t at = count;
    while (at > 0 && choice[at - 1] == of - count + at - 1) --at;
    if (at == 0) break;
    ++choice[at - 1];
    for (std::uint32_t i = at; i < count; ++i) choice[i] = choice[i - 1] + 1;
  }
  return out;
}

bool Resolver::find_orders(const Rule& rule, CorrelationPlan& plan) {
  if (plan.what->type != Type::temporal_ordered) return true;
  const auto members = static_cast<std::uint32_t>(plan.members.size());
  if (plan.what->condition) {
    plan.orders = orders_of(*plan.what->condition);
  } else if (plan.what->bounds.empty()) {
    plan.orders = choices(members, members);
  } else {
    const Correlation::Bound& bound = plan.what->bounds.front();
    using enum Correlation::Comparison;
    const bool least = plan.what->bounds.size() == 1 && (bound.comparison == gte || bound.comparison == gt) &&
                       bound.value % kAmountUnit == 0;
    const Amount count = bound.value / kAmountUnit + (bound.comparison == gt ? 1 : 0);
    if (!least || count < 1 || count > members) {
      return refuse(rule, plan.what->place,
                    "the condition of temporal_ordered must be 'gte' or 'gt' a number of its rules", {},
                    ErrorCode::unsupported);
    }
    plan.orders = choices(static_cast<std::uint32_t>(count), members);
  }
  if (plan.orders.size() <= limits::kCorrelationOrders) return true;
  return refuse(rule, plan.what->place, "too many orders of rules meet the condition",
                "split the correlation", ErrorCode::limit);
}

/// What a correlation that runs does to the rules that it refers to, and they to it.
void Resolver::settle(const CorrelationPlan& plan) {
  std::optional<Level> level;
  for (const Member& member : plan.members) {
    Rule& rule = rules_[member.rule];
    if (!plan.what->generate) rule.muted = true;
    if (rule.level && (!level || *rule.level > *level)) level = rule.level;
  }
  if (!rules_[plan.rule].level) rules_[plan.rule].level = level;
}

}  // namespace

ResolvedCorrelations resolve_correlations(std::vector<Rule>& rules, std::vector<bool>& runs,
                                          std::vector<Diagnostic>& diagnostics) {
  return Resolver(rules, runs, diagnostics).run();
}

std::vector<bool> needed_by_correlations(const std::vector<Rule>& rules, const std::vector<bool>& wanted) {
  std::vector<bool> needed(rules.size());
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (wanted[i] && rules[i].kind == RuleKind::correlation) open.push_back(i);
  }
  if (open.empty()) return needed;
  const RuleNames names(rules);
  while (!open.empty()) {
    const std::uint32_t index = open.back();
    open.pop_back();
    for (const Correlation::Reference& reference : rules[index].correlation->rules) {
      for (const std::uint32_t other : names.find(reference.name)) {
        if (needed[other]) continue;
        needed[other] = true;
        if (rules[other].kind == RuleKind::correlation) open.push_back(other);
      }
    }
  }
  return needed;
}

}  // namespace landwarden::sigma
