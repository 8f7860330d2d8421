// What the reader makes of sound files: values, names, units.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "decode/evtx/written_logs.h"

namespace landwarden::decode::evtx {
namespace {

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
  const std::vector<write::Value> wide = {write::Value::size64(1), write::Value::size64(0x1ff)};
  expect_value(write::Value::array(write::ValueType::size, wide), {"0x1", "0x1ff"}, event::ValueType::hex);
  const std::vector<write::Value> narrow(3, write::Value::size32(7));
  expect_value(write::Value::array(write::ValueType::size, narrow), {"0x7", "0x7", "0x7"},
               event::ValueType::hex);
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

TEST(EvtxReader, KnowsRecordsWithoutTemplateAgainByTheirBytes) {
  // Of two programs, with values of every length, none too, and of several types.
  Writer writer;
  std::vector<Cells> expected;
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string text(i * 7 % 40, static_cast<char>('a' + i % 26));
    const auto number = static_cast<std::uint32_t>(i);
    std::vector<std::pair<std::string, write::Value>> fields = {{"Text", write::Value::text(text)},
                                                                {"Number", write::Value::uint32(number)}};
    Cells cells = {{"Text", {text}}, {"Number", {std::to_string(i)}}};
    if (i % 3 == 0) {
      fields.insert(
          fields.begin(),
          {"Sid", write::Value::sid(*write::Sid::parse(i % 2 == 0 ? "S-1-5-18" : "S-1-5-21-1-2-3-500"))});
      cells["Sid"] = {i % 2 == 0 ? "S-1-5-18" : "S-1-5-21-1-2-3-500"};
    }
    write::Element data{.name = "EventData", .attributes = {}, .children = {}};
    for (auto& [name, value] : fields) {
      write::Element field = leaf("Data", std::move(value));
      field.attributes = {{"Name", {write::Text{name}}}};
      data.children.emplace_back(std::move(field));
    }
    ASSERT_TRUE(writer.add({.written = {}, .content = event_tree({data}), .record_id = {}}));
    expected.push_back(std::move(cells));
  }
  const std::vector<std::byte> file = writer.finish();
  for (const bool unfold : {false, true}) {
    const Decoded got = decode(file, {.unfold = unfold});
    ASSERT_EQ(got.rows.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      for (const auto& [name, values] : expected[i]) {
        ASSERT_TRUE(got.row(i).fields.contains(name)) << i << name;
        EXPECT_EQ(got.row(i).fields.at(name), values) << i << name;
      }
      EXPECT_EQ(got.row(i).fields.contains("Sid"), expected[i].contains("Sid"));
    }
  }
  EXPECT_EQ(decode(file).rows, decode(file, {.unfold = true}).rows);
}

TEST(EvtxReader, MakesEveryFieldWhereAKeywordMayStand) {
  const std::vector<std::string> keywords = {"mimikatz"};
  const auto texts = RawTexts::make(keywords);
  ASSERT_TRUE(texts);
  const std::pair<write::Value, bool> cases[] = {
      {write::Value::text("nothing here"), false},
      {write::Value::text("a MimiKatz b"), true},
      {write::Value::text("a MimiKatz b"), true},
      {write::Value::text("a MimiKatz"), true},
      {write::Value::uint32(5), false},
      {write::Value::ansi("mimikatz"), true},
      {write::Value::texts(std::vector<std::string>{"x", "mimikatz"}), true},
      {write::Value::texts(std::vector<std::string>{"x", "y"}), false}};
  Writer writer;
  const auto byte = write::Value::uint8(7), number = write::Value::uint64(7);
  const std::vector<write::Value> fronts[] = {
      {}, {byte}, {number, number, number, number, number, byte, number, number, number}};
  for (const auto& front : fronts) {  // texts begin at even places, at odd ones, and far apart
    for (const auto& [value, whole] : cases) {
      write::EventRecord record = event("x");
      write::EventData data{.fields = {{"Image", write::Value::text("tool.exe")}}};
      for (const write::Value& one : front) data.fields.emplace_back("N", one);
      data.fields.emplace_back("V", value);
      record.data = data;
      ASSERT_TRUE(writer.add(record));
    }
  }
  event::Catalogue catalogue;
  KeepingSink sink(catalogue);
  sink.wanted_fields = {
      .drop = false, .all = true, .fields = {*catalogue.field("Image")}, .all_by_text = true};
  event::BatchBuilder builder(catalogue, sink);
  Reader reader(builder);
  reader.keywords(&*texts);
  event::Receipt receipt;
  reader.decode_unit({}, writer.finish(), 0, receipt);
  ASSERT_EQ(sink.rows.size(), std::size(fronts) * std::size(cases));
  auto row = sink.rows.begin();
  for (std::size_t i = 0; i < sink.rows.size(); ++i, ++row) {
    const bool whole = cases[i % std::size(cases)].second;
    EXPECT_EQ(row->second.fields.contains("V"), whole) << i;
    EXPECT_EQ(row->second.fields.contains("System.Channel"), whole) << i;
    EXPECT_TRUE(row->second.fields.contains("Image")) << i;
  }
}

TEST(EvtxReader, LooksForTheKeywordsThatAShapeIsWantedBy) {
  // Texts wanted of event ids 1 to 3 stand in every record, in every order of shapes, chunk by chunk.
  const std::vector<std::string> keywords = {"mimikatz", "sekurlsa", "rubeus"};
  const auto texts = RawTexts::make(keywords);
  ASSERT_TRUE(texts);
  std::mt19937 random(815);
  Writer writer;
  std::vector<bool> expected;
  for (int i = 0; i < 1'000; ++i) {
    write::EventRecord record = event("x");
    record.event_id = static_cast<std::uint16_t>(1 + random() % (i < 500 ? 2 : 4));
    const std::size_t text = random() % 4;
    write::EventData data{.fields = {{"Image", write::Value::text("tool.exe")}}};
    if (random() % 2 == 0) data.fields.emplace_back("N", write::Value::uint8(7));  // texts at odd bytes
    data.fields.emplace_back("V", write::Value::text(text < 3 ? "a " + keywords[text] + " b" : "nothing"));
    record.data = data;
    ASSERT_TRUE(writer.add(record));
    expected.push_back(text < 3 && (record.event_id == 3 || text + 1 == record.event_id));
  }
  event::Catalogue catalogue;
  KeepingSink sink(catalogue);
  sink.wants = [&](const event::Shape& shape) {
    const std::uint32_t id = shape.event_id.value_or(0);
    return event::Wanted{.drop = false,
                         .all = true,
                         .fields = {*catalogue.field("Image")},
                         .all_by_text = true,
                         .texts = id <= 2   ? std::uint64_t{1} << (id - 1)
                                  : id == 3 ? 0b111U
                                            : 0U};
  };
  event::BatchBuilder builder(catalogue, sink);
  Reader reader(builder);
  reader.keywords(&*texts);
  event::Receipt receipt;
  reader.decode_unit({}, writer.finish(), 0, receipt);
  ASSERT_EQ(sink.rows.size(), expected.size());
  auto row = sink.rows.begin();
  for (std::size_t i = 0; i < expected.size(); ++i, ++row)
    ASSERT_EQ(row->second.fields.contains("V"), expected[i]) << "seed 815, record " << i;
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

}  // namespace
}  // namespace landwarden::decode::evtx
