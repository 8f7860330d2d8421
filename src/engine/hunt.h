// Evidence in, matches out: the whole of stage 1 on one machine.
//
// hunt() walks the evidence (one reading thread), decodes and matches work units on `threads` workers, sorts
// all matches by (time, host, channel, record id, source name, offset, rule) with bounded memory (sorted runs
// spilled to temporary files), and hands them over one by one, in that order, on the calling thread. Same
// evidence, rules and options give the same calls, whatever the number of threads and the order of paths.
// Correlations run over the ordered matches; matches of rules that only feed them are not handed over.
// With `as_it_comes` (standard input) matches are handed over as soon as their work unit and all before it
// are done, in source order.
//
// Stopping: `stop` is looked at between work units; what was done until then is a valid result with
// `interrupted` set, its matches are all handed over, and sources that were not read to their end carry an
// error that says so. Once all units are done `stop` has no effect any more. hunt() itself fails only where
// it cannot go on: the output (on_match), the temporary files for matches beyond `spill_bytes`, no threads.
// It leaves no temporary files, and throws nothing.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/options.h"
#include "event/evidence.h"
#include "sigma/matcher.h"
#include "triage/foreign_rule.h"
#include "triage/survey.h"
#include "view/log_sources.h"

namespace landwarden::engine {

class SurveyBook;

/// What is going on, for a progress bar; read from any thread.
struct Progress {
  std::atomic<std::uint64_t> bytes_total =
      0;  ///< grows while evidence is found; 0 = not known (standard input)
  std::atomic<std::uint64_t> bytes_done = 0;
  std::atomic<std::uint64_t> records = 0;
  std::atomic<std::uint64_t> matches = 0;
  std::atomic<std::uint64_t> sources_done = 0;
};

/// Records of one shape over all evidence, for "what was read".
struct ShapeCount {
  std::string product, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t records = 0;
  std::uint64_t records_matched = 0;
};

struct Beside;  // engine/beside_rules.h

struct HuntOptions {
  std::vector<std::string> evidence;  ///< paths, "-" is standard input
  unsigned threads = 0;               ///< 0 = as many as the machine has
  /// since, until and host say which matches are handed over (and counted); all records are read and counted.
  Time since = Time::unknown();  ///< inclusive; records of unknown time pass
  Time until = Time::unknown();  ///< exclusive
  decode::DecodeOptions decoding;
  std::string host;  ///< only this host (without case; '*' and '?' allowed); empty = all
  bool as_it_comes = false;
  /// Matches in memory before sorted runs are written, all workers together. Spilling costs next to nothing
  /// (compressed, sequential), so this is small: memory then hardly depends on the size of the evidence.
  std::uint64_t spill_bytes = 16ULL << 20;
  std::string spill_folder;  ///< empty = TMPDIR, /var/tmp or /tmp
  /// Texts that are put together again (engine/assemble.h); empty: none.
  std::vector<view::CutText> cut_texts;
  /// What is looked for beside the rules in the same reading; its matches are handed over among theirs. Must
  /// outlive the hunt.
  const Beside* beside = nullptr;
  /// Set by engine/examine.h: a survey of the same records goes here.
  SurveyBook* survey = nullptr;
  std::span<const triage::Watch> watches{};
};

/// What became of correlations. Events that did not count are told, never lost silently.
struct CorrelationReport {
  bool correlations = false;       ///< there are any
  std::uint64_t matches = 0;       ///< of correlations; HuntResult::matches has them too
  std::uint64_t late = 0;          ///< events that came too late in a stream
  std::uint64_t forgotten = 0;     ///< events that were let go early for want of memory
  std::uint64_t repeated = 0;      ///< copies of events, counted once
  std::uint64_t without_time = 0;  ///< events that have no time
};

/// What became of texts that were cut into several records.
struct AssembleReport {
  std::uint64_t texts = 0;       ///< put together
  std::uint64_t matches = 0;     ///< that only the whole texts gave; HuntResult::matches has them too
  std::uint64_t incomplete = 0;  ///< some part was not there
  std::uint64_t given_up = 0;    ///< too long, or too much waited for the rest
};

struct HuntResult {
  std::vector<event::Receipt> receipts;  ///< sorted by source name
  std::vector<ShapeCount> shapes;        ///< sorted by channel, provider, event id, product
  std::map<std::string, std::uint64_t>
      hosts;  ///< records a host; at most limits::kHostsCounted, first in name order
  std::uint64_t records_of_other_hosts = 0;              ///< of hosts beyond that
  Time first = Time::unknown(), last = Time::unknown();  ///< of all records with a time
  std::uint64_t records = 0, records_matched = 0, matches = 0, bytes = 0;
  std::uint64_t records_left_out = 0;  ///< read, but not of the times or the host that were asked for
  std::uint64_t only_fuller = 0;       ///< of the matches: --strict-sources would not give them
  CorrelationReport correlation;
  AssembleReport assembled;
  bool interrupted = false;
  /// Part of the evidence could not be read (exit code 3): some receipt has errors or quarantined records.
  /// Files that are simply not evidence do not count; sources that an interruption cut off do, but
  /// `interrupted` goes first.
  [[nodiscard]] bool incomplete() const;
};

/// A match with what it points to; valid during the call.
struct MatchView {
  const sigma::Match& match;
  const sigma::Rule& rule;
  std::string_view source;
  const triage::ForeignRule* foreign = nullptr;  ///< set if it is no Sigma rule; `rule` is then a part of it
};

/// `on_match` returns an error to stop (output unusable); it becomes hunt()'s own. `stop` is polled between
/// work units.
[[nodiscard]] Result<HuntResult> hunt(const HuntOptions& options, const sigma::RuleSet& rules,
                                      event::Catalogue& catalogue, Progress& progress,
                                      const std::atomic<bool>& stop,
                                      const std::function<Result<void>(const MatchView&)>& on_match);

}  // namespace landwarden::engine
