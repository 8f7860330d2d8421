#include "engine/in_order.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace landwarden::engine {
namespace {

TEST(InOrder, PutsBackInOrderWhatThreadsFinishInAnyOrder) {
  constexpr std::uint64_t kCount = 5000;
  InOrder<std::unique_ptr<std::uint64_t>> done(5);
  std::atomic<std::uint64_t> next = 0;
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (std::uint64_t number = next++; number < kCount; number = next++) {
        done.put(number, std::make_unique<std::uint64_t>(number));
      }
    });
  }
  std::thread finisher([&] { done.finish(kCount); });
  for (std::uint64_t expected = 0; expected < kCount; ++expected) {
    const auto value = done.take();
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(**value, expected);
  }
  EXPECT_FALSE(done.take().has_value());
  finisher.join();
  for (std::thread& worker : workers) worker.join();
}

TEST(InOrder, EndsAtOnceWhenNothingComes) {
  InOrder<int> done(1);
  done.finish(0);
  EXPECT_FALSE(done.take().has_value());
}

}  // namespace
}  // namespace landwarden::engine
