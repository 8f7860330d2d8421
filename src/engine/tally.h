// Counts over all records that a worker saw: shapes, hosts, first and last time. Each worker has its own;
// add() joins them, in any order, with the same result. Not thread-safe.

#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "event/batch.h"

namespace landwarden::engine {

/// Records a host, bounded. Beyond the limit the names that come first in order are kept, so that which ones
/// are kept, and their counts, depend on the evidence alone and not on who counted what when.
class HostCounts {
 public:
  HostCounts() = default;
  explicit HostCounts(std::size_t limit) : limit_(limit) {}
  void count(std::string_view host, std::uint64_t records);
  void add(const HostCounts& other);
  /// Leaves the counts: at most the limit, and in `others` what belongs to no kept host.
  [[nodiscard]] std::map<std::string, std::uint64_t> take(std::uint64_t& others);

 private:
  void prune();

  std::size_t limit_ = limits::kHostsCounted;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  bool bounded_ = false;  ///< names were dropped: only those up to `last_` are still kept
  std::string last_;
  std::uint64_t others_ = 0;
};

struct Tally {
  struct PerShape {
    std::uint64_t records = 0, records_matched = 0;
  };
  std::vector<PerShape> shapes;  ///< by ShapeId
  HostCounts hosts;
  Time first = Time::unknown(), last = Time::unknown();
  std::uint64_t records = 0, records_matched = 0, matches = 0;
  std::uint64_t only_fuller = 0;       ///< of the matches, as sigma::Match::only_fuller
  std::uint64_t records_left_out = 0;  ///< by the user's choice of times and host

  /// Counts the records of a batch.
  void count(const event::EventBatch& batch);
  /// Counts `matches` on `records` different records of a shape.
  void count_matches(event::ShapeId shape, std::uint64_t records, std::uint64_t matches);
  void add(const Tally& other);

 private:
  [[nodiscard]] PerShape& shape(event::ShapeId id);
};

}  // namespace landwarden::engine
