// Any bytes as one unit of text of a format, and the same bytes through its splitter in steps: nothing may
// crash, every record is counted, and both ways see the same number of decoded records. One process, one
// thread.

#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/split.h"
#include "decode/stream.h"

namespace landwarden::fuzz {

struct CountingSink final : event::BatchSink {
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override { rows += batch.rows.size(); }
  std::uint64_t rows = 0;
};

/// Lives as long as the process, as a worker's would; the catalogue's limits are part of what is tried.
struct Worker {
  event::Catalogue catalogue;
  CountingSink sink;
  event::BatchBuilder builder{catalogue, sink};
  decode::Decoder decoder{builder};
};

struct TextFormat {
  decode::Format format;
  void (*split)(decode::ByteStream&, decode::Splitting&);
  const char* header;    ///< the row of names that units carry with them; nullptr: none
  bool keeps_all_bytes;  ///< units put together are the input
  std::shared_ptr<const decode::TextSource> text{};  ///< text logs: what is known of the source
};

inline void try_text_unit(Worker& worker, const TextFormat& of, const std::string& bytes) {
  const std::uint64_t before = worker.sink.rows;
  event::Receipt receipt;
  decode::WorkUnit unit{{}, of.format, 0, 1, decode::Buffer(bytes.begin(), bytes.end())};
  if (of.header != nullptr) unit.header = std::make_shared<const std::string>(of.header);
  unit.text = of.text;
  worker.decoder.decode(unit, receipt);
  if (receipt.records_seen != receipt.records_decoded + receipt.records_quarantined) std::abort();
  if (worker.sink.rows - before != receipt.records_decoded) std::abort();

  std::uint64_t decoded[2] = {};
  for (const std::size_t step : {std::size_t{0}, 1 + bytes.size() % 61}) {
    decode::RecordingSink units;
    decode::BufferPool pool;
    decode::MemoryStream stream(bytes, step);
    event::Receipt parts;
    const event::SourceId source = units.begin_source("input");
    decode::Splitting to{source, pool, units, parts};
    of.split(stream, to);
    std::string all;
    for (const decode::WorkUnit& part : units.sources[0].units) {
      worker.decoder.decode(part, parts);
      all += part.bytes;
    }
    if (of.keeps_all_bytes && all != bytes) std::abort();
    decoded[step == 0 ? 0 : 1] = parts.records_decoded;
  }
  if (decoded[0] != decoded[1]) std::abort();
}

}  // namespace landwarden::fuzz
