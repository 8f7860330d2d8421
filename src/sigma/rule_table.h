// The rules of a set, by number.
//
// Those that were compiled here are all there. Of a set that was loaded from a cache a rule is made when
// somebody first asks for it: a start need not make thousands of titles that no match will name. Any thread
// may ask; what it is given stays where it is as long as the table.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <vector>

#include "sigma/rule.h"

namespace landwarden::sigma {

class RuleTable {
 public:
  /// Fills the rule of a number; called once a rule, by whichever thread asks first.
  using Make = std::function<void(std::uint32_t, Rule&)>;
  class Iterator;

  RuleTable() = default;
  explicit RuleTable(std::vector<Rule> rules);
  RuleTable(std::uint32_t size, Make make);

  [[nodiscard]] std::size_t size() const { return rules_.size(); }
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  [[nodiscard]] const Rule& operator[](std::size_t number) const { return at(number); }
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

  /// Only while no other thread knows the table.
  void add(Rule rule) { rules_.push_back(std::make_unique<Rule>(std::move(rule))); }
  /// For who completes a rule in turn; others may be reading what it has already.
  [[nodiscard]] Rule& changeable(std::size_t number) const { return at(number); }

 private:
  [[nodiscard]] Rule& at(std::size_t number) const {
    if (make_) {
      std::call_once(made_[number], [&] {
        rules_[number] = std::make_unique<Rule>();
        make_(static_cast<std::uint32_t>(number), *rules_[number]);
      });
    }
    return *rules_[number];
  }

  mutable std::vector<std::unique_ptr<Rule>> rules_;
  Make make_;                               ///< none: all are there
  std::unique_ptr<std::once_flag[]> made_;  ///< as rules_
};

class RuleTable::Iterator {
 public:
  using value_type = Rule;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::forward_iterator_tag;
  using reference = const Rule&;
  using pointer = const Rule*;

  Iterator() = default;
  Iterator(const RuleTable& table, std::size_t number) : table_(&table), number_(number) {}
  reference operator*() const { return (*table_)[number_]; }
  pointer operator->() const { return &(*table_)[number_]; }
  Iterator& operator++() {
    ++number_;
    return *this;
  }
  Iterator operator++(int) {
    Iterator before = *this;
    ++number_;
    return before;
  }
  bool operator==(const Iterator&) const = default;

 private:
  const RuleTable* table_ = nullptr;
  std::size_t number_ = 0;
};

inline RuleTable::Iterator RuleTable::begin() const {
  return {*this, 0};
}
inline RuleTable::Iterator RuleTable::end() const {
  return {*this, size()};
}

}  // namespace landwarden::sigma
