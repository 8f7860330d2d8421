#include "sigma/rule_table.h"

#include <utility>

namespace landwarden::sigma {

RuleTable::RuleTable(std::vector<Rule> rules) {
  rules_.reserve(rules.size());
  for (Rule& rule : rules) add(std::move(rule));
}

RuleTable::RuleTable(std::uint32_t size, Make make)
    : rules_(size), make_(std::move(make)), made_(std::make_unique<std::once_flag[]>(size)) {}

}  // namespace landwarden::sigma
