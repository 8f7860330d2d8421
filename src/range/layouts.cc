#include "range/layouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "range/layout_text.h"

namespace landwarden::range {
namespace {

constexpr const char* kCsvNames =
    "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,"
    "ChunkNumber,"
    "UserId,MapDescription,UserName,RemoteHost,PayloadData1,ExecutableInfo,HiddenRecord,SourceFile,Keywords,"
    "ExtraDataOffset,Payload\r\n";

std::string keywords_of(const PlainEvent& event) {
  return fmt::format("0x{:x}", event.kind->keywords);
}

// --- XML ---

std::string xml_of(const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  std::string out = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>";
  out += fmt::format("<Provider Name='{}'", xml_text(kind.provider.name));
  if (kind.provider.guid != nullptr) out += fmt::format(" Guid='{}'", kind.provider.guid);
  if (kind.provider.event_source != nullptr)
    out += fmt::format(" EventSourceName='{}'", kind.provider.event_source);
  out += "/><EventID";
  if (kind.qualifiers >= 0) out += fmt::format(" Qualifiers='{}'", kind.qualifiers);
  out += fmt::format(
      ">{}</EventID><Version>{}</Version><Level>{}</Level><Task>{}</Task><Opcode>{}</Opcode>"
      "<Keywords>{}</Keywords><TimeCreated SystemTime='{}'/><EventRecordID>{}</EventRecordID>",
      kind.id, kind.version, kind.level, kind.task, kind.opcode, keywords_of(event), event.time,
      event.record_id);
  out += event.activity_id.empty() ? "<Correlation/>"
                                   : fmt::format("<Correlation ActivityID='{}'/>", event.activity_id);
  out += fmt::format(
      "<Execution ProcessID='{}' "
      "ThreadID='{}'/><Channel>{}</Channel><Computer>{}</Computer><Security{}/></System>",
      event.process_id, event.thread_id, xml_text(kind.channel), xml_text(event.computer),
      event.user.empty() ? "" : " UserID='" + event.user + "'");
  if (kind.layout == Layout::user_data) {
    out += fmt::format("<UserData><{} xmlns='{}'>", kind.root, kind.xmlns);
    for (const PlainValue& value : event.data)
      out += fmt::format("<{0}>{1}</{0}>", value.name, xml_text(value.text));
    return out + fmt::format("</{}></UserData></Event>", kind.root);
  }
  out += *kind.root == '\0' ? std::string("<EventData>") : fmt::format("<EventData Name='{}'>", kind.root);
  for (const PlainValue& value : event.data) {
    out += value.name.empty() ? std::string("<Data>") : fmt::format("<Data Name='{}'>", xml_text(value.name));
    out += xml_text(value.text) + "</Data>";
  }
  if (!event.binary.empty()) out += "<Binary>" + event.binary + "</Binary>";
  return out + "</EventData></Event>";
}

bool wevtutil(std::string& out, const PlainEvent& event) {
  out += xml_of(event);
  return true;
}

bool event_viewer(std::string& out, const PlainEvent& event) {
  std::string xml = xml_of(event);
  xml.resize(xml.size() - std::string_view("</Event>").size());
  out +=
      xml +
      "<RenderingInfo Culture='en-US'><Message>As Event Viewer shows it: &lt;Event&gt; &amp; more.</Message>"
      "<Level>Information</Level><Keywords><Keyword>Audit "
      "Success</Keyword></Keywords></RenderingInfo></Event>";
  return true;
}

bool syslog_xml(std::string& out, const PlainEvent& event) {
  if (event.kind->channel != std::string_view(kSysmonChannel)) return false;
  const Civil civil = to_civil(event.moment);
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::string xml = xml_of(event);
  std::replace(xml.begin(), xml.end(), '\n', ' ');
  out +=
      fmt::format("{} {:>2} {:02}:{:02}:{:02} {} sysmon: {}", kMonths[civil.month - 1], civil.day, civil.hour,
                  civil.minute, civil.second, event.computer.substr(0, event.computer.find('.')), xml);
  return true;
}

bool syslog_json(std::string& out, const PlainEvent& event) {
  if (event.kind->channel != std::string_view(kSysmonChannel)) return false;
  Json json(out);
  json.open().text("@timestamp", event.time).open("host").text("name", event.computer).close();
  json.text("message", xml_of(event)).close();
  return true;
}

bool splunk_json(std::string& out, const PlainEvent& event) {
  Json json(out);
  json.open().raw("preview", "false").raw("offset", "0").open("result");
  json.text("_raw", xml_of(event)).text("_time", event.time).text("host", event.computer);
  json.text("sourcetype", "XmlWinEventLog").close().close();
  return true;
}

bool splunk_csv(std::string& out, const PlainEvent& event) {
  out += csv_row({event.time, event.computer, "XmlWinEventLog", xml_of(event)}, ',');
  return true;
}

// --- the event's XML as JSON ---

void put_value(Json& json, const std::string& name, const PlainValue& value) {
  if (value.number || value.boolean) {
    json.raw(name, value.text);
  } else {
    json.text(name, value.text);
  }
}

/// As evtx_dump writes EventData and UserData.
void put_data(Json& json, const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  if (kind.layout == Layout::user_data) {
    json.open("UserData").open(kind.root).open("#attributes").text("xmlns", kind.xmlns).close();
    for (const PlainValue& value : event.data) put_value(json, value.name, value);
    json.close().close();
    return;
  }
  json.open("EventData");
  if (*kind.root != '\0') json.open("#attributes").text("Name", kind.root).close();
  if (kind.layout == Layout::classic) {
    json.open("Data").texts("#text", values_of(event.data)).close().raw("Binary", "null");
  } else {
    for (const PlainValue& value : event.data) put_value(json, value.name, value);
    if (!event.binary.empty()) json.text("Binary", event.binary);
  }
  json.close();
}

void put_attributes(Json& json, bool beside, const char* name,
                    const std::vector<std::pair<const char*, std::string>>& attributes) {
  if (attributes.empty()) return;
  json.open(beside ? std::string(name) + "_attributes" : std::string(name));
  if (!beside) json.open("#attributes");
  for (const auto& [key, value] : attributes) json.text(key, value);
  if (!beside) json.close();
  json.close();
}

bool dump(std::string& out, const PlainEvent& event, bool beside) {
  const EventKind& kind = *event.kind;
  Json json(out);
  json.open().open("Event");
  json.open(beside ? "Event_attributes" : "#attributes")
      .text("xmlns", "http://schemas.microsoft.com/win/2004/08/events/event")
      .close();
  json.open("System");
  std::vector<std::pair<const char*, std::string>> provider = {{"Name", kind.provider.name}};
  if (kind.provider.guid != nullptr) provider.emplace_back("Guid", kind.provider.guid);
  if (kind.provider.event_source != nullptr)
    provider.emplace_back("EventSourceName", kind.provider.event_source);
  put_attributes(json, beside, "Provider", provider);
  if (kind.qualifiers >= 0 && !beside) {
    json.open("EventID").open("#attributes").number("Qualifiers", kind.qualifiers).close();
    json.number("#text", kind.id).close();
  } else {
    json.number("EventID", kind.id);
  }
  json.number("Version", kind.version).number("Level", kind.level).number("Task", kind.task);
  json.number("Opcode", kind.opcode).text("Keywords", keywords_of(event));
  put_attributes(json, beside, "TimeCreated", {{"SystemTime", event.time}});
  json.number("EventRecordID", event.record_id);
  if (!event.activity_id.empty())
    put_attributes(json, beside, "Correlation", {{"ActivityID", event.activity_id}});
  put_attributes(
      json, beside, "Execution",
      {{"ProcessID", std::to_string(event.process_id)}, {"ThreadID", std::to_string(event.thread_id)}});
  json.text("Channel", kind.channel).text("Computer", event.computer);
  if (!event.user.empty()) put_attributes(json, beside, "Security", {{"UserID", event.user}});
  json.close();
  put_data(json, event);
  json.close().close();
  return true;
}

bool evtx_dump(std::string& out, const PlainEvent& event) {
  return dump(out, event, false);
}
bool evtx_dump_separate(std::string& out, const PlainEvent& event) {
  return dump(out, event, true);
}

// --- EvtxECmd ---

std::string payload_of(const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  std::string out;
  Json json(out);
  json.open();
  if (kind.layout == Layout::user_data) {
    json.open("UserData").open(kind.root).text("@xmlns", kind.xmlns);
    for (const PlainValue& value : event.data) json.text(value.name, xml_text(value.text));
    json.close().close().close();
    return out;
  }
  json.open("EventData");
  if (kind.layout == Layout::classic) {
    std::string all;
    for (const PlainValue& value : event.data) all += (all.empty() ? "" : ", ") + xml_text(value.text);
    json.text("Data", all).text("Binary", "");
  } else {
    std::string list = "[";
    for (const PlainValue& value : event.data) {
      if (list.size() > 1) list += ',';
      Json one(list);
      one.open().text("@Name", value.name).text("#text", xml_text(value.text)).close();
    }
    json.raw("Data", list + "]");
    if (!event.binary.empty()) json.text("Binary", event.binary);
  }
  json.close().close();
  return out;
}

const char* evtxecmd_level(const PlainEvent& event) {
  constexpr const char* kLevels[] = {"LogAlways", "Critical", "Error", "Warning", "Info", "Verbose"};
  return kLevels[std::min<unsigned>(event.kind->level, 5)];
}

bool evtxecmd_json(std::string& out, const PlainEvent& event) {
  Json json(out);
  json.open().text("PayloadData1", "by a map").text("MapDescription", "a map's words");
  json.text("ChunkNumber", "0").text("Computer", event.computer).text("Payload", payload_of(event));
  json.text("UserId", event.user)
      .text("Channel", event.kind->channel)
      .text("Provider", event.kind->provider.name);
  json.number("EventId", event.kind->id).text("EventRecordId", std::to_string(event.record_id));
  json.number("ProcessId", event.process_id).number("ThreadId", event.thread_id);
  json.text("Level", evtxecmd_level(event))
      .text("SourceFile", "C:\\logs\\a.evtx")
      .raw("HiddenRecord", "false");
  json.text("TimeCreated", event.time.substr(0, event.time.size() - 1) + "+00:00");
  json.number("RecordNumber", event.record_id).close();
  return true;
}

bool evtxecmd_csv(std::string& out, const PlainEvent& event) {
  std::string time = event.time.substr(0, event.time.size() - 1);
  time[10] = ' ';
  const std::string id = std::to_string(event.record_id);
  out += csv_row({id,
                  id,
                  time,
                  std::to_string(event.kind->id),
                  evtxecmd_level(event),
                  event.kind->provider.name,
                  event.kind->channel,
                  std::to_string(event.process_id),
                  std::to_string(event.thread_id),
                  event.computer,
                  "0",
                  event.user,
                  "a map's words, quoted",
                  "",
                  "",
                  "by a map",
                  "",
                  "False",
                  "C:\\logs\\a.evtx",
                  "",
                  "0",
                  payload_of(event)},
                 ',');
  return true;
}

// --- shippers ---

void put_named(Json& json, const PlainEvent& event) {
  std::size_t number = 0;
  for (const PlainValue& value : event.data) {
    json.text(value.name.empty() ? fmt::format("param{}", ++number) : value.name, value.text);
  }
  if (!event.binary.empty()) json.text("Binary", event.binary);
}

std::string millis(const std::string& time) {
  return time.substr(0, 23) + "Z";
}

const char* beat_level(const PlainEvent& event) {
  constexpr const char* kLevels[] = {"information", "critical", "error", "warning", "information", "verbose"};
  return kLevels[std::min<unsigned>(event.kind->level, 5)];
}

void put_winlog(Json& json, const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  json.open("winlog").text("channel", kind.channel).text("event_id", std::to_string(kind.id));
  json.text("provider_name", kind.provider.name);
  if (kind.provider.guid != nullptr) json.text("provider_guid", kind.provider.guid);
  json.number("record_id", event.record_id)
      .text("computer_name", event.computer)
      .number("version", kind.version);
  json.text("opcode", "Info").text("task", "None").text("api", "wineventlog");
  json.open("process")
      .number("pid", event.process_id)
      .open("thread")
      .number("id", event.thread_id)
      .close()
      .close();
  if (!event.user.empty()) json.open("user").text("identifier", event.user).text("type", "User").close();
  json.open(kind.layout == Layout::user_data ? "user_data" : "event_data");
  put_named(json, event);
  if (kind.layout == Layout::user_data) json.text("xml_name", kind.root);
  json.close().close();
}

void put_beat(Json& json, const PlainEvent& event, const char* version) {
  json.open().text("@timestamp", millis(event.time)).open("agent").text("type", "winlogbeat");
  json.text("version", version).close();
  put_winlog(json, event);
  json.open("event").text("code", std::to_string(event.kind->id)).text("kind", "event");
  json.text("provider", event.kind->provider.name).close();
  json.open("host").text("name", event.computer).close().open("log").text("level", beat_level(event)).close();
  if (const std::string& image = event.value("Image"); !image.empty()) {
    json.open("process").text("executable", image).text("command_line", event.value("CommandLine")).close();
  }
  json.close();
}

bool winlogbeat7(std::string& out, const PlainEvent& event) {
  Json json(out);
  put_beat(json, event, "7.17.0");
  return true;
}

bool winlogbeat8(std::string& out, const PlainEvent& event) {
  Json json(out);
  json.open().text("_index", "winlogbeat-8").text("_id", "x");
  std::string source;
  Json inner(source);
  put_beat(inner, event, "8.11.0");
  json.raw("_source", source).close();
  return true;
}

bool winlogbeat6(std::string& out, const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  Json json(out);
  json.open().text("@timestamp", millis(event.time)).open("beat").text("hostname", "x").close();
  json.text("log_name", kind.channel).number("event_id", kind.id).text("source_name", kind.provider.name);
  json.text("record_number", std::to_string(event.record_id)).text("computer_name", event.computer);
  json.number("process_id", event.process_id)
      .number("thread_id", event.thread_id)
      .number("version", kind.version);
  json.text("level", "Information").text("type", "wineventlog");
  json.open(kind.layout == Layout::user_data ? "user_data" : "event_data");
  put_named(json, event);
  json.close().close();
  return true;
}

bool nxlog(std::string& out, const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  Json json(out);
  std::string time = event.time.substr(0, 26);
  time[10] = ' ';
  json.open().text("EventTime", time).text("Hostname", event.computer);
  json.raw("Keywords", std::to_string(static_cast<std::int64_t>(kind.keywords)));
  json.text("EventType", kind.level == 0 ? "AUDIT_SUCCESS" : "INFO").text("Severity", "INFO");
  json.number("EventID", kind.id).text("SourceName", kind.provider.name);
  if (kind.provider.guid != nullptr) json.text("ProviderGuid", kind.provider.guid);
  json.number("Version", kind.version).number("TaskValue", kind.task).number("OpcodeValue", kind.opcode);
  json.number("RecordNumber", event.record_id).number("ExecutionProcessID", event.process_id);
  json.number("ExecutionThreadID", event.thread_id).text("Channel", kind.channel);
  for (const PlainValue& value : event.data) {
    if (!value.name.empty() && value.name != "Channel") json.text(value.name, value.text);
  }
  json.text("EventReceivedTime", time.substr(0, 19)).text("SourceModuleName", "eventlog");
  json.text("SourceModuleType", "im_msvistalog")
      .text("@timestamp", time.substr(0, 10) + "T" + time.substr(11) + "Z");
  json.close();
  return true;
}

bool wazuh(std::string& out, const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  Json json(out);
  json.open().text("timestamp", millis(event.time)).open("agent").text("id", "001").text("name", "x").close();
  json.open("data").open("win").open("system").text("providerName", kind.provider.name);
  if (kind.provider.guid != nullptr) json.text("providerGuid", kind.provider.guid);
  json.text("eventID", std::to_string(kind.id)).text("version", std::to_string(kind.version));
  json.text("level", std::to_string(kind.level)).text("task", std::to_string(kind.task));
  json.text("opcode", std::to_string(kind.opcode)).text("keywords", keywords_of(event));
  json.text("systemTime", event.time).text("eventRecordID", std::to_string(event.record_id));
  json.text("processID", std::to_string(event.process_id)).text("threadID", std::to_string(event.thread_id));
  json.text("channel", kind.channel)
      .text("computer", event.computer)
      .text("severityValue", "INFORMATION")
      .close();
  json.open(kind.layout == Layout::user_data ? first_small(kind.root) : "eventdata");
  std::string unnamed;
  for (const PlainValue& value : event.data) {
    if (!value.name.empty()) {
      json.text(first_small(value.name), value.text);
    } else {
      unnamed += (unnamed.empty() ? "" : ", ") + value.text;
    }
  }
  if (!unnamed.empty()) json.text("data", unnamed);
  if (!event.binary.empty()) json.text("binary", event.binary);
  json.close().close().close().text("location", "EventChannel").close();
  return true;
}

// --- Windows' own and responders' tools ---

bool velociraptor(std::string& out, const PlainEvent& event) {
  const EventKind& kind = *event.kind;
  Json json(out);
  json.open().open("System").open("Provider").text("Name", kind.provider.name);
  if (kind.provider.guid != nullptr) json.text("Guid", kind.provider.guid);
  json.close().open("EventID").number("Value", kind.id).close().number("Version", kind.version);
  json.number("Level", kind.level).number("Task", kind.task).number("Opcode", kind.opcode);
  json.raw("Keywords", std::to_string(kind.keywords));
  const std::int64_t since = event.moment.ticks - kUnixEpochTicks;
  json.open("TimeCreated");
  json.raw("SystemTime", fmt::format("{}.{:07}", since / kTicksPerSecond, since % kTicksPerSecond)).close();
  json.number("EventRecordID", event.record_id).open("Correlation").close();
  json.open("Execution").number("ProcessID", event.process_id).number("ThreadID", event.thread_id).close();
  json.text("Channel", kind.channel).text("Computer", event.computer).open("Security").close().close();
  if (kind.layout == Layout::user_data) {
    json.open("UserData").open(kind.root);
    for (const PlainValue& value : event.data) put_value(json, value.name, value);
    json.close().close();
  } else if (kind.layout == Layout::classic) {
    json.open("EventData").texts("Data", values_of(event.data)).close();
  } else {
    json.open("EventData");
    for (const PlainValue& value : event.data) put_value(json, value.name, value);
    json.close();
  }
  json.text("Message", "").close();
  return true;
}

bool powershell(std::string& out, const PlainEvent& event, const std::string& time) {
  const EventKind& kind = *event.kind;
  Json json(out);
  json.open().number("Id", kind.id).number("Version", kind.version).raw("Qualifiers", "null");
  json.number("Level", kind.level).number("Task", kind.task).number("Opcode", kind.opcode);
  json.raw("Keywords", std::to_string(static_cast<std::int64_t>(kind.keywords)));
  json.number("RecordId", event.record_id).text("ProviderName", kind.provider.name);
  if (kind.provider.guid != nullptr) json.text("ProviderId", kind.provider.guid);
  json.text("LogName", kind.channel)
      .number("ProcessId", event.process_id)
      .number("ThreadId", event.thread_id);
  json.text("MachineName", event.computer).text("TimeCreated", time).raw("ActivityId", "null");
  json.text("ContainerLog", kind.channel).raw("MatchedQueryIds", "[]").open("Bookmark").close();
  json.text("LevelDisplayName", "Information").text("Message", "As Windows words it.");
  if (!event.user.empty()) json.open("UserId").number("BinaryLength", 12).text("Value", event.user).close();
  std::string list = "[";
  for (const PlainValue& value : event.data) {
    if (list.size() > 1) list += ',';
    Json one(list);
    one.open();
    put_value(one, "Value", value);
    one.close();
  }
  json.raw("Properties", list + "]").close();
  return true;
}

bool powershell5(std::string& out, const PlainEvent& event) {
  const std::int64_t since = event.moment.ticks - kUnixEpochTicks;
  return powershell(out, event, fmt::format("/Date({})/", since / (kTicksPerSecond / 1000)));
}
bool powershell7(std::string& out, const PlainEvent& event) {
  return powershell(out, event, event.time);
}

// --- other sensors: what they would have recorded of the same deed ---

struct Account {
  std::string domain, name;
};
Account account_of(const std::string& user) {
  const std::size_t slash = user.find('\\');
  if (slash == user.npos) return {"", user};
  return {user.substr(0, slash), user.substr(slash + 1)};
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('\\') + 1);
}

std::string hash_of(const std::string& hashes, std::string_view kind) {
  const std::size_t at = hashes.find(std::string(kind) + "=");
  if (at == hashes.npos) return {};
  const std::size_t begin = at + kind.size() + 1;
  return hashes.substr(begin, std::min(hashes.find(',', begin), hashes.size()) - begin);
}

bool helk(std::string& out, const PlainEvent& event) {
  if (event.kind->channel != std::string_view(kSysmonChannel)) return false;
  constexpr std::pair<const char*, const char*> kNames[] = {
      {"ProcessGuid", "process_guid"},
      {"ProcessId", "process_id"},
      {"Image", "process_path"},
      {"CommandLine", "process_command_line"},
      {"CurrentDirectory", "process_current_directory"},
      {"IntegrityLevel", "process_integrity_level"},
      {"ParentImage", "process_parent_path"},
      {"ParentCommandLine", "process_parent_command_line"},
      {"ParentProcessGuid", "process_parent_guid"},
      {"ParentProcessId", "process_parent_id"},
      {"User", "user_account"},
      {"LogonId", "user_logon_id"},
      {"OriginalFileName", "file_name_original"},
      {"TargetFilename", "file_name"},
      {"TargetObject", "registry_key_path"},
      {"Details", "registry_key_value"},
      {"SourceIp", "src_ip_addr"},
      {"SourcePort", "src_port"},
      {"DestinationIp", "dst_ip_addr"},
      {"DestinationPort", "dst_port"},
      {"DestinationHostname", "dst_host_name"},
      {"QueryName", "dns_query_name"},
      {"ImageLoaded", "module_loaded"},
      {"SourceImage", "process_path_source"},
      {"TargetImage", "target_process_path"},
      {"GrantedAccess", "process_granted_access"},
      {"CallTrace", "process_call_trace"}};
  Json json(out);
  json.open().text("@timestamp", millis(event.time)).text("log_name", event.kind->channel);
  json.number("event_id", event.kind->id).text("source_name", event.kind->provider.name);
  json.text("host_name", event.computer).text("record_number", std::to_string(event.record_id));
  json.text("z_logstash_pipeline", "winevent");
  for (const PlainValue& value : event.data) {
    const auto* at = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const auto& pair) { return value.name == pair.first; });
    json.text(at == std::end(kNames) ? value.name : std::string(at->second), value.text);
  }
  json.close();
  return true;
}

const char* elastic_action(const PlainEvent& event, const char*& category) {
  const bool sysmon = event.kind->channel == std::string_view(kSysmonChannel);
  if (!sysmon) return nullptr;
  switch (event.kind->id) {
    case 1:
      category = "process";
      return "start";
    case 3:
      category = "network";
      return event.value("Initiated") == "true" ? "connection_attempted" : "connection_accepted";
    case 11:
      category = "file";
      return "creation";
    case 13:
      category = "registry";
      return "modification";
    case 22:
      category = "network";
      return "lookup_requested";
    case 26:
      category = "file";
      return "deletion";
    default:
      return nullptr;
  }
}

std::string full_hive(const std::string& key) {
  if (key.starts_with("HKLM\\")) return "HKEY_LOCAL_MACHINE\\" + key.substr(5);
  if (key.starts_with("HKU\\")) return "HKEY_USERS\\" + key.substr(4);
  return key;
}

bool elastic_defend(std::string& out, const PlainEvent& event) {
  const char* category = "";
  const char* action = elastic_action(event, category);
  if (action == nullptr) return false;
  const auto value = [&](const char* name) -> const std::string& { return event.value(name); };
  Json json(out);
  json.open().text("@timestamp", event.time).open("agent").text("type", "endpoint").close();
  json.open("event").text("module", "endpoint").texts("category", {category}).text("action", action);
  json.text("dataset", fmt::format("endpoint.events.{}", category))
      .number("sequence", event.record_id)
      .close();
  json.open("host").text("name", event.computer).open("os").text("type", "windows").close().close();
  const Account account = account_of(value("User"));
  json.open("user").text("domain", account.domain).text("name", account.name).close();
  json.open("process").text("executable", value("Image")).text("name", file_name(value("Image")));
  json.raw("pid", value("ProcessId")).text("entity_id", value("ProcessGuid"));
  if (event.kind->id == 1) {
    json.text("command_line", value("CommandLine")).text("working_directory", value("CurrentDirectory"));
    json.open("hash")
        .text("sha256", hash_of(value("Hashes"), "SHA256"))
        .text("md5", hash_of(value("Hashes"), "MD5"));
    json.close()
        .open("pe")
        .text("original_file_name", value("OriginalFileName"))
        .text("company", value("Company"));
    json.text("product", value("Product")).text("description", value("Description"));
    json.text("imphash", hash_of(value("Hashes"), "IMPHASH")).close();
    json.open("Ext").open("token").text("integrity_level_name", value("IntegrityLevel")).close().close();
    json.open("parent")
        .text("executable", value("ParentImage"))
        .text("command_line", value("ParentCommandLine"));
    json.raw("pid", value("ParentProcessId")).close();
  }
  json.close();
  if (event.kind->id == 3) {
    json.open("network").text("transport", value("Protocol")).close();
    json.open("source").text("ip", value("SourceIp")).raw("port", value("SourcePort")).close();
    json.open("destination").text("ip", value("DestinationIp")).raw("port", value("DestinationPort"));
    json.text("domain", value("DestinationHostname")).close();
  }
  if (event.kind->id == 11 || event.kind->id == 26)
    json.open("file").text("path", value("TargetFilename")).close();
  if (event.kind->id == 13) {
    json.open("registry").text("path", full_hive(value("TargetObject"))).open("data");
    json.texts("strings", {value("Details")}).close().close();
  }
  if (event.kind->id == 22)
    json.open("dns").open("question").text("name", value("QueryName")).close().close();
  json.close();
  return true;
}

// --- Defender for Endpoint ---

constexpr const char* kDefenderColumns[] = {"Timestamp",
                                            "DeviceId",
                                            "DeviceName",
                                            "ReportId",
                                            "ActionType",
                                            "FileName",
                                            "FolderPath",
                                            "SHA1",
                                            "SHA256",
                                            "MD5",
                                            "ProcessId",
                                            "ProcessCommandLine",
                                            "ProcessVersionInfoOriginalFileName",
                                            "ProcessVersionInfoCompanyName",
                                            "ProcessVersionInfoProductName",
                                            "ProcessVersionInfoFileDescription",
                                            "ProcessIntegrityLevel",
                                            "AccountDomain",
                                            "AccountName",
                                            "InitiatingProcessAccountDomain",
                                            "InitiatingProcessAccountName",
                                            "InitiatingProcessFolderPath",
                                            "InitiatingProcessCommandLine",
                                            "InitiatingProcessId",
                                            "RegistryKey",
                                            "RegistryValueName",
                                            "RegistryValueData",
                                            "RemoteIP",
                                            "RemotePort",
                                            "RemoteUrl",
                                            "LocalIP",
                                            "LocalPort",
                                            "Protocol"};

const char* defender_action(const PlainEvent& event) {
  if (event.kind->channel != std::string_view(kSysmonChannel)) return nullptr;
  switch (event.kind->id) {
    case 1:
      return "ProcessCreated";
    case 3:
      return event.value("Initiated") == "true" ? "ConnectionSuccess" : "InboundConnectionAccepted";
    case 11:
      return "FileCreated";
    case 13:
      return "RegistryValueSet";
    case 26:
      return "FileDeleted";
    default:
      return nullptr;
  }
}

std::string defender_process_value(const PlainEvent& event, std::string_view column) {
  const std::string& hashes = event.value("Hashes");
  if (column == "FileName") return file_name(event.value("Image"));
  if (column == "FolderPath") return event.value("Image");
  if (column == "SHA1" || column == "SHA256" || column == "MD5") return hash_of(hashes, column);
  if (column == "ProcessId") return event.value("ProcessId");
  if (column == "ProcessCommandLine") return event.value("CommandLine");
  if (column == "ProcessVersionInfoOriginalFileName") return event.value("OriginalFileName");
  if (column == "ProcessVersionInfoCompanyName") return event.value("Company");
  if (column == "ProcessVersionInfoProductName") return event.value("Product");
  if (column == "ProcessVersionInfoFileDescription") return event.value("Description");
  if (column == "ProcessIntegrityLevel") return event.value("IntegrityLevel");
  if (column == "AccountDomain") return account_of(event.value("User")).domain;
  if (column == "AccountName") return account_of(event.value("User")).name;
  if (column == "InitiatingProcessFolderPath") return event.value("ParentImage");
  if (column == "InitiatingProcessCommandLine") return event.value("ParentCommandLine");
  if (column == "InitiatingProcessId") return event.value("ParentProcessId");
  return {};
}

std::string defender_other_value(const PlainEvent& event, std::string_view column) {
  const bool inbound = event.value("Initiated") == "false";
  const std::string& object = event.value("TargetObject");
  const std::size_t last = object.rfind('\\');
  if (column == "FileName") return file_name(event.value("TargetFilename"));
  if (column == "FolderPath") return event.value("TargetFilename");
  if (column == "InitiatingProcessAccountDomain") return account_of(event.value("User")).domain;
  if (column == "InitiatingProcessAccountName") return account_of(event.value("User")).name;
  if (column == "InitiatingProcessFolderPath") return event.value("Image");
  if (column == "InitiatingProcessId") return event.value("ProcessId");
  if (column == "RegistryKey") return full_hive(object.substr(0, last));
  if (column == "RegistryValueName") return last == object.npos ? "" : object.substr(last + 1);
  if (column == "RegistryValueData") return event.value("Details");
  if (column == "RemoteIP") return event.value(inbound ? "SourceIp" : "DestinationIp");
  if (column == "RemotePort") return event.value(inbound ? "SourcePort" : "DestinationPort");
  if (column == "RemoteUrl") return event.value("DestinationHostname");
  if (column == "LocalIP") return event.value(inbound ? "DestinationIp" : "SourceIp");
  if (column == "LocalPort") return event.value(inbound ? "DestinationPort" : "SourcePort");
  if (column == "Protocol") return event.value("Protocol") == "udp" ? "Udp" : "Tcp";
  return {};
}

std::string defender_value(const PlainEvent& event, std::string_view column, const char* action) {
  if (column == "Timestamp") return event.time;
  if (column == "DeviceId") return "0123456789abcdef";
  if (column == "DeviceName") return event.computer;
  if (column == "ReportId") return std::to_string(event.record_id);
  if (column == "ActionType") return action;
  return event.kind->id == 1 ? defender_process_value(event, column) : defender_other_value(event, column);
}

bool defender_json(std::string& out, const PlainEvent& event) {
  const char* action = defender_action(event);
  if (action == nullptr) return false;
  Json json(out);
  json.open();
  for (const char* column : kDefenderColumns) json.text(column, defender_value(event, column, action));
  json.close();
  return true;
}

bool defender_csv(std::string& out, const PlainEvent& event) {
  const char* action = defender_action(event);
  if (action == nullptr) return false;
  std::vector<std::string> values;
  for (const char* column : kDefenderColumns) values.push_back(defender_value(event, column, action));
  out += csv_row(values, ',');
  return true;
}

constexpr const char* kDefenderNames =
    "Timestamp,DeviceId,DeviceName,ReportId,ActionType,FileName,FolderPath,SHA1,SHA256,MD5,ProcessId,"
    "ProcessCommandLine,"
    "ProcessVersionInfoOriginalFileName,ProcessVersionInfoCompanyName,ProcessVersionInfoProductName,"
    "ProcessVersionInfoFileDescription,ProcessIntegrityLevel,AccountDomain,AccountName,"
    "InitiatingProcessAccountDomain,"
    "InitiatingProcessAccountName,InitiatingProcessFolderPath,InitiatingProcessCommandLine,"
    "InitiatingProcessId,"
    "RegistryKey,RegistryValueName,RegistryValueData,RemoteIP,RemotePort,RemoteUrl,LocalIP,LocalPort,"
    "Protocol\r\n";

/// Columns under the names that Sigma and Windows use, separated by semicolons as a German Excel does.
constexpr const char* kFlatColumns[] = {"Image",
                                        "CommandLine",
                                        "ParentImage",
                                        "ParentCommandLine",
                                        "OriginalFileName",
                                        "User",
                                        "ProcessId",
                                        "ParentProcessId",
                                        "Hashes",
                                        "IntegrityLevel",
                                        "CurrentDirectory",
                                        "Description",
                                        "Product",
                                        "Company",
                                        "TargetFilename",
                                        "TargetObject",
                                        "Details",
                                        "DestinationIp",
                                        "DestinationPort",
                                        "QueryName",
                                        "SourceImage",
                                        "TargetImage",
                                        "GrantedAccess",
                                        "CallTrace"};

bool flat_csv(std::string& out, const PlainEvent& event) {
  if (event.kind->channel != std::string_view(kSysmonChannel)) return false;
  std::vector<std::string> values = {event.time,
                                     event.computer,
                                     event.kind->channel,
                                     std::to_string(event.kind->id),
                                     event.kind->provider.name,
                                     std::to_string(event.record_id)};
  for (const char* column : kFlatColumns) values.push_back(event.value(column));
  out += csv_row(values, ';');
  return true;
}

constexpr const char* kFlatNames =
    "SystemTime;Computer;Channel;EventID;Provider_Name;EventRecordID;Image;CommandLine;ParentImage;"
    "ParentCommandLine;"
    "OriginalFileName;User;ProcessId;ParentProcessId;Hashes;IntegrityLevel;CurrentDirectory;Description;"
    "Product;Company;"
    "TargetFilename;TargetObject;Details;DestinationIp;DestinationPort;QueryName;SourceImage;TargetImage;"
    "GrantedAccess;CallTrace\r\n";

constexpr const char* kSplunkNames = "\"_time\",host,sourcetype,\"_raw\"\r\n";

constexpr LogLayout kLayouts[] = {
    {"defender-csv", ".csv", "Defender for Endpoint, rows as the portal exports them", kDefenderNames, "", "",
     defender_csv},
    {"defender-json", ".json", "Defender for Endpoint, JSON lines of its tables", "", "\n", "\n",
     defender_json},
    {"elastic-defend", ".ndjson", "Elastic Defend, ECS documents", "", "\n", "\n", elastic_defend},
    {"event-viewer", ".xml", "Event Viewer, \"Save as XML\"",
     "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>", "", "</Events>\r\n",
     event_viewer},
    {"evtx_dump", ".jsonl", "evtx_dump -o jsonl", "", "\n", "\n", evtx_dump},
    {"evtx_dump-separate", ".jsonl", "evtx_dump -o jsonl --separate-json-attributes", "", "\n", "\n",
     evtx_dump_separate},
    {"evtxecmd-csv", ".csv", "EvtxECmd --csv", kCsvNames, "", "", evtxecmd_csv},
    {"evtxecmd-json", ".json", "EvtxECmd --json", "", "\r\n", "\r\n", evtxecmd_json},
    {"flat-csv", ".csv", "columns under Windows' own names, with semicolons", kFlatNames, "", "", flat_csv},
    {"helk", ".json", "HELK's names (OSSEM), Sysmon only", "", "\n", "\n", helk},
    {"nxlog", ".json", "NXLog im_msvistalog with to_json()", "", "\n", "\n", nxlog},
    {"powershell-5", ".json", "Get-WinEvent | ConvertTo-Json of Windows PowerShell 5.1", "[\r\n", ",\r\n",
     "\r\n]\r\n", powershell5},
    {"powershell-7", ".json", "Get-WinEvent | ConvertTo-Json of PowerShell 7", "[\n", ",\n", "\n]\n",
     powershell7},
    {"splunk-csv", ".csv", "Splunk's export as CSV, the event's XML in _raw", kSplunkNames, "", "",
     splunk_csv},
    {"splunk-json", ".json", "Splunk's export as JSON, the event's XML in _raw", "", "\n", "\n", splunk_json},
    {"splunk-xml", ".log", "Splunk's raw events, a line of XML each", "", "\n", "\n", wevtutil},
    {"syslog-json", ".json", "Sysmon's XML in the message of a shipper's JSON", "", "\n", "\n", syslog_json},
    {"syslog-xml", ".log", "Sysmon's XML in lines of syslog, as Sysmon for Linux", "", "\n", "\n",
     syslog_xml},
    {"velociraptor", ".json", "Velociraptor, parse_evtx()", "", "\n", "\n", velociraptor},
    {"wazuh", ".json", "Wazuh's archives", "", "\n", "\n", wazuh},
    {"wevtutil", ".xml", "wevtutil qe /f:xml: events without a root", "", "\r\n", "\r\n", wevtutil},
    {"winlogbeat-6", ".ndjson", "Winlogbeat 6", "", "\n", "\n", winlogbeat6},
    {"winlogbeat-7", ".ndjson", "Winlogbeat 7", "", "\n", "\n", winlogbeat7},
    {"winlogbeat-8", ".ndjson", "Winlogbeat 8 as hits of a search", "", "\n", "\n", winlogbeat8},
};

}  // namespace

std::span<const LogLayout> log_layouts() {
  return kLayouts;
}

const LogLayout* find_log_layout(std::string_view name) {
  const auto* at = std::find_if(std::begin(kLayouts), std::end(kLayouts),
                                [&](const LogLayout& layout) { return layout.name == name; });
  return at == std::end(kLayouts) ? nullptr : at;
}

}  // namespace landwarden::range
