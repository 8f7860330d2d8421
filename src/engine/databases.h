// Copies of the directory's database in any evidence: decode, keep what the database engine and commands say
// of files, put it together (triage/database_copies.h).
//
// follow_databases() walks the evidence as search() does (pipeline.h). The same evidence and options give the
// same result, whatever the number of threads and the order of files.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "command/grammar.h"
#include "engine/hunt.h"
#include "event/catalogue.h"
#include "triage/database_copies.h"
#include "view/log_sources.h"

namespace landwarden::engine {

struct DatabaseOptions {
  std::vector<std::string> evidence;  ///< paths, "-" is standard input
  unsigned threads = 0;               ///< 0 = as many as the machine has
  decode::DecodeOptions decoding{};
  Time since = Time::unknown(), until = Time::unknown();
  std::string host;  ///< only this one; '*' and '?' allowed
};

struct DatabaseResult {
  std::vector<event::Receipt> receipts;  ///< sorted by source name
  triage::DatabaseCopies found;
  std::uint64_t records = 0;
  std::uint64_t engine_records = 0;   ///< of the database engine, of the kinds that are read
  std::uint64_t engine_unread = 0;    ///< of these: not in a form that is known
  std::uint64_t command_records = 0;  ///< with a command line
  bool interrupted = false;
  [[nodiscard]] bool incomplete() const;
};

/// All must outlive the call.
[[nodiscard]] Result<DatabaseResult> follow_databases(const DatabaseOptions& options,
                                                      const view::LogSources& sources,
                                                      const command::Grammar& grammar,
                                                      event::Catalogue& catalogue, Progress& progress,
                                                      const std::atomic<bool>& stop);

}  // namespace landwarden::engine
