// Any byte flipped of a log that our own writer made: nothing crashes or loops, and no more is lost or
// changed than the records that refer to that byte: it is their own, or of a template or name that they use.
// Each record that is lost is counted.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/hash.h"
#include "decode/evtx/reader.h"
#include "decode/evtx/writer.h"

namespace landwarden::decode::evtx {
namespace {

/// Rows as hashes of their fields, by offset.
class Hashes final : public event::BatchSink {
 public:
  explicit Hashes(event::Catalogue& catalogue) : catalogue_(catalogue) {}
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
      std::uint64_t sum = batch.rows[row].record_id;
      for (const event::Column& column : batch.columns) {
        std::uint64_t cell = hash_text(catalogue_.field_name(column.field));
        for (const event::Code code : column.cell(row))
          cell =
              hash_combine(cell, code < event::kFirstValue ? code : hash_text(column.values->at(code).text));
        if (!column.cell(row).empty()) sum += cell;
      }
      rows[batch.rows[row].offset] = sum;
    }
  }
  std::map<std::uint64_t, std::uint64_t> rows;

 private:
  event::Catalogue& catalogue_;
};

struct Read {
  std::map<std::uint64_t, std::uint64_t> rows;
  event::Receipt receipt;
};

Read read(const std::vector<std::byte>& file) {
  event::Catalogue catalogue;
  Hashes sink(catalogue);
  event::BatchBuilder builder(catalogue, sink);
  Reader reader(builder);
  Read out;
  reader.decode_unit({}, file, 0, out.receipt);
  out.rows = std::move(sink.rows);
  return out;
}

write::EventRecord event(const char* provider, const char* field, const std::string& value) {
  write::EventRecord record;
  record.provider = {.name = provider, .guid = {}, .event_source_name = {}};
  record.event_id = 1;
  record.time = *parse_time("2026-03-02T07:15:00Z");
  record.channel = "Log";
  record.computer = "ws1";
  write::EventData data;
  data.fields = {{field, write::Value::text(value)}, {"Shared", write::Value::uint32(7)}};
  record.data = data;
  return record;
}

/// Two chunks. In each the records stand in this order: A, A, B, A, B. All share the outer template, which
/// the first defines; A's template is defined in the first, B's in the third, whose name Shared is in the
/// first.
struct Log {
  std::vector<std::byte> bytes;
  std::vector<std::size_t> starts;  ///< of records, all chunks
  std::vector<std::size_t> ends;
};

Log make_log() {
  const auto one = [](std::uint64_t first) {
    Writer writer({.first_record_id = first});
    const char* kinds = "AABAB";
    for (int i = 0; i < 5; ++i) {
      const bool a = kinds[i] == 'A';
      EXPECT_TRUE(writer.add(event("P", a ? "OnlyA" : "OnlyB", "value " + std::to_string(first + i))));
    }
    return writer.finish();
  };
  Log log{.bytes = one(1), .starts = {}, .ends = {}};
  const std::vector<std::byte> second = one(6);
  log.bytes.insert(log.bytes.end(), second.begin() + kFileHeaderBytes, second.end());
  for (std::size_t chunk = kFileHeaderBytes; chunk < log.bytes.size(); chunk += kChunkBytes) {
    std::size_t at = chunk + kChunkHeaderBytes;
    for (int i = 0; i < 5; ++i) {
      log.starts.push_back(at);
      at += load<std::uint32_t>(log.bytes.data() + at + 4);
      log.ends.push_back(at);
    }
  }
  return log;
}

/// Whether a change at `at` may change record `record` (0 to 9).
bool refers(const Log& log, std::size_t record, std::size_t at) {
  const auto inside = [&](std::size_t other) { return at >= log.starts[other] && at < log.ends[other]; };
  const std::size_t chunk = record / 5 * 5;
  if (inside(record) || inside(chunk)) return true;  // the first holds what all use
  const std::size_t kind = record - chunk;
  return (kind == 4 || kind == 2) && inside(chunk + 2);
}

TEST(EvtxFlip, AnyByteCostsOnlyTheRecordsThatReferToIt) {
  const Log log = make_log();
  const Read good = read(log.bytes);
  ASSERT_EQ(good.rows.size(), 10U);
  std::mt19937 random(20260302);
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < log.bytes.size(); ++at) {
    const bool live = (at >= kFileHeaderBytes && at < log.ends[4]) ||
                      (at >= kFileHeaderBytes + kChunkBytes && at < log.ends[9]);
    // Every byte in use, and some of the rest.
    if (live || at < 128 || random() % 997 == 0) places.push_back(at);
  }
  std::vector<std::byte> bytes = log.bytes;
  for (const std::size_t at : places) {
    const std::byte flip{static_cast<unsigned char>(1U << random() % 8)};
    bytes[at] ^= flip;
    const Read got = read(bytes);
    bytes[at] ^= flip;
    ASSERT_EQ(got.receipt.records_seen, got.receipt.records_decoded + got.receipt.records_quarantined) << at;
    std::size_t lost = 0;
    for (std::size_t record = 0; record < 10; ++record) {
      const auto row = got.rows.find(log.starts[record]);
      if (row == got.rows.end()) ++lost;
      if (refers(log, record, at)) continue;
      ASSERT_TRUE(row != got.rows.end()) << "byte " << at << " lost record " << record + 1;
      ASSERT_EQ(row->second, good.rows.at(log.starts[record])) << "byte " << at << ", record " << record + 1;
    }
    ASSERT_GE(got.receipt.records_quarantined, lost) << at;
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
