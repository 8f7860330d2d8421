#include "sigma/correlation_window.h"

#include <algorithm>
#include <limits>

namespace landwarden::sigma {
namespace {

using Type = Correlation::Type;
using Comparison = Correlation::Comparison;

/// What is older than this has left a window that ends at `time`.
std::int64_t horizon_of(std::int64_t time, std::int64_t timespan) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  return timespan == kNoTimespan || time < kFirst + timespan ? kFirst : time - timespan;
}

bool compare(Amount left, Comparison comparison, Amount right) {
  switch (comparison) {
    case Comparison::gt:
      return left > right;
    case Comparison::gte:
      return left >= right;
    case Comparison::lt:
      return left < right;
    case Comparison::lte:
      return left <= right;
    case Comparison::eq:
      return left == right;
    case Comparison::neq:
      return left != right;
  }
  return false;
}

bool keeps_sorted(Type type) {
  return type == Type::value_percentile || type == Type::value_median;
}

}  // namespace

CorrelationWindow::CorrelationWindow(const CorrelationPlan& plan) : plan_(&plan) {
  for (const auto& order : plan.orders) chains_.emplace_back(order.size());
}

bool CorrelationWindow::add(std::int64_t time, const std::vector<Feed>& feeds) {
  const std::int64_t horizon = horizon_of(time, plan_->what->timespan_ticks);
  if (any_ && last_ < horizon) {  // the window ran empty: a new run begins
    held_ = false;
    for (Chain& chain : chains_) chain.assign(chain.size(), nullptr);
  }
  leave(horizon);
  if (plan_->what->type == Type::temporal_ordered) {
    extend(time, horizon, feeds);
  } else {
    for (const Feed& feed : feeds) take(time, feed);
  }
  last_ = time;
  horizon_ = horizon;
  any_ = true;
  const bool held = held_;
  held_ = holds(horizon);
  return held_ && !held;
}

void CorrelationWindow::remove_front() {
  const Entry& entry = entries_.front();
  switch (plan_->what->type) {
    case Type::value_count:
      by_value_.erase(entry.feed.value);
      break;
    case Type::value_percentile:
    case Type::value_median:
      sorted_.erase(std::ranges::lower_bound(sorted_, entry.feed.amount));
      [[fallthrough]];
    case Type::value_sum:
    case Type::value_avg:
      sum_ -= entry.feed.amount;
      break;
    default:
      break;
  }
  entries_.pop_front();
}

void CorrelationWindow::leave(std::int64_t horizon) {
  while (!entries_.empty() && entries_.front().time < horizon) remove_front();
}

void CorrelationWindow::take(std::int64_t time, const Feed& feed) {
  const Type type = plan_->what->type;
  if (type == Type::value_count) {
    if (const auto known = by_value_.find(feed.value); known != by_value_.end()) {
      entries_.erase(known->second);
      by_value_.erase(known);
    }
  } else if (type == Type::temporal) {
    const auto same =
        std::ranges::find_if(entries_, [&](const Entry& entry) { return slot(entry.feed) == slot(feed); });
    if (same != entries_.end()) entries_.erase(same);
  }
  entries_.push_back({time, feed});
  if (type == Type::value_count) by_value_.emplace(feed.value, std::prev(entries_.end()));
  if (type == Type::event_count || type == Type::value_count) {
    if (entries_.size() > plan_->most) remove_front();
  } else if (type != Type::temporal) {
    sum_ += feed.amount;
    if (keeps_sorted(type)) sorted_.insert(std::ranges::upper_bound(sorted_, feed.amount), feed.amount);
  }
}

void CorrelationWindow::extend(std::int64_t time, std::int64_t horizon, const std::vector<Feed>& feeds) {
  for (std::size_t i = 0; i < chains_.size(); ++i) extend_one(i, time, horizon, feeds);
}

/// Of all chains that reach a step, the one that began last is within the time span the longest, so it alone
/// is kept. One event may be several steps in a row if different rules matched it.
void CorrelationWindow::extend_one(std::size_t order, std::int64_t time, std::int64_t horizon,
                                   const std::vector<Feed>& feeds) {
  const std::vector<std::uint32_t>& steps = plan_->orders[order];
  const Chain before = chains_[order];
  const auto feed_of = [&](std::size_t step) -> const Feed* {
    const std::uint32_t wanted = plan_->members[steps[step]].slot;
    const auto found = std::ranges::find_if(feeds, [&](const Feed& feed) { return slot(feed) == wanted; });
    return found == feeds.end() ? nullptr : &*found;
  };
  for (std::size_t first = 0; first < steps.size(); ++first) {
    if (first > 0 && (!before[first - 1] || before[first - 1]->start < horizon)) continue;
    std::shared_ptr<const Link> link = first > 0 ? before[first - 1] : nullptr;
    std::vector<std::uint32_t> used;
    for (std::size_t step = first; step < steps.size(); ++step) {
      const Feed* feed = feed_of(step);
      if (feed == nullptr || std::ranges::find(used, slot(*feed)) != used.end()) break;
      used.push_back(slot(*feed));
      const std::int64_t start = link ? link->start : time;
      link = std::make_shared<const Link>(Link{*feed, link, start});
      auto& best = chains_[order][step];
      if (!best || best->start < start) best = link;
    }
  }
}

const CorrelationWindow::Link* CorrelationWindow::complete(std::int64_t horizon) const {
  for (const Chain& chain : chains_) {
    if (!chain.empty() && chain.back() && chain.back()->start >= horizon) return chain.back().get();
  }
  return nullptr;
}

bool CorrelationWindow::has_slot(std::uint32_t wanted) const {
  return std::ranges::any_of(entries_, [&](const Entry& entry) { return slot(entry.feed) == wanted; });
}

bool CorrelationWindow::expression_holds(const Expression& expression) const {
  const auto child_holds = [&](const Expression& child) { return expression_holds(child); };
  switch (expression.kind) {
    case Expression::Kind::test:
      return has_slot(plan_->members[expression.test].slot);
    case Expression::Kind::negate:
      return !expression_holds(expression.children.front());
    case Expression::Kind::all:
      return std::ranges::all_of(expression.children, child_holds);
    case Expression::Kind::any:
      return std::ranges::any_of(expression.children, child_holds);
  }
  return false;
}

bool CorrelationWindow::bounds_hold() const {
  const Type type = plan_->what->type;
  const auto count = static_cast<Amount>(entries_.size());
  Amount left = amount_of(entries_.size());
  Amount times = 1;  // both sides are multiplied, so that nothing is rounded
  if (type == Type::value_sum || type == Type::value_avg) {
    left = sum_;
    times = type == Type::value_avg ? count : 1;
  } else if (keeps_sorted(type)) {
    left = measure();
    if (type == Type::value_median) {
      const std::size_t middle = sorted_.size() / 2;
      left = sorted_.size() % 2 == 1 ? 2 * sorted_[middle] : sorted_[middle - 1] + sorted_[middle];
      times = 2;
    }
  }
  return std::ranges::all_of(plan_->what->bounds, [&](const Correlation::Bound& bound) {
    return compare(left, bound.comparison, bound.value * times);
  });
}

bool CorrelationWindow::holds(std::int64_t horizon) const {
  const Correlation& what = *plan_->what;
  if (what.type == Type::temporal_ordered) return complete(horizon) != nullptr;
  if (entries_.empty()) return false;
  if (what.type != Type::temporal || !what.bounds.empty()) return bounds_hold();
  if (what.condition) return expression_holds(*what.condition);
  return entries_.size() == plan_->slots;
}

Amount CorrelationWindow::measure() const {
  const auto count = static_cast<Amount>(entries_.size());
  switch (plan_->what->type) {
    case Type::value_sum:
      return sum_;
    case Type::value_avg:
      return count == 0 ? 0 : sum_ / count;
    case Type::value_percentile: {
      if (sorted_.empty()) return 0;
      const Amount hundred = amount_of(100);
      const Amount rank = (plan_->what->percentile * count + hundred - 1) / hundred;  // nearest rank, from 1
      return sorted_[rank > 0 ? static_cast<std::size_t>(rank - 1) : 0];
    }
    case Type::value_median: {
      if (sorted_.empty()) return 0;
      const std::size_t middle = sorted_.size() / 2;
      return sorted_.size() % 2 == 1 ? sorted_[middle] : (sorted_[middle - 1] + sorted_[middle]) / 2;
    }
    default:
      return amount_of(entries_.size());
  }
}

std::vector<CorrelatedEvent::Part> CorrelationWindow::parts() const {
  std::vector<CorrelatedEvent::Part> out;
  const auto rule = [&](const Feed& feed) { return plan_->members[feed.member].rule; };
  for (const Entry& entry : entries_) out.push_back({entry.feed.event, rule(entry.feed)});
  for (const Link* link = complete(horizon_); link != nullptr; link = link->before.get())
    out.push_back({link->feed.event, rule(link->feed)});
  std::ranges::sort(out, [](const CorrelatedEvent::Part& a, const CorrelatedEvent::Part& b) {
    return a.event->number != b.event->number ? a.event->number < b.event->number : a.rule < b.rule;
  });
  return out;
}

std::vector<std::vector<std::string>> CorrelationWindow::shown_values() const {
  std::vector<std::vector<std::string>> out(plan_->what->fields.size());
  for (const Entry& entry : entries_) {
    for (std::size_t i = 0; i < entry.feed.shown.size() && i < out.size(); ++i)
      out[i].push_back(entry.feed.shown[i]);
  }
  return out;
}

std::size_t CorrelationWindow::size() const {
  std::size_t out = entries_.size();
  for (const Chain& chain : chains_) {
    for (std::size_t step = 0; step < chain.size(); ++step) out += chain[step] ? step + 1 : 0;
  }
  return out;
}

}  // namespace landwarden::sigma
