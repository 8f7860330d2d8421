// What carving gives of logs and images that our own writer made: the records, each once, with their names
// where those can be known.

#include "decode/carving.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "decode/evtx/writer.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::decode {
namespace {

namespace write = evtx::write;

std::string as_string(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

write::EventRecord event(std::uint64_t number) {
  write::EventRecord record;
  record.provider = {.name = "Microsoft-Windows-Sysmon", .guid = {}, .event_source_name = {}};
  record.event_id = 1;
  record.time = *parse_time("2026-03-02T07:15:00Z");
  record.record_id = number;
  record.channel = "Microsoft-Windows-Sysmon/Operational";
  record.computer = "ws1";
  write::EventData data;
  data.fields = {{"Image", write::Value::text("C:\\tool" + std::to_string(number) + ".exe")}};
  record.data = data;
  return record;
}

std::string log_of(std::uint64_t first, std::uint64_t records) {
  evtx::Writer writer;
  for (std::uint64_t i = 0; i < records; ++i) EXPECT_TRUE(writer.add(event(first + i)));
  return as_string(writer.finish());
}

struct Row {
  std::uint64_t offset = 0;
  bool carved = false;
  std::map<std::string, std::vector<std::string>> fields;
  bool operator==(const Row&) const = default;
};

class Rows final : public event::BatchSink {
 public:
  explicit Rows(event::Catalogue& catalogue) : catalogue_(catalogue) {}
  event::Wanted wanted(event::ShapeId) override { return {}; }
  void consume(const event::EventBatch& batch) override {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      Row row{.offset = batch.rows[i].offset, .carved = batch.rows[i].carved, .fields = {}};
      for (const event::Column& column : batch.columns) {
        for (const event::Code code : column.cell(i)) {
          row.fields[std::string(catalogue_.field_name(column.field))].emplace_back(
              column.values->at(code).text);
        }
      }
      by_number.emplace(batch.rows[i].record_id, std::move(row));
    }
  }
  std::multimap<std::uint64_t, Row> by_number;

 private:
  event::Catalogue& catalogue_;
};

struct Answer {
  std::multimap<std::uint64_t, Row> rows;
  event::Receipt receipt;
  std::size_t units = 0;
  [[nodiscard]] std::size_t carved() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(rows, [](const auto& row) { return row.second.carved; }));
  }
  [[nodiscard]] const Row& row(std::uint64_t number) const { return rows.find(number)->second; }
};

/// `step`: the bytes come as from a pipe, this many at a time.
Answer read(const std::string& bytes, bool carve = true, std::size_t step = 0) {
  RecordingSink sink;
  BufferPool pool;
  MemoryStream stream(bytes, step);
  read_bytes("evidence", stream, pool, sink, {}, {.ansi_codepage = 1252, .carve = carve});
  EXPECT_EQ(sink.sources.size(), 1U);
  Answer answer{.rows = {}, .receipt = sink.sources[0].receipt, .units = sink.sources[0].units.size()};
  event::Catalogue catalogue;
  Rows rows(catalogue);
  event::BatchBuilder builder(catalogue, rows);
  Decoder decoder(builder);
  for (const WorkUnit& unit : sink.sources[0].units) decoder.decode(unit, answer.receipt);
  answer.rows = std::move(rows.by_number);
  EXPECT_EQ(answer.receipt.records_decoded, answer.rows.size());
  EXPECT_EQ(answer.receipt.records_carved, answer.carved());
  return answer;
}

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

std::string chunk_of(const std::string& log, std::size_t number = 0) {
  return log.substr(evtx::kFileHeaderBytes + number * evtx::kChunkBytes, evtx::kChunkBytes);
}

std::uint32_t word(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// Each record of a chunk with its bytes.
std::vector<std::string> records_of(const std::string& chunk) {
  std::vector<std::string> out;
  for (std::size_t at = 512; at + 8 < chunk.size() && word(chunk, at) == 0x2a2a; at += word(chunk, at + 4))
    out.push_back(chunk.substr(at, word(chunk, at + 4)));
  return out;
}

TEST(Carving, GivesNothingUnlessAsked) {
  const std::string image = noise(5000, 1) + chunk_of(log_of(1, 5));
  EXPECT_EQ(read(image, false).rows.size(), 0U);
  EXPECT_TRUE(read(image, false).receipt.not_evidence);
}

/// Keeps what is no evidence, counts the rest.
struct OtherFiles final : InputSink {
  event::SourceId begin_source(const std::string&) override { return {sources++}; }
  bool unit(WorkUnit) override { return ++units > 0; }
  void end_source(event::SourceId, event::Receipt) override {}
  void expect_bytes(std::uint64_t) override {}
  void other_file(const std::string& name, std::string_view bytes) override {
    others.push_back(name + ": " + std::string(bytes));
  }
  void other_file_left_out(const std::string& name) override { others.push_back(name + " is too large"); }
  std::vector<std::string> others;
  std::uint32_t sources = 0, units = 0;
};

TEST(Carving, WhatIsNoEvidenceIsHandedOverWholeAndCarvedAllTheSame) {
  const std::string image = noise(5003, 1) + chunk_of(log_of(1, 5)) + noise(777, 2);
  BufferPool pool;
  for (const std::size_t step : {std::size_t{0}, std::size_t{1000}}) {
    for (const bool carve : {false, true}) {
      const auto handed_over = [&](const std::string& bytes, std::uint64_t most) {
        OtherFiles sink;
        MemoryStream stream(bytes, step);
        read_bytes("x", stream, pool, sink, {.other_file_bytes = most},
                   {.ansi_codepage = 1252, .carve = carve});
        EXPECT_EQ(sink.sources, 1U);
        if (bytes == image) {
          EXPECT_EQ(sink.units, carve ? 1U : 0U) << most;
        }
        return sink.others;
      };
      using Texts = std::vector<std::string>;
      EXPECT_EQ(handed_over(image, image.size()), Texts{"x: " + image});
      EXPECT_EQ(handed_over(image, image.size() - 1), Texts{"x is too large"});
      EXPECT_EQ(handed_over(image, 0), Texts{});
      EXPECT_EQ(handed_over("a;b\n1;2\n", 100), Texts{"x: a;b\n1;2\n"});
      EXPECT_EQ(handed_over(log_of(1, 5), 1 << 20), Texts{}) << "an event log is evidence";
    }
  }
}

TEST(Carving, FindsChunksAtAnyByteOfAnImage) {
  const std::string image =
      noise(5003, 1) + chunk_of(log_of(1, 5)) + noise(777, 2) + chunk_of(log_of(100, 7)) + noise(9, 3);
  const Answer got = read(image);
  EXPECT_EQ(got.rows.size(), 12U);
  EXPECT_EQ(got.carved(), 12U);
  EXPECT_EQ(got.receipt.kind, "carved");
  EXPECT_FALSE(got.receipt.not_evidence);
  EXPECT_EQ(got.receipt.bytes, image.size());
  EXPECT_EQ(got.row(102).fields.at("Image"), std::vector<std::string>{"C:\\tool102.exe"});
  EXPECT_EQ(got.row(102).fields.at("lw.carved"), std::vector<std::string>{"true"});
  EXPECT_EQ(got.row(1).offset, 5003U + 512U);
}

TEST(Carving, FindsTheRecordsOfAChunkWhoseFrontIsGone) {
  const std::string chunk = chunk_of(log_of(1, 9));
  // The first record holds the templates: those behind it refer to it.
  const Answer got = read(noise(3001, 1) + chunk.substr(512, 20000) + noise(100, 2));
  EXPECT_EQ(got.rows.size(), 9U);
  EXPECT_EQ(got.row(9).fields.at("Image"), std::vector<std::string>{"C:\\tool9.exe"});
}

TEST(Carving, ARecordWithoutItsTemplateKeepsItsValues) {
  const std::vector<std::string> records = records_of(chunk_of(log_of(1, 5)));
  ASSERT_EQ(records.size(), 5U);
  const Answer got = read(noise(3001, 1) + records[3] + noise(50, 2) + records[0] + noise(50, 3));
  EXPECT_EQ(got.rows.size(), 2U);
  const auto& values = got.row(4).fields.at("Data");
  EXPECT_NE(std::ranges::find(values, "C:\\tool4.exe"), values.end());
  EXPECT_FALSE(got.row(4).fields.contains("Image"));
  EXPECT_EQ(got.row(1).fields.at("Image"), std::vector<std::string>{"C:\\tool1.exe"});
}

TEST(Carving, AChunkTornByAnotherKeepsWhatStandsInFrontOfIt) {
  const std::string first = chunk_of(log_of(1, 60)), second = chunk_of(log_of(200, 5));
  const Answer got = read(noise(100, 1) + first.substr(0, 16384) + second);
  EXPECT_EQ(got.rows.count(1), 1U);
  EXPECT_EQ(got.rows.count(204), 1U);
  EXPECT_EQ(got.row(204).fields.at("Image"), std::vector<std::string>{"C:\\tool204.exe"});
}

TEST(Carving, GivesTheSameRecordOnce) {
  const std::string chunk = chunk_of(log_of(1, 5));
  EXPECT_EQ(read(noise(100, 1) + chunk + noise(99, 2) + chunk).rows.size(), 5U);
}

/// A log whose first chunk was written again with fewer records: behind the live end lie those of before.
std::string log_with_slack() {
  std::string log = log_of(100, 3);
  const std::string before = chunk_of(log_of(1, 9));
  const std::size_t live = word(log, evtx::kFileHeaderBytes + 48);
  std::size_t at = 512;
  while (at < live) at += word(before, at + 4);
  log.replace(evtx::kFileHeaderBytes + at, before.size() - at, before.substr(at));
  return log;
}

TEST(Carving, FindsWhatLiesBehindTheLiveEndOfAChunk) {
  const std::string log = log_with_slack();
  const Answer plain = read(log, false);
  EXPECT_EQ(plain.rows.size(), 3U);
  EXPECT_EQ(plain.carved(), 0U);
  const Answer got = read(log);
  EXPECT_EQ(got.rows.size() - got.carved(), 3U);
  EXPECT_GE(got.carved(), 5U);
  EXPECT_EQ(got.rows.count(9), 1U);
  EXPECT_TRUE(got.row(9).carved);
  EXPECT_FALSE(got.row(101).carved);
  EXPECT_FALSE(got.row(101).fields.contains("lw.carved"));
  EXPECT_EQ(got.row(9).fields.at("Image"), std::vector<std::string>{"C:\\tool9.exe"})
      << "the new templates stand where the old ones stood";
}

TEST(Carving, LeavesOutWhatIsLiveFurtherOnInTheSameLog) {
  const std::string log = log_with_slack();
  // The chunk that the slack comes from is itself live, behind it.
  EXPECT_EQ(read(log + chunk_of(log_of(1, 9))).carved(), 0U);
}

TEST(Carving, AnIntactLogGivesNothingMore) {
  const std::string log = log_of(1, 400);
  const Answer got = read(log);
  EXPECT_EQ(got.rows.size(), 400U);
  EXPECT_EQ(got.carved(), 0U);
}

TEST(Carving, DoesNotDependOnHowTheBytesCome) {
  const std::string chunk = chunk_of(log_of(1, 60));
  const std::string image = noise((1 << 20) - 300, 1) + chunk + noise(40000, 2) + chunk_of(log_of(300, 20)) +
                            records_of(chunk)[7] + noise(1 << 20, 3);
  const Answer whole = read(image), dripped = read(image, true, 1001);
  EXPECT_EQ(whole.rows.size(), 80U);
  EXPECT_EQ(whole.rows, dripped.rows);
  const std::string log = log_with_slack() + noise(70000, 4) + chunk;
  EXPECT_EQ(read(log).rows, read(log, true, 777).rows);
}

TEST(Carving, FindMarkSeesEveryPlace) {
  for (std::size_t at = 0; at < 80; ++at) {
    for (const char* mark : {"ElfChnk", "**\0\0"}) {
      std::string bytes(100, '*');
      for (std::size_t i = 0; i < bytes.size(); i += 2) bytes[i] = 'E';
      bytes.replace(at, *mark == 'E' ? 7 : 4, mark, *mark == 'E' ? 7 : 4);
      EXPECT_EQ(evtx::find_mark(evtx::as_bytes(bytes), 0), at);
      EXPECT_EQ(evtx::find_mark(evtx::as_bytes(bytes), at), at);
    }
  }
}

}  // namespace
}  // namespace landwarden::decode
