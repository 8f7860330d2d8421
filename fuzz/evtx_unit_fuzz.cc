// Any bytes as a work unit of an EVTX file: nothing crashes, every record seen is decoded or quarantined, and
// the short way gives the same rows as the long one.

#include <cstdint>
#include <cstdlib>

#include "base/assert.h"
#include "base/hash.h"
#include "decode/evtx/reader.h"

namespace {

using namespace landwarden;

class Digest final : public event::BatchSink {
 public:
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    rows += batch.rows.size();
    for (std::size_t row = 0; row < batch.rows.size(); ++row) sum += digest(batch, row);
  }

  std::uint64_t rows = 0, sum = 0;

 private:
  static std::uint64_t digest(const event::EventBatch& batch, std::size_t row) {
    std::uint64_t hash = batch.rows[row].offset + batch.rows[row].record_id;
    // The order of columns is the shape's, not the record's.
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

event::Receipt read_all(const std::uint8_t* data, std::size_t size, bool unfold, event::Catalogue& catalogue,
                        Digest& digest) {
  event::BatchBuilder builder(catalogue, digest);
  decode::evtx::Reader reader(builder);
  reader.always_unfold(unfold);
  event::Receipt receipt;
  reader.decode_unit({}, decode::evtx::Bytes(reinterpret_cast<const std::byte*>(data), size), 0, receipt);
  LW_ASSERT(receipt.records_seen == receipt.records_decoded + receipt.records_quarantined);
  LW_ASSERT(receipt.records_decoded == digest.rows);
  return receipt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  event::Catalogue catalogue;
  Digest direct, unfolded;
  const event::Receipt a = read_all(data, size, false, catalogue, direct);
  const event::Receipt b = read_all(data, size, true, catalogue, unfolded);
  LW_ASSERT(a.records_seen == b.records_seen);
  // The long way looks at parts of a record that nobody uses, too, and may refuse what the short way reads.
  LW_ASSERT(a.records_decoded >= b.records_decoded);
  if (a.records_decoded == b.records_decoded) LW_ASSERT(direct.sum == unfolded.sum);
  return 0;
}
