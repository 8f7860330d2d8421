// Keeps a receipt for every source while several threads work on it: the reader's part and the workers'
// parts.
//
// begin(), name() and end() may be called from any thread; add() must be called in the order of the work
// units, so that what depends on order (the first errors, the kind that was met first) does not depend on
// threads.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "event/evidence.h"

namespace landwarden::engine {

/// Whether something of the evidence could not be read, or not to its end.
[[nodiscard]] bool any_incomplete(const std::vector<event::Receipt>& receipts);

class ReceiptBook {
 public:
  [[nodiscard]] event::SourceId begin(const std::string& name);
  /// The view stays valid as long as the book.
  [[nodiscard]] std::string_view name(event::SourceId source) const;

  /// A unit of the source was given to the workers; one add() for it will follow.
  void expect_part(event::SourceId source);
  /// What a worker found in one unit. True if that was the source's last part.
  bool add(event::SourceId source, const event::Receipt& part);
  /// What the reader found. True if all parts are in.
  bool end(event::SourceId source, event::Receipt readers_part);
  /// The source was not read to its end because the run was stopped; said once for each source.
  void interrupted(event::SourceId source);
  /// interrupted() for all sources that have not ended.
  void interrupt_open();

  /// All receipts, by source name; those of the same name as they were found. Only the names stay in the
  /// book.
  [[nodiscard]] std::vector<event::Receipt> take();

 private:
  struct Entry {
    std::string name;
    std::uint32_t number = 0;  ///< as found
    event::Receipt reader, workers;
    std::uint64_t parts_open = 0;
    std::uint64_t errors_left_out = 0, notes_left_out = 0;
    bool ended = false, interrupted = false;
  };
  void mark_interrupted(Entry& entry);

  mutable std::shared_mutex mutex_;
  std::deque<Entry> entries_;
};

}  // namespace landwarden::engine
