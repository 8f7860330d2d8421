// Measures decoding of JSON into columns, every value wanted.
//
//   lw_json_bench [--repeat N] PATH…     the rate, a line of JSON a run: bytes, CPU seconds, records, hash
//   lw_json_bench --sources PATH…        what each source gives: its receipt and a hash over all its rows
//
// The evidence is read and cut into work units beforehand, as the engine's reader does, so that the time is
// that of one worker's Decoder over memory. Each run has a Decoder of its own that knows nothing yet.

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "event/builder.h"

namespace {

using namespace landwarden;

/// Touches every cell, as a consumer that looks at each distinct value once does.
class HashingSink final : public event::BatchSink {
 public:
  event::Wanted wanted(event::ShapeId) override { return {}; }

  void consume(const event::EventBatch& batch) override {
    rows += batch.rows.size();
    for (const event::Column& column : batch.columns) {
      if (!column.codes.empty()) add_column(column);
    }
    for (const event::Extra& extra : batch.extras) hash += hash_text(extra.text, hash_text(extra.name));
    values += batch.extras.size();
  }

  std::uint64_t rows = 0, values = 0, hash = 0;

 private:
  void add_column(const event::Column& column) {
    std::uint64_t* const seen = memo(column);
    std::uint64_t sum = 0, count = 0;
    const auto add = [&](event::Code code) {
      if (code == event::kAbsent || (code & event::Column::kListFlag) != 0) return;
      ++count;
      if (code == event::kNull) return;
      if (seen[code] == 0) seen[code] = hash_of(column.values->at(code));
      sum += seen[code];
    };
    for (const event::Code code : column.codes) add(code);
    for (const event::Code code : column.list_codes) add(code);
    values += count;
    hash += sum * (column.field.value + 1);
  }
  [[gnu::noinline]] static std::uint64_t hash_of(const event::Value& value) {
    return hash_text(value.text, static_cast<std::uint64_t>(value.type)) | 1;
  }

  struct Memo {
    std::uint32_t generation = 0;
    std::vector<std::uint64_t> hashes;  ///< by code
  };
  std::uint64_t* memo(const event::Column& column) {
    if (column.field.value >= memos_.size()) memos_.resize(column.field.value + 1);
    Memo& memo = memos_[column.field.value];
    if (memo.generation != column.values->generation()) {
      memo.generation = column.values->generation();
      memo.hashes.clear();
    }
    if (memo.hashes.size() < column.values->end()) memo.hashes.resize(column.values->end(), 0);
    return memo.hashes.data();
  }
  std::vector<Memo> memos_;  ///< by field: each has one dictionary
};

/// A hash over everything that rows say, whatever the order of rows and of fields.
class RowSink final : public event::BatchSink {
 public:
  explicit RowSink(event::Catalogue& catalogue) : catalogue_(catalogue) {}
  event::Wanted wanted(event::ShapeId) override { return {}; }

  void consume(const event::EventBatch& batch) override {
    const event::Shape& shape = catalogue_.shape(batch.shape);
    std::uint64_t front = hash_text(shape.channel, hash_text(shape.provider, hash_text(shape.product)));
    front = hash_combine(front, (std::uint64_t{shape.event_id.value_or(~0U)} << 32) | shape.version);
    std::vector<std::uint64_t> names;
    for (const event::Column& column : batch.columns) {
      names.push_back(hash_text(catalogue_.field_name(column.field)));
    }
    std::vector<std::uint64_t> extras(batch.rows.size());
    for (const event::Extra& extra : batch.extras) {
      extras[extra.row] += hash_text(extra.null ? "\1" : extra.text,
                                     hash_text(extra.name, static_cast<std::uint64_t>(extra.type)));
    }
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      const event::RowMeta& meta = batch.rows[i];
      std::uint64_t row = hash_combine(front, static_cast<std::uint64_t>(meta.time.ticks));
      row = hash_combine(hash_combine(row, meta.record_id), meta.offset);
      if (meta.host != event::kAbsent) row = hash_text(batch.hosts->at(meta.host).text, row);
      row = hash_text(meta.original, row);
      std::uint64_t fields = extras[i];
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        std::uint64_t cell = names[c];
        for (const event::Code code : batch.columns[c].cell(i)) {
          if (code < event::kFirstValue) {
            cell = hash_combine(cell, code);
            continue;
          }
          const event::Value value = batch.columns[c].values->at(code);
          cell = hash_text(value.text, hash_combine(cell, static_cast<std::uint64_t>(value.type)));
        }
        if (!batch.columns[c].cell(i).empty()) fields += cell;
      }
      hash += hash_combine(row, fields);
    }
  }
  std::uint64_t hash = 0;

 private:
  event::Catalogue& catalogue_;
};

/// CPU time: other programs on the machine make runs longer, not dearer.
double now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void measure(const decode::RecordingSink& input) {
  event::Catalogue catalogue;
  HashingSink sink;
  event::BatchBuilder builder(catalogue, sink);
  decode::Decoder decoder(builder);
  event::Receipt receipt;
  std::uint64_t bytes = 0;
  const double before = now();
  for (const auto& source : input.sources) {
    for (const decode::WorkUnit& unit : source.units) {
      decoder.decode(unit, receipt);
      bytes += unit.bytes.size();
    }
  }
  const double seconds = now() - before;
  fmt::print(
      "{{\"bytes\":{},\"seconds\":{:.6f},\"records\":{},\"quarantined\":{},\"values\":{},\"hash\":\"{:016x}"
      "\"}}\n",
      bytes, seconds, sink.rows, receipt.records_quarantined, sink.values, sink.hash);
}

void list_sources(const decode::RecordingSink& input) {
  event::Catalogue catalogue;
  RowSink sink(catalogue);
  event::BatchBuilder builder(catalogue, sink);
  decode::Decoder decoder(builder);
  for (const auto& source : input.sources) {
    sink.hash = 0;
    event::Receipt receipt = source.receipt;
    for (const decode::WorkUnit& unit : source.units) decoder.decode(unit, receipt);
    fmt::print("{:016x} {} {} {} {} {}", sink.hash, receipt.records_seen, receipt.records_decoded,
               receipt.records_quarantined, source.name, receipt.kind);
    for (const std::string& note : receipt.notes) fmt::print(" | {}", note);
    for (const auto& lost : receipt.quarantined)
      fmt::print(" | {}+{} {}", lost.offset, lost.size, lost.reason);
    fmt::print("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> paths;
  int repeat = 3;
  bool sources = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--sources") {
      sources = true;
    } else if (argument == "--repeat" && i + 1 < argc) {
      repeat = std::max(1, std::atoi(argv[++i]));
    } else {
      paths.emplace_back(argument);
    }
  }
  if (paths.empty()) {
    fmt::print(stderr, "usage: lw_json_bench [--repeat N | --sources] PATH…\n");
    return 2;
  }
  for (const std::string& path : sources ? paths : std::vector<std::string>{""}) {
    decode::RecordingSink input;
    decode::BufferPool pool;
    decode::read_evidence(sources ? std::vector<std::string>{path} : paths, pool, input);
    if (sources) list_sources(input);
    for (int i = 0; !sources && i < repeat; ++i) measure(input);
  }
  return 0;
}
