// The frame of a hunt: one reading thread, a bounded queue, workers, and everything put back in order.
//
// What reading, decoding and matching mean is handed in, so that the frame can be tested without evidence.
// Work units are numbered as they are read; receipts are added up in that order, matches are sorted
// (MatchSorter) or, as they come, handed over unit by unit. The calling thread does all of that; callbacks
// come from it alone.
//
// Stopping: `stop` (set from anywhere, also a signal handler) is looked at between work units. What was done
// until then is the result. Exceptions of third parties end at the edge of the unit they came from, as an
// error in its source's receipt.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decode/input.h"
#include "engine/assemble.h"
#include "engine/hunt.h"
#include "engine/tally.h"
#include "sigma/match.h"

namespace landwarden::engine {

/// What one worker does with work units: decode, match, count. Used by one thread at a time. After an
/// exception it is thrown away and made anew.
class UnitStage {
 public:
  virtual ~UnitStage() = default;
  virtual void run(const decode::WorkUnit& unit, event::Receipt& receipt) = 0;
  /// Parts of texts that the unit run last had, to be put together in the order of units.
  [[nodiscard]] virtual std::vector<CutPart> take_parts() { return {}; }
};

/// Takes matches from a stage; they may be reused afterwards.
using EmitMatches = std::function<void(std::span<const sigma::Match>)>;

struct PipelineStages {
  /// Runs on the reading thread; returns when all is read or the sink said stop.
  std::function<void(decode::InputSink&)> read;
  /// Runs on the worker's thread. The tally and `emit` outlive the stage.
  std::function<std::unique_ptr<UnitStage>(Tally&, EmitMatches emit)> make_stage;
  /// Puts texts together, and calls `emit` with the matches of the whole; on the calling thread, unit by unit
  /// in order.
  std::function<void(event::SourceId, std::vector<CutPart>, const Assembler::Emit& emit)> assemble;
  /// Takes the buffers of units that are done; any thread.
  std::function<void(decode::Buffer)> recycle;
};

struct PipelineOptions {
  unsigned threads = 1;
  bool as_it_comes = false;
  std::uint64_t spill_bytes = 16ULL << 20;
  std::string spill_folder;
};

/// As many as asked for; 0: as many as the machine has.
[[nodiscard]] unsigned worker_count(unsigned asked);
/// Of a run that hands everything over as it comes and keeps nothing.
[[nodiscard]] PipelineOptions as_it_comes(unsigned threads);

/// Lets the stages read evidence through the pool's buffers. All that is named must outlive the run.
void read_with(PipelineStages& stages, const std::vector<std::string>& evidence, decode::BufferPool& pool,
               const decode::DecodeOptions& decoding);

struct PipelineResult {
  std::vector<event::Receipt> receipts;
  Tally tally;
  bool interrupted = false;
};

[[nodiscard]] Result<PipelineResult> run_pipeline(
    const PipelineOptions& options, const PipelineStages& stages, Progress& progress,
    const std::atomic<bool>& stop,
    const std::function<Result<void>(const sigma::Match&, std::string_view source)>& on_match);

}  // namespace landwarden::engine
