// Records that hold something, out of any evidence: decode, test every distinct value once, hand over in the
// order of the evidence.
//
// search() walks the evidence as hunt() does (pipeline.h): one reading thread, workers, results put back in
// order. Sources come as they are found, records by their offset; the same evidence and options give the same
// calls, whatever the number of threads. Memory is bounded by the units that wait to be put in order. Where
// the pattern allows it (raw_filter.h), records that cannot hold it are read and counted, and their values
// are not made.
//
// Stopping, receipts and failures are as for hunt(). Nothing is thrown.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/hunt.h"
#include "engine/search_pattern.h"
#include "event/catalogue.h"
#include "triage/search_hit.h"

namespace landwarden::engine {

struct SearchOptions {
  std::vector<std::string> evidence;  ///< paths, "-" is standard input
  unsigned threads = 0;               ///< 0 = as many as the machine has
  SearchTerms terms;
  decode::DecodeOptions decoding{};
  bool invert = false;  ///< records that are not found instead
  /// Which records are looked at at all; see HuntOptions.
  Time since = Time::unknown(), until = Time::unknown();
  std::string host;
  std::vector<std::uint32_t> event_ids;  ///< empty = all
  std::vector<std::string> channels;     ///< without case, '*' and '?'; empty = all
  std::size_t context = 0;               ///< records of the same source before and after
  bool whole_record = false;             ///< SearchHit::all is filled
  bool raw_filter = true;                ///< false: make all values; for tests that compare
};

/// A found record, or one beside it, as text; in the order of the evidence.
struct SearchLine {
  std::string_view source;
  std::string_view text;  ///< what `render` made of it
  bool context = false;
  bool gap =
      false;  ///< with context: records between this and the line before (of this source) are not shown
};

struct SearchResult {
  std::vector<event::Receipt> receipts;  ///< sorted by source name
  std::uint64_t records = 0, found = 0, bytes = 0;
  bool interrupted = false;
  [[nodiscard]] bool incomplete() const;  ///< as HuntResult's
};

/// Appends a record as text. Called on any thread, by several at once. Empty if only the count matters.
using RenderHit = std::function<void(const triage::SearchHit&, std::string&)>;

/// `on_line` returns an error to stop; it becomes search()'s own.
[[nodiscard]] Result<SearchResult> search(const SearchOptions& options, event::Catalogue& catalogue,
                                          Progress& progress, const std::atomic<bool>& stop,
                                          const RenderHit& render,
                                          const std::function<Result<void>(const SearchLine&)>& on_line);

}  // namespace landwarden::engine
