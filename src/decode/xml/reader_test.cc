#include "decode/xml/reader.h"

#include <gtest/gtest.h>

#include "decode/decoded_rows.h"

namespace landwarden::decode::xml {
namespace {

using namespace std::string_literals;

const std::string kSystem =
    "<System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f-c22a-43e0-bf4c-06f5698ffbd9}'/>"
    "<EventID>1</EventID><Version>5</Version><Level>4</Level><Task>1</Task><Opcode>0</Opcode>"
    "<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='2026-03-02T07:15:00.123456700Z'/>"
    "<EventRecordID>77</EventRecordID><Correlation/><Execution ProcessID='4' ThreadID='8'/>"
    "<Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>PC1.example</Computer>"
    "<Security UserID='S-1-5-18'/></System>";

std::string event_with(const std::string& data) {
  return "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>" + kSystem + data +
         "</Event>";
}

DecodedRow row_of(const std::string& data) {
  const DecodedRows decoded = decode_rows(event_with(data));
  EXPECT_EQ(decoded.rows.size(), 1U) << data;
  return decoded.rows.empty() ? DecodedRow{} : decoded.rows[0];
}

std::string reason_of(const std::string& text) {
  const DecodedRows decoded = decode_rows(event_with("") + "\n" + text);
  EXPECT_EQ(decoded.receipt.records_decoded, 1U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 1U);
  return decoded.receipt.quarantined.empty() ? "" : decoded.receipt.quarantined[0].reason;
}

TEST(EventXml, HasTheFieldsOfTheEventLog) {
  const DecodedRow row =
      row_of("<EventData><Data Name='Image'>C:\\a.exe</Data><Data Name='User'></Data></EventData>");
  EXPECT_EQ(row.shape, (event::Shape{"windows", "Microsoft-Windows-Sysmon/Operational",
                                     "Microsoft-Windows-Sysmon", 1, 5}));
  EXPECT_EQ(row.host, "PC1.example");
  EXPECT_EQ(row.record_id, 77U);
  EXPECT_EQ(row.time, "2026-03-02T07:15:00.1234567Z");
  EXPECT_EQ(row.field("System.Provider_Guid"), "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}");
  EXPECT_EQ(row.field("System.Execution_ProcessID"), "4");
  EXPECT_EQ(row.field("System.Security_UserID"), "S-1-5-18");
  EXPECT_EQ(row.field("System.Correlation"), "(absent)");
  EXPECT_EQ(row.field("Image"), "C:\\a.exe");
  EXPECT_EQ(row.field("User"), "");
}

TEST(EventXml, NamesDataAsTheEventLogDoes) {
  const DecodedRow unnamed = row_of("<EventData><Data>a</Data><Data>b</Data><Binary>00</Binary></EventData>");
  EXPECT_EQ(unnamed.field("Data"), "a|b");
  EXPECT_EQ(unnamed.field("Binary"), "00");
  const DecodedRow user = row_of(
      "<UserData><LogFileCleared xmlns='x'><SubjectUserName>ann</SubjectUserName>"
      "<Empty/><With at='1'/></LogFileCleared></UserData>");
  EXPECT_EQ(user.field("SubjectUserName"), "ann");
  EXPECT_EQ(user.field("Empty"), "(null)");
  EXPECT_EQ(user.field("With"), "(absent)");
  EXPECT_EQ(user.field("With_at"), "1");
  EXPECT_EQ(
      row_of("<EventData><Data Name='System.Channel'>x</Data></EventData>").field("EventData.System.Channel"),
      "x");
  EXPECT_EQ(row_of("<RenderingInfo Culture='en'><Message>m</Message></RenderingInfo>")
                .field("RenderingInfo.Message"),
            "m");
}

TEST(EventXml, TellsBlankEmptyAndNothingApart) {
  const DecodedRow row = row_of(
      "<EventData><Data Name='Blank'> </Data><Data Name='Empty'/><Binary/></EventData>"
      "<UserData><X><Blanks>  </Blanks><Broken>\n  </Broken></X></UserData>");
  EXPECT_EQ(row.field("Blank"), " ");
  EXPECT_EQ(row.field("Empty"), "");
  EXPECT_EQ(row.field("Binary"), "(null)") << "as in the event log itself";
  EXPECT_EQ(row.field("Blanks"), "  ");
  EXPECT_EQ(row.field("Broken"), "(null)");
}

TEST(EventXml, UnderstandsEntitiesCdataAndComments) {
  const auto value = [](const std::string& text) {
    return row_of("<EventData><Data Name='X'>" + text + "</Data></EventData>").field("X");
  };
  EXPECT_EQ(value("&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos; &#65;&#x42;&#x1F600;"),
            "<a> & \"b\" 'c' AB\xF0\x9F\x98\x80");
  EXPECT_EQ(value("a<![CDATA[<b> & ]]>c"), "a<b> & c");
  EXPECT_EQ(value("a<!-- not said -->b<?nor this?>c"), "abc");
  EXPECT_EQ(value("line\r\nline\t\x01"), "line\r\nline\t\x01");
  EXPECT_EQ(value("\xFF"), "\xEF\xBF\xBD");
}

TEST(EventXml, MayHaveAPrefixAndAnyRoot) {
  std::string prefixed = event_with("<EventData><Data Name='X'>1</Data></EventData>");
  for (std::size_t at = 0; (at = prefixed.find('<', at)) != prefixed.npos; ++at)
    prefixed.insert(at + (prefixed[at + 1] == '/' ? 2 : 1), "ev:");
  const std::string root = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- x --><ev:Events>" + prefixed +
                           prefixed + "</ev:Events>";
  const DecodedRows decoded = decode_rows(root);
  ASSERT_EQ(decoded.rows.size(), 2U);
  EXPECT_EQ(decoded.rows[1].field("X"), "1");
  EXPECT_EQ(decoded.rows[1].shape.event_id, 1U);
  EXPECT_TRUE(decoded.receipt.quarantined.empty());
}

TEST(EventXml, QuarantinesWhatCannotBeReadAndGoesOn) {
  EXPECT_EQ(reason_of("<Event><System>&bomb;</System></Event>"), "line 2: an entity that XML does not know");
  EXPECT_EQ(reason_of("<Event><!DOCTYPE a [<!ENTITY b 'c'>]></Event>"),
            "line 2: a document type stands inside an event");
  EXPECT_EQ(reason_of("<Event><System></Event>"), "line 2: an element is closed that is not open");
  EXPECT_EQ(reason_of("<Event><System><Provider Name=x/></System></Event>"),
            "line 2: an attribute is not written as name=\"value\"");
  EXPECT_EQ(reason_of("<Event><System>"), "line 2: the data ends inside this record");
  std::string deep = "<Event>";
  for (int i = 0; i < 70; ++i) deep += "<a>";
  EXPECT_EQ(reason_of(deep + "</Event>"), "line 2: nested too deep");
  const std::string good = event_with("");
  const DecodedRows cut = decode_rows(good + "\n" + good.substr(0, 200) + "\n" + good);
  EXPECT_EQ(cut.receipt.records_decoded, 2U);
  EXPECT_EQ(cut.receipt.records_quarantined, 1U);
}

TEST(EventXml, StandsInLinesOfSyslog) {
  const std::string line = "Mar  2 07:15:00 host sysmon: " + event_with("") + "\n";
  const DecodedRows decoded = decode_rows(line + "Mar  2 07:15:01 host cron[1]: something else\n" + line);
  EXPECT_EQ(decoded.receipt.records_decoded, 2U);
  ASSERT_EQ(decoded.receipt.damage.size(), 1U);
  EXPECT_EQ(decoded.receipt.damage[0].what, "lines without a Windows event");
  EXPECT_EQ(decoded.receipt.damage[0].count, 1U);
}

TEST(EventXml, OfSysmonForLinuxIsOfLinux) {
  std::string event = event_with("");
  event.replace(event.find("Microsoft-Windows-Sysmon'"), 24, "Linux-Sysmon");
  const DecodedRows decoded = decode_rows(event);
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].shape.product, "linux");
}

TEST(EventXml, IsTheSameAtEveryChunkSizeAndInUtf16) {
  std::string all = "<Events>";
  for (int i = 0; i < 40; ++i)
    all += event_with("<EventData><Data Name='X'>" + std::to_string(i) + "</Data></EventData>") + "\r\n";
  all += "</Events>";
  const DecodedRows whole = decode_rows(all);
  ASSERT_EQ(whole.rows.size(), 40U);
  for (const std::size_t step : {1U, 7U, 100U, 4096U})
    EXPECT_EQ(decode_rows(all, step).rows, whole.rows) << step;
  std::string wide = "\xFF\xFE";
  for (const char c : all) wide += std::string{c, '\0'};
  EXPECT_EQ(decode_rows(wide).rows, whole.rows);
}

TEST(EventXml, LongerThanTheLimitIsQuarantinedAndReadingGoesOn) {
  const std::string good = event_with("");
  const DecodedRows decoded =
      decode_rows(good + "<Event>" + std::string((16U << 20) + 5, 'x') + "</Event>" + good + "\n");
  EXPECT_EQ(decoded.receipt.records_decoded, 2U);
  EXPECT_EQ(decoded.receipt.records_quarantined, 1U);
}

TEST(OtherXml, IsListedAndNotRead) {
  const DecodedRows decoded = decode_rows("<?xml version='1.0'?><!DOCTYPE x><html><Event/></html>");
  EXPECT_TRUE(decoded.rows.empty());
  EXPECT_TRUE(decoded.receipt.not_evidence);
}

}  // namespace
}  // namespace landwarden::decode::xml
