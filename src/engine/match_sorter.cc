#include "engine/match_sorter.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace landwarden::engine {
namespace {

/// Blocks begin small, since a work unit's buffer often holds a few matches only, and grow to where a block
/// costs nothing.
constexpr std::size_t kFirstBlock = 4 << 10;
constexpr std::size_t kLargestBlock = 1 << 20;

}  // namespace

char* MatchBuffer::reserve(std::size_t size) {
  if (size > block_left_) {
    const std::size_t wish = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, kLargestBlock);
    const std::size_t block = std::max(size, wish);
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(block), block});
    block_left_ = block;
  }
  char* at = blocks_.back().bytes.get() + (blocks_.back().size - block_left_);
  block_left_ -= size;
  used_ += size;
  return at;
}

void MatchBuffer::add(const sigma::Match& match) {
  scratch_.clear();
  append_record(scratch_, match);
  char* at = reserve(scratch_.size());
  std::memcpy(at, scratch_.data(), scratch_.size());
  entries_.push_back({match.time.ticks, at, static_cast<std::uint32_t>(scratch_.size())});
}

void MatchBuffer::sort(const SourceName& name) {
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    if (a.time != b.time) return a.time < b.time;
    return compare_records({a.data, a.size}, {b.data, b.size}, name) < 0;
  });
}

void MatchBuffer::sort_in_source() {
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return compare_in_source({a.data, a.size}, {b.data, b.size}) < 0;
  });
}

void MatchBuffer::clear() {
  entries_.clear();
  // The last block is the largest ordinary one; keeping it spares the small first steps.
  if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
  if (!blocks_.empty() && blocks_.back().size > kLargestBlock) blocks_.clear();
  block_left_ = blocks_.empty() ? 0 : blocks_.back().size;
  used_ = 0;
}

bool MatchSorter::add(const sigma::Match& match) {
  if (error_) return false;
  buffer_.add(match);
  if (buffer_.bytes() < memory_bytes_) return true;
  if (auto spilled = spill(); !spilled) {
    error_ = std::move(spilled.error());
    buffer_ = {};
    return false;
  }
  return true;
}

Result<void> MatchSorter::spill() {
  if (!file_) {
    auto created = SpillFile::create(folder_);
    if (!created) return std::unexpected(std::move(created.error()));
    file_ = std::move(*created);
  }
  buffer_.sort(name_);
  RunWriter writer(file_);
  for (std::size_t i = 0; i < buffer_.size(); ++i) {
    if (auto added = writer.add(buffer_.record(i)); !added) return added;
  }
  auto run = writer.finish();
  if (!run) return std::unexpected(std::move(run.error()));
  runs_.push_back(std::move(*run));
  buffer_.clear();
  return {};
}

/// One sorted input of a merge: records in memory or a spilled run.
class MatchMerge {
 public:
  explicit MatchMerge(const SourceName& name) : name_(name) {}

  [[nodiscard]] Result<void> add(const MatchBuffer& buffer) { return begin(Input{Memory{&buffer, 0}, {}}); }
  [[nodiscard]] Result<void> add(const SpilledRun& run) { return begin(Input{RunReader(run), {}}); }
  /// Records in order; false at the end. The view is valid until the next call.
  [[nodiscard]] Result<bool> next(std::string_view& record);

  static const MatchBuffer& memory_of(const MatchSorter& sorter) { return sorter.buffer_; }
  static std::vector<SpilledRun> take_runs(MatchSorter& sorter) {
    sorter.file_.reset();
    return std::exchange(sorter.runs_, {});
  }

 private:
  struct Memory {
    const MatchBuffer* buffer;
    std::size_t next;
  };
  struct Input {
    std::variant<Memory, RunReader> from;
    std::string_view record;
  };
  struct After {
    const SourceName& name;
    bool operator()(const Input* a, const Input* b) const {
      return compare_records(a->record, b->record, name) > 0;
    }
  };

  [[nodiscard]] static Result<bool> advance(Input& input) {
    if (auto* memory = std::get_if<Memory>(&input.from)) {
      if (memory->next == memory->buffer->size()) return false;
      input.record = memory->buffer->record(memory->next++);
      return true;
    }
    RunReader& run = std::get<RunReader>(input.from);
    auto more = run.next(input.record);
    if (more && *more && !is_record(input.record))
      return fail(ErrorCode::damaged, "a spilled match came back damaged");
    return more;
  }
  [[nodiscard]] Result<void> begin(Input input) {
    inputs_.push_back(std::make_unique<Input>(std::move(input)));
    auto more = advance(*inputs_.back());
    if (!more) return std::unexpected(std::move(more.error()));
    if (*more) push(inputs_.back().get());
    return {};
  }
  void push(Input* input) {
    heap_.push_back(input);
    std::push_heap(heap_.begin(), heap_.end(), After{name_});
  }

  const SourceName& name_;
  std::vector<std::unique_ptr<Input>> inputs_;
  std::vector<Input*> heap_;
  Input* handed_out_ = nullptr;
};

Result<bool> MatchMerge::next(std::string_view& record) {
  if (handed_out_ != nullptr) {
    auto more = advance(*handed_out_);
    if (!more) return more;
    if (*more) push(handed_out_);
    handed_out_ = nullptr;
  }
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), After{name_});
  handed_out_ = heap_.back();
  heap_.pop_back();
  record = handed_out_->record;
  return true;
}

namespace {

/// Merges runs into one, in `file`.
Result<SpilledRun> merge_runs(std::span<const SpilledRun> runs, const std::shared_ptr<SpillFile>& file,
                              const SourceName& name) {
  MatchMerge merge(name);
  for (const SpilledRun& run : runs) {
    if (auto added = merge.add(run); !added) return std::unexpected(std::move(added.error()));
  }
  RunWriter writer(file);
  std::string_view record;
  for (;;) {
    auto more = merge.next(record);
    if (!more) return std::unexpected(std::move(more.error()));
    if (!*more) return writer.finish();
    if (auto added = writer.add(record); !added) return std::unexpected(std::move(added.error()));
  }
}

/// Merges runs, a round at a time, until no more than `runs_at_once` are left. Each round has a file of its
/// own, so that the space of the round before is given back.
Result<void> reduce(std::vector<SpilledRun>& runs, std::size_t runs_at_once, const std::string& folder,
                    const SourceName& name) {
  while (runs.size() > runs_at_once) {
    auto file = SpillFile::create(folder);
    if (!file) return std::unexpected(std::move(file.error()));
    std::vector<SpilledRun> fewer;
    for (std::size_t at = 0; at < runs.size(); at += runs_at_once) {
      const std::size_t count = std::min(runs_at_once, runs.size() - at);
      auto run = merge_runs(std::span(runs).subspan(at, count), *file, name);
      if (!run) return std::unexpected(std::move(run.error()));
      fewer.push_back(std::move(*run));
    }
    runs = std::move(fewer);
  }
  return {};
}

}  // namespace

Result<void> merge_matches(std::span<MatchSorter* const> sorters, const std::string& folder,
                           const SourceName& name, std::size_t runs_at_once,
                           const std::function<Result<void>(const sigma::Match&)>& each) {
  LW_ASSERT(runs_at_once >= 2);
  std::vector<SpilledRun> runs;
  for (MatchSorter* sorter : sorters) {
    if (sorter->error()) return std::unexpected(*sorter->error());
    for (SpilledRun& run : MatchMerge::take_runs(*sorter)) runs.push_back(std::move(run));
  }
  if (auto reduced = reduce(runs, runs_at_once, folder, name); !reduced) return reduced;
  MatchMerge merge(name);
  for (const MatchSorter* sorter : sorters) {
    if (auto added = merge.add(MatchMerge::memory_of(*sorter)); !added) return added;
  }
  for (const SpilledRun& run : runs) {
    if (auto added = merge.add(run); !added) return added;
  }
  std::string_view record;
  sigma::Match match;
  for (;;) {
    auto more = merge.next(record);
    if (!more) return std::unexpected(std::move(more.error()));
    if (!*more) return {};
    if (!read_record(record, match)) return fail(ErrorCode::damaged, "a spilled match came back damaged");
    if (auto handed = each(match); !handed) return handed;
  }
}

}  // namespace landwarden::engine
