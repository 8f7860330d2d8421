#include "engine/pipeline.h"

#include <algorithm>
#include <exception>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/queue.h"
#include "engine/in_order.h"
#include "engine/match_sorter.h"
#include "engine/receipt_book.h"

namespace landwarden::engine {
namespace {

/// The exception that is being handled, as an error. Only inside a catch block.
Error error_of_exception(const std::string& doing, Place place) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::limit, doing + " needs more memory than there is", std::move(place),
            "give the program more memory or fewer threads"};
  } catch (const std::exception& exception) {
    return {ErrorCode::damaged, fmt::format("{} failed: {}", doing, exception.what()), std::move(place), ""};
  } catch (...) {
    return {ErrorCode::damaged, doing + " failed", std::move(place), ""};
  }
}

Error thread_refused() {
  return {ErrorCode::limit,
          "the system refuses to start a thread",
          {},
          "raise the limit of processes (ulimit -u)"};
}

/// Matches of whole texts in memory before they are spilled; they are few.
constexpr std::size_t kAssembledBytes = 1 << 20;

struct Numbered {
  std::uint64_t number = 0;
  decode::WorkUnit unit;
};

/// What became of one work unit.
struct Done {
  event::SourceId source;
  bool skipped = false;  ///< the run was stopped before it
  event::Receipt receipt;
  MatchBuffer matches;  ///< only if matches are handed over as they come
  std::vector<CutPart> parts;
};

/// One thread's belongings.
struct Worker {
  explicit Worker(MatchSorter empty) : sorter(std::move(empty)) {}
  Tally tally;
  MatchSorter sorter;
  std::unique_ptr<UnitStage> stage;
  MatchBuffer* as_it_comes = nullptr;  ///< of the unit at hand
  std::thread thread;
};

/// Two units for each worker and the reading thread. Reading is faster than decoding, so that the queue is
/// always full: more would be memory whose pages cost more than they bring.
std::size_t queue_bytes(std::size_t threads) {
  return std::min(limits::kQueueBytes, 2 * decode::kUnitBytes * (threads + 1));
}

class Pipeline final : public decode::InputSink {
 public:
  Pipeline(const PipelineOptions& options, const PipelineStages& stages, Progress& progress,
           const std::atomic<bool>& stop,
           const std::function<Result<void>(const sigma::Match&, std::string_view)>& on_match)
      : options_(options),
        stages_(stages),
        progress_(progress),
        stop_(stop),
        on_match_(on_match),
        name_([this](event::SourceId source) { return book_.name(source); }),
        queue_(queue_bytes(threads())),
        done_(limits::kUnitsAhead * (threads() + 1)),
        assembled_(kAssembledBytes, options.spill_folder, name_) {}

  [[nodiscard]] Result<PipelineResult> run();

  // The reading thread calls these.
  event::SourceId begin_source(const std::string& name) override;
  bool unit(decode::WorkUnit unit) override;
  void end_source(event::SourceId source, event::Receipt receipt) override;
  void expect_bytes(std::uint64_t bytes) override { progress_.bytes_total += bytes; }
  void passed_over(std::uint64_t bytes) override {
    bytes_read_ += bytes;
    progress_.bytes_done += bytes;
  }
  bool stopped() override;

 private:
  [[nodiscard]] std::size_t threads() const { return std::clamp(options_.threads, 1U, limits::kThreads); }
  [[nodiscard]] bool stopping() const { return stop_ || abandoned_; }

  [[nodiscard]] Result<void> start_workers();
  void read();
  void reading_failed(const Error& error);
  void work(Worker& worker);
  void recycle(decode::Buffer buffer);
  void run_unit(Worker& worker, const decode::WorkUnit& unit, Done& done);
  void take_matches(Worker& worker, std::span<const sigma::Match> matches);
  void collect();
  void hand_over(const Done& done);
  void assemble(Done& done);
  [[nodiscard]] Result<void> hand_over_sorted();
  [[nodiscard]] Result<void> call(const sigma::Match& match);

  const PipelineOptions& options_;
  const PipelineStages& stages_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  const std::function<Result<void>(const sigma::Match&, std::string_view)>& on_match_;

  ReceiptBook book_;
  SourceName name_;
  BoundedQueue<Numbered> queue_;
  InOrder<Done> done_;
  MatchSorter assembled_;  ///< matches of texts that were put together
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<bool> abandoned_ = false;    ///< we cannot go on: output or spill failed
  std::atomic<bool> interrupted_ = false;  ///< something was left undone
  std::optional<Error> output_error_;      ///< calling thread only
  bool told_to_stop_ = false;              ///< reading thread only: stopped() said so
  std::uint64_t bytes_read_ = 0;           ///< reading thread only
  std::uint64_t numbers_ = 0;              ///< reading thread only
  std::optional<event::SourceId> open_;    ///< reading thread only: the source begun last, while it is open
};

event::SourceId Pipeline::begin_source(const std::string& name) {
  open_ = book_.begin(name);
  return *open_;
}

bool Pipeline::unit(decode::WorkUnit unit) {
  if (stopped()) {
    book_.interrupted(unit.source);
    return false;
  }
  book_.expect_part(unit.source);
  const std::size_t weight = unit.bytes.size();
  bytes_read_ += weight;
  if (bytes_read_ > progress_.bytes_total)
    progress_.bytes_total = bytes_read_;  // more than was expected: unpacked
  return queue_.push({numbers_++, std::move(unit)}, weight);
}

void Pipeline::end_source(event::SourceId source, event::Receipt receipt) {
  // A source that waits for more (a pipe) ends in an orderly way when it is told to stop, and is cut off all
  // the same.
  if (told_to_stop_ && open_ == source) book_.interrupted(source);
  if (book_.end(source, std::move(receipt))) ++progress_.sources_done;
  if (open_ == source) open_.reset();
}

bool Pipeline::stopped() {
  if (!stopping()) return false;
  interrupted_ = true;
  told_to_stop_ = true;
  return true;
}

void Pipeline::read() {
  try {
    stages_.read(*this);
  } catch (...) {
    reading_failed(error_of_exception("reading evidence", {}));
  }
  if (stopping()) {
    book_.interrupt_open();
  } else {
    progress_.bytes_total =
        bytes_read_;  // now it is known: what is not evidence was expected, but is not work
  }
  queue_.close();
  done_.finish(numbers_);
}

/// The walk through the evidence broke off: whatever was not reached must not be missed silently.
void Pipeline::reading_failed(const Error& error) {
  event::Receipt receipt;
  receipt.errors.push_back(error);
  receipt.errors.back().hint = "what follows was not read; run again on the rest";
  const event::SourceId source = open_ ? *open_ : book_.begin("(evidence that was not reached)");
  receipt.errors.back().place.file = book_.name(source);
  end_source(source, std::move(receipt));
}

void Pipeline::work(Worker& worker) {
  while (std::optional<Numbered> next = queue_.pop()) {
    Done done{.source = next->unit.source, .skipped = stopping(), .receipt = {}, .matches = {}, .parts = {}};
    if (!done.skipped) run_unit(worker, next->unit, done);
    progress_.bytes_done += next->unit.bytes.size();
    recycle(std::move(next->unit.bytes));
    done_.put(next->number, std::move(done));
  }
  worker.stage.reset();  // memos and dictionaries make room for the merge
  worker.sorter.finish();
}

void Pipeline::recycle(decode::Buffer buffer) {
  try {
    stages_.recycle(std::move(buffer));
  } catch (const std::bad_alloc&) {  // a buffer that is not kept is no loss
  }
}

void Pipeline::run_unit(Worker& worker, const decode::WorkUnit& unit, Done& done) {
  const std::uint64_t records = worker.tally.records, matches = worker.tally.matches;
  worker.as_it_comes = options_.as_it_comes ? &done.matches : nullptr;
  try {
    if (!worker.stage) {
      worker.stage = stages_.make_stage(worker.tally, [this, &worker](std::span<const sigma::Match> found) {
        take_matches(worker, found);
      });
    }
    worker.stage->run(unit, done.receipt);
    done.matches.sort_in_source();
    done.parts = worker.stage->take_parts();
  } catch (...) {
    // What it was in the middle of is unknown: nothing of it is used again.
    worker.stage.reset();
    Place place{.file = std::string(book_.name(unit.source)), .line = 0, .column = 0, .offset = unit.offset};
    done.receipt.errors.push_back(error_of_exception("decoding", std::move(place)));
  }
  progress_.records += worker.tally.records - records;
  progress_.matches += worker.tally.matches - matches;
}

void Pipeline::take_matches(Worker& worker, std::span<const sigma::Match> matches) {
  for (const sigma::Match& match : matches) {
    if (worker.as_it_comes != nullptr) {
      worker.as_it_comes->add(match);
    } else if (!worker.sorter.add(match)) {
      abandoned_ = true;
      return;
    }
  }
}

Result<void> Pipeline::call(const sigma::Match& match) {
  try {
    return on_match_(match, book_.name(match.source));
  } catch (...) {
    return std::unexpected(error_of_exception("writing matches", {}));
  }
}

void Pipeline::hand_over(const Done& done) {
  sigma::Match match;
  for (std::size_t i = 0; i < done.matches.size() && !output_error_; ++i) {
    if (!read_record(done.matches.record(i), match)) continue;
    if (auto called = call(match); !called) {
      output_error_ = std::move(called.error());
      abandoned_ = true;
    }
  }
}

/// Matches of whole texts come behind those of the unit that had the last part.
void Pipeline::assemble(Done& done) {
  if (done.parts.empty() || !stages_.assemble) return;
  stages_.assemble(done.source, std::move(done.parts), [this](const sigma::Match& match) {
    if (output_error_) return;
    ++progress_.matches;
    if (!options_.as_it_comes) {
      if (!assembled_.add(match)) abandoned_ = true;
    } else if (auto called = call(match); !called) {
      output_error_ = std::move(called.error());
      abandoned_ = true;
    }
  });
}

/// Takes what the workers finish, in order, until all is done. Never leaves before, whatever goes wrong:
/// workers wait for it.
void Pipeline::collect() {
  while (std::optional<Done> done = done_.take()) {
    try {
      if (done->skipped) {
        interrupted_ = true;
        book_.interrupted(done->source);
      }
      if (book_.add(done->source, done->receipt)) ++progress_.sources_done;
      hand_over(*done);
      assemble(*done);
    } catch (...) {
      output_error_ = error_of_exception("collecting results", {});
      abandoned_ = true;
    }
  }
}

Result<void> Pipeline::start_workers() {
  const std::uint64_t share = std::max<std::uint64_t>(options_.spill_bytes / threads(), 1);
  for (std::size_t i = 0; i < threads(); ++i) {
    workers_.push_back(std::make_unique<Worker>(MatchSorter(share, options_.spill_folder, name_)));
    Worker& worker = *workers_.back();
    try {
      worker.thread = std::thread([this, &worker] { work(worker); });
    } catch (const std::system_error&) {
      workers_.pop_back();
      if (workers_.empty()) return std::unexpected(thread_refused());
      break;  // fewer will do
    }
  }
  return {};
}

Result<void> Pipeline::hand_over_sorted() {
  std::vector<MatchSorter*> sorters;
  for (const auto& worker : workers_) sorters.push_back(&worker->sorter);
  assembled_.finish();
  sorters.push_back(&assembled_);
  return merge_matches(sorters, options_.spill_folder, name_, limits::kMergeRuns,
                       [this](const sigma::Match& match) { return call(match); });
}

Result<PipelineResult> Pipeline::run() {
  if (auto started = start_workers(); !started) return std::unexpected(std::move(started.error()));
  std::thread reader;
  try {
    reader = std::thread([this] { read(); });
  } catch (const std::system_error&) {
    output_error_ = thread_refused();
    queue_.close();
    done_.finish(0);
  }
  collect();
  if (reader.joinable()) reader.join();
  for (const auto& worker : workers_) worker->thread.join();
  if (output_error_) return std::unexpected(std::move(*output_error_));
  if (auto handed = hand_over_sorted(); !handed) return std::unexpected(std::move(handed.error()));
  PipelineResult result{.receipts = book_.take(), .tally = {}, .interrupted = interrupted_};
  for (const auto& worker : workers_) result.tally.add(worker->tally);
  return result;
}

}  // namespace

unsigned worker_count(unsigned asked) {
  return asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

PipelineOptions as_it_comes(unsigned threads) {
  return {.threads = worker_count(threads), .as_it_comes = true, .spill_bytes = 1, .spill_folder = {}};
}

void read_with(PipelineStages& stages, const std::vector<std::string>& evidence, decode::BufferPool& pool,
               const decode::DecodeOptions& decoding) {
  stages.read = [&](decode::InputSink& sink) { decode::read_evidence(evidence, pool, sink, {}, decoding); };
  stages.recycle = [&](decode::Buffer buffer) { pool.give_back(std::move(buffer)); };
}

Result<PipelineResult> run_pipeline(
    const PipelineOptions& options, const PipelineStages& stages, Progress& progress,
    const std::atomic<bool>& stop,
    const std::function<Result<void>(const sigma::Match&, std::string_view source)>& on_match) {
  Pipeline pipeline(options, stages, progress, stop, on_match);
  return pipeline.run();
}

}  // namespace landwarden::engine
