// Rows of JSON as lines of text, for tests that compare many of them.

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::decode {

using Texts = std::vector<std::string>;

/// Each row as text: shape, time, host, record id and fields by name; a list's values are parted by "|".
struct RowTexts final : event::BatchSink {
  explicit RowTexts(event::Catalogue& given) : catalogue(given) {}
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override;
  event::Catalogue& catalogue;
  std::map<std::uint64_t, std::string> rows;  ///< by offset
};

struct Worker {
  event::Catalogue catalogue;
  RowTexts sink{catalogue};
  event::BatchBuilder builder{catalogue, sink};
  Decoder decoder{builder};
  BufferPool pool;
};

struct Decoded {
  Texts rows;
  event::Receipt receipt;
};

inline Decoded decode(Worker& worker, const std::string& bytes, std::size_t step = 0) {
  Decoded out;
  RecordingSink units;
  MemoryStream stream(bytes, step);
  read_bytes("input", stream, worker.pool, units);
  for (const auto& source : units.sources) {
    for (const WorkUnit& unit : source.units) worker.decoder.decode(unit, out.receipt);
    out.receipt.add(source.receipt);
  }
  for (auto& [offset, row] : worker.sink.rows) out.rows.push_back(std::move(row));
  worker.sink.rows.clear();
  return out;
}

inline Decoded decode(const std::string& bytes) {
  Worker worker;
  return decode(worker, bytes);
}

}  // namespace landwarden::decode
