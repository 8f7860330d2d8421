#include "base/queue.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace landwarden {
namespace {

TEST(BoundedQueue, GivesBackInOrderAndEndsWhenClosed) {
  BoundedQueue<int> queue(8);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.push(i));
  queue.close();
  EXPECT_FALSE(queue.push(99));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.pop(), i);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, LetsOneHeavyElementInWhenEmpty) {
  BoundedQueue<int> queue(8);
  EXPECT_TRUE(queue.push(1, 1000));
  EXPECT_EQ(queue.pop(), 1);
}

TEST(BoundedQueue, NeverHoldsMoreThanItsCapacity) {
  BoundedQueue<std::size_t> queue(10);
  std::atomic<long> inside = 0;
  long most = 0;
  std::thread producer([&] {
    for (std::size_t i = 0; i < 2000; ++i) {
      const std::size_t weight = 1 + i % 4;
      ASSERT_TRUE(queue.push(weight, weight));
      most = std::max(most, inside += static_cast<long>(weight));
    }
    queue.close();
  });
  std::size_t taken = 0;
  while (const auto weight = queue.pop()) {
    inside -= static_cast<long>(*weight);
    ++taken;
  }
  producer.join();
  EXPECT_EQ(taken, 2000U);
  // The counter lags the queue by what the consumer holds in its hands.
  EXPECT_LE(most, 14);
}

TEST(BoundedQueue, EveryElementReachesExactlyOneConsumer) {
  BoundedQueue<std::unique_ptr<int>> queue(16);
  std::vector<std::atomic<int>> seen(4000);
  std::vector<std::thread> threads;
  for (int c = 0; c < 4; ++c) {
    threads.emplace_back([&] {
      while (const auto value = queue.pop()) ++seen[static_cast<std::size_t>(**value)];
    });
  }
  std::vector<std::thread> producers;
  for (int p = 0; p < 4; ++p) {
    producers.emplace_back([&, p] {
      for (int i = p; i < 4000; i += 4) EXPECT_TRUE(queue.push(std::make_unique<int>(i)));
    });
  }
  for (std::thread& producer : producers) producer.join();
  queue.close();
  for (std::thread& thread : threads) thread.join();
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(BoundedQueue, ClosingWakesProducersAndConsumersThatWait) {
  BoundedQueue<int> full(1), empty(1);
  ASSERT_TRUE(full.push(1));
  std::thread producer([&] { EXPECT_FALSE(full.push(2)); });
  std::thread consumer([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
  full.close();
  empty.close();
  producer.join();
  consumer.join();
}

}  // namespace
}  // namespace landwarden
