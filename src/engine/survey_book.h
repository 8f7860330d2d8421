// Puts what the workers find back into the order of each source, as it comes, so that little is kept.
//
// The reading thread announces sources and units; workers put a sketch for each unit, in any order. A sketch
// waits until all before it in its source are there. Thread-safe but for finish().

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/survey_sketch.h"
#include "engine/tally.h"

namespace landwarden::engine {

class SurveyBook {
 public:
  SurveyBook();

  void begin(event::SourceId source, const std::string& name);
  /// A unit of the source will come; in order of offset.
  void expect(event::SourceId source, std::uint64_t offset);
  void put(event::SourceId source, std::uint64_t offset, UnitSketch sketch);
  void end(event::SourceId source);
  void count_logons(const std::map<std::string, std::uint64_t>& logons);

  /// All sources, by name; those of the same name as they were found. Units that never came are passed over.
  [[nodiscard]] std::vector<SourceFold*> finish();
  [[nodiscard]] HostCounts& logons() { return logons_; }

 private:
  struct Entry {
    explicit Entry(const std::string& name) : fold(name) {}
    SourceFold fold;
    std::deque<std::uint64_t> expected;  ///< offsets of units that were not folded yet
    std::map<std::uint64_t, UnitSketch> waiting;
    bool ended = false, closed = false;
  };
  void fold_ready(Entry& entry);
  void close(Entry& entry);

  std::mutex mutex_;
  std::map<std::uint32_t, Entry> entries_;
  HostCounts logons_;
  unsigned sample_level_ = 0;  ///< all closed samples are at this level or above
  std::size_t sampled_ = 0;    ///< hashes in closed samples
};

}  // namespace landwarden::engine
