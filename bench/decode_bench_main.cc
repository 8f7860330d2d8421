// Measures decoding of EVTX files into columns: every value typed and rendered, checksums tested.
//
//   lw_decode_bench [--floor] [--fields NAME,…] [--repeat N] FILE…
//
// Reads each file in work units through one Decoder, as a worker of the engine does, and prints the time of
// the best of N runs (reading, decoding), the rates, and a hash over all values. With --fields only those are
// wanted. --floor measures what no decoder can do without: reading the same units and taking one CRC-32 over
// them.

#include <fcntl.h>
#include <fmt/core.h>
#include <libdeflate.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "decode/decoder.h"
#include "event/builder.h"

namespace {

using namespace landwarden;

/// Touches every cell, as a consumer that looks at each distinct value once does.
class HashingSink final : public event::BatchSink {
 public:
  HashingSink(event::Catalogue& catalogue, const std::vector<std::string>& fields) : all_(fields.empty()) {
    for (const std::string& name : fields) {
      if (const auto id = catalogue.field(name)) wanted_.push_back(*id);
    }
    std::sort(wanted_.begin(), wanted_.end());
  }

  event::Wanted wanted(event::ShapeId) override { return {.drop = false, .all = all_, .fields = wanted_}; }

  void consume(const event::EventBatch& batch) override {
    rows += batch.rows.size();
    for (const event::Column& column : batch.columns) {
      std::vector<std::uint64_t>& seen = memo(*column.values);
      for (std::size_t row = 0; row < column.codes.size(); ++row) {
        for (const event::Code code : column.cell(row)) {
          ++values;
          if (code < event::kFirstValue) continue;
          if (seen[code] == 0) {
            const event::Value value = column.values->at(code);
            seen[code] = hash_text(value.text, static_cast<std::uint64_t>(value.type)) | 1;
          }
          hash += seen[code] * (column.field.value + 1);
        }
      }
    }
    extras += batch.extras.size();
  }

  std::uint64_t rows = 0, values = 0, extras = 0, hash = 0;

 private:
  struct Memo {
    std::uint32_t generation = 0;
    std::vector<std::uint64_t> hashes;
  };
  std::vector<std::uint64_t>& memo(const event::ValueTable& table) {
    Memo& memo = memos_[&table];
    if (memo.generation != table.generation()) memo = {table.generation(), {}};
    if (memo.hashes.size() < table.end()) memo.hashes.resize(table.end(), 0);
    return memo.hashes;
  }

  bool all_;
  std::vector<event::FieldId> wanted_;
  std::unordered_map<const event::ValueTable*, Memo> memos_;
};

struct Run {
  double seconds = 0, read_seconds = 0;
  std::uint64_t bytes = 0, rows = 0, values = 0, hash = 0;
  event::Receipt receipt;
};

/// CPU time: other programs on the machine make runs longer, not dearer.
double now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/// `decoder` null: only reads and checksums.
void decode_file(const std::string& path, decode::Decoder* decoder, Run& run) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    fmt::print(stderr, "cannot open {}\n", path);
    std::exit(2);
  }
  decode::WorkUnit unit;
  unit.bytes.resize(4096 + decode::kUnitBytes);
  for (;;) {
    const std::size_t want = decode::kUnitBytes + (unit.offset == 0 ? 4096 : 0);
    unit.bytes.resize(want);
    const double before = now();
    const ssize_t got = ::pread(file, unit.bytes.data(), want, static_cast<off_t>(unit.offset));
    run.read_seconds += now() - before;
    if (got <= 0) break;
    unit.bytes.resize(static_cast<std::size_t>(got));
    if (decoder != nullptr) {
      decoder->decode(unit, run.receipt);
    } else {
      run.hash += libdeflate_crc32(0, unit.bytes.data(), unit.bytes.size());
    }
    unit.offset += static_cast<std::uint64_t>(got);
    run.bytes += static_cast<std::uint64_t>(got);
  }
  ::close(file);
}

Run run_once(const std::vector<std::string>& files, const std::vector<std::string>& fields, bool floor) {
  Run run;
  event::Catalogue catalogue;
  HashingSink sink(catalogue, fields);
  event::BatchBuilder builder(catalogue, sink);
  decode::Decoder decoder(builder);
  const double before = now();
  for (const std::string& path : files) decode_file(path, floor ? nullptr : &decoder, run);
  run.seconds = now() - before;
  run.rows = sink.rows;
  run.values = sink.values;
  run.hash += sink.hash;
  return run;
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files, fields;
  int repeat = 3;
  bool floor = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--fields" && i + 1 < argc) {
      fields = split(argv[++i]);
    } else if (argument == "--floor") {
      floor = true;
    } else if (argument == "--repeat" && i + 1 < argc) {
      repeat = std::max(1, std::atoi(argv[++i]));
    } else {
      files.emplace_back(argument);
    }
  }
  if (files.empty()) {
    fmt::print(stderr, "usage: lw_decode_bench [--floor] [--fields NAME,…] [--repeat N] FILE…\n");
    return 2;
  }
  Run best;
  for (int i = 0; i < repeat; ++i) {
    Run run = run_once(files, fields, floor);
    if (i == 0 || run.seconds < best.seconds) best = std::move(run);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double megabytes = static_cast<double>(best.bytes) / 1e6;
  fmt::print("{:.1f} MB in {:.3f} s CPU (of it reading {:.3f} s): {:.0f} MB/s, {:.2f} million records/s\n",
             megabytes, best.seconds, best.read_seconds, megabytes / best.seconds,
             static_cast<double>(best.rows) / best.seconds / 1e6);
  fmt::print(
      "records seen {}, decoded {}, quarantined {}; rows {}, values {}, hash {:016x}, peak memory {} MB\n",
      best.receipt.records_seen, best.receipt.records_decoded, best.receipt.records_quarantined, best.rows,
      best.values, best.hash, usage.ru_maxrss / 1024);
  for (const auto& lost : best.receipt.quarantined)
    fmt::print("  lost {:#x}+{}: {}\n", lost.offset, lost.size, lost.reason);
  for (const auto& damage : best.receipt.damage) fmt::print("  {} × {}\n", damage.count, damage.what);
  return 0;
}
