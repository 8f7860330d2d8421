// What the programs that measure EVTX decoding share: threads that decode the work units of files, as workers
// of the engine do, and a sink that looks at every value and adds up a hash.
//
// The hash is the sum over all values of hash(text, type) times hash(field name): it does not depend on the
// order of records, on threads, or on which numbers names were given.

#pragma once

#include <fcntl.h>
#include <fmt/core.h>
#include <libdeflate.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "decode/decoder.h"
#include "event/builder.h"

namespace landwarden::bench {

/// What a worker's sink asks for; one for each worker.
using Wants = std::function<event::Wanted(event::ShapeId)>;
using MakeWants = std::function<Wants(event::Catalogue&)>;

struct Options {
  std::vector<std::string> files;
  unsigned threads = 1;
  int repeat = 3;
  bool floor = false;    ///< only read and checksum
  bool as_text = false;  ///< look at every value as text, too
  std::size_t unit_bytes = decode::kUnitBytes;
  std::optional<decode::RawTexts> keywords = std::nullopt;  ///< see event::Wanted::all_by_text
};

/// Touches every cell and hashes each distinct value once, as a consumer does that remembers what it knows
/// about values: text as UTF-8, other values as what they are (number, GUID …) or, if asked, as text.
class HashingSink final : public event::BatchSink {
 public:
  HashingSink(event::Catalogue& catalogue, Wants wants, bool as_text)
      : catalogue_(catalogue), wants_(std::move(wants)), as_text_(as_text) {}

  event::Wanted wanted(event::ShapeId shape) override { return wants_(shape); }

  void consume(const event::EventBatch& batch) override {
    rows += batch.rows.size();
    extras += batch.extras.size();
    for (const event::Column& column : batch.columns) {
      if (!column.codes.empty()) add_column(column);
    }
  }

  std::uint64_t rows = 0, values = 0, extras = 0, hash = 0;

 private:
  /// What is known of a field; there is one dictionary for each.
  struct Field {
    std::uint64_t factor = 0;
    std::uint32_t generation = 0;
    std::vector<std::uint64_t> hashes;  ///< by code; 0 for no value
  };

  void add_column(const event::Column& column) {
    Field& field = field_of(column);
    std::uint64_t sum = 0, count = 0;
    const std::uint64_t* hashes = field.hashes.data();
    const auto add = [&](event::Code code) {
      sum += hashes[code];
      count += code != event::kAbsent ? 1 : 0;
    };
    if (column.lists.empty()) {
      for (const event::Code code : column.codes) add(code);
    } else {
      for (const event::Code code : column.codes) {
        if ((code & event::Column::kListFlag) == 0) add(code);
      }
      for (const event::Code code : column.list_codes) add(code);
    }
    values += count;
    hash += sum * field.factor;
  }

  [[nodiscard]] std::uint64_t hash_of(const event::ValueTable& table, event::Code code) const {
    if (as_text_) {
      const event::Value value = table.at(code);
      return hash_text(value.text, static_cast<std::uint64_t>(value.type)) | 1;
    }
    const event::ValueTable::Raw raw = table.raw(code);
    return hash_short(raw.bytes.data(), raw.bytes.size(), raw.kind) | 1;
  }

  Field& field_of(const event::Column& column) {
    if (column.field.value >= fields_.size()) fields_.resize(column.field.value + 1);
    Field& field = fields_[column.field.value];
    if (field.factor == 0) field.factor = hash_text(catalogue_.field_name(column.field)) | 1;
    if (field.generation != column.values->generation()) {
      field.generation = column.values->generation();
      field.hashes.clear();
    }
    field.hashes.reserve(column.values->end());
    for (auto code = static_cast<event::Code>(field.hashes.size()); code < column.values->end(); ++code) {
      field.hashes.push_back(code < event::kFirstValue ? 0 : hash_of(*column.values, code));
    }
    return field;
  }

  event::Catalogue& catalogue_;
  Wants wants_;
  bool as_text_;
  std::vector<Field> fields_;
};

struct Run {
  double cpu_seconds = 0, wall_seconds = 0;
  std::uint64_t bytes = 0, rows = 0, values = 0, hash = 0;
  event::Receipt receipt;
};

/// CPU time: other programs on the machine make runs longer, not dearer.
inline double cpu_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/// A stretch of a file that is one work unit.
struct Piece {
  int file = -1;
  std::uint64_t offset = 0;
  std::size_t size = 0;
};

class Pieces {
 public:
  explicit Pieces(const Options& options) {
    for (const std::string& path : options.files) {
      const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      if (file < 0) {
        fmt::print(stderr, "cannot open {}\n", path);
        std::exit(2);
      }
      files_.push_back(file);
      const auto end = static_cast<std::uint64_t>(::lseek(file, 0, SEEK_END));
      for (std::uint64_t at = 0; at < end;) {
        const std::uint64_t size = std::min(end - at, options.unit_bytes + (at == 0 ? 4096 : 0));
        pieces_.push_back({file, at, static_cast<std::size_t>(size)});
        at += size;
      }
    }
  }
  ~Pieces() {
    for (const int file : files_) ::close(file);
  }
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  /// The next one that nobody has taken; any thread.
  const Piece* take() {
    const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    return index < pieces_.size() ? &pieces_[index] : nullptr;
  }

 private:
  std::vector<int> files_;
  std::vector<Piece> pieces_;
  std::atomic<std::size_t> next_{0};
};

/// One worker: takes pieces until there are none.
inline void work(Pieces& pieces, const Options& options, event::Catalogue& catalogue, Wants wants,
                 std::mutex& mutex, Run& total) {
  HashingSink sink(catalogue, std::move(wants), options.as_text);
  event::BatchBuilder builder(catalogue, sink);
  decode::Decoder decoder(builder);
  if (options.keywords) decoder.keywords(&*options.keywords);
  decode::WorkUnit unit;
  Run run;
  unit.bytes.resize(options.unit_bytes + 4096);
  while (const Piece* piece = pieces.take()) {
    if (unit.bytes.size() != piece->size) unit.bytes.resize(piece->size);
    if (::pread(piece->file, unit.bytes.data(), piece->size, static_cast<off_t>(piece->offset)) !=
        static_cast<ssize_t>(piece->size)) {
      fmt::print(stderr, "cannot read\n");
      std::exit(2);
    }
    unit.offset = piece->offset;
    if (options.floor) {
      run.hash += libdeflate_crc32(0, unit.bytes.data(), unit.bytes.size());
    } else {
      decoder.decode(unit, run.receipt);
    }
    run.bytes += piece->size;
  }
  const std::lock_guard lock(mutex);
  total.bytes += run.bytes;
  total.rows += sink.rows;
  total.values += sink.values;
  total.hash += run.hash + sink.hash;
  total.receipt.add(run.receipt);
}

inline Run run_once(const Options& options, event::Catalogue& catalogue, const MakeWants& make) {
  Run run;
  std::mutex mutex;
  std::vector<std::thread> others;
  const auto start = std::chrono::steady_clock::now();
  const double before = cpu_now();
  {
    Pieces pieces(options);
    const auto one = [&] { work(pieces, options, catalogue, make(catalogue), mutex, run); };
    for (unsigned i = 1; i < options.threads; ++i) others.emplace_back(one);
    one();
    for (std::thread& thread : others) thread.join();
  }
  run.cpu_seconds = cpu_now() - before;
  run.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return run;
}

/// Takes the options that all programs have; false: it is none of them.
inline bool take_option(Options& options, int argc, char** argv, int& i) {
  const std::string_view argument = argv[i];
  if (argument == "--floor") {
    options.floor = true;
  } else if (argument == "--as-text") {
    options.as_text = true;
  } else if (argument == "--repeat" && i + 1 < argc) {
    options.repeat = std::max(1, std::atoi(argv[++i]));
  } else if (argument == "--threads" && i + 1 < argc) {
    options.threads = static_cast<unsigned>(std::max(1, std::atoi(argv[++i])));
  } else if (argument == "--unit-kib" && i + 1 < argc) {
    options.unit_bytes = static_cast<std::size_t>(std::max(64, std::atoi(argv[++i]))) / 64 * 64 << 10;
  } else if (!argument.starts_with("--")) {
    options.files.emplace_back(argument);
  } else {
    return false;
  }
  return true;
}

/// Runs as often as asked and prints the best run; by wall time if there are several threads.
inline int measure(const Options& options, event::Catalogue& catalogue, const MakeWants& make) {
  Run best;
  for (int i = 0; i < options.repeat; ++i) {
    Run run = run_once(options, catalogue, make);
    const bool better =
        options.threads > 1 ? run.wall_seconds < best.wall_seconds : run.cpu_seconds < best.cpu_seconds;
    if (i == 0 || better) best = std::move(run);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double megabytes = static_cast<double>(best.bytes) / 1e6;
  const double seconds = options.threads > 1 ? best.wall_seconds : best.cpu_seconds;
  fmt::print("{:.1f} MB in {:.4f} s CPU, {:.4f} s wall: {:.0f} MB/s, {:.2f} million records/s\n", megabytes,
             best.cpu_seconds, best.wall_seconds, megabytes / seconds,
             static_cast<double>(best.rows) / seconds / 1e6);
  fmt::print(
      "records seen {}, decoded {}, quarantined {}; rows {}, values {}, hash {:016x}, peak memory {} MB\n",
      best.receipt.records_seen, best.receipt.records_decoded, best.receipt.records_quarantined, best.rows,
      best.values, best.hash, usage.ru_maxrss / 1024);
  for (const auto& lost : best.receipt.quarantined)
    fmt::print("  lost {:#x}+{}: {}\n", lost.offset, lost.size, lost.reason);
  for (const auto& damage : best.receipt.damage) fmt::print("  {} × {}\n", damage.count, damage.what);
  return 0;
}

}  // namespace landwarden::bench
