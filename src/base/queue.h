// A bounded queue between threads: holds what weighs up to a capacity, blocks producers beyond it and
// consumers on nothing.
//
// Any number of producers and consumers. Waiting is done on condition variables, never by spinning. close()
// says that nothing more will come: pushes fail from then on, pops give what is left and then nothing. One
// element is always let in when the queue is empty, however heavy, so that nothing is too large to pass.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace landwarden {

template <class T>
class BoundedQueue {
 public:
  /// `capacity` in the unit that push() weighs in.
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  /// Waits for room. False if the queue is closed; `value` is then lost.
  bool push(T value, std::size_t weight = 1) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return closed_ || items_.empty() || held_ + weight <= capacity_; });
    if (closed_) return false;
    items_.emplace_back(std::move(value), weight);
    held_ += weight;
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// Waits for an element. Nothing once the queue is closed and empty.
  [[nodiscard]] std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    std::optional<T> value(std::move(items_.front().first));
    held_ -= items_.front().second;
    items_.pop_front();
    lock.unlock();
    // All: a light element may fit where the heavy one that waits first does not.
    room_.notify_all();
    return value;
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    room_.notify_all();
    filled_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<std::pair<T, std::size_t>> items_;
  const std::size_t capacity_;
  std::size_t held_ = 0;
  bool closed_ = false;
};

}  // namespace landwarden
