#include "sigma/rule_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace landwarden::sigma {
namespace {

TEST(RuleTable, MakesARuleOnceWhoeverAsksFirst) {
  constexpr std::uint32_t kRules = 500;
  std::atomic<int> made = 0;
  const RuleTable table(kRules, [&](std::uint32_t number, Rule& rule) {
    ++made;
    rule.title = std::to_string(number);
  });
  EXPECT_EQ(table.size(), kRules);
  EXPECT_EQ(made, 0);
  EXPECT_EQ(table[7].title, "7");
  EXPECT_EQ(made, 1);
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t from = 0; from < 4; ++from) {
      threads.emplace_back([&, from] {
        for (std::uint32_t i = 0; i < kRules; ++i) {
          const std::uint32_t number = (i + from * 131) % kRules;
          wrong += table[number].title == std::to_string(number) ? 0 : 1;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(made, static_cast<int>(kRules));
}

TEST(RuleTable, ARuleStaysWhereItIs) {
  RuleTable table({Rule{.id = "a"}});
  const Rule& first = table[0];
  for (int i = 0; i < 100; ++i) table.add(Rule{.id = std::to_string(i)});
  EXPECT_EQ(&first, &table[0]);
  table.changeable(0).title = "changed";
  EXPECT_EQ(first.title, "changed");
  std::size_t seen = 0;
  for (const Rule& rule : table) seen += rule.id.empty() ? 0 : 1;
  EXPECT_EQ(seen, 101U);
}

}  // namespace
}  // namespace landwarden::sigma
