#include "decode/json/reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "decode/decoder.h"
#include "decode/recording_sink.h"
#include "decode/stream.h"

namespace landwarden::decode::json {
namespace {

using namespace std::string_literals;
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

Decoded decode(const std::string& bytes, std::size_t step = 0) {
  return Worker().run(bytes, step);
}

std::vector<std::string> values_of(const Decoded& decoded, const std::string& field) {
  std::vector<std::string> out;
  for (const Row& row : decoded.rows) out.push_back(row.field(field));
  return out;
}
using Texts = std::vector<std::string>;

// --- one event in every layout ---

const std::string kEvtxDump =
    R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"System":{"Provider":)"
    R"({"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"}},"EventID":1,)"
    R"("Version":5,"Level":4,"Task":1,"Opcode":0,"Keywords":"0x8000000000000000","TimeCreated":{"#attributes":)"
    R"({"SystemTime":"2026-03-02T07:15:00.1234567Z"}},"EventRecordID":4711,"Correlation":null,"Execution":{"#attributes":)"
    R"({"ProcessID":1092,"ThreadID":5260}},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pump1.water.example",)"
    R"("Security":{"#attributes":{"UserID":"S-1-5-18"}}},"EventData":{"RuleName":null,"ProcessId":4340,"Image":)"
    R"("C:\\Windows\\System32\\ntdsutil.exe","CommandLine":"ntdsutil \"ac i ntds\" ifm","User":"WATER\\äda"}}})";
const std::string kEvtxDumpSeparate =
    R"({"Event_attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},"Event":{"System":)"
    R"({"Provider_attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"},)"
    R"("EventID":1,"Version":5,"Level":4,"Task":1,"Opcode":0,"Keywords":"0x8000000000000000","TimeCreated_attributes":)"
    R"({"SystemTime":"2026-03-02T07:15:00.1234567Z"},"EventRecordID":4711,"Correlation":null,"Execution_attributes":)"
    R"({"ProcessID":1092,"ThreadID":5260},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pump1.water.example",)"
    R"("Security_attributes":{"UserID":"S-1-5-18"}},"EventData":{"RuleName":null,"ProcessId":4340,"Image":)"
    R"("C:\\Windows\\System32\\ntdsutil.exe","CommandLine":"ntdsutil \"ac i ntds\" ifm","User":"WATER\\äda"}}})";
const std::string kEvtxEcmdFull =
    R"({"Event":{"System":{"Provider":{"@Name":"Microsoft-Windows-Sysmon","@Guid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"},)"
    R"("EventID":"1","Version":"5","Level":"4","Task":"1","Opcode":"0","Keywords":"0x8000000000000000","TimeCreated":)"
    R"({"@SystemTime":"2026-03-02T07:15:00.1234567Z"},"EventRecordID":"4711","Correlation":null,"Execution":)"
    R"({"@ProcessID":"1092","@ThreadID":"5260"},"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":)"
    R"("pump1.water.example","Security":{"@UserID":"S-1-5-18"}},"EventData":{"Data":[{"@Name":"RuleName"},{"@Name":)"
    R"("ProcessId","#text":"4340"},{"@Name":"Image","#text":"C:\\Windows\\System32\\ntdsutil.exe"},{"@Name":"CommandLine",)"
    R"("#text":"ntdsutil \"ac i ntds\" ifm"},{"@Name":"User","#text":"WATER\\äda"}]}}})";
const std::string kEvtxEcmd =
    R"({"PayloadData1":"ProcessID: 4340","MapDescription":"Process creation","ChunkNumber":0,"Computer":"pump1.water.example",)"
    R"("Payload":"{\"EventData\":{\"Data\":[{\"@Name\":\"RuleName\"},{\"@Name\":\"ProcessId\",\"#text\":\"4340\"},{\"@Name\":)"
    R"(\"Image\",\"#text\":\"C:\\\\Windows\\\\System32\\\\ntdsutil.exe\"},{\"@Name\":\"CommandLine\",\"#text\":\"ntdsutil )"
    R"(\\\"ac i ntds\\\" ifm\"},{\"@Name\":\"User\",\"#text\":\"WATER\\\\äda\"}]}}","Channel":)"
    R"("Microsoft-Windows-Sysmon/Operational","Provider":"Microsoft-Windows-Sysmon","EventId":1,"EventRecordId":"4711",)"
    R"("ProcessId":1092,"ThreadId":5260,"Level":"Info","Keywords":"Classic","SourceFile":"a.evtx","ExtraDataOffset":0,)"
    R"("HiddenRecord":false,"UserId":"S-1-5-18","TimeCreated":"2026-03-02T07:15:00.1234567+00:00","RecordNumber":1})";
const std::string kWinlogbeat =
    R"({"@timestamp":"2026-03-02T07:15:00.1234567Z","event":{"code":"1","kind":"event","provider":"Microsoft-Windows-Sysmon"},)"
    R"("host":{"name":"pump1"},"log":{"level":"information"},"winlog":{"api":"wineventlog","channel":)"
    R"("Microsoft-Windows-Sysmon/Operational","computer_name":"pump1.water.example","event_data":{"RuleName":"","ProcessId":)"
    R"("4340","Image":"C:\\Windows\\System32\\ntdsutil.exe","CommandLine":"ntdsutil \"ac i ntds\" ifm","User":"WATER\\äda"},)"
    R"("event_id":1,"opcode":"Info","process":{"pid":1092,"thread":{"id":5260}},"provider_guid":)"
    R"("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","provider_name":"Microsoft-Windows-Sysmon","record_id":4711,"task":)"
    R"("Process Create","user":{"identifier":"S-1-5-18"},"version":5}})";
const std::string kWinlogbeatFlat =
    R"({"@timestamp":"2026-03-02T07:15:00.1234567Z","event.code":"1","log.level":"information","winlog.channel":)"
    R"("Microsoft-Windows-Sysmon/Operational","winlog.computer_name":"pump1.water.example","winlog.event_data.RuleName":"",)"
    R"("winlog.event_data.ProcessId":"4340","winlog.event_data.Image":"C:\\Windows\\System32\\ntdsutil.exe",)"
    R"("winlog.event_data.CommandLine":"ntdsutil \"ac i ntds\" ifm","winlog.event_data.User":"WATER\\äda","winlog.event_id":1,)"
    R"("winlog.process.pid":1092,"winlog.process.thread.id":5260,"winlog.provider_guid":)"
    R"("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","winlog.provider_name":"Microsoft-Windows-Sysmon","winlog.record_id":4711,)"
    R"("winlog.user.identifier":"S-1-5-18","winlog.version":5})";
const std::string kWinlogbeat6 =
    R"({"@timestamp":"2026-03-02T07:15:00.1234567Z","beat":{"hostname":"pump1"},"computer_name":"pump1.water.example",)"
    R"("event_data":{"RuleName":"","ProcessId":"4340","Image":"C:\\Windows\\System32\\ntdsutil.exe","CommandLine":)"
    R"("ntdsutil \"ac i ntds\" ifm","User":"WATER\\äda"},"event_id":1,"level":"Information","log_name":)"
    R"("Microsoft-Windows-Sysmon/Operational","process_id":1092,"thread_id":5260,"provider_guid":)"
    R"("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","source_name":"Microsoft-Windows-Sysmon","record_number":"4711","user":)"
    R"({"identifier":"S-1-5-18"},"version":5})";
const std::string kNxlog =
    R"({"EventTime":"2026-03-02 02:15:00.1234567","Hostname":"pump1.water.example","Keywords":-9223372036854775808,"EventType":)"
    R"("INFO","SeverityValue":2,"Severity":"INFO","EventID":1,"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":)"
    R"("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","Version":5,"Task":1,"OpcodeValue":0,"RecordNumber":4711,)"
    R"("ExecutionProcessID":1092,"ExecutionThreadID":5260,"Channel":"Microsoft-Windows-Sysmon/Operational","UserID":"S-1-5-18",)"
    R"("RuleName":"","ProcessId":"4340","Image":"C:\\Windows\\System32\\ntdsutil.exe","CommandLine":)"
    R"("ntdsutil \"ac i ntds\" ifm","User":"WATER\\äda","EventReceivedTime":"2026-03-02 02:15:01","SourceModuleName":"eventlog",)"
    R"("SourceModuleType":"im_msvistalog","@timestamp":"2026-03-02T07:15:03.004Z"})";
const std::string kFlat =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Provider_Name":"Microsoft-Windows-Sysmon","ProviderGuid":)"
    R"("{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","Computer":"pump1.water.example","TimeCreated":)"
    R"("2026-03-02T07:15:00.1234567Z","EventRecordID":4711,"Version":5,"Level":"4","Task":1,"Opcode":0,"Keywords":)"
    R"("0x8000000000000000","ExecutionProcessID":1092,"ExecutionThreadID":5260,"UserID":"S-1-5-18","RuleName":"","ProcessId":)"
    R"("4340","Image":"C:\\Windows\\System32\\ntdsutil.exe","CommandLine":"ntdsutil \"ac i ntds\" ifm","User":"WATER\\äda"})";

struct Sample {
  const char* layout;
  const std::string& json;
  std::vector<std::string> without;  ///< fields that this layout does not carry
};
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {"evtx_dump", kEvtxDump, {}},
      {"evtx_dump", kEvtxDumpSeparate, {}},
      {"event xml", kEvtxEcmdFull, {}},
      {"evtxecmd",
       kEvtxEcmd,
       {"System.Provider_Guid", "System.Version", "System.Task", "System.Opcode", "System.Keywords"}},
      {"winlogbeat", kWinlogbeat, {"System.Task", "System.Opcode", "System.Keywords"}},
      {"winlogbeat", kWinlogbeatFlat, {"System.Task", "System.Opcode", "System.Keywords"}},
      {"winlogbeat 6", kWinlogbeat6, {"System.Task", "System.Opcode", "System.Keywords"}},
      {"nxlog", kNxlog, {}},
      {"flat windows event", kFlat, {}},
  };
  return all;
}

/// What decode/evtx gives for this event.
const Fields kReference = {{"System.Provider_Name", {"Microsoft-Windows-Sysmon"}},
                           {"System.Provider_Guid", {"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"}},
                           {"System.EventID", {"1"}},
                           {"System.Version", {"5"}},
                           {"System.Level", {"4"}},
                           {"System.Task", {"1"}},
                           {"System.Opcode", {"0"}},
                           {"System.Keywords", {"0x8000000000000000"}},
                           {"System.EventRecordID", {"4711"}},
                           {"System.Execution_ProcessID", {"1092"}},
                           {"System.Execution_ThreadID", {"5260"}},
                           {"System.Channel", {"Microsoft-Windows-Sysmon/Operational"}},
                           {"System.Computer", {"pump1.water.example"}},
                           {"System.Security_UserID", {"S-1-5-18"}},
                           {"RuleName", {""}},
                           {"ProcessId", {"4340"}},
                           {"Image", {"C:\\Windows\\System32\\ntdsutil.exe"}},
                           {"CommandLine", {"ntdsutil \"ac i ntds\" ifm"}},
                           {"User", {"WATER\\äda"}}};

TEST(JsonLayouts, GiveTheSameEventTheSameShapeAndFields) {
  for (const Sample& sample : samples()) {
    SCOPED_TRACE(sample.json.substr(0, 60));
    const Decoded decoded = decode(sample.json + "\n");
    ASSERT_EQ(decoded.rows.size(), 1U);
    EXPECT_EQ(decoded.receipt.kind, std::string("json (") + sample.layout + ")");
    const Row& row = decoded.rows[0];
    EXPECT_EQ(row.shape.product, "windows");
    EXPECT_EQ(row.shape.channel, "Microsoft-Windows-Sysmon/Operational");
    EXPECT_EQ(row.shape.provider, "Microsoft-Windows-Sysmon");
    EXPECT_EQ(row.shape.event_id, 1U);
    EXPECT_EQ(row.time, "2026-03-02T07:15:00.1234567Z");
    EXPECT_EQ(row.host, "pump1.water.example");
    EXPECT_EQ(row.record_id, 4711U);
    EXPECT_EQ(row.original, sample.json);
    for (const auto& [name, values] : kReference) {
      if (std::find(sample.without.begin(), sample.without.end(), name) != sample.without.end()) continue;
      EXPECT_EQ(row.field(name), values.front()) << name;
    }
  }
}

TEST(JsonLayouts, MayBeMixedInOneFile) {
  std::string file;
  for (const Sample& sample : samples()) file += sample.json + "\n";
  file += "{\"unknown\":{\"nested\":[1,2]}}\n";
  const Decoded decoded = decode(file);
  ASSERT_EQ(decoded.rows.size(), samples().size() + 1);
  for (std::size_t i = 0; i < samples().size(); ++i) {
    EXPECT_EQ(decoded.rows[i].fields, decode(samples()[i].json).rows.at(0).fields);
  }
  EXPECT_EQ(decoded.rows.back().field("unknown.nested"), "1|2");
  EXPECT_EQ(decoded.rows.back().shape.product, "");
  EXPECT_EQ(decoded.receipt.kind,
            "json (event xml, evtx_dump, evtxecmd, flat windows event, nxlog, unknown layout, winlogbeat, "
            "winlogbeat 6)");
}

TEST(JsonLayouts, AreFoundInsideSearchHits) {
  const Decoded decoded = decode("{\"_index\":\"w\",\"_id\":\"1\",\"_source\":" + kWinlogbeat +
                                 "}\n{\"_source\":" + kNxlog + "}");
  ASSERT_EQ(decoded.rows.size(), 2U);
  for (const Row& row : decoded.rows) {
    EXPECT_EQ(row.field("CommandLine"), "ntdsutil \"ac i ntds\" ifm");
    EXPECT_EQ(row.field("System.EventID"), "1");
  }
  EXPECT_EQ(decoded.rows[0].field("_index"), "w");
}

TEST(JsonLayouts, NameUserDataAndUnnamedDataAsEvtxDoes) {
  const Decoded decoded = decode(
      R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"EventID":{"#attributes":{"Qualifiers":16384},"#text":7036},"Channel":"System"},"EventData":{"#attributes":{"Name":"N"},"Data":{"#text":["one","two"]},"Binary":"00FF"}}})"
      "\n"
      R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"EventID":1102,"Channel":"Security"},"UserData":{"LogFileCleared":{"#attributes":{"xmlns":"y"},"SubjectUserName":"eve","BackupPath":null}}}})"
      "\n"
      R"({"Event":{"System":{"EventID":"1","Channel":"A"},"EventData":{"Data":["x",{"#text":"y"},{"@Name":"System.Channel","#text":"forged"}]}}})"
      "\n");
  ASSERT_EQ(decoded.rows.size(), 3U);
  EXPECT_EQ(decoded.rows[0].field("System.EventID"), "7036");
  EXPECT_EQ(decoded.rows[0].field("System.EventID_Qualifiers"), "16384");
  EXPECT_EQ(decoded.rows[0].field("EventData_Name"), "N");
  EXPECT_EQ(decoded.rows[0].field("Data"), "one|two");
  EXPECT_EQ(decoded.rows[0].field("Binary"), "00FF");
  EXPECT_EQ(decoded.rows[0].shape.event_id, 7036U);
  EXPECT_EQ(decoded.rows[1].field("SubjectUserName"), "eve");
  EXPECT_EQ(decoded.rows[1].field("BackupPath"), "(null)");
  EXPECT_EQ(decoded.rows[1].fields.size(), 4U);
  EXPECT_EQ(decoded.rows[2].field("Data"), "x|y");
  EXPECT_EQ(decoded.rows[2].field("System.Channel"), "A");
  EXPECT_EQ(decoded.rows[2].field("EventData.System.Channel"), "forged");
}

TEST(JsonLayouts, LeaveAnEventsOwnFieldsAlone) {
  // Sysmon's own EventType beside NXLog's; ProcessID twice.
  const Decoded decoded = decode(
      R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":13,"SourceModuleName":"e","EventType":"INFO","EventType":"SetValue","ExecutionProcessID":4,"ProcessID":99})");
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].field("System.Level"), "4");
  EXPECT_EQ(decoded.rows[0].field("EventType"), "SetValue");
  EXPECT_EQ(decoded.rows[0].field("System.Execution_ProcessID"), "4");
  EXPECT_EQ(decoded.rows[0].field("ProcessID"), "99");
}

TEST(JsonLayouts, UndoXmlEscapesWhereNothingInTheRecordIsBare) {
  const auto event = [](const std::string& one, const std::string& two) {
    return R"({"Event":{"System":{"Provider":{"@Name":"P"},"EventID":"1","Channel":"C","Computer":"H"},)"
           R"("EventData":{"Data":[{"@Name":"One","#text":")" +
           one + R"("},{"@Name":"Two","#text":")" + two + "\"}]}}}\n";
  };
  const Decoded got =
      decode(event("a 2&gt;&amp;1 &lt;b&gt; &quot;x&apos;", "&amp;gt;") + event("a &amp; b", "c > d") +
             event("a &amp; b", "c&d=1") + event("plain", "text"));
  EXPECT_EQ(values_of(got, "One"),
            (std::vector<std::string>{"a 2>&1 <b> \"x'", "a &amp; b", "a &amp; b", "plain"}));
  EXPECT_EQ(values_of(got, "Two"), (std::vector<std::string>{"&gt;", "c > d", "c&d=1", "text"}));
  EXPECT_EQ(got.receipt.notes,
            (std::vector<std::string>{"XML's escapes in values (&gt; for >) were undone"}));
}

TEST(JsonLayouts, TakeTheZoneFromTwoClocksOrSayThatThereIsNone) {
  EXPECT_EQ(decode(kNxlog).receipt.notes,
            (Texts{"times without a time zone: the zone was taken from the two clocks of each record"}));
  const Decoded without =
      decode(R"({"Channel":"System","EventID":1,"SourceModuleName":"e","EventTime":"2026-03-02 02:15:00"})");
  EXPECT_EQ(without.rows.at(0).time, "2026-03-02T02:15:00.0000000Z");
  EXPECT_EQ(without.receipt.notes, (Texts{"times without a time zone were taken as UTC"}));
}

TEST(JsonLayouts, HaveFewEnoughNeeds) {
  const auto layouts = built_in_layouts();
  ASSERT_TRUE(layouts.has_value()) << layouts.error().to_string();
  EXPECT_GE(layouts->size(), 7U);
  std::size_t needs = 0;
  for (const Layout& layout : *layouts) needs += layout.needs.size();
  EXPECT_LE(needs, kNeeds);
}

TEST(JsonLayouts, SayWhereATableIsWrong) {
  const auto unknown = parse_layout("name: x\nneeds: [[a]]\ncolour: red\n", "x.yaml");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().to_string(), "x.yaml:3:1: unknown key 'colour'");
  EXPECT_FALSE(parse_layout("name: x\n", "x.yaml").has_value());
  EXPECT_FALSE(parse_layout("- a\n", "x.yaml").has_value());
  EXPECT_FALSE(
      parse_layout("name: x\nneeds: [[a]]\nfields: {System.X: {values: {a: b}}}\n", "x.yaml").has_value());
}

// --- values ---

TEST(JsonValues, KeepTheSourcesRendering) {
  const Decoded decoded = decode(
      R"({"a":1.50,"b":-0,"c":18446744073709551615,"d":123456789012345678901234567890,"e":1E5,"f":true,"g":false,"h":null,"i":"","j":[],"k":{},"l":NaN,"m":-Infinity,"n":[1,"x",null]})");
  ASSERT_EQ(decoded.rows.size(), 1U);
  const Row& row = decoded.rows[0];
  const std::map<std::string, std::string> expected = {{"a", "1.50"},
                                                       {"b", "-0"},
                                                       {"c", "18446744073709551615"},
                                                       {"d", "123456789012345678901234567890"},
                                                       {"e", "1E5"},
                                                       {"f", "true"},
                                                       {"g", "false"},
                                                       {"h", "(null)"},
                                                       {"i", ""},
                                                       {"j", "(null)"},
                                                       {"k", "(null)"},
                                                       {"l", "NaN"},
                                                       {"m", "-Infinity"},
                                                       {"n", "1|x|(null)"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(row.field(name), value) << name;
}

TEST(JsonValues, UnescapeStringsAndKeys) {
  const Decoded decoded =
      decode(R"({"a":"\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00","\u0062":"x","c":"\ud800y","d":"\udc00"})");
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].field("a"), "\"\\/\b\f\n\r\tä\U0001F600");
  EXPECT_EQ(decoded.rows[0].field("b"), "x");
  EXPECT_EQ(decoded.rows[0].field("c"), "\uFFFDy");
  EXPECT_EQ(decoded.rows[0].field("d"), "\uFFFD");
}

TEST(JsonValues, KeepBothOfAKeyThatStandsTwice) {
  EXPECT_EQ(decode(R"({"a":1,"b":2,"a":3})").rows.at(0).field("a"), "1|3");
}

TEST(JsonValues, MendWhatIsNotUtf8OrNotAllowedInStrings) {
  const Decoded decoded = decode("{\"a\":\"x\xFFy\"}\n{\"a\":\"tab\there\"}\n{\"a\":\"nul" + "\0"s + "\"}\n");
  EXPECT_EQ(values_of(decoded, "a"), (Texts{"x\uFFFDy", "tab\there", "nul"s + "\0"s}));
  EXPECT_EQ(decoded.receipt.records_quarantined, 0U);
  EXPECT_EQ(decoded.receipt.notes.size(), 1U);
}

TEST(JsonValues, AreRefusedWhenTooDeep) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 5000; ++i) deep += "[";
  const Decoded decoded = decode("{\"b\":1}\n" + deep + std::string(5000, ']') + "}\n{\"b\":2}\n");
  EXPECT_EQ(values_of(decoded, "b"), (Texts{"1", "2"}));
  ASSERT_EQ(decoded.receipt.records_quarantined, 1U);
  EXPECT_EQ(decoded.receipt.quarantined[0].reason, "line 2: nested too deep");
}

TEST(JsonValues, BeyondAShapesColumnsBecomeExtras) {
  std::string wide = "{";
  for (int i = 0; i < 1500; ++i) wide += fmt::format("\"f{}\":{},", i, i);
  const Decoded decoded = decode(wide + "\"z\":null}");
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].fields.size(), 1501U);
  EXPECT_EQ(decoded.rows[0].field("f1499"), "1499");
  EXPECT_EQ(decoded.rows[0].field("z"), "(null)");
}

// --- records ---

TEST(JsonRecords, AreFoundHoweverTheyAreWritten) {
  const Texts expected = {"1", "2", "3"};
  for (const std::string& text :
       {"{\"a\":1}\n{\"a\":2}\n{\"a\":3}"s, "{\"a\":1}\r\n\r\n{\"a\":2}\r\n{\"a\":3}\r\n"s,
        "{\"a\":1}{\"a\":2}{\"a\":3}"s, "[{\"a\":1},{\"a\":2},{\"a\":3}]"s,
        " [ {\"a\":1} ,\n{\"a\":2},\n\t{\"a\":3}\n]\n"s, "[[{\"a\":1}],[{\"a\":2},{\"a\":3}]]"s,
        "\xEF\xBB\xBF{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"s,
        "Record 1\n{\n  \"a\": 1\n}\nRecord 2\n{\n  \"a\": 2\n}\nRecord 3\n{\n  \"a\": 3\n}\n"s,
        "Record 1\n{\"a\":1}\nRecord 2\n{\"a\":2}\nRecord 3\n{\"a\":3}\n"s,
        "{\"a\":1}\n"s + "\0\0\0\n"s + "{\"a\":2}\n{\"a\":3}\n\0\0"s,
        "\x1E{\"a\":1}\n\x1E{\"a\":2}\n\x1E{\"a\":3}\n"s, "{\"a\":1}\n{\n\"a\":\n2\n}\n{\"a\":3}\n"s,
        "{\"took\":3,\"hits\":{\"total\":3,\"hits\":[{\"a\":1},{\"a\":2},{\"a\":3}]},\"x\":[1]}"s,
        "{\"Events\":[\n{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n]}\n"s}) {
    for (const std::size_t step : {0, 1, 3, 1000}) {
      const Decoded decoded = decode(text, step);
      EXPECT_EQ(values_of(decoded, "a"), expected) << text << " by " << step;
      EXPECT_EQ(decoded.receipt.records_quarantined, 0U) << text << " by " << step;
      EXPECT_TRUE(decoded.receipt.errors.empty()) << text;
    }
  }
}

TEST(JsonRecords, MayBeLinesFirstAndPrettyPrintedThen) {
  const std::string text = "{\"a\":1}\n{\n \"x\": {\n  \"y\": [\n{},\n{}\n]\n },\n \"a\": 2\n}\n{\"a\":3}\n";
  for (std::size_t step = 0; step <= text.size(); ++step) {
    EXPECT_EQ(values_of(decode(text, step), "a"), (Texts{"1", "2", "3"})) << step;
  }
}

TEST(JsonRecords, AreTheSameAtEveryChunkSize) {
  const std::string text =
      "[ "
      "{\"a\":\"x\\\"]}{[\\\\\",\"b\":[{\"c\":1},{\"c\":[2]}]},\n\t{\"a\":\"\\u0041,\"},{},{\"a\":{\"d\":\"}"
      "\"}} , {\"a\":2}]\n";
  const Decoded whole = decode(text);
  ASSERT_EQ(whole.rows.size(), 5U);
  for (std::size_t step = 1; step <= text.size(); ++step) {
    const Decoded parts = decode(text, step);
    ASSERT_EQ(parts.rows.size(), whole.rows.size()) << step;
    for (std::size_t i = 0; i < whole.rows.size(); ++i) {
      EXPECT_EQ(parts.rows[i].fields, whole.rows[i].fields) << step;
      EXPECT_EQ(parts.rows[i].offset, whole.rows[i].offset) << step;
    }
    EXPECT_EQ(parts.receipt.bytes, text.size());
  }
}

TEST(JsonRecords, LoseOnlyWhatIsDamaged) {
  const Decoded decoded = decode(
      "{\"a\":1}\n"
      "{\"a\":\"cut in a str\n"
      "{\"a\":2}\n"
      "{\"a\":{\"b\":1}\n"
      "{\"a\":3}\n"
      "not json at all\n"
      "{\"a\":4}}\n"
      "{\"a\":truth}\n"
      "{\"a\":\"\\x\"}\n"
      "{\"a\":5}\n"
      "{\"a\":6");
  EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "2", "3", "4", "5"}));
  EXPECT_EQ(decoded.receipt.records_seen, 12U);
  EXPECT_EQ(decoded.receipt.records_decoded, 5U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 7U);
  std::string reasons;
  for (const auto& entry : decoded.receipt.quarantined) reasons += entry.reason + "\n";
  EXPECT_EQ(reasons,
            "line 2: the line ends inside a string\n"
            "line 4: an object begins before this one is closed\n"
            "line 6: not a JSON object\n"
            "line 7: not a JSON object\n"
            "line 8: a word is neither true, false nor null\n"
            "line 9: a string has an escape that JSON does not know\n"
            "line 11: the data ends inside this record\n");
}

TEST(JsonRecords, AreFoundInWrappersOfEventsThatFollowEachOther) {
  const std::string wrapper = "{\"Records\":[" + kNxlog + "," + kFlat + "]}\n";
  const Decoded decoded = decode(wrapper + wrapper + "{\"x\":1}\n");
  EXPECT_EQ(values_of(decoded, "System.EventID"), (Texts{"1", "1", "1", "1", "(absent)"}));
}

TEST(JsonRecords, OfOneEventAreNoWrapper) {
  const Decoded decoded = decode(kEvtxEcmdFull);
  ASSERT_EQ(decoded.rows.size(), 1U);
  const Decoded plain = decode("{\"System\":1,\"list\":[{\"a\":1}]}\n{\"list\":[{\"a\":2}]}\n");
  EXPECT_EQ(values_of(plain, "list.a"), (Texts{"1", "2"}));
}

TEST(JsonRecords, InAnArrayThatIsCutShortAreReadAndTheCutIsAnError) {
  for (const std::string& text : {"[{\"a\":1},{\"a\":2},"s, "{\"Events\":[{\"a\":1},{\"a\":2}"s}) {
    const Decoded decoded = decode(text);
    EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "2"})) << text;
    ASSERT_EQ(decoded.receipt.errors.size(), 1U) << text;
    EXPECT_EQ(decoded.receipt.errors[0].code, ErrorCode::damaged);
  }
}

TEST(JsonRecords, WithAKeyWhereAValueEndsAreQuarantined) {
  const Decoded decoded = decode("{\"a\":1}\n{\"a\":\"b\":{\"c\":2}}}\n{\"a\":3}\n");
  EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "3"}));
  EXPECT_EQ(decoded.receipt.records_quarantined, decoded.receipt.records_seen - 2);
  EXPECT_GE(decoded.receipt.records_quarantined, 1U);
}

TEST(JsonRecords, LongerThanTheLimitAreQuarantinedAndReadingGoesOn) {
  const std::string big = "{\"a\":\"" + std::string((16 << 20) + (3 << 20), 'x') + "\"}";
  for (const std::string& text :
       {"{\"a\":1}\n" + big + "\n{\"a\":2}\n", "[{\"a\":1}," + big + ",{\"a\":2}]"}) {
    const Decoded decoded = decode(text);
    EXPECT_EQ(values_of(decoded, "a"), (Texts{"1", "2"}));
    ASSERT_EQ(decoded.receipt.quarantined.size(), 1U);
    EXPECT_EQ(decoded.receipt.quarantined[0].size, big.size());
    EXPECT_EQ(decoded.receipt.quarantined[0].offset, text.find(big));
    EXPECT_EQ(decoded.receipt.records_seen, 3U);
  }
}

TEST(JsonRecords, OfLargeFilesComeInUnitsOfAboutAMegabyte) {
  std::string lines, array = "[", pretty;
  for (int i = 0; lines.size() < (5 << 20); ++i) {
    const std::string record = fmt::format("{{\"number\":{},\"text\":\"{}\"}}", i, std::string(200, 'x'));
    lines += record + "\n";
    array += (i > 0 ? "," : "") + record;
    pretty += fmt::format("{{\n  \"number\": {},\n  \"text\": \"{}\"\n}}\n", i, std::string(200, 'x'));
  }
  const Texts expected = values_of(decode(lines), "number");
  EXPECT_EQ(values_of(decode(array + "]"), "number"), expected);
  EXPECT_EQ(values_of(decode(pretty), "number"), expected);
  EXPECT_EQ(values_of(decode("{\"x\":1,\"Events\":" + array + "],\"y\":2}"), "number"), expected);
  for (const std::string& text : {lines, array + "]", pretty}) {
    RecordingSink sink;
    BufferPool pool;
    MemoryStream stream(text);
    read_bytes("input", stream, pool, sink);
    EXPECT_GE(sink.sources.at(0).units.size(), 4U);
    for (const WorkUnit& unit : sink.sources[0].units) EXPECT_LE(unit.bytes.size(), 2U << 20);
    std::uint64_t offset = 0, line = 1;
    for (const WorkUnit& unit : sink.sources[0].units) {
      EXPECT_EQ(unit.offset, offset);
      EXPECT_EQ(unit.line, line);
      offset += unit.bytes.size();
      line += static_cast<std::uint64_t>(std::count(unit.bytes.begin(), unit.bytes.end(), '\n'));
    }
  }
}

TEST(JsonRecords, ThatNobodyWantsAreCountedOnly) {
  event::Catalogue catalogue;
  RowSink rows(catalogue);
  rows.want = {.drop = true, .all = false, .fields = {}};
  event::BatchBuilder builder(catalogue, rows);
  Reader reader(builder);
  event::Receipt receipt;
  reader.decode_unit({{}, Format::json, 0, 1, Buffer(kNxlog)}, receipt);
  EXPECT_EQ(receipt.records_decoded, 1U);
  EXPECT_TRUE(rows.rows.empty());
}

TEST(JsonRecords, SurviveAnyMutation) {
  std::string seed_text;
  for (const Sample& sample : samples()) seed_text += sample.json + "\n";
  const std::vector<std::string> seeds = {kNxlog + "\n" + kFlat + "\n",
                                          "[" + kEvtxDump + ",\n" + kWinlogbeat + "]",
                                          "{\"hits\":{\"hits\":[{\"_source\":" + kWinlogbeat + "}]}}",
                                          kEvtxEcmd, "Record 1\n{\n \"a\": [1, {\"b\": \"\\u00e4\"}]\n}\n"};
  Worker worker;
  std::mt19937 random(20260302);
  constexpr std::string_view kTelling =
      "{}[]\",:\\\n\0\xFF"
      "10eutfn";
  for (int round = 0; round < 12'000; ++round) {
    std::string text = seeds[random() % seeds.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = kTelling[random() % kTelling.size()];
          break;
        case 1:
          text.erase(at, 1 + random() % 20);
          break;
        case 2:
          text.insert(at, 1 + random() % 3, kTelling[random() % kTelling.size()]);
          break;
        default:
          text.resize(at);
          break;
      }
    }
    const Decoded whole = worker.run(text, 0);
    EXPECT_EQ(whole.receipt.records_seen, whole.receipt.records_decoded + whole.receipt.records_quarantined);
    if (round % 8 == 0 && !text.empty()) {
      const Decoded parts = worker.run(text, 1 + random() % 64);
      ASSERT_EQ(parts.rows.size(), whole.rows.size()) << text;
      for (std::size_t i = 0; i < whole.rows.size(); ++i)
        ASSERT_EQ(parts.rows[i].fields, whole.rows[i].fields) << text;
      EXPECT_EQ(parts.receipt.records_quarantined, whole.receipt.records_quarantined) << text;
    }
  }
}

// --- other people's files ---

TEST(JsonRealData, SecurityDatasetsAreReadToTheLastRecord) {
  namespace fs = std::filesystem;
  const char* given = std::getenv("LW_DATA");
  const char* home = std::getenv("HOME");
  const fs::path folder = fs::path(given != nullptr  ? given
                                   : home != nullptr ? std::string(home) + "/lw-data"
                                                     : "") /
                          "security-datasets";
  if (!fs::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  struct Deciding final : InputSink {
    event::SourceId begin_source(const std::string&) override { return {sources++}; }
    bool unit(WorkUnit unit) override {
      decoder->decode(unit, receipt);
      return true;
    }
    void end_source(event::SourceId, event::Receipt other) override {
      errors += other.errors.size();
      read += other.not_evidence ? 0 : 1;
    }
    void expect_bytes(std::uint64_t) override {}
    std::uint32_t sources = 0;
    std::uint64_t errors = 0, read = 0;
    Decoder* decoder = nullptr;
    event::Receipt receipt;
  } sink;
  struct Counting final : event::BatchSink {
    event::Wanted wanted(event::ShapeId) override { return {}; }
    void consume(const event::EventBatch& batch) override {
      for (const event::RowMeta& row : batch.rows) ++(row.time.known() ? timed : timeless);
    }
    std::uint64_t timed = 0, timeless = 0;
  } rows;
  event::Catalogue catalogue;
  event::BatchBuilder builder(catalogue, rows);
  Decoder decoder(builder);
  sink.decoder = &decoder;
  BufferPool pool;
  read_evidence({folder.string()}, pool, sink);
  EXPECT_GT(sink.read, 40U);
  EXPECT_EQ(sink.errors, 0U);
  EXPECT_EQ(sink.receipt.records_quarantined, 0U);
  EXPECT_EQ(sink.receipt.records_seen, rows.timed + rows.timeless);
  EXPECT_GT(rows.timed, 100'000U);
  std::printf("%llu records of %llu sources, %llu without a time; %s\n",
              static_cast<unsigned long long>(sink.receipt.records_seen),
              static_cast<unsigned long long>(sink.read), static_cast<unsigned long long>(rows.timeless),
              sink.receipt.kind.c_str());
}

}  // namespace
}  // namespace landwarden::decode::json
