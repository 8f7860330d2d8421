// Logs of our own writer, bent where a test needs it, and what the reader makes of them. Not thread-safe.

#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "decode/evtx/reader.h"
#include "decode/evtx/writer.h"

namespace landwarden::decode::evtx {

using Cells = std::map<std::string, std::vector<std::string>>;

struct Row {
  event::RowMeta meta;
  event::Shape shape;
  std::string host;
  Cells fields;
  std::map<std::string, event::ValueType> types;
  auto operator==(const Row& other) const {
    return meta.offset == other.meta.offset && meta.record_id == other.meta.record_id &&
           meta.time == other.meta.time && shape == other.shape && host == other.host &&
           fields == other.fields && types == other.types;
  }
};

/// Keeps everything, by offset.
class KeepingSink final : public event::BatchSink {
 public:
  explicit KeepingSink(event::Catalogue& catalogue) : catalogue_(catalogue) {}

  event::Wanted wanted(event::ShapeId shape) override {
    return wants ? wants(catalogue_.shape(shape)) : wanted_fields;
  }

  void consume(const event::EventBatch& batch) override {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      Row row{.meta = batch.rows[i],
              .shape = catalogue_.shape(batch.shape),
              .host = {},
              .fields = {},
              .types = {}};
      if (row.meta.host >= event::kFirstValue) row.host = batch.hosts->at(row.meta.host).text;
      for (const event::Column& column : batch.columns) {
        const std::string name(catalogue_.field_name(column.field));
        for (const event::Code code : column.cell(i)) {
          const bool null = code == event::kNull;
          row.fields[name].emplace_back(null ? "<null>" : std::string(column.values->at(code).text));
          if (!null) row.types[name] = column.values->at(code).type;
        }
      }
      row.meta.original = {};
      rows[row.meta.offset] = std::move(row);
    }
  }

  event::Wanted wanted_fields;
  std::function<event::Wanted(const event::Shape&)> wants;  ///< instead, if it is there
  std::map<std::uint64_t, Row> rows;

 private:
  event::Catalogue& catalogue_;
};

struct Decoded {
  std::map<std::uint64_t, Row> rows;
  event::Receipt receipt;

  [[nodiscard]] const Row& row(std::size_t index) const {
    return std::next(rows.begin(), static_cast<long>(index))->second;
  }
  [[nodiscard]] std::uint64_t damage(std::string_view what) const {
    for (const auto& entry : receipt.damage) {
      if (entry.what == what) return entry.count;
    }
    return 0;
  }
};

struct How {
  bool unfold = false;
  std::size_t unit_chunks = 1000;
  unsigned ansi_codepage = 1252;
};

Decoded decode(Bytes file, How how = {});

/// Decodes one file after the other with one reader, as a worker does: to make one costs more than a small
/// file does. What it knows of fields and shapes grows with what it has seen.
class Decoder {
 public:
  explicit Decoder(How how = {});
  [[nodiscard]] Decoded decode(Bytes file);

 private:
  How how_;
  event::Catalogue catalogue_;
  KeepingSink sink_{catalogue_};
  event::BatchBuilder builder_{catalogue_, sink_};
  Reader reader_;
};

inline write::Guid guid(std::string_view text) {
  return *write::Guid::parse(text);
}

inline write::EventRecord event(std::string_view image) {
  write::EventRecord record;
  record.provider = {.name = "Microsoft-Windows-Sysmon",
                     .guid = guid("{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"),
                     .event_source_name = {}};
  record.event_id = 1;
  record.version = 5;
  record.level = 4;
  record.task = 1;
  record.keywords = 0x8000000000000000;
  record.time = *parse_time("2026-03-02T07:15:00.1234567Z");
  record.process_id = 2760;
  record.thread_id = 4016;
  record.channel = "Microsoft-Windows-Sysmon/Operational";
  record.computer = "ws1.water.example";
  record.user = write::Sid::parse("S-1-5-18");
  write::EventData data;
  data.fields = {{"Image", write::Value::text(image)},
                 {"ProcessId", write::Value::uint32(4711)},
                 {"Empty", write::Value::null()}};
  record.data = data;
  return record;
}

std::vector<std::byte> file_of(std::size_t records, write::FileOptions options = {});

inline write::Element leaf(std::string name, write::Node content) {
  return {.name = std::move(name), .attributes = {}, .children = {std::move(content)}};
}

/// A whole event as an element tree: System with a channel and an id, and what `parts` say.
inline write::Element event_tree(std::vector<write::Node> parts) {
  write::Element provider{
      .name = "Provider", .attributes = {{"Name", {write::Text{"Tree"}}}}, .children = {}};
  write::Element system{.name = "System", .attributes = {}, .children = {}};
  system.children = {provider, leaf("EventID", write::Text{"7"}), leaf("Channel", write::Text{"Odd"}),
                     leaf("Computer", write::Text{"tree-host"})};
  write::Element root{.name = "Event", .attributes = {}, .children = {system}};
  for (write::Node& part : parts) root.children.push_back(std::move(part));
  return root;
}

Decoded decode_tree(std::vector<write::Node> parts, bool as_template);

inline std::uint32_t word(const std::vector<std::byte>& file, std::size_t at) {
  return load<std::uint32_t>(file.data() + at);
}
inline void set_word(std::vector<std::byte>& file, std::size_t at, std::uint32_t value) {
  std::memcpy(file.data() + at, &value, 4);
}

/// Makes a chunk's checksums right again.
void seal(std::vector<std::byte>& file, std::size_t chunk);

inline constexpr std::size_t kFirstChunk = kFileHeaderBytes;
inline constexpr std::size_t kFirstRecord = kFirstChunk + kChunkHeaderBytes;

inline std::size_t record_at(const std::vector<std::byte>& file, std::size_t index) {
  std::size_t at = kFirstRecord;
  for (; index > 0; --index) at += word(file, at + 4);
  return at;
}
}  // namespace landwarden::decode::evtx
