// What the tables of content/layouts make of records as other tools write them.

#include <gtest/gtest.h>

#include "decode/decoded_rows.h"
#include "decode/json/positions.h"
#include "decode/json/times.h"

namespace landwarden::decode {
namespace {

using Shape = event::Shape;

DecodedRow one(const std::string& text, const std::string& kind) {
  const DecodedRows decoded = decode_rows(text);
  EXPECT_EQ(decoded.receipt.kind, kind);
  EXPECT_EQ(decoded.rows.size(), 1U);
  return decoded.rows.empty() ? DecodedRow{} : decoded.rows[0];
}

const std::string kXml =
    "<Event xmlns='x'><System><Provider Name='P'/><EventID>7</EventID><Channel>C</Channel>"
    "<Computer>PC1</Computer></System><EventData><Data Name='Image'>a.exe</Data></EventData></Event>";
const Shape kXmlShape{"windows", "C", "P", 7, 0};

TEST(Layouts, SplunkKeepsTheXmlInRaw) {
  const DecodedRow json =
      one(R"({"preview":false,"result":{"_raw":")" + kXml + R"(","host":"h"}})", "json (splunk raw xml)");
  EXPECT_EQ(json.shape, kXmlShape);
  EXPECT_EQ(json.field("Image"), "a.exe");
  EXPECT_EQ(json.field("Splunk.host"), "h");
  EXPECT_EQ(json.field("_raw"), "(absent)");
  const DecodedRow csv = one("_time,host,_raw\n1,h,\"" + kXml + "\"\n", "csv (splunk raw xml)");
  EXPECT_EQ(csv.shape, kXmlShape);
  EXPECT_EQ(csv.field("Image"), "a.exe");
}

TEST(Layouts, ShippersKeepTheXmlInAMessage) {
  const DecodedRow row =
      one(R"({"@timestamp":"2026-03-02T07:15:00Z","message":")" + kXml + R"("})", "json (xml in a value)");
  EXPECT_EQ(row.shape, kXmlShape);
  EXPECT_EQ(row.host, "PC1");
}

TEST(Layouts, VelociraptorKeepsObjectsAndSeconds) {
  const DecodedRow row = one(
      R"({"System":{"Provider":{"Name":"P","Guid":"G"},"EventID":{"Value":4688},"Version":2,"Keywords":9232379236109516800,
          "TimeCreated":{"SystemTime":1772435700.1234567},"EventRecordID":9,"Correlation":{},"Execution":{"ProcessID":4},
          "Channel":"Security","Computer":"PC1","Security":{}},"EventData":{"NewProcessName":"a.exe"},"Message":"m"})",
      "json (velociraptor)");
  EXPECT_EQ(row.shape, (Shape{"windows", "Security", "P", 4688, 2}));
  EXPECT_EQ(row.time, "2026-03-02T07:15:00.1234567Z");
  EXPECT_EQ(row.record_id, 9U);
  EXPECT_EQ(row.field("System.Keywords"), "0x8020000000000000");
  EXPECT_EQ(row.field("NewProcessName"), "a.exe");
  const DecodedRow user = one(
      R"({"System":{"Provider":{"Name":"P"},"EventID":{"Value":21},"Channel":"C"},"UserData":{"EventXML":{"User":"ann"}}})",
      "json (velociraptor)");
  EXPECT_EQ(user.field("User"), "ann");
}

TEST(Layouts, WazuhGetsItsCapitalsBack) {
  const DecodedRow row = one(
      R"({"timestamp":"t","data":{"win":{"system":{"providerName":"P","eventID":"4688","version":"2","systemTime":
          "2026-03-02T07:15:00.1234567Z","eventRecordID":"9","channel":"Security","computer":"PC1"},"eventdata":
          {"newProcessName":"a.exe","param1":"x"},"logFileCleared":{"subjectUserName":"ann"}}}})",
      "json (wazuh)");
  EXPECT_EQ(row.shape, (Shape{"windows", "Security", "P", 4688, 2}));
  EXPECT_EQ(row.field("NewProcessName"), "a.exe");
  EXPECT_EQ(row.field("param1"), "x");
  EXPECT_EQ(row.field("SubjectUserName"), "ann");
}

std::string powershell(const std::string& provider, int id, const std::string& properties) {
  return R"({"Id":)" + std::to_string(id) + R"(,"Version":0,"RecordId":9,"ProviderName":")" + provider +
         R"(","LogName":"Security","MachineName":"PC1","TimeCreated":"\/Date(1772435700123)\/",
         "Keywords":-9214364837600034816,"UserId":{"BinaryLength":12,"Value":"S-1-5-18"},"Properties":[)" +
         properties + "]}";
}

TEST(Layouts, PowerShellsValuesGetTheNamesOfKnownEvents) {
  const DecodedRow row =
      one(powershell("Microsoft-Windows-Security-Auditing", 4776,
                     R"({"Value":"MICROSOFT"},{"Value":"ann"},{"Value":null},{"Value":0})"),
          "json (powershell)");
  EXPECT_EQ(row.time, "2026-03-02T07:15:00.1230000Z");
  EXPECT_EQ(row.field("System.Keywords"), "0x8020000000000000");
  EXPECT_EQ(row.field("System.Security_UserID"), "S-1-5-18");
  EXPECT_EQ(row.field("TargetUserName"), "ann");
  EXPECT_EQ(row.field("Workstation"), "");
  EXPECT_EQ(row.field("Status"), "0");
}

TEST(Layouts, PowerShellsValuesOfUnknownEventsAreAList) {
  const DecodedRows decoded = decode_rows(powershell("Somebody", 1, R"({"Value":"a"},{"Value":"b"})"));
  ASSERT_EQ(decoded.rows.size(), 1U);
  EXPECT_EQ(decoded.rows[0].field("Data"), "a|b");
  EXPECT_EQ(decoded.receipt.notes.at(0),
            "values without names, of events whose names are not known here: kept as a list in Data");
}

TEST(Layouts, DefendersProcessesAreReadAsSysmons) {
  const DecodedRow row = one(
      R"({"Timestamp":"2026-03-02T07:15:00.1234567Z","DeviceId":"1","DeviceName":"PC1","ReportId":9,"ActionType":"ProcessCreated",
          "FolderPath":"C:\\a.exe","ProcessCommandLine":"a b","AccountDomain":"EX","AccountName":"ann","SHA1":"11","MD5":"22",
          "InitiatingProcessFolderPath":"C:\\p.exe","InitiatingProcessCommandLine":"p","LogonId":999})",
      "json (defender for endpoint)");
  EXPECT_EQ(row.shape, (Shape{"windows", "Microsoft-Windows-Sysmon/Operational",
                              "Microsoft Defender for Endpoint", 1, 0}));
  EXPECT_EQ(row.host, "PC1");
  EXPECT_EQ(row.field("Image"), "C:\\a.exe");
  EXPECT_EQ(row.field("CommandLine"), "a b");
  EXPECT_EQ(row.field("ParentImage"), "C:\\p.exe");
  EXPECT_EQ(row.field("User"), "EX\\ann");
  EXPECT_EQ(row.field("Hashes"), "SHA1=11,MD5=22");
  EXPECT_EQ(row.field("LogonId"), "0x3e7");
}

TEST(Layouts, DefendersOtherTables) {
  const std::string front =
      R"({"Timestamp":"2026-03-02T07:15:00Z","DeviceId":"1","DeviceName":"PC1","ActionType":)";
  const std::string kind = "json (defender for endpoint)";
  const DecodedRow value =
      one(front + R"("RegistryValueSet","RegistryKey":"HKEY_LOCAL_MACHINE\\Run","RegistryValueName":"x",
      "RegistryValueData":"y","InitiatingProcessFolderPath":"p.exe"})",
          kind);
  EXPECT_EQ(value.shape.event_id, 13U);
  EXPECT_EQ(value.field("TargetObject"), "HKLM\\Run\\x");
  EXPECT_EQ(value.field("Details"), "y");
  EXPECT_EQ(value.field("Image"), "p.exe");
  const DecodedRow logon = one(
      front + R"("LogonFailed","AccountName":"ann","LogonType":"RemoteInteractive","RemoteIP":"10.0.0.1"})",
      kind);
  EXPECT_EQ(logon.shape.channel, "Security");
  EXPECT_EQ(logon.shape.event_id, 4625U);
  EXPECT_EQ(logon.field("LogonType"), "10");
  EXPECT_EQ(logon.field("IpAddress"), "10.0.0.1");
  const DecodedRow task =
      one(front + R"("ScheduledTaskCreated","AdditionalFields":"{\"TaskName\":\"\\\\t\"}"})", kind);
  EXPECT_EQ(task.shape.event_id, 4698U);
  EXPECT_EQ(task.field("TaskName"), "\\t");
  const DecodedRow other = one(front + R"("SomethingNew","FolderPath":"a"})", kind);
  EXPECT_EQ(other.shape.channel, "Microsoft Defender for Endpoint");
  EXPECT_EQ(other.shape.event_id, std::nullopt);
  EXPECT_EQ(other.field("FolderPath"), "a");
}

TEST(Layouts, ElasticDefendIsReadAsSysmonWhereItRunsOnWindows) {
  const std::string process =
      R"("event":{"module":"endpoint","category":["process"],"action":"start","sequence":5},"process":{"executable":"a.exe",
      "command_line":"a b","pid":4,"parent":{"executable":"p.exe"},"hash":{"sha256":"33"}},"user":{"domain":"EX","name":"ann"},)"
      R"("@timestamp":"2026-03-02T07:15:00Z")";
  const DecodedRow row =
      one(R"({"host":{"name":"PC1","os":{"type":"windows"}},)" + process + "}", "json (elastic defend)");
  EXPECT_EQ(row.shape, (Shape{"windows", "Microsoft-Windows-Sysmon/Operational", "Elastic Defend", 1, 0}));
  EXPECT_EQ(row.field("Image"), "a.exe");
  EXPECT_EQ(row.field("ParentImage"), "p.exe");
  EXPECT_EQ(row.field("User"), "EX\\ann");
  EXPECT_EQ(row.field("Hashes"), "SHA256=33");
}

TEST(Layouts, ElasticDefendElsewhereIsOfItsOwnProduct) {
  const std::string process =
      R"("event":{"module":"endpoint","category":["process"],"type":["start"],"action":"exec"},
      "process":{"executable":"/usr/bin/curl","command_line":"curl x","pid":4,"parent":{"executable":"/bin/sh"}},
      "user":{"name":"ann"},"@timestamp":"2026-03-02T07:15:00Z")";
  for (const auto& [os, name] : {std::pair{"linux", "json (elastic defend on Linux)"},
                                 std::pair{"macos", "json (elastic defend on macOS)"}}) {
    const DecodedRow row =
        one(R"({"host":{"name":"pc1","os":{"type":")" + std::string(os) + R"("}},)" + process + "}", name);
    EXPECT_EQ(row.shape, (Shape{os, "Elastic Defend", "Elastic Defend", 1, 0}));
    EXPECT_EQ(row.field("Image"), "/usr/bin/curl");
    EXPECT_EQ(row.field("ParentImage"), "/bin/sh");
    EXPECT_EQ(row.field("CommandLine"), "curl x");
    EXPECT_EQ(row.time, "2026-03-02T07:15:00.0000000Z");
  }
}

/// A record, the product and channel that it gives, one field and its value.
struct Recognised {
  const char *record, *kind, *product, *channel, *field, *value;
};

constexpr Recognised kRecognised[] = {
    {R"({"eventVersion":"1.08","eventTime":"2026-03-02T07:15:00Z","eventSource":"iam.amazonaws.com",
      "eventName":"CreateUser","awsRegion":"eu-west-1","userIdentity":{"type":"Root"},"recipientAccountId":"1"})",
     "aws cloudtrail", "aws", "cloudtrail", "userIdentity.type", "Root"},
    {R"({"time":"2026-03-02T07:15:00Z","resourceId":"/tenants/x","operationName":"Add member to group",
      "category":"AuditLogs","properties":{"result":"success"}})",
     "azure monitor", "azure", "AuditLogs", "OperationName", "Add member to group"},
    {R"({"time":"2026-03-02T07:15:00Z","resourceId":"/tenants/x","operationName":"Add member to group",
      "category":"AuditLogs"})",
     "azure monitor", "azure", "AuditLogs", "operationName", "Add member to group"},
    {R"({"TimeGenerated":"2026-03-02T07:15:00Z","TenantId":"t","OperationName":"Sign-in activity",
      "Category":"SignInLogs","ResultType":"50053"})",
     "azure monitor", "azure", "SignInLogs", "resultType", "50053"},
    {R"({"id":"1","riskEventType":"anonymizedIPAddress","activityDateTime":"2026-03-02T07:15:00Z"})",
     "entra risk detection", "azure", "riskdetection", "riskEventType", "anonymizedIPAddress"},
    {R"({"timestamp":"2026-03-02T07:15:00Z","logName":"x","protoPayload":{
      "@type":"type.googleapis.com/google.cloud.audit.AuditLog","methodName":"v1.x","serviceName":"s"}})",
     "gcp audit", "gcp", "gcp.audit", "protoPayload.methodName", "v1.x"},
    {R"({"kind":"admin#reports#activity","id":{"time":"2026-03-02T07:15:00Z","applicationName":"admin"},
      "events":[{"type":"T","name":"N"}]})",
     "google workspace", "gcp", "google_workspace.admin", "eventService", "admin.googleapis.com"},
    {R"({"@timestamp":1772435700000,"_document_id":"a","action":"org.block_user","actor":"b"})",
     "github audit", "github", "audit", "action", "org.block_user"},
    {R"({"CreationTime":"2026-03-02T07:15:00","Operation":"New-InboxRule","Workload":"Exchange","RecordType":1})",
     "m365 audit", "m365", "audit", "Operation", "New-InboxRule"},
    {R"({"CreationDate":"2026-03-02T07:15:00Z","Operations":"New-InboxRule","AuditData":
      "{\"CreationTime\":\"2026-03-02T07:15:00\",\"Operation\":\"New-InboxRule\",\"Workload\":\"Exchange\"}"})",
     "m365 audit", "m365", "audit", "Workload", "Exchange"},
    {R"({"published":"2026-03-02T07:15:00Z","eventType":"user.session.start","displayMessage":"x","uuid":"1"})",
     "okta system log", "okta", "okta", "eventType", "user.session.start"},
    {R"({"event_type_id":10,"account_id":1,"event_timestamp":"2026-03-02T07:15:00Z"})", "onelogin events",
     "onelogin", "onelogin.events", "event_type_id", "10"},
    {R"({"timestamp":"2026-03-02T07:15:00Z","auditType":{"action":"Project deleted","category":"Projects"}})",
     "bitbucket audit", "bitbucket", "audit", "auditType.category", "Projects"},
    {R"({"isotimestamp":"2026-03-02T07:15:00Z","event_type":"authentication","txid":"1","factor":"x","reason":"r"})",
     "cisco duo", "cisco", "duo", "reason", "r"},
    {R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"create","requestReceivedTimestamp":"2026-03-02T07:15:00Z",
      "objectRef":{"resource":"pods"}})",
     "kubernetes audit", "kubernetes", "audit", "objectRef.resource", "pods"},
    {R"({"utc_time":"2026-03-02 07:15:00","logtype":2000,"node_id":"n","src_host":"1.2.3.4"})", "opencanary",
     "opencanary", "opencanary", "logtype", "2000"},
    {R"({"_path":"dns","ts":"2026-03-02T07:15:00Z","uid":"C","id.resp_p":53,"query":"a.example"})", "zeek",
     "zeek", "dns", "query", "a.example"},
    {R"({"_path":"conn","ts":1772435700.0,"uid":"C","id.resp_p":53})", "zeek", "zeek", "conn", "id.resp_p",
     "53"},
    {R"({"date":"2026-03-02","time":"07:15:00","cs-method":"GET","cs-uri-stem":"/x","sc-status":200})",
     "w3c web log", "web", "w3c", "cs-uri-stem", "/x"},
};

TEST(Layouts, RecordsOfOtherProductsSayWhatTheyAre) {
  for (const Recognised& expected : kRecognised) {
    SCOPED_TRACE(expected.record);
    const DecodedRow row = one(expected.record, "json (" + std::string(expected.kind) + ")");
    EXPECT_EQ(row.shape.product, expected.product);
    EXPECT_EQ(row.shape.channel, expected.channel);
    EXPECT_EQ(row.field(expected.field), expected.value);
    EXPECT_EQ(row.time, "2026-03-02T07:15:00.0000000Z");
  }
}

TEST(Layouts, EvtxECmdsCsvHoldsItsDataAsJson) {
  const DecodedRow row =
      one("RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,Computer,MapDescription,"
          "Payload\r\n"
          "9,9,2026-03-02 07:15:00.1234567,4688,Info,P,Security,PC1,\"a, b\","
          "\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"NewProcessName\"\",\"\"#text\"\":\"\"a "
          "-&gt; b\"\"}]}}\"\r\n",
          "csv (evtxecmd)");
  EXPECT_EQ(row.time, "2026-03-02T07:15:00.1234567Z");
  EXPECT_EQ(row.field("NewProcessName"), "a -> b");
  EXPECT_EQ(row.field("System.Level"), "4");
}

TEST(Layouts, TimesInOtherForms) {
  const auto time = [](const char* text) {
    std::string buffer;
    return std::string(json::time_text(text, buffer));
  };
  EXPECT_EQ(time("1772435700"), "2026-03-02T07:15:00.0000000Z");
  EXPECT_EQ(time("1772435700.5"), "2026-03-02T07:15:00.5000000Z");
  EXPECT_EQ(time("1772435700123"), "2026-03-02T07:15:00.1230000Z");
  EXPECT_EQ(time("1772435700123456"), "2026-03-02T07:15:00.1234560Z");
  EXPECT_EQ(time("1772435700123456700"), "2026-03-02T07:15:00.1234567Z");
  EXPECT_EQ(time("134169093001234567"), "2026-03-02T07:15:00.1234567Z");
  EXPECT_EQ(time("/Date(1772435700123+0100)/"), "2026-03-02T07:15:00.1230000Z");
  EXPECT_EQ(time("Mar 2, 2026 7:15:00 PM"), "2026-03-02T19:15:00.0000000Z");
  EXPECT_EQ(time("3/2/2026, 12:15:00.5 AM"), "2026-03-02T00:15:00.5000000Z");
  for (const char* other :
       {"", "x", "-5", "13/45/2026 7:15:00", "2026-03-02T07:15:00Z", "/Date(x)/", "1.2.3"})
    EXPECT_EQ(time(other), other);
}

TEST(Layouts, NamesOfEventsAreKnownByProviderIdAndNumberOfValues) {
  EXPECT_NE(json::names_of_event("Microsoft-Windows-Sysmon", 1, 23), nullptr);
  EXPECT_EQ(json::names_of_event("Microsoft-Windows-Sysmon", 1, 5), nullptr);
  EXPECT_EQ(json::names_of_event("Nobody", 1, 23), nullptr);
}

}  // namespace
}  // namespace landwarden::decode
