// Indicators looked for in any evidence: decode, test every distinct value of the fields that hold indicators
// once, and count what was met by indicator and host.
//
// A script that lies in several records is looked at in its parts and as a whole; what a part had is not told
// of the whole again. match_indicators() walks the evidence as search() does (pipeline.h). The same evidence,
// indicators and options give the same result, whatever the number of threads. Pairs of indicator and host
// beyond limits::kIndicatorSightings are counted, not kept.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "engine/hunt.h"
#include "event/catalogue.h"
#include "intel/indicator_set.h"

namespace landwarden::engine {

struct IndicatorOptions {
  std::vector<std::string> evidence;  ///< paths, "-" is standard input
  unsigned threads = 0;               ///< 0 = as many as the machine has
  decode::DecodeOptions decoding{};
  Time since = Time::unknown(), until = Time::unknown();
  std::string host;  ///< only this one; '*' and '?' allowed
  /// Texts that are put together again (engine/assemble.h); empty: none.
  std::vector<view::CutText> cut_texts{};
};

/// One indicator on one host.
struct Sighting {
  std::uint32_t indicator = 0;  ///< index into IndicatorSet::indicators()
  std::string host;
  std::uint64_t records = 0;
  Time first, last;  ///< unknown if no record of them has a time
  // The first of the records, by time, then source and offset. A text that was put together counts as one
  // record, with the place of its first part.
  std::string source, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t record_id = 0;  ///< event::kNoRecordId if the source has none
  std::uint64_t offset = 0;
  std::uint32_t parts = 0;  ///< records that its text lay in; 0: it is a record by itself
  std::vector<sigma::FieldValues> matched;
};

struct IndicatorResult {
  std::vector<event::Receipt> receipts;  ///< sorted by source name
  std::vector<Sighting> sightings;       ///< by indicator, then host
  std::uint64_t not_kept = 0;            ///< matches on pairs beyond the limit
  std::uint64_t records = 0, bytes = 0;
  std::uint64_t matches = 0;  ///< pairs of record and indicator
  AssembleReport assembled;
  bool interrupted = false;
  [[nodiscard]] bool incomplete() const;
};

[[nodiscard]] Result<IndicatorResult> match_indicators(const IndicatorOptions& options,
                                                       const intel::IndicatorSet& indicators,
                                                       event::Catalogue& catalogue, Progress& progress,
                                                       const std::atomic<bool>& stop);

}  // namespace landwarden::engine
