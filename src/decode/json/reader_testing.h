// What the tests of reading JSON share: rows as text, a worker, and one event in every layout.

#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::decode::json {

using Fields = std::map<std::string, std::vector<std::string>>;

struct Row {
  event::Shape shape;
  std::string time, host, original;
  std::uint64_t record_id = 0, offset = 0;
  Fields fields;

  [[nodiscard]] std::string field(const std::string& name) const {
    const auto at = fields.find(name);
    if (at == fields.end()) return "(absent)";
    std::string out;
    for (const std::string& value : at->second) out += (out.empty() ? "" : "|") + value;
    return out;
  }
};

/// Keeps all rows; a null is "(null)".
struct RowSink final : event::BatchSink {
  explicit RowSink(event::Catalogue& given) : catalogue(given) {}
  event::Wanted wanted(event::ShapeId) override { return want; }
  void consume(const event::EventBatch& batch) override {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      const event::RowMeta& meta = batch.rows[i];
      Row row{.shape = catalogue.shape(batch.shape),
              .time = to_rfc3339(meta.time),
              .host = {},
              .original = {},
              .fields = {}};
      if (meta.host != event::kAbsent) row.host = batch.hosts->at(meta.host).text;
      row.original = meta.original;
      row.record_id = meta.record_id;
      row.offset = meta.offset;
      for (const event::Column& column : batch.columns) {
        for (const event::Code code : column.cell(i)) {
          row.fields[std::string(catalogue.field_name(column.field))].emplace_back(
              code == event::kNull ? "(null)" : std::string(column.values->at(code).text));
        }
      }
      for (const event::Extra& extra : batch.extras) {
        if (extra.row == i) row.fields[extra.name].push_back(extra.null ? "(null)" : extra.text);
      }
      rows.push_back(std::move(row));
    }
  }
  event::Catalogue& catalogue;
  event::Wanted want;
  std::vector<Row> rows;
};

struct Decoded {
  std::vector<Row> rows;
  event::Receipt receipt;
};

/// A worker that is used again and again.
class Worker {
 public:
  /// Bytes through splitter and decoder; rows in the order of their offsets.
  Decoded run(const std::string& bytes, std::size_t step) {
    RecordingSink units;
    MemoryStream stream(bytes, step);
    read_bytes("input", stream, pool_, units);
    Decoded out;
    for (const auto& source : units.sources) {
      for (const WorkUnit& unit : source.units) decoder_.decode(unit, out.receipt);
      out.receipt.add(source.receipt);
    }
    std::stable_sort(rows_.rows.begin(), rows_.rows.end(),
                     [](const Row& a, const Row& b) { return a.offset < b.offset; });
    out.rows = std::exchange(rows_.rows, {});
    return out;
  }

 private:
  BufferPool pool_;
  event::Catalogue catalogue_;
  RowSink rows_{catalogue_};
  event::BatchBuilder builder_{catalogue_, rows_};
  Decoder decoder_{builder_};
};

inline Decoded decode(const std::string& bytes, std::size_t step = 0) {
  return Worker().run(bytes, step);
}

inline std::vector<std::string> values_of(const Decoded& decoded, const std::string& field) {
  std::vector<std::string> out;
  for (const Row& row : decoded.rows) out.push_back(row.field(field));
  return out;
}
using Texts = std::vector<std::string>;

/// The same event as each layout has it.
extern const std::string kEvtxDump, kEvtxDumpSeparate, kEvtxEcmdFull, kEvtxEcmd, kWinlogbeat, kWinlogbeatFlat,
    kWinlogbeat6, kNxlog, kFlat;

struct Sample {
  const char* layout;
  const std::string& json;
  std::vector<std::string> without;  ///< fields that this layout does not carry
};
[[nodiscard]] const std::vector<Sample>& samples();

}  // namespace landwarden::decode::json
