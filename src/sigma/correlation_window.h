// What one group of one correlation remembers of its last time span, and whether its condition holds.
//
// Each type keeps only what can still change an answer: of counts the last events up to the largest
// threshold, of values and rules the last event of each, of orders the chain that began last for each step.
// Private to the correlator. Not thread-safe.

#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sigma/correlation_plan.h"
#include "sigma/match.h"

namespace landwarden::sigma {

/// A record that rules matched, or a correlation's match that others look at.
struct CorrelatedEvent {
  struct Part {
    std::shared_ptr<const CorrelatedEvent> event;
    std::uint32_t rule = 0;
  };
  EventReference reference;  ///< without the rule: several may have matched
  std::uint64_t number = 0;  ///< in the order of events
  std::vector<Part> parts;   ///< of a correlation's match: its events
  std::uint64_t parts_total = 0;
};

/// One rule's match on an event, as a group takes it in.
struct Feed {
  std::uint32_t member = 0;  ///< the first of the plan's that is this rule
  std::shared_ptr<const CorrelatedEvent> event;
  std::string value;               ///< value_count: compared; without case
  std::vector<std::string> shown;  ///< value_count: the same for people, one a field
  Amount amount = 0;               ///< value_sum and its kin
};

class CorrelationWindow {
 public:
  explicit CorrelationWindow(const CorrelationPlan& plan);

  /// Takes in what one event brought. True if the condition holds now and did not before.
  bool add(std::int64_t time, const std::vector<Feed>& feeds);

  /// The events that make the condition hold, by time.
  [[nodiscard]] std::vector<CorrelatedEvent::Part> parts() const;
  /// value_count: what was counted, for people, one list a field.
  [[nodiscard]] std::vector<std::vector<std::string>> shown_values() const;
  /// The count, sum, mean … that the condition looked at.
  [[nodiscard]] Amount measure() const;
  [[nodiscard]] std::int64_t last() const { return last_; }
  /// Events kept.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::int64_t time = 0;
    Feed feed;
  };
  using Entries = std::list<Entry>;
  /// The last step of a chain of events in order.
  struct Link {
    Feed feed;
    std::shared_ptr<const Link> before;
    std::int64_t start = 0;
  };
  using Chain = std::vector<std::shared_ptr<const Link>>;  ///< a step each; empty where none was reached

  void leave(std::int64_t horizon);
  void take(std::int64_t time, const Feed& feed);
  void remove_front();
  void extend(std::int64_t time, std::int64_t horizon, const std::vector<Feed>& feeds);
  void extend_one(std::size_t order, std::int64_t time, std::int64_t horizon, const std::vector<Feed>& feeds);
  [[nodiscard]] const Link* complete(std::int64_t horizon) const;
  [[nodiscard]] bool holds(std::int64_t horizon) const;
  [[nodiscard]] bool bounds_hold() const;
  [[nodiscard]] bool expression_holds(const Expression& expression) const;
  [[nodiscard]] bool has_slot(std::uint32_t slot) const;
  [[nodiscard]] std::uint32_t slot(const Feed& feed) const { return plan_->members[feed.member].slot; }

  const CorrelationPlan* plan_;
  std::int64_t last_ = 0;
  std::int64_t horizon_ = 0;  ///< of the last event
  bool any_ = false;
  bool held_ = false;
  Entries entries_;                                              ///< by time
  std::unordered_map<std::string, Entries::iterator> by_value_;  ///< value_count
  std::vector<Amount> sorted_;                                   ///< percentile and median
  Amount sum_ = 0;
  std::vector<Chain> chains_;  ///< as CorrelationPlan::orders
};

}  // namespace landwarden::sigma
