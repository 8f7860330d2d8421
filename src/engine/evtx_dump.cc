#include "engine/evtx_dump.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "decode/input.h"
#include "engine/receipt_book.h"
#include "engine/record_filter.h"

namespace landwarden::engine {
namespace {

using decode::evtx::Exporter;
using decode::evtx::RecordHead;
using decode::evtx::TextOut;

/// Which records the user asked for.
class Choice {
 public:
  explicit Choice(const DumpOptions& options)
      : filter_(options.since, options.until, options.host), event_ids_(options.event_ids) {
    for (const std::string& channel : options.channels) channels_.push_back(text::folded(channel));
  }
  [[nodiscard]] bool all() const { return filter_.passes_all() && channels_.empty() && event_ids_.empty(); }
  [[nodiscard]] bool passes(const RecordHead& head) const {
    if (!event_ids_.empty() && std::ranges::find(event_ids_, head.event_id) == event_ids_.end()) return false;
    if (!channels_.empty()) {
      const std::string channel = text::folded(head.channel);
      if (std::ranges::none_of(channels_, [&](const std::string& pattern) { return glob(pattern, channel); }))
        return false;
    }
    return filter_.passes(head.time, head.host);
  }

 private:
  RecordFilter filter_;
  std::vector<std::string> channels_;  ///< folded
  std::vector<std::string> event_ids_;
};

struct Numbered {
  std::uint64_t number = 0;
  decode::WorkUnit unit;
};

/// What became of one work unit.
struct Done {
  event::SourceId source;
  bool skipped = false;  ///< the run was stopped before it
  std::uint64_t records = 0;
  event::Receipt receipt;
  TextOut text;
};

class Dump final : public decode::InputSink {
 public:
  Dump(const DumpOptions& options, Progress& progress, const std::atomic<bool>& stop,
       const std::function<Result<void>(std::string_view)>& write)
      : options_(options),
        progress_(progress),
        stop_(stop),
        write_(write),
        choice_(options),
        threads_(std::clamp(options.threads > 0 ? options.threads : std::thread::hardware_concurrency(), 1U,
                            limits::kThreads)),
        slots_(threads_ + 2) {}

  [[nodiscard]] Result<DumpResult> run();

  event::SourceId begin_source(const std::string& name) override {
    open_ = book_.begin(name);
    return *open_;
  }
  bool unit(decode::WorkUnit unit) override;
  void end_source(event::SourceId source, event::Receipt receipt) override;
  void expect_bytes(std::uint64_t bytes) override { progress_.bytes_total += bytes; }
  [[nodiscard]] bool stopped() override {
    if (!stopping()) return false;
    interrupted_ = true;
    told_to_stop_ = true;
    return true;
  }

 private:
  [[nodiscard]] bool stopping() const { return stop_ || abandoned_; }
  [[nodiscard]] std::unique_ptr<Exporter> make_exporter() const;
  [[nodiscard]] std::optional<Numbered> next_unit(bool wait);
  void work(std::unique_ptr<Exporter>& exporter);
  void run_unit(std::unique_ptr<Exporter>& exporter, Numbered next);
  void export_unit(std::unique_ptr<Exporter>& exporter, const Numbered& next, Done& done);
  void write_now(std::uint64_t number, TextOut& text);
  void hand_in(std::uint64_t number, Done done);
  void put(std::string_view text);
  void settle(Done& done);
  [[nodiscard]] TextOut take_text();
  void read();

  const DumpOptions& options_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  const std::function<Result<void>(std::string_view)>& write_;
  const Choice choice_;
  const unsigned threads_;
  decode::BufferPool pool_;
  ReceiptBook book_;
  std::atomic<bool> abandoned_ = false;  ///< the output failed
  std::atomic<bool> interrupted_ = false;

  // Reading thread only.
  std::unique_ptr<Exporter> own_;
  std::uint64_t numbers_ = 0, bytes_read_ = 0;
  bool told_to_stop_ = false;
  std::optional<event::SourceId> open_;
  std::set<event::SourceId> left_out_, logs_;

  std::mutex queue_mutex_;
  std::condition_variable filled_;
  std::deque<Numbered> queue_;
  bool closed_ = false;

  std::mutex order_mutex_;
  std::condition_variable turn_;
  std::vector<std::optional<Done>> slots_;  ///< number modulo size
  std::uint64_t next_ = 0;                  ///< to be written
  bool writing_ = false;
  std::vector<TextOut> free_;
  std::uint64_t records_ = 0, bytes_ = 0;  ///< whoever writes
  std::optional<Error> error_;             ///< whoever writes
};

bool Dump::unit(decode::WorkUnit unit) {
  if (stopped()) {
    book_.interrupted(unit.source);
    return false;
  }
  if (unit.format != decode::Format::evtx) {
    left_out_.insert(unit.source);
    pool_.give_back(std::move(unit.bytes));
    return true;
  }
  logs_.insert(unit.source);
  book_.expect_part(unit.source);
  bytes_read_ += unit.bytes.size();
  if (bytes_read_ > progress_.bytes_total) progress_.bytes_total = bytes_read_;
  if (threads_ == 1) {
    run_unit(own_, {numbers_++, std::move(unit)});
    return true;
  }
  bool enough = false;
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back({numbers_++, std::move(unit)});
    enough = queue_.size() >= threads_;
  }
  filled_.notify_one();
  // The others have enough to do: this thread takes its share of the work.
  if (enough) {
    if (auto next = next_unit(false)) run_unit(own_, std::move(*next));
  }
  return true;
}

void Dump::end_source(event::SourceId source, event::Receipt receipt) {
  if (left_out_.contains(source)) receipt.notes.push_back("not a Windows event log file: left out");
  if (told_to_stop_ && open_ == source) book_.interrupted(source);
  if (book_.end(source, std::move(receipt))) ++progress_.sources_done;
  if (open_ == source) open_.reset();
}

std::optional<Numbered> Dump::next_unit(bool wait) {
  std::unique_lock lock(queue_mutex_);
  if (wait) filled_.wait(lock, [&] { return closed_ || !queue_.empty(); });
  if (queue_.empty()) return std::nullopt;
  std::optional<Numbered> next(std::move(queue_.front()));
  queue_.pop_front();
  return next;
}

std::unique_ptr<Exporter> Dump::make_exporter() const {
  decode::evtx::ExportOptions options;
  options.format = options_.format;
  options.ansi_codepage = options_.ansi_codepage;
  options.json.separate_attributes = options_.separate_attributes;
  if (!choice_.all()) options.wanted = [this](const RecordHead& head) { return choice_.passes(head); };
  return std::make_unique<Exporter>(std::move(options));
}

void Dump::work(std::unique_ptr<Exporter>& exporter) {
  while (auto next = next_unit(true)) run_unit(exporter, std::move(*next));
}

void Dump::run_unit(std::unique_ptr<Exporter>& exporter, Numbered next) {
  Done done{.source = next.unit.source, .skipped = stopping(), .receipt = {}, .text = {}};
  if (!done.skipped) export_unit(exporter, next, done);
  progress_.bytes_done += next.unit.bytes.size();
  progress_.records += done.records;
  pool_.give_back(std::move(next.unit.bytes));
  hand_in(next.number, std::move(done));
}

void Dump::export_unit(std::unique_ptr<Exporter>& exporter, const Numbered& next, Done& done) {
  const decode::WorkUnit& unit = next.unit;
  try {
    done.text = take_text();
    const Exporter::Drain drain = [&](TextOut& text) { write_now(next.number, text); };
    const decode::evtx::Bytes bytes = decode::evtx::as_bytes(unit.bytes);
    done.records = unit.carved.empty() ? exporter->unit(bytes, unit.offset, done.receipt, done.text, drain)
                                       : exporter->carved(bytes, unit.carved, done.receipt, done.text, drain);
  } catch (const std::exception& exception) {
    Place place{.file = std::string(book_.name(unit.source)), .line = 0, .column = 0, .offset = unit.offset};
    done.receipt.errors.push_back({ErrorCode::limit, std::string("decoding failed: ") + exception.what(),
                                   std::move(place), "give the program more memory or fewer threads"});
    exporter = make_exporter();
  }
}

TextOut Dump::take_text() {
  const std::lock_guard lock(order_mutex_);
  if (free_.empty()) return {};
  TextOut text = std::move(free_.back());
  free_.pop_back();
  return text;
}

/// A unit that unfolds to very much is written in pieces, once all before it is out.
void Dump::write_now(std::uint64_t number, TextOut& text) {
  {
    std::unique_lock lock(order_mutex_);
    turn_.wait(lock, [&] { return next_ == number && !writing_; });
  }
  put(text.text());
  text.cut(0);
}

/// Only by the thread whose turn it is.
void Dump::put(std::string_view text) {
  if (error_ || text.empty()) return;
  auto written = write_(text);
  if (written) {
    bytes_ += text.size();
    return;
  }
  error_ = std::move(written.error());
  abandoned_ = true;
}

void Dump::settle(Done& done) try {
  if (done.skipped) {
    interrupted_ = true;
    book_.interrupted(done.source);
  }
  put(done.text.text());
  records_ += done.records;
  if (book_.add(done.source, done.receipt)) ++progress_.sources_done;
  done.text.clear(4 * decode::kUnitBytes);
} catch (const std::bad_alloc&) {
  error_ =
      Error{ErrorCode::limit, "the dump needs more memory than there is", {}, "give the program more memory"};
  abandoned_ = true;
}

/// Waits while the unit is too far ahead of the oldest that is missing; who has that one never waits. Whoever
/// brings the one that is next writes it, and all that follow it.
void Dump::hand_in(std::uint64_t number, Done done) {
  std::unique_lock lock(order_mutex_);
  turn_.wait(lock, [&] { return number < next_ + slots_.size(); });
  slots_[number % slots_.size()] = std::move(done);
  if (writing_) return;
  writing_ = true;
  while (auto& slot = slots_[next_ % slots_.size()]) {
    Done current = std::move(*slot);
    slot.reset();
    lock.unlock();
    settle(current);
    lock.lock();
    free_.push_back(std::move(current.text));
    ++next_;
    turn_.notify_all();
  }
  writing_ = false;
  turn_.notify_all();
}

void Dump::read() {
  own_ = make_exporter();
  try {
    decode::read_evidence(options_.evidence, pool_, *this, {},
                          {.ansi_codepage = options_.ansi_codepage, .carve = options_.carve});
  } catch (const std::exception& exception) {
    event::Receipt receipt;
    receipt.errors.push_back({ErrorCode::limit,
                              std::string("reading evidence failed: ") + exception.what(),
                              {},
                              "what follows was not read; run again on the rest"});
    const event::SourceId source = open_ ? *open_ : book_.begin("(evidence that was not reached)");
    end_source(source, std::move(receipt));
  }
  if (stopping()) book_.interrupt_open();
  {
    const std::lock_guard lock(queue_mutex_);
    closed_ = true;
  }
  filled_.notify_all();
  work(own_);
}

Result<DumpResult> Dump::run() {
  put(decode::evtx::export_begin(options_.format));
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < threads_; ++i) {
    try {
      workers.emplace_back([this] {
        auto exporter = make_exporter();
        work(exporter);
      });
    } catch (const std::system_error&) {
      break;  // fewer will do
    }
  }
  read();
  for (std::thread& worker : workers) worker.join();
  put(decode::evtx::export_end(options_.format));
  if (error_) return std::unexpected(std::move(*error_));
  DumpResult result{.receipts = book_.take(),
                    .records = records_,
                    .bytes = bytes_,
                    .sources = logs_.size(),
                    .sources_left_out = left_out_.size(),
                    .interrupted = interrupted_};
  std::uint64_t decoded = 0;
  for (const event::Receipt& receipt : result.receipts) {
    decoded += receipt.records_decoded;
    result.records_carved += receipt.records_carved;
  }
  result.records_left_out = decoded - records_;
  return result;
}

}  // namespace

bool DumpResult::incomplete() const {
  return any_incomplete(receipts);
}

Result<DumpResult> dump_evtx(const DumpOptions& options, Progress& progress, const std::atomic<bool>& stop,
                             const std::function<Result<void>(std::string_view)>& write) {
  try {
    return Dump(options, progress, stop, write).run();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::limit, "the dump needs more memory than there is", {},
                "give the program more memory or fewer threads");
  }
}

}  // namespace landwarden::engine
