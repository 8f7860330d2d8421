#include "decode/json/layout_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "decode/json/reader_testing.h"

namespace landwarden::decode::json {
namespace {

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

}  // namespace
}  // namespace landwarden::decode::json
