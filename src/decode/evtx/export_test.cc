// What exported events look like, and that both ways to them agree. Files come from our own writer.

#include "decode/evtx/export.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "decode/evtx/writer.h"

namespace landwarden::decode::evtx {
namespace {

struct Exported {
  std::string text;
  event::Receipt receipt;
  std::uint64_t written = 0;
};

Exported export_as(Bytes file, ExportOptions options) {
  Exporter exporter(std::move(options));
  TextOut out;
  Exported result;
  result.written = exporter.unit(file, 0, result.receipt, out);
  result.text = out.text();
  EXPECT_EQ(result.receipt.records_seen, result.receipt.records_decoded + result.receipt.records_quarantined);
  return result;
}

/// Both ways, which must agree.
std::string exported(Bytes file, ExportFormat format, bool separate = false) {
  ExportOptions options;
  options.format = format;
  options.json.separate_attributes = separate;
  const Exported by_program = export_as(file, options);
  options.always_tree = true;
  const Exported by_tree = export_as(file, options);
  EXPECT_EQ(by_program.text, by_tree.text);
  EXPECT_EQ(by_program.receipt.records_quarantined, by_tree.receipt.records_quarantined);
  return by_program.text;
}
std::string json(Bytes file, bool separate = false) {
  return exported(file, ExportFormat::jsonl, separate);
}
std::string xml(Bytes file) {
  return exported(file, ExportFormat::xml);
}

std::vector<std::byte> file_of(const std::vector<write::Record>& records) {
  write::Writer writer;
  for (const write::Record& record : records) EXPECT_TRUE(writer.add(record));
  return writer.finish();
}
std::vector<std::byte> file_of(const write::EventRecord& event) {
  write::Writer writer;
  EXPECT_TRUE(writer.add(event));
  return writer.finish();
}

/// The tree as the root of a record, its values in slots.
std::vector<std::byte> file_of(write::Element root, bool optional = false) {
  return file_of({write::Record{.written = *parse_time("2026-03-02T07:15:00Z"),
                                .content = write::instantiate(std::move(root), optional),
                                .record_id = {}}});
}

write::EventRecord event() {
  write::EventRecord record;
  record.provider = {.name = "Microsoft-Windows-Sysmon",
                     .guid = *write::Guid::parse("{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"),
                     .event_source_name = {}};
  record.event_id = 1;
  record.version = 5;
  record.level = 4;
  record.task = 1;
  record.keywords = 0x8000000000000000;
  record.time = *parse_time("2026-03-02T07:15:00.1234567Z");
  record.record_id = 4711;
  record.process_id = 3032;
  record.thread_id = 3888;
  record.channel = "Microsoft-Windows-Sysmon/Operational";
  record.computer = "dc01.water.example";
  record.user = *write::Sid::parse("S-1-5-18");
  record.data = write::EventData{.fields = {{"Image", write::Value::text("C:\\Windows\\ntdsutil.exe")},
                                            {"ProcessId", write::Value::uint32(4340)},
                                            {"RuleName", write::Value::null()}}};
  return record;
}

const std::string kSystem =
    R"("System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":)"
    R"("{5770385f-c22a-43e0-bf4c-06f5698ffbd9}"}},"EventID":1,"Version":5,"Level":4,"Task":1,"Opcode":0,)"
    R"("Keywords":"0x8000000000000000","TimeCreated":{"#attributes":{"SystemTime":"2026-03-02T07:15:00.1234567Z"}},)"
    R"("EventRecordID":4711,"Correlation":null,"Execution":{"#attributes":{"ProcessID":3032,"ThreadID":3888}},)"
    R"("Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"dc01.water.example",)"
    R"("Security":{"#attributes":{"UserID":"S-1-5-18"}}})";

TEST(EvtxJson, HasTheFormOfEvtxDump) {
  EXPECT_EQ(json(file_of(event())),
            R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},)" +
                kSystem +
                R"(,"EventData":{"Image":"C:\\Windows\\ntdsutil.exe","ProcessId":4340,"RuleName":""}}})" +
                "\n");
}

TEST(EvtxJson, PutsAttributesIntoKeysOfTheirOwnIfAsked) {
  const std::string line = json(file_of(event()), true);
  EXPECT_TRUE(line.starts_with(
      R"({"Event_attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"Event":{"System":)"
      R"({"Provider_attributes":{"Name":"Microsoft-Windows-Sysmon",)"))
      << line;
  EXPECT_NE(
      line.find(R"("Correlation":null,"Execution_attributes":{"ProcessID":3032,"ThreadID":3888},"Channel")"),
      std::string::npos)
      << line;
}

TEST(EvtxJson, ListsDataWithoutNames) {
  write::EventRecord record = event();
  record.data =
      write::ClassicData{.strings = {"one", "", "three"}, .binary = {std::byte{0xAB}, std::byte{1}}};
  EXPECT_NE(
      json(file_of(record)).find(R"("EventData":{"Data":{"#text":["one","","three"]},"Binary":"AB01"})"),
      std::string::npos)
      << json(file_of(record));
  record.data = write::ClassicData{.strings = {"alone"}, .binary = {}};
  EXPECT_NE(json(file_of(record)).find(R"("EventData":{"Data":{"#text":"alone"})"), std::string::npos);
}

TEST(EvtxJson, KeepsDataWithoutNamesBesideNamedOnes) {
  const std::string line = json(file_of(write::Element{
      "Event",
      {},
      {write::Element{"EventData",
                      {},
                      {write::Element{"Data", {{"Name", {write::Text{"A"}}}}, {write::Value::text("1")}},
                       write::Element{"Data", {}, {write::Value::text("2")}}}}}}));
  EXPECT_EQ(line, R"({"Event":{"EventData":{"A":"1","Data":{"#text":"2"}}}})"
                  "\n");
}

TEST(EvtxJson, MakesAnArrayOfANameThatComesAgain) {
  const auto twice = [](const char* name, const char* value) {
    return write::Element{"Data", {{"Name", {write::Text{name}}}}, {write::Value::text(value)}};
  };
  EXPECT_EQ(json(file_of(write::Element{
                "Event",
                {},
                {write::Element{"EventData", {}, {twice("A", "1"), twice("B", "2"), twice("A", "3")}}}})),
            R"({"Event":{"EventData":{"A":["1","3"],"B":"2"}}})"
            "\n");
}

TEST(EvtxJson, LeavesOutWhatDependsOnNull) {
  EXPECT_EQ(json(file_of(write::Element{"Event",
                                        {},
                                        {write::Element{"A", {}, {write::Value::null()}},
                                         write::Element{"B", {}, {write::Value::uint8(1)}},
                                         write::Element{"C", {}, {write::Value::null()}}}},
                         true)),
            R"({"Event":{"B":1}})"
            "\n");
  EXPECT_EQ(
      json(file_of(write::Element{"Event", {}, {write::Element{"A", {}, {write::Value::null()}}}}, true)),
      R"({"Event":null})"
      "\n");
}

TEST(EvtxJson, ShowsTextBesideAttributesAndElements) {
  EXPECT_EQ(
      json(file_of(write::Element{
          "Event",
          {},
          {write::Element{"X", {{"a", {write::Value::uint8(7)}}}, {write::Value::text("t")}},
           write::Element{
               "Y", {}, {write::Text{"before"}, write::Element{"Z", {}, {write::Value::text("in")}}}}}})),
      R"({"Event":{"X":{"#attributes":{"a":7},"#text":"t"},"Y":{"#text":"before","Z":"in"}}})"
      "\n");
}

/// Values of each type with the text that both formats show.
struct Shown {
  write::Value value;
  std::string json, xml;
};
std::vector<Shown> shown_values() {
  using write::Value;
  const auto ticks = [](std::int64_t number) { return Value::filetime(Time{number}); };
  std::vector<Shown> out = {
      {Value::int8(-5), "-5", "-5"},
      {Value::uint8(255), "255", "255"},
      {Value::int16(-32768), "-32768", "-32768"},
      {Value::uint32(4294967295), "4294967295", "4294967295"},
      {Value::int64(INT64_MIN), "-9223372036854775808", "-9223372036854775808"},
      {Value::uint64(UINT64_MAX), "18446744073709551615", "18446744073709551615"},
      {Value::boolean(1), "true", "true"},
      {Value::boolean(6), "6", "6"},
      {Value::float64(1.5), "\"1.5\"", "1.5"},
      {Value::hex32(0), "\"0x0\"", "0x0"},
      {Value::hex64(0xABCDEF), "\"0xabcdef\"", "0xabcdef"},
      {Value::size64(16), "\"0x10\"", "0x10"},
      {Value::sid(*write::Sid::parse("S-1-5-21-1-2-4294967295")), "\"S-1-5-21-1-2-4294967295\"",
       "S-1-5-21-1-2-4294967295"},
      {Value::guid(*write::Guid::parse("{00112233-4455-6677-8899-aabbccddeeff}")),
       "\"{00112233-4455-6677-8899-aabbccddeeff}\"", "{00112233-4455-6677-8899-aabbccddeeff}"},
      {ticks(0), "\"1601-01-01T00:00:00.0000000Z\"", "1601-01-01T00:00:00.0000000Z"},
      {ticks(2650467743999999999), "\"9999-12-31T23:59:59.9999999Z\"", "9999-12-31T23:59:59.9999999Z"},
      {ticks(2650467744000000000), "\"0000-01-01T00:00:00.0000000Z\"", "0000-01-01T00:00:00.0000000Z"},
      {Value::filetime(*parse_time("2024-02-29T23:59:59.0000001Z")), "\"2024-02-29T23:59:59.0000001Z\"",
       "2024-02-29T23:59:59.0000001Z"},
      {Value::ansi("caf\xe9 <\x01>"), R"("café <\u0001>")", "café &lt;_x0001_&gt;"},
      {Value::text("a\"b\\c/d\b\n\r\t"), R"("a\"b\\c/d\u0008\n\r\t")", "a\"b\\c/d_x0008_\n&#13;\t"},
      {Value::text("\x7f\xc2\x9b"), R"("\u007f\u009b")", "&#127;&#155;"},
      {Value::text("漢字 😀 end"), "\"漢字 😀 end\"", "漢字 😀 end"},
      {Value::text("<&>'"), "\"<&>'\"", "&lt;&amp;&gt;'"},
      {Value::text("_x0041_ _x004 x_x"), "\"_x0041_ _x004 x_x\"", "_x005F_x0041_ _x004 x_x"},
      {Value::utf16(u"\xFFFE\xFFFF"), "\"\xEF\xBF\xBE\xEF\xBF\xBF\"", "_xFFFE__xFFFF_"},
      {Value::utf16(u"lone \xD800 pair"), "\"lone \xEF\xBF\xBD pair\"", "lone \xEF\xBF\xBD pair"},
      {Value::utf16(std::u16string(u"up to\0here", 10)), "\"up to\"", "up to"},
      {Value::raw(0x08, std::vector<std::byte>{std::byte{1}, std::byte{2}}), "\"0102\"", "0102"},
  };
  // Escapes at every place of the blocks that text is written in.
  for (std::size_t length : {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 50}) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x'), escaped(length - 1, 'x'), amp(length - 1, 'x');
      text[at] = at % 2 == 0 ? '\\' : '&';
      escaped.insert(at, at % 2 == 0 ? "\\\\" : "&");
      amp.insert(at, at % 2 == 0 ? "\\" : "&amp;");
      out.push_back({Value::text(text), '"' + escaped + '"', amp});
    }
    out.push_back({Value::text(std::string(length, '\\')), '"' + std::string(2 * length, '\\') + '"',
                   std::string(length, '\\')});
  }
  return out;
}

TEST(EvtxExport, ShowsEachTypeOfValue) {
  for (const Shown& shown : shown_values()) {
    const auto file = file_of(write::Element{"Event", {}, {write::Element{"X", {}, {shown.value}}}});
    EXPECT_EQ(json(file), R"({"Event":{"X":)" + shown.json + "}}\n");
    EXPECT_EQ(xml(file), "<Event><X>" + shown.xml + "</X></Event>\n");
  }
}

TEST(EvtxXml, HasTheElementsOfTheRecord) {
  const std::string text = xml(file_of(event()));
  EXPECT_TRUE(
      text.starts_with(R"(<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>)"
                       R"(<Provider Name="Microsoft-Windows-Sysmon" Guid=)"))
      << text;
  EXPECT_TRUE(text.ends_with(
      R"(<EventData><Data Name="Image">C:\Windows\ntdsutil.exe</Data><Data Name="ProcessId">4340)"
      R"(</Data><Data Name="RuleName"></Data></EventData></Event>)"
      "\n"))
      << text;
  EXPECT_NE(text.find("<Correlation/>"), std::string::npos);
}

TEST(EvtxXml, RepeatsTheElementForEachItemOfAnArray) {
  const std::vector<std::string> items = {"one", "", "<three>"};
  EXPECT_EQ(
      xml(file_of(write::Element{
          "Event", {}, {write::Element{"X", {{"k", {write::Text{"v"}}}}, {write::Value::texts(items)}}}})),
      R"(<Event><X k="v">one</X><X k="v"></X><X k="v">&lt;three&gt;</X></Event>)"
      "\n");
}

TEST(EvtxXml, EscapesWhatAttributesAndNamesCannotHold) {
  EXPECT_EQ(
      xml(file_of(write::Element{
          "Event",
          {},
          {write::Element{"a:b c", {{"1x", {write::Value::text("\"\n\t<")}}}, {}},
           write::Element{
               "d", {{"xmlns:p", {write::Text{"urn:p"}}}, {"xmlns", {write::Value::text("urn")}}}, {}}}})),
      R"(<Event><a_x003A_b_x0020_c _x0031_x="&quot;&#10;&#9;&lt;"/><d xmlns:p="urn:p" _x0078_mlns="urn"/></Event>)"
      "\n");
}

TEST(EvtxXml, NumbersAnAttributeThatComesAgain) {
  EXPECT_EQ(xml(file_of(write::Element{
                "Event", {{"a", {write::Value::text("1")}}, {"a", {write::Value::text("2")}}}, {}})),
            R"(<Event a="1" a_1="2"/>)"
            "\n");
}

TEST(EvtxExport, AsksWhichRecordsAreWanted) {
  ExportOptions options;
  std::vector<std::string> asked;
  options.wanted = [&](const RecordHead& head) {
    asked.push_back(std::string(head.event_id) + " " + std::string(head.channel) + " " +
                    std::string(head.host) + " " + to_rfc3339(head.time));
    return false;
  };
  for (const bool tree : {false, true}) {
    options.always_tree = tree;
    const Exported none = export_as(file_of(event()), options);
    EXPECT_EQ(none.text, "");
    EXPECT_EQ(none.written, 0);
    EXPECT_EQ(none.receipt.records_decoded, 1);
  }
  const std::string expected =
      "1 Microsoft-Windows-Sysmon/Operational dc01.water.example 2026-03-02T07:15:00.1234567Z";
  EXPECT_EQ(asked, (std::vector<std::string>{expected, expected}));
}

TEST(EvtxExport, DrainsWhatUnfoldsToMuch) {
  write::Writer writer;
  const std::string backslashes(30'000, '\\');
  for (int i = 0; i < 200; ++i) {
    write::EventRecord record = event();
    record.record_id = {};
    record.data = write::EventData{.fields = {{"A", write::Value::text(backslashes)}}};
    ASSERT_TRUE(writer.add(record));
  }
  const auto file = writer.finish();
  Exporter exporter({});
  TextOut out;
  event::Receipt receipt;
  std::string drained;
  std::size_t largest = 0;
  EXPECT_EQ(exporter.unit(file, 0, receipt, out,
                          [&](TextOut& text) {
                            largest = std::max(largest, text.size());
                            drained += text.text();
                            text.cut(0);
                          }),
            200);
  drained += out.text();
  EXPECT_LT(largest, limits::kEvtxExportPiece + (1 << 20));
  EXPECT_EQ(drained, export_as(file, {}).text);
}

/// Flips bytes all over a file: nothing crashes, both ways agree, and XML stays what a parser takes.
TEST(EvtxExportHostile, MutatedFilesNeverCrashAndBothWaysAgree) {
  write::Writer writer;
  for (int i = 0; i < 6; ++i) {
    write::EventRecord record = event();
    record.record_id = {};
    if (i % 3 == 1)
      record.data = write::ClassicData{.strings = {"a", "b_x0001_", "c"}, .binary = {std::byte{7}}};
    if (i % 3 == 2) {
      record.data = write::UserData{write::Element{"Changed",
                                                   {{"xmlns", {write::Text{"urn:x"}}}},
                                                   {write::Element{"A", {}, {write::Value::text("v")}}}}};
    }
    ASSERT_TRUE(writer.add(record));
  }
  const std::vector<std::byte> whole = writer.finish();
  std::mt19937 random(20260302);
  for (int round = 0; round < 1000; ++round) {
    std::vector<std::byte> file = whole;
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips) {
      file[kFileHeaderBytes + random() % 6000] = static_cast<std::byte>(random());
    }
    static_cast<void>(json(file));
    static_cast<void>(json(file, true));
    static_cast<void>(xml(file));
    if (HasFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace landwarden::decode::evtx
