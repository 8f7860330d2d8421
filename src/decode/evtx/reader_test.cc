// What the reader makes of files: values, names, damage. Files come from our own writer, bent where a test
// needs it.

#include "decode/evtx/reader.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "decode/evtx/writer.h"

namespace landwarden::decode::evtx {
namespace {

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

  event::Wanted wanted(event::ShapeId) override { return wanted_fields; }

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
};

Decoded decode(Bytes file, How how = {}) {
  event::Catalogue catalogue;
  KeepingSink sink(catalogue);
  event::BatchBuilder builder(catalogue, sink);
  Reader reader(builder);
  reader.always_unfold(how.unfold);
  Decoded out;
  std::size_t at = 0;
  while (at < file.size()) {
    const std::size_t size =
        std::min(file.size() - at, how.unit_chunks * kChunkBytes + (at == 0 ? kFileHeaderBytes : 0));
    reader.decode_unit({}, file.subspan(at, size), at, out.receipt);
    at += size;
  }
  out.rows = std::move(sink.rows);
  EXPECT_EQ(out.receipt.records_seen, out.receipt.records_decoded + out.receipt.records_quarantined);
  EXPECT_EQ(out.receipt.records_decoded, out.rows.size());
  return out;
}

write::Guid guid(std::string_view text) {
  return *write::Guid::parse(text);
}

write::EventRecord event(std::string_view image) {
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

std::vector<std::byte> file_of(std::size_t records, write::FileOptions options = {}) {
  Writer writer(options);
  for (std::size_t i = 0; i < records; ++i)
    EXPECT_TRUE(writer.add(event("C:\\Windows\\tool" + std::to_string(i) + ".exe")));
  return writer.finish();
}

/// A record of a template whose EventData has one <Data Name="V"> with this value.
std::vector<std::byte> file_with(const write::Value& value) {
  write::EventRecord record = event("x");
  write::EventData data;
  data.fields = {{"V", value}};
  record.data = data;
  Writer writer;
  EXPECT_TRUE(writer.add(record));
  return writer.finish();
}

void expect_value(const write::Value& value, std::vector<std::string> texts, event::ValueType type) {
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file_with(value), {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), 1u) << texts[0];
    EXPECT_EQ(got.row(0).fields.at("V"), texts) << unfold;
    if (got.row(0).types.contains("V")) {
      EXPECT_EQ(got.row(0).types.at("V"), type) << texts[0] << unfold;
    }
  }
}

write::Element leaf(std::string name, write::Node content) {
  return {.name = std::move(name), .attributes = {}, .children = {std::move(content)}};
}

/// A whole event as an element tree: System with a channel and an id, and what `parts` say.
write::Element event_tree(std::vector<write::Node> parts) {
  write::Element provider{
      .name = "Provider", .attributes = {{"Name", {write::Text{"Tree"}}}}, .children = {}};
  write::Element system{.name = "System", .attributes = {}, .children = {}};
  system.children = {provider, leaf("EventID", write::Text{"7"}), leaf("Channel", write::Text{"Odd"}),
                     leaf("Computer", write::Text{"tree-host"})};
  write::Element root{.name = "Event", .attributes = {}, .children = {system}};
  for (write::Node& part : parts) root.children.push_back(std::move(part));
  return root;
}

Decoded decode_tree(std::vector<write::Node> parts, bool as_template) {
  Writer writer;
  write::Record record{.written = *parse_time("2026-01-01"), .content = event_tree(parts), .record_id = {}};
  if (as_template) record.content = write::instantiate(event_tree(std::move(parts)));
  EXPECT_TRUE(writer.add(record));
  return decode(writer.finish());
}

std::uint32_t word(const std::vector<std::byte>& file, std::size_t at) {
  return load<std::uint32_t>(file.data() + at);
}
void set_word(std::vector<std::byte>& file, std::size_t at, std::uint32_t value) {
  std::memcpy(file.data() + at, &value, 4);
}

/// Makes a chunk's checksums right again.
void seal(std::vector<std::byte>& file, std::size_t chunk) {
  const std::size_t free_space =
      std::min<std::size_t>(word(file, chunk + 48), std::min(kChunkBytes, file.size() - chunk));
  if (free_space >= kChunkHeaderBytes) {
    set_word(file, chunk + 52, libdeflate_crc32(0, file.data() + chunk + 512, free_space - 512));
  }
  const std::uint32_t front = libdeflate_crc32(0, file.data() + chunk, 120);
  set_word(file, chunk + 124, libdeflate_crc32(front, file.data() + chunk + 128, 384));
}

constexpr std::size_t kFirstChunk = kFileHeaderBytes;
constexpr std::size_t kFirstRecord = kFirstChunk + kChunkHeaderBytes;

std::size_t record_at(const std::vector<std::byte>& file, std::size_t index) {
  std::size_t at = kFirstRecord;
  for (; index > 0; --index) at += word(file, at + 4);
  return at;
}

TEST(EvtxReader, GivesEveryFieldOfAnEvent) {
  const Decoded got = decode(file_of(1));
  ASSERT_EQ(got.rows.size(), 1u);
  const Row& row = got.row(0);
  const Cells expected = {{"System.Provider_Name", {"Microsoft-Windows-Sysmon"}},
                          {"System.Provider_Guid", {"{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"}},
                          {"System.EventID", {"1"}},
                          {"System.Version", {"5"}},
                          {"System.Level", {"4"}},
                          {"System.Task", {"1"}},
                          {"System.Opcode", {"0"}},
                          {"System.Keywords", {"0x8000000000000000"}},
                          {"System.TimeCreated_SystemTime", {"2026-03-02T07:15:00.1234567Z"}},
                          {"System.EventRecordID", {"1"}},
                          {"System.Execution_ProcessID", {"2760"}},
                          {"System.Execution_ThreadID", {"4016"}},
                          {"System.Channel", {"Microsoft-Windows-Sysmon/Operational"}},
                          {"System.Computer", {"ws1.water.example"}},
                          {"System.Security_UserID", {"S-1-5-18"}},
                          {"Image", {"C:\\Windows\\tool0.exe"}},
                          {"ProcessId", {"4711"}},
                          {"Empty", {""}}};
  EXPECT_EQ(row.fields, expected);
  EXPECT_EQ(row.shape.product, "windows");
  EXPECT_EQ(row.shape.channel, "Microsoft-Windows-Sysmon/Operational");
  EXPECT_EQ(row.shape.provider, "Microsoft-Windows-Sysmon");
  EXPECT_EQ(row.shape.event_id, 1u);
  EXPECT_EQ(row.shape.version, 5u);
  EXPECT_EQ(row.host, "ws1.water.example");
  EXPECT_EQ(to_rfc3339(row.meta.time), "2026-03-02T07:15:00.1234567Z");
  EXPECT_EQ(row.meta.record_id, 1u);
  EXPECT_EQ(row.meta.offset, kFirstRecord);
  EXPECT_TRUE(got.receipt.damage.empty());
}

TEST(EvtxReader, ShowsEveryTypeAsWindowsDoes) {
  using V = write::Value;
  using T = event::ValueType;
  expect_value(V::text("Grüße 😀"), {"Grüße 😀"}, T::text);
  expect_value(V::utf16(std::u16string(u"ab\0cd", 5)), {"ab"}, T::text);
  expect_value(V::utf16(u"a\xd800z"), {"a\xEF\xBF\xBDz"}, T::text);
  expect_value(V::ansi("\x80uro"), {"€uro"}, T::text);
  expect_value(V::int8(-5), {"-5"}, T::integer);
  expect_value(V::uint8(250), {"250"}, T::uinteger);
  expect_value(V::int16(-30000), {"-30000"}, T::integer);
  expect_value(V::uint16(60000), {"60000"}, T::uinteger);
  expect_value(V::int32(-2000000000), {"-2000000000"}, T::integer);
  expect_value(V::uint32(4000000000), {"4000000000"}, T::uinteger);
  expect_value(V::int64(-9000000000000000000), {"-9000000000000000000"}, T::integer);
  expect_value(V::uint64(18000000000000000000u), {"18000000000000000000"}, T::uinteger);
  expect_value(V::float32(1.5f), {"1.5"}, T::real);
  expect_value(V::float64(0.1), {"0.1"}, T::real);
  expect_value(V::float64(3), {"3.0"}, T::real);
  expect_value(V::boolean(0), {"false"}, T::boolean);
  expect_value(V::boolean(1), {"true"}, T::boolean);
  expect_value(V::boolean(16), {"16"}, T::integer);
  expect_value(V::binary(as_bytes("\x01\xab")), {"01AB"}, T::binary);
  expect_value(V::guid(guid("{54849625-5478-4994-a5ba-3e3b0328c30d}")),
               {"{54849625-5478-4994-a5ba-3e3b0328c30d}"}, T::guid);
  expect_value(V::size32(0x1f), {"0x1f"}, T::hex);
  expect_value(V::size64(0), {"0x0"}, T::hex);
  expect_value(V::hex32(0x3e7), {"0x3e7"}, T::hex);
  expect_value(V::hex64(0x8020000000000000), {"0x8020000000000000"}, T::hex);
  expect_value(V::filetime(*parse_time("1999-12-31T23:59:59.9999999Z")), {"1999-12-31T23:59:59.9999999Z"},
               T::time);
  expect_value(V::systemtime(*parse_time("2020-02-29T01:02:03.004Z")), {"2020-02-29T01:02:03.0040000Z"},
               T::time);
  expect_value(V::raw(0x12, std::vector<std::byte>(16)), {"1601-01-01T00:00:00.0000000Z"}, T::time);
  expect_value(V::raw(0x11, std::vector<std::byte>(8, std::byte{0xff})), {"0000-00-00T00:00:00.0000000Z"},
               T::time);
  expect_value(V::sid(*write::Sid::parse("S-1-5-21-1-2-3-1006")), {"S-1-5-21-1-2-3-1006"}, T::sid);
  expect_value(V::raw(0x20, as_bytes(std::string_view("\x10\0\0\0", 4))), {"0x10"}, T::hex);
  expect_value(V::raw(0x63, as_bytes("\x01\x02")), {"0102"}, T::binary);
}

TEST(EvtxReader, ShowsAValueWhoseSizeDoesNotFitItsTypeAsBytes) {
  expect_value(write::Value::raw(0x08, as_bytes("\x01\x02\x03")), {"010203"}, event::ValueType::binary);
  expect_value(write::Value::raw(0x13, as_bytes("\x01\xff")), {"01FF"}, event::ValueType::binary);
}

TEST(EvtxReader, MakesAnArrayAList) {
  const std::vector<std::string> items = {"one", "", "three"};
  expect_value(write::Value::texts(items), items, event::ValueType::text);
  const std::vector<write::Value> numbers = {write::Value::uint32(7), write::Value::uint32(9)};
  expect_value(write::Value::array(write::ValueType::uint32, numbers), {"7", "9"},
               event::ValueType::uinteger);
  const std::vector<write::Value> sids = {write::Value::sid(*write::Sid::parse("S-1-5-18")),
                                          write::Value::sid(*write::Sid::parse("S-1-1-0"))};
  expect_value(write::Value::array(write::ValueType::sid, sids), {"S-1-5-18", "S-1-1-0"},
               event::ValueType::sid);
}

TEST(EvtxReader, KeepsUnnamedDataAndBinaryOfClassicEvents) {
  write::EventRecord record = event("x");
  record.provider = {.name = "MsiInstaller", .guid = {}, .event_source_name = {}, .literal = true};
  record.qualifiers = 16384;
  record.data = write::ClassicData{.strings = {"Product", "(NULL)", ""}, .binary = {std::byte{0x7b}}};
  Writer writer;
  ASSERT_TRUE(writer.add(record));
  const Decoded got = decode(writer.finish());
  ASSERT_EQ(got.rows.size(), 1u);
  EXPECT_EQ(got.row(0).fields.at("Data"), (std::vector<std::string>{"Product", "(NULL)", ""}));
  EXPECT_EQ(got.row(0).fields.at("Binary"), std::vector<std::string>{"7B"});
  EXPECT_EQ(got.row(0).fields.at("System.EventID_Qualifiers"), std::vector<std::string>{"16384"});
  EXPECT_EQ(got.row(0).shape.provider, "MsiInstaller");
}

TEST(EvtxReader, NamesUserDataByItsLeaves) {
  write::EventRecord record = event("x");
  write::Element tree{
      .name = "LogFileCleared",
      .attributes = {{"xmlns", {write::Text{"urn:x"}}}},
      .children = {
          leaf("SubjectUserName", write::Value::text("admin")),
          write::Element{.name = "Nothing", .attributes = {}, .children = {}},
          write::Element{.name = "File", .attributes = {{"path", {write::Text{"c:\\x"}}}}, .children = {}}}};
  record.data = write::UserData{.tree = tree};
  Writer writer;
  ASSERT_TRUE(writer.add(record));
  const std::vector<std::byte> file = writer.finish();
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file, {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), 1u);
    const Cells& fields = got.row(0).fields;
    EXPECT_EQ(fields.at("SubjectUserName"), std::vector<std::string>{"admin"});
    EXPECT_EQ(fields.at("Nothing"), std::vector<std::string>{"<null>"});
    EXPECT_EQ(fields.at("File_path"), std::vector<std::string>{"c:\\x"});
    EXPECT_FALSE(fields.contains("File"));
    EXPECT_FALSE(fields.contains("LogFileCleared"));
    EXPECT_FALSE(fields.contains("LogFileCleared_xmlns"));
  }
}

TEST(EvtxReader, ReadsRecordsWithoutATemplateLikeThoseWithOne) {
  write::Element named{.name = "Data",
                       .attributes = {{"Name", {write::Text{"Who"}}}},
                       .children = {write::Text{"a"}, write::EntityReference{"amp"}, write::Cdata{"<b>"},
                                    write::CharacterReference{0x263a}}};
  write::Element again{
      .name = "Data", .attributes = {{"Name", {write::Text{"Who"}}}}, .children = {write::Text{"second"}}};
  write::Element odd{.name = "Data",
                     .attributes = {{"Name", {write::Text{"System.Channel"}}}},
                     .children = {write::Text{"Security"}}};
  write::Element data{.name = "EventData",
                      .attributes = {{"Name", {write::Text{"Kind"}}}},
                      .children = {named, again, odd, write::ProcessingInstruction{"x", "y"}}};
  write::Element rendering{.name = "RenderingInfo",
                           .attributes = {{"Culture", {write::Text{"en-US"}}}},
                           .children = {leaf("Message", write::Text{"Hello"})}};
  write::Element failed{
      .name = "ProcessingErrorData", .attributes = {}, .children = {leaf("ErrorCode", write::Text{"15005"})}};
  const std::vector<write::Node> parts = {data, rendering, failed};
  const Decoded plain = decode_tree(parts, false), templated = decode_tree(parts, true);
  ASSERT_EQ(plain.rows.size(), 1u);
  ASSERT_EQ(templated.rows.size(), 1u);
  EXPECT_EQ(plain.row(0).fields, templated.row(0).fields);
  EXPECT_EQ(plain.row(0).shape, templated.row(0).shape);
  EXPECT_EQ(plain.row(0).host, "tree-host");
  const Cells& fields = plain.row(0).fields;
  EXPECT_EQ(fields.at("Who"), (std::vector<std::string>{"a&<b>☺", "second"}));
  EXPECT_EQ(fields.at("EventData_Name"), std::vector<std::string>{"Kind"});
  EXPECT_EQ(fields.at("EventData.System.Channel"), std::vector<std::string>{"Security"});
  EXPECT_EQ(fields.at("System.Channel"), std::vector<std::string>{"Odd"});
  EXPECT_EQ(fields.at("RenderingInfo.Culture"), std::vector<std::string>{"en-US"});
  EXPECT_EQ(fields.at("RenderingInfo.Message"), std::vector<std::string>{"Hello"});
  EXPECT_EQ(fields.at("ProcessingErrorData.ErrorCode"), std::vector<std::string>{"15005"});
}

TEST(EvtxReader, LeavesOutWhatDependsOnANull) {
  write::Element data{.name = "EventData", .attributes = {}, .children = {}};
  data.children = {write::Element{
      .name = "Data", .attributes = {{"Name", {write::Text{"Gone"}}}}, .children = {write::Value::null()}}};
  Writer writer;
  ASSERT_TRUE(
      writer.add({.written = {}, .content = write::instantiate(event_tree({data})), .record_id = {}}));
  std::vector<std::byte> file = writer.finish();
  EXPECT_TRUE(decode(file).row(0).fields.contains("Gone"));
  // The last element of the template is <Data>: its token, then the number of the slot that it depends on
  // (none).
  const std::string_view none("\x41\xff\xff", 3);
  const std::size_t at = as_text(file).rfind(none);
  ASSERT_NE(at, std::string_view::npos);
  file[at + 1] = file[at + 2] = std::byte{0};
  seal(file, kFirstChunk);
  for (const bool unfold : {false, true})
    EXPECT_FALSE(decode(file, {.unfold = unfold}).row(0).fields.contains("Gone"));
}

TEST(EvtxReader, GivesOnlyWhatIsWanted) {
  event::Catalogue catalogue;
  KeepingSink sink(catalogue);
  sink.wanted_fields = {.drop = false, .all = false, .fields = {*catalogue.field("Image")}};
  event::BatchBuilder builder(catalogue, sink);
  Reader reader(builder);
  event::Receipt receipt;
  reader.decode_unit({}, file_of(2), 0, receipt);
  ASSERT_EQ(sink.rows.size(), 2u);
  EXPECT_EQ(sink.rows.begin()->second.fields, (Cells{{"Image", {"C:\\Windows\\tool0.exe"}}}));
}

TEST(EvtxReader, CountsRecordsThatNobodyWantsAsDecoded) {
  event::Catalogue catalogue;
  KeepingSink sink(catalogue);
  sink.wanted_fields.drop = true;
  event::BatchBuilder builder(catalogue, sink);
  Reader reader(builder);
  event::Receipt receipt;
  reader.decode_unit({}, file_of(5), 0, receipt);
  EXPECT_TRUE(sink.rows.empty());
  EXPECT_EQ(receipt.records_decoded, 5u);
}

TEST(EvtxReader, UnitsDoNotDependOnEachOther) {
  const std::vector<std::byte> file = file_of(500);
  ASSERT_GT(file.size(), kFileHeaderBytes + 3 * kChunkBytes);
  const Decoded whole = decode(file), pieces = decode(file, {.unfold = false, .unit_chunks = 1});
  EXPECT_EQ(whole.rows.size(), 500u);
  EXPECT_EQ(whole.rows, pieces.rows);
  EXPECT_EQ(whole.rows, decode(file, {.unfold = true, .unit_chunks = 2}).rows);
}

TEST(EvtxReader, ReadsLogsPutOneBehindTheOther) {
  std::vector<std::byte> files = file_of(500);
  const std::vector<std::byte> more = file_of(3);
  files.insert(files.end(), more.begin(), more.end());
  const Decoded got = decode(files);
  EXPECT_EQ(got.rows.size(), 503u);
  EXPECT_TRUE(got.receipt.damage.empty());
}

// --- damage ---

TEST(EvtxDamage, DirtyHeaderAndStaleCountsLoseNothing) {
  const Decoded got = decode(file_of(300, {.first_record_id = 1, .minor_version = 2, .dirty = true}));
  EXPECT_EQ(got.rows.size(), 300u);
  EXPECT_EQ(got.damage("log marked as in use (copied while Windows wrote to it)"), 1u);
}

TEST(EvtxDamage, WrongChecksumsAreCountedAndRead) {
  std::vector<std::byte> file = file_of(3);
  file[124] ^= std::byte{1};
  set_word(file, kFirstChunk + 52, 1);
  Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 3u);
  EXPECT_EQ(got.damage("wrong checksum of the file header"), 1u);
  EXPECT_EQ(got.damage("wrong checksum of a chunk's header"), 1u) << "it covers the records' checksum";
  EXPECT_EQ(got.damage("wrong checksum of a chunk's records"), 1u);
}

TEST(EvtxDamage, FilesThatDeclareNoChecksumsAreFine) {
  EXPECT_TRUE(
      decode(file_of(3, {.first_record_id = 1, .minor_version = 1, .dirty = false, .checksums = false}))
          .receipt.damage.empty());
}

TEST(EvtxDamage, FirstNumberAboveTheLastLosesNothing) {
  std::vector<std::byte> file = file_of(3);
  set_word(file, kFirstChunk + 24, 99);
  seal(file, kFirstChunk);
  EXPECT_EQ(decode(file).rows.size(), 3u);
}

TEST(EvtxDamage, WrongLastRecordNumberLosesNothing) {
  std::vector<std::byte> file = file_of(5);
  set_word(file, kFirstChunk + 32, 2);
  seal(file, kFirstChunk);
  EXPECT_EQ(decode(file).rows.size(), 5u);
}

TEST(EvtxDamage, SizeZeroIsMendedFromTheCopy) {
  std::vector<std::byte> file = file_of(4);
  set_word(file, record_at(file, 1) + 4, 0);
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.damage("a record's size and its copy differ"), 1u);
}

TEST(EvtxDamage, SizePastTheChunkIsMendedFromTheCopy) {
  std::vector<std::byte> file = file_of(4);
  set_word(file, record_at(file, 1) + 4, 0x7fffffff);
  seal(file, kFirstChunk);
  EXPECT_EQ(decode(file).rows.size(), 4u);
}

TEST(EvtxDamage, BothSizesWrongLosesThatRecordOnlyAndSaysSo) {
  std::vector<std::byte> file = file_of(4);
  const std::size_t at = record_at(file, 1), behind = record_at(file, 2);
  set_word(file, at + 4, 0);
  set_word(file, behind - 4, 0);
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 3u);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].offset, at);
  EXPECT_EQ(got.receipt.quarantined[0].size, behind - at);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "the record's size is damaged");
}

TEST(EvtxDamage, WrongSizeCopyOrMarkIsMended) {
  std::vector<std::byte> file = file_of(4);
  set_word(file, record_at(file, 2) - 4, 12345);
  file[record_at(file, 2)] = std::byte{0};
  seal(file, kFirstChunk);
  EXPECT_GE(decode(file).rows.size(), 3u);
  file = file_of(4);
  file[record_at(file, 2)] = std::byte{0};
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.damage("damaged mark of a record"), 1u);
}

TEST(EvtxDamage, ZeroesInsideAChunkAreQuarantinedAndReadingGoesOn) {
  std::vector<std::byte> file = file_of(6);
  const std::size_t at = record_at(file, 2), behind = record_at(file, 4);
  std::fill(file.begin() + static_cast<long>(at), file.begin() + static_cast<long>(behind), std::byte{0});
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "zeroes where records should be");
}

TEST(EvtxDamage, FreeSpaceBeyondTheChunkOrTooLateLosesNothing) {
  for (const std::uint32_t offset : {0x7fffffffu, 65536u, 60000u, 0u}) {
    std::vector<std::byte> file = file_of(5);
    set_word(file, kFirstChunk + 48, offset);
    seal(file, kFirstChunk);
    const Decoded got = decode(file);
    EXPECT_EQ(got.rows.size(), 5u) << offset;
    EXPECT_EQ(got.receipt.records_quarantined, 0u) << offset;
  }
}

TEST(EvtxDamage, RecordsBehindTheFreeSpaceAreNotLive) {
  std::vector<std::byte> file = file_of(5);
  set_word(file, kFirstChunk + 48, static_cast<std::uint32_t>(record_at(file, 3) - kFirstChunk));
  seal(file, kFirstChunk);
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 3u);
  EXPECT_EQ(got.receipt.records_quarantined, 0u);
}

TEST(EvtxDamage, DamagedChunkHeaderIsDoneWithout) {
  std::vector<std::byte> file = file_of(5);
  std::fill(file.begin() + kFirstChunk, file.begin() + kFirstChunk + 128, std::byte{0});
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 5u);
  EXPECT_EQ(got.damage("damaged mark of a chunk"), 1u);
}

TEST(EvtxDamage, RecordsWhoseTemplateIsMissingKeepTheirValues) {
  std::vector<std::byte> file = file_of(3);
  // The template stands in the first record, behind the instance token: its identity is spoilt.
  const std::size_t token = kFirstRecord + kRecordHeaderBytes + 4;
  ASSERT_EQ(file[token], std::byte{0x0c});
  file[token + 10 + 4] ^= std::byte{0xff};
  seal(file, kFirstChunk);
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file, {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), 3u);
    EXPECT_EQ(got.receipt.records_quarantined, 0u);
    EXPECT_EQ(got.damage("a record's template is not in its chunk: values without names"), 3u);
    const Row& row = got.row(1);
    EXPECT_EQ(row.meta.record_id, 2u) << "the header's";
    EXPECT_EQ(row.meta.time, *parse_time("2026-03-02T07:15:00.1234567Z"));
    EXPECT_EQ(row.shape.channel, "");
    EXPECT_EQ(row.host, "");
    const std::vector<std::string>& data = row.fields.at("Data");
    EXPECT_NE(std::ranges::find(data, "Microsoft-Windows-Sysmon/Operational"), data.end());
    // The event's own template is there: its fields keep their names.
    EXPECT_EQ(row.fields.at("Image"), std::vector<std::string>{"C:\\Windows\\tool1.exe"});
  }
}

TEST(EvtxDamage, AnEventWhoseOwnTemplateIsMissingKeepsItsSystemPart) {
  std::vector<std::byte> file = file_of(3);
  std::size_t embedded = 0;  // the second instance token of the first record whose definition follows it
  for (std::size_t at = kFirstRecord + 40; at < record_at(file, 1) && embedded == 0; ++at) {
    if (file[at] == std::byte{0x0c} && word(file, at + 6) + kFirstChunk == at + 10) embedded = at;
  }
  ASSERT_NE(embedded, 0u);
  file[embedded + 10 + 4] ^= std::byte{0xff};
  seal(file, kFirstChunk);
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file, {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), 3u);
    const Row& row = got.row(2);
    EXPECT_EQ(row.shape.channel, "Microsoft-Windows-Sysmon/Operational");
    EXPECT_EQ(row.host, "ws1.water.example");
    EXPECT_EQ(row.fields.at("Data"), (std::vector<std::string>{"C:\\Windows\\tool2.exe", "4711", ""}));
  }
}

TEST(EvtxDamage, DoesNotBorrowTemplatesFromEarlierChunks) {
  const std::vector<std::byte> whole = file_of(300);
  std::vector<std::byte> file = whole;
  const std::size_t token = kFirstRecord + kChunkBytes + kRecordHeaderBytes + 4;
  file[token + 10 + 4] ^= std::byte{0xff};
  const Decoded together = decode(file), apart = decode(file, {.unfold = false, .unit_chunks = 1});
  EXPECT_EQ(together.rows, apart.rows);
  EXPECT_GT(together.damage("a record's template is not in its chunk: values without names"), 0u);
}

TEST(EvtxDamage, ATemplateOfTheSameBytesButAnotherNameIsAnotherTemplate) {
  const std::vector<std::byte> first = file_of(2);
  std::vector<std::byte> second = first;
  // Both templates use the name "Name"; it is defined in the first one's bytes.
  static constexpr std::uint8_t kName[] = {4, 0, 'N', 0, 'a', 0, 'm', 0, 'e', 0};
  const auto found = std::search(second.begin(), second.end(), std::begin(kName), std::end(kName),
                                 [](std::byte a, std::uint8_t b) { return a == std::byte{b}; });
  ASSERT_NE(found, second.end());
  found[4] = std::byte{'b'};
  seal(second, kFirstChunk);
  std::vector<std::byte> file = first;
  file.insert(file.end(), second.begin() + kFileHeaderBytes, second.end());
  const Decoded together = decode(file), alone = decode(second);
  ASSERT_EQ(together.rows.size(), 4u);
  ASSERT_EQ(alone.rows.size(), 2u);
  EXPECT_TRUE(together.row(0).fields.contains("Image"));
  EXPECT_FALSE(alone.row(0).fields.contains("Image"));
  EXPECT_EQ(together.row(2).fields, alone.row(0).fields);
  EXPECT_EQ(together.row(3).fields, alone.row(1).fields);
}

TEST(EvtxDamage, TruncatedTailGivesWhatIsThere) {
  const std::vector<std::byte> file = file_of(5);
  const std::size_t last = record_at(file, 4);
  const Decoded got = decode(Bytes(file).first(last + 100));
  EXPECT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.receipt.records_quarantined, 1u);
  EXPECT_EQ(got.damage("chunk cut short"), 1u);
  EXPECT_EQ(decode(Bytes(file).first(60)).damage("file cut short in its header"), 1u);
  EXPECT_EQ(decode(Bytes()).receipt.records_seen, 0u);
}

TEST(EvtxDamage, WhatIsNoChunkIsQuarantinedAndZeroesAreSpace) {
  std::vector<std::byte> file = file_of(2);
  file.resize(file.size() + kChunkBytes);  // set aside, never used
  file.resize(file.size() + kChunkBytes, std::byte{'x'});
  const std::vector<std::byte> more = file_of(2);
  file.insert(file.end(), more.begin() + kFileHeaderBytes, more.end());
  const Decoded got = decode(file);
  EXPECT_EQ(got.rows.size(), 4u);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].size, kChunkBytes);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "no chunk of an event log");
}

TEST(EvtxDamage, StaleRecordsOfAnEarlierPassAreNotLiveInADamagedChunk) {
  std::vector<std::byte> file = file_of(6, {.first_record_id = 100});
  // Records 4 and 5 are left from before: their numbers are lower.
  for (std::size_t i : {4u, 5u}) set_word(file, record_at(file, i) + 8, static_cast<std::uint32_t>(10 + i));
  file[kFirstChunk + 60] ^= std::byte{1};  // the header's checksum is wrong now
  EXPECT_EQ(decode(file).rows.size(), 4u);
}

TEST(EvtxHostile, DeepElementsAndEndlessTemplatesEnd) {
  write::Element deep = leaf("x", write::Text{"y"});
  for (int i = 0; i < 100; ++i) deep = {.name = "x", .attributes = {}, .children = {deep}};
  const Decoded got = decode_tree({deep}, false);
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "elements are nested too deep");
}

TEST(EvtxHostile, ValuesThatUnfoldToTooMuchAreRefused) {
  // 700 elements that show the same 40,000 bytes.
  write::Element data{.name = "EventData", .attributes = {}, .children = {}};
  for (int i = 0; i < 700; ++i) {
    data.children.push_back(
        leaf("V" + std::to_string(i % 7), write::Slot{.index = 0, .type = 1, .optional = false}));
  }
  Writer writer;
  const write::Instance instance{.definition = write::Template::make(event_tree({data})),
                                 .values = {write::Value::text(std::string(20000, 'a'))}};
  ASSERT_TRUE(writer.add({.written = {}, .content = instance, .record_id = {}}));
  EXPECT_EQ(decode(writer.finish()).rows.size(), 1u) << "14 MB are still allowed";
  for (int i = 0; i < 300; ++i) {
    data.children.push_back(
        leaf("V" + std::to_string(i % 7), write::Slot{.index = 0, .type = 1, .optional = false}));
  }
  const write::Instance more{.definition = write::Template::make(event_tree({data})),
                             .values = {write::Value::text(std::string(20000, 'a'))}};
  ASSERT_TRUE(writer.add({.written = {}, .content = more, .record_id = {}}));
  const Decoded got = decode(writer.finish());
  ASSERT_EQ(got.receipt.quarantined.size(), 1u);
  EXPECT_EQ(got.receipt.quarantined[0].reason, "it unfolds to more than any event holds");
}

/// A small file with every kind of record.
std::vector<std::byte> mixed_file() {
  Writer writer;
  EXPECT_TRUE(writer.add(event("C:\\a.exe")));
  EXPECT_TRUE(writer.add(event("C:\\b.exe")));
  write::EventRecord classic = event("x");
  classic.provider = {.name = "Classic", .guid = {}, .event_source_name = {}, .literal = true};
  classic.data = write::ClassicData{.strings = {"one", "two"}, .binary = {std::byte{1}}};
  EXPECT_TRUE(writer.add(classic));
  write::EventRecord user = event("x");
  user.data = write::UserData{.tree = leaf("Wrapper", leaf("Name", write::Value::text("n")))};
  EXPECT_TRUE(writer.add(user));
  EXPECT_TRUE(writer.add({.written = *parse_time("2026-01-01"),
                          .content = event_tree({leaf("Other", write::Text{"t"})}),
                          .record_id = {}}));
  EXPECT_TRUE(writer.add(event("C:\\c.exe")));
  return writer.finish();
}

std::size_t used_bytes(const std::vector<std::byte>& file) {
  return kFirstChunk + word(file, kFirstChunk + 48);
}

TEST(EvtxHostile, OneFlippedByteLosesNoMoreThanWhatItIsPartOf) {
  const std::vector<std::byte> good = file_of(4);
  const std::size_t second = record_at(good, 1);
  for (std::size_t at = 0; at < used_bytes(good); ++at) {
    for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
      std::vector<std::byte> file = good;
      file[at] ^= std::byte(flip);
      const Decoded got = decode(file);
      EXPECT_GE(got.receipt.records_seen, 4u) << at;
      if (at < kFirstRecord) {
        EXPECT_EQ(got.rows.size(), 4u) << "headers hold no record: " << at;
      } else if (at >= second) {
        EXPECT_GE(got.rows.size(), 3u) << "only the first record holds the template: " << at;
      }
    }
  }
}

TEST(EvtxHostile, MutatedFilesNeverCrashAndBothWaysAgree) {
  const std::vector<std::byte> good = mixed_file();
  ASSERT_EQ(decode(good).rows.size(), 6u);
  const std::size_t used = used_bytes(good);
  std::mt19937_64 random(20260302);
  for (int round = 0; round < 12000; ++round) {
    std::vector<std::byte> file(good.begin(), good.begin() + static_cast<long>(used + 256));
    const std::size_t changes = 1 + random() % 8;
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t at = kFirstChunk + random() % (file.size() - kFirstChunk);
      switch (random() % 4) {
        case 0:
          file[at] = std::byte(random());
          break;
        case 1:
          file[at] ^= std::byte(1u << (random() % 8));
          break;
        case 2:
          file[at] = std::byte{0xff};
          break;
        default:
          file[at] = good[kFirstRecord + random() % (used - kFirstRecord)];
      }
    }
    if (random() % 2 == 0) seal(file, kFirstChunk);
    if (random() % 16 == 0) file.resize(kFirstChunk + random() % (file.size() - kFirstChunk));
    const Decoded direct = decode(file), unfolded = decode(file, {.unfold = true});
    EXPECT_EQ(direct.receipt.records_seen, unfolded.receipt.records_seen) << round;
    // The long way also looks at what no field needs, and refuses more.
    for (const auto& [offset, row] : unfolded.rows) {
      ASSERT_TRUE(direct.rows.contains(offset)) << round;
      EXPECT_EQ(direct.rows.at(offset), row) << round;
    }
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
