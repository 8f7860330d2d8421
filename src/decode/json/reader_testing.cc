#include "decode/json/reader_testing.h"

namespace landwarden::decode::json {

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

}  // namespace landwarden::decode::json
