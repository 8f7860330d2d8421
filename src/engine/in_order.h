// Hands out, in the order of their numbers, what workers finish in any order.
//
// put() waits while its number is too far ahead of the oldest that is missing, which bounds what waits here;
// the worker that has the missing one never waits, so this cannot lock up. Every number from 0 to where
// finish() says must be put once. One taker, any number of putters. put() does not allocate, so that no
// number can get lost.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace landwarden::engine {

template <class T>
class InOrder {
 public:
  /// `ahead` > 0: how many numbers may wait.
  explicit InOrder(std::size_t ahead) : slots_(ahead) {}
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  void put(std::uint64_t number, T&& value) {
    bool first = false;
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] { return number < next_ + slots_.size(); });
      slots_[number % slots_.size()] = std::move(value);
      first = number == next_;
    }
    if (first) ready_.notify_one();
  }

  /// No number from `end` on will come.
  void finish(std::uint64_t end) {
    {
      const std::lock_guard lock(mutex_);
      end_ = end;
    }
    ready_.notify_one();
  }

  /// Waits for the next in order. Nothing at the end.
  [[nodiscard]] std::optional<T> take() {
    std::optional<T> value;
    {
      std::unique_lock lock(mutex_);
      auto& slot = slots_[next_ % slots_.size()];
      ready_.wait(lock, [&] { return slot || end_ == next_; });
      if (!slot) return std::nullopt;
      value = std::exchange(slot, std::nullopt);
      ++next_;
    }
    room_.notify_all();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<std::optional<T>> slots_;  ///< number modulo size
  std::uint64_t next_ = 0;
  std::optional<std::uint64_t> end_;
};

}  // namespace landwarden::engine
