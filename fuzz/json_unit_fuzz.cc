// Any bytes as one unit of JSON, and the same bytes through the splitter in steps: nothing may crash, every
// record is counted, and both ways see the same number of decoded records. A decoder that has learnt from all
// inputs before, and from this one twice, gives the same rows as one that knows nothing.

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace {

using namespace landwarden;

struct CountingSink final : event::BatchSink {
  explicit CountingSink(event::Catalogue& given) : catalogue(given) {}
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      ++rows;
      const event::RowMeta& meta = batch.rows[row];
      const event::Shape& shape = catalogue.shape(batch.shape);
      hash += hash_combine(hash_text(shape.channel, hash_text(shape.provider, meta.offset)),
                           static_cast<std::uint64_t>(meta.time.ticks) ^ meta.record_id);
      for (const event::Column& column : batch.columns) {
        for (const event::Code code : column.cell(row)) {
          hash += std::min(code, event::kFirstValue);
          if (code < event::kFirstValue) continue;
          const event::Value value = column.values->at(code);
          hash += hash_text(value.text, hash_text(catalogue.field_name(column.field),
                                                  static_cast<std::uint64_t>(value.type)));
        }
      }
    }
    for (const event::Extra& extra : batch.extras) {
      hash += extra.null ? event::kNull : event::kFirstValue;
      if (extra.null) continue;
      hash += hash_text(extra.text, hash_text(extra.name, static_cast<std::uint64_t>(extra.type)));
    }
  }
  event::Catalogue& catalogue;
  std::uint64_t rows = 0, hash = 0;  ///< over what rows say, whatever their order
};

/// Lives as long as the process, as a worker's would; the catalogue's limits are part of what is tried.
struct Worker {
  event::Catalogue catalogue;
  CountingSink sink{catalogue};
  event::BatchBuilder builder{catalogue, sink};
  decode::Decoder decoder{builder};
};

/// The bytes as a unit; with memory behind them, as large files have it, or without.
decode::WorkUnit unit_of(std::string_view bytes, std::size_t spare) {
  decode::Buffer buffer;
  buffer.reserve(bytes.size() + spare);
  buffer = bytes;
  return {{}, decode::Format::json, 0, 1, std::move(buffer)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Worker worker;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::uint64_t before = worker.sink.rows;
  event::Receipt receipt;
  worker.decoder.decode(unit_of(bytes, 0), receipt);
  if (receipt.records_seen != receipt.records_decoded + receipt.records_quarantined) std::abort();
  if (worker.sink.rows - before != receipt.records_decoded) std::abort();

  Worker fresh;
  const auto hash_of = [&](Worker& reader, std::size_t spare) {
    event::Receipt again;
    reader.sink.hash = 0;
    reader.decoder.decode(unit_of(bytes, spare), again);
    return reader.sink.hash;
  };
  const std::uint64_t alone = hash_of(fresh, 0);
  for (const std::size_t spare : {8192, 0, 8192}) {
    if (hash_of(worker, spare) != alone) std::abort();
  }

  // Splitting is a matter of sniffed input only; a front that is JSON makes it so.
  const std::string front = "{\"a\":1}\n" + bytes;
  std::uint64_t decoded[2] = {};
  for (const std::size_t step : {std::size_t{0}, 1 + size % 61}) {
    decode::RecordingSink units;
    decode::BufferPool pool;
    decode::MemoryStream stream(front, step);
    decode::read_bytes("input", stream, pool, units);
    event::Receipt parts;
    for (const auto& source : units.sources) {
      for (const decode::WorkUnit& unit : source.units) worker.decoder.decode(unit, parts);
    }
    decoded[step == 0 ? 0 : 1] = parts.records_decoded;
  }
  if (decoded[0] != decoded[1]) std::abort();
  return 0;
}
