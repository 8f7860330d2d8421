// Event logs as text, record by record: the records of all evidence in order, whatever the number of threads.
//
// The calling thread reads, and decodes when the others have enough to do; so one thread does all of it, and
// no thread only waits. Text is handed to `write` in the order of the evidence, by whichever thread has the
// piece that is next, never by two at once. Memory: a few work units a thread, whatever the size of the
// evidence. Evidence other than event logs is told in its receipt and left out.

#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "decode/evtx/export.h"
#include "engine/hunt.h"

namespace landwarden::engine {

struct DumpOptions {
  std::vector<std::string> evidence;
  unsigned threads = 0;  ///< 0: one a processor
  decode::evtx::ExportFormat format = decode::evtx::ExportFormat::jsonl;
  unsigned ansi_codepage = 1252;     ///< one of decode::evtx::ansi_codepages()
  bool separate_attributes = false;  ///< JSON: attributes in keys of their own
  bool carve = false;                ///< records that are not live, too; they are marked
  // Which records; empty and unknown: all.
  Time since = Time::unknown(), until = Time::unknown();
  std::string host;                    ///< '*' and '?' allowed, as in channels
  std::vector<std::string> channels;   ///< one of them
  std::vector<std::string> event_ids;  ///< one of them
};

struct DumpResult {
  std::vector<event::Receipt> receipts;
  std::uint64_t records = 0;  ///< written
  std::uint64_t records_left_out = 0;
  std::uint64_t records_carved = 0;    ///< found, whether written or left out
  std::uint64_t bytes = 0;             ///< of text
  std::uint64_t sources = 0;           ///< event logs
  std::uint64_t sources_left_out = 0;  ///< evidence of other kinds
  bool interrupted = false;

  /// Something could not be read, or not be decoded.
  [[nodiscard]] bool incomplete() const;
};

/// `write` may be called from any thread; what it fails with ends the run.
[[nodiscard]] Result<DumpResult> dump_evtx(const DumpOptions& options, Progress& progress,
                                           const std::atomic<bool>& stop,
                                           const std::function<Result<void>(std::string_view)>& write);

}  // namespace landwarden::engine
