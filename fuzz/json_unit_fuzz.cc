// Any bytes as one unit of JSON, and the same bytes through the splitter in steps: nothing may crash, every
// record is counted, and both ways see the same number of decoded records.

#include <cstdlib>
#include <string>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace {

using namespace landwarden;

struct CountingSink final : event::BatchSink {
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      ++rows;
      for (const event::Column& column : batch.columns) {
        for (const event::Code code : column.cell(row)) {
          if (code >= event::kFirstValue) bytes += column.values->at(code).text.size();
        }
      }
    }
  }
  std::uint64_t rows = 0, bytes = 0;
};

/// Lives as long as the process, as a worker's would; the catalogue's limits are part of what is tried.
struct Worker {
  event::Catalogue catalogue;
  CountingSink sink;
  event::BatchBuilder builder{catalogue, sink};
  decode::Decoder decoder{builder};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Worker worker;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::uint64_t before = worker.sink.rows;
  event::Receipt receipt;
  worker.decoder.decode({{}, decode::Format::json, 0, 1, bytes}, receipt);
  if (receipt.records_seen != receipt.records_decoded + receipt.records_quarantined) std::abort();
  if (worker.sink.rows - before != receipt.records_decoded) std::abort();

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
