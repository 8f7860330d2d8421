// Puts matches in order with bounded memory: sorts what fits, spills sorted runs, merges them at the end.
//
// Each worker fills a MatchSorter of its own (not thread-safe); merge_matches() then takes all of them, on
// one thread. The order is total (compare_records), so what comes out does not depend on how matches were
// spread over sorters or runs. When spilling fails the sorter keeps the error, takes no more, and gives up
// its memory.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/match_record.h"
#include "engine/spill_file.h"

namespace landwarden::engine {

/// Records in memory, as bytes with an index. Not thread-safe; movable.
class MatchBuffer {
 public:
  void add(const sigma::Match& match);
  /// By compare_records.
  void sort(const SourceName& name);
  /// By compare_in_source.
  void sort_in_source();
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::string_view record(std::size_t index) const {
    return {entries_[index].data, entries_[index].size};
  }
  /// Memory that records and index need.
  [[nodiscard]] std::size_t bytes() const { return used_ + entries_.size() * sizeof(Entry); }
  /// Forgets the records; keeps some memory for the next.
  void clear();

 private:
  struct Entry {
    std::int64_t
        time;  ///< repeated from the record: nearly every comparison ends here, without touching the record
    const char* data;
    std::uint32_t size;
  };
  [[nodiscard]] char* reserve(std::size_t size);

  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Entry> entries_;
  std::vector<Block> blocks_;
  std::size_t block_left_ = 0;
  std::size_t used_ = 0;
  std::string scratch_;
};

class MatchSorter {
 public:
  /// `memory_bytes` is what this sorter may hold. `folder` as for spill_folder().
  MatchSorter(std::size_t memory_bytes, std::string folder, SourceName name)
      : memory_bytes_(memory_bytes), folder_(std::move(folder)), name_(std::move(name)) {}

  /// False if a run could not be written: error() says why, and nothing is taken any more.
  [[nodiscard]] bool add(const sigma::Match& match);
  /// Sorts what is left in memory; call it on the worker's own thread, after the last add().
  void finish() { buffer_.sort(name_); }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }

 private:
  friend class MatchMerge;
  [[nodiscard]] Result<void> spill();

  std::size_t memory_bytes_;
  std::string folder_;
  SourceName name_;
  MatchBuffer buffer_;
  std::shared_ptr<SpillFile> file_;
  std::vector<SpilledRun> runs_;
  std::optional<Error> error_;
};

/// Calls `each` for all matches of all (finished) sorters, in order; stops at its first error, which it
/// returns. At most `runs_at_once` spilled runs are read at a time; more are first merged into fewer.
[[nodiscard]] Result<void> merge_matches(std::span<MatchSorter* const> sorters, const std::string& folder,
                                         const SourceName& name, std::size_t runs_at_once,
                                         const std::function<Result<void>(const sigma::Match&)>& each);

}  // namespace landwarden::engine
