// Bytes in, rows with named values out: the whole way through sniffing, splitting and decoding, for tests.
// Not thread-safe.

#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::decode {

struct DecodedRow {
  event::Shape shape;
  std::string time, host;
  std::uint64_t record_id = 0, offset = 0;
  std::map<std::string, std::string> fields;  ///< lists joined by "|"; a null is "(null)"
  bool operator==(const DecodedRow&) const = default;

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto at = fields.find(name);
    return at == fields.end() ? "(absent)" : at->second;
  }
};

struct DecodedRows {
  std::vector<DecodedRow> rows;  ///< in the order of their offsets
  event::Receipt receipt;
};

/// `step`: as from a slow pipe that gives so many bytes at a time; 0: all there. `name`: of the file.
[[nodiscard]] inline DecodedRows decode_rows(std::string_view bytes, std::size_t step = 0,
                                             const std::string& name = "input") {
  struct Sink final : event::BatchSink {
    Sink(event::Catalogue& c, std::vector<DecodedRow>& r) : catalogue(c), rows(r) {}
    event::Wanted wanted(event::ShapeId) override { return {}; }
    void consume(const event::EventBatch& batch) override {
      for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        const event::RowMeta& meta = batch.rows[i];
        DecodedRow& row = rows.emplace_back();
        row.shape = catalogue.shape(batch.shape);
        row.time = to_rfc3339(meta.time);
        if (meta.host != event::kAbsent) row.host = batch.hosts->at(meta.host).text;
        row.record_id = meta.record_id;
        row.offset = meta.offset;
        const auto add = [&](std::string_view name, std::string_view text) {
          const auto [at, fresh] = row.fields.emplace(name, text);
          if (!fresh) at->second.append("|").append(text);
        };
        for (const event::Column& column : batch.columns) {
          for (const event::Code code : column.cell(i)) {
            add(catalogue.field_name(column.field),
                code == event::kNull ? std::string_view("(null)") : column.values->at(code).text);
          }
        }
        for (const event::Extra& extra : batch.extras) {
          if (extra.row == i) add(extra.name, extra.null ? std::string_view("(null)") : extra.text);
        }
      }
    }
    event::Catalogue& catalogue;
    std::vector<DecodedRow>& rows;
  };
  DecodedRows out;
  event::Catalogue catalogue;
  Sink sink(catalogue, out.rows);
  event::BatchBuilder builder(catalogue, sink);
  Decoder decoder(builder);
  RecordingSink units;
  BufferPool pool;
  MemoryStream stream(bytes, step);
  read_bytes(name, stream, pool, units);
  for (const auto& source : units.sources) {
    out.receipt.add(source.receipt);
    for (const WorkUnit& unit : source.units) decoder.decode(unit, out.receipt);
  }
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const DecodedRow& a, const DecodedRow& b) { return a.offset < b.offset; });
  return out;
}

}  // namespace landwarden::decode
