// The estate while it runs: all machines, one clock, and what needs more than one machine (tickets from the
// domain controller, sessions over the network, files on a share).
//
// Actions are scheduled and run in the order of time, so that every id a machine hands out grows with time.
// Not thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string_view>
#include <vector>

#include "range/machine.h"

namespace landwarden::range {

class World {
 public:
  World(Time begin, Time end, std::uint64_t seed, std::uint32_t scale);

  [[nodiscard]] Time begin() const { return begin_; }
  [[nodiscard]] Time end() const { return end_; }
  [[nodiscard]] std::uint32_t scale() const { return scale_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] Machine& machine(std::string_view name);
  [[nodiscard]] Machine& domain_controller() { return machine("EVW-DC01"); }
  [[nodiscard]] const std::vector<std::unique_ptr<Machine>>& machines() const { return machines_; }

  /// Runs `action` at `time`; what lies outside the estate's days is left out.
  void at(Time time, std::function<void(Time)> action);
  /// Runs `action` every `minutes` (and up to `jitter` more) from a random moment on.
  void every(std::int64_t minutes, std::int64_t jitter, std::string_view name,
             std::function<void(Time)> action);
  /// Runs everything up to `until`.
  void run_until(Time until);

  /// The controller's records of a ticket for `account` from `from`: a fresh logon (4768) and a service
  /// ticket (4769).
  void ticket(Time time, std::string_view account, std::string_view sid, const Host& from,
              const Host& service, bool fresh);
  /// A session over the network with what the controller sees of it.
  [[nodiscard]] Session remote_session(Time time, const Account& account, const Host& from, Machine& to);
  /// Opens a share of the file server and looks at some files there.
  void use_share(Time time, const Account& account, const Host& from, std::string_view share,
                 std::string_view local_path, std::span<const std::string_view> files);

 private:
  struct Planned {
    Time time;
    std::uint64_t order;
    std::function<void(Time)> action;
    bool operator<(const Planned& other) const {
      return time != other.time ? time > other.time : order > other.order;  // the earliest is on top
    }
  };
  Time begin_;
  Time end_;
  std::uint64_t seed_;
  std::uint32_t scale_;
  std::uint64_t order_ = 0;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::priority_queue<Planned> plan_;
};

}  // namespace landwarden::range
