// What the EVTX fuzz targets share: rows summed up so that two ways of reading can be compared.

#pragma once

#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/hash.h"
#include "decode/decoder.h"
#include "decode/evtx/reader.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::fuzz {

/// Sums do not depend on the order of rows, batches or columns.
class Digest final : public event::BatchSink {
 public:
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    rows += batch.rows.size();
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      sum += digest(batch, row);
      if (batch.rows[row].carved) ++carved;
    }
  }

  std::uint64_t rows = 0, carved = 0, sum = 0;

 private:
  static std::uint64_t digest(const event::EventBatch& batch, std::size_t row) {
    const event::RowMeta& meta = batch.rows[row];
    const std::uint64_t hash = hash_combine(meta.offset + meta.record_id, meta.carved ? 1 : 0);
    std::uint64_t fields = 0;
    for (const event::Column& column : batch.columns) {
      std::uint64_t cell = column.field.value + 1;
      for (const event::Code code : column.cell(row)) {
        if (code < event::kFirstValue) {
          cell = hash_combine(cell, code);
        } else {
          const event::Value value = column.values->at(code);
          cell = hash_combine(cell, hash_text(value.text, static_cast<std::uint64_t>(value.type)));
        }
      }
      if (!column.cell(row).empty()) fields += cell;
    }
    return hash_combine(hash, fields);
  }
};

inline void check_counts(const event::Receipt& receipt, const Digest& digest) {
  LW_ASSERT(receipt.records_seen == receipt.records_decoded + receipt.records_quarantined);
  LW_ASSERT(receipt.records_decoded == digest.rows);
  LW_ASSERT(receipt.records_carved == digest.carved);
}

/// A unit decoded the short way and the long way: both see the same records and give the same rows.
inline void check_both_ways(decode::evtx::Bytes unit) {
  event::Catalogue catalogue;
  Digest digests[2];
  event::Receipt receipts[2];
  for (const bool unfold : {false, true}) {
    event::BatchBuilder builder(catalogue, digests[unfold]);
    decode::evtx::Reader reader(builder);
    reader.always_unfold(unfold);
    reader.decode_unit({}, unit, 0, receipts[unfold]);
    check_counts(receipts[unfold], digests[unfold]);
  }
  LW_ASSERT(receipts[0].records_seen == receipts[1].records_seen);
  // The long way looks at parts of a record that nobody uses, too, and may refuse what the short way reads.
  LW_ASSERT(receipts[0].records_decoded >= receipts[1].records_decoded);
  if (receipts[0].records_decoded == receipts[1].records_decoded) LW_ASSERT(digests[0].sum == digests[1].sum);
}

struct Evidence {
  Digest digest;
  event::Receipt receipt;
};

/// Bytes as one file (or, with a step, as a slow pipe that is cut elsewhere), all the way to rows.
inline Evidence read_evidence(std::string_view bytes, bool carve, std::size_t step,
                              event::Catalogue& catalogue) {
  decode::RecordingSink sink;
  decode::BufferPool pool;
  decode::MemoryStream stream(bytes, step);
  const decode::DecodeOptions options{.ansi_codepage = 932, .carve = carve};
  decode::read_bytes("input", stream, pool, sink,
                     {.expansion_free = 4 << 20, .expansion_ratio = 10, .members = 64, .depth = 4}, options);
  Evidence out;
  for (const auto& source : sink.sources) {
    LW_ASSERT(source.ended);
    out.receipt.add(source.receipt);
    event::BatchBuilder builder(catalogue, out.digest);
    decode::Decoder decoder(builder, options);
    for (const decode::WorkUnit& unit : source.units) decoder.decode(unit, out.receipt);
  }
  return out;
}

}  // namespace landwarden::fuzz
