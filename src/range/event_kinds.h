// What each Windows event looks like: provider, channel, numbers of the System part, and the fields in the
// provider's own order and types. The table is knowledge about Windows, not mechanism; record.h turns a row
// and its values into an event.
//
// Fields are written "Name:type" with blanks between them; without a type a field is text. Types: u8 u16 u32
// u64 hex32 hex64 sid guid bool binary.

#pragma once

#include <cstdint>

namespace landwarden::range {

struct ProviderInfo {
  const char* name;
  const char* guid;          ///< nullptr: an event source of the old kind
  const char* event_source;  ///< name of the event source it took over, or nullptr
  bool literal;              ///< provider and channel are text of the template
  bool kernel;               ///< nested data has no fragment header
};

/// The process that writes an event.
enum class Logger : std::uint8_t {
  none,
  kernel,
  lsass,
  services,
  event_log,
  sysmon,
  scheduler,
  terminal,
  updates,
  group_policy,
  defender,
  wmi,
  caller
};

enum class Layout : std::uint8_t { named, user_data, classic };

struct EventKind {
  const ProviderInfo& provider;
  const char* channel;
  std::uint16_t id;
  std::uint8_t version;
  std::uint8_t level;
  std::uint16_t task;
  std::uint8_t opcode;
  std::uint64_t keywords;
  Logger logger;
  const char*
      user;  ///< System/Security/UserID: a SID, nullptr for none, "caller" for whoever the caller names
  const char* fields;
  Layout layout = Layout::named;
  const char* root = "";   ///< user_data: the wrapper element; named: EventData's own Name
  const char* xmlns = "";  ///< user_data only
  int qualifiers = -1;
};

inline constexpr const char* kSecurityChannel = "Security";
inline constexpr const char* kSystemChannel = "System";
inline constexpr const char* kApplicationChannel = "Application";
inline constexpr const char* kSysmonChannel = "Microsoft-Windows-Sysmon/Operational";
inline constexpr const char* kPowerShellChannel = "Microsoft-Windows-PowerShell/Operational";
inline constexpr const char* kOldPowerShellChannel = "Windows PowerShell";
inline constexpr const char* kTaskChannel = "Microsoft-Windows-TaskScheduler/Operational";
inline constexpr const char* kSessionChannel =
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational";
inline constexpr const char* kRemoteChannel =
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational";
inline constexpr const char* kDefenderChannel = "Microsoft-Windows-Windows Defender/Operational";
inline constexpr const char* kWmiChannel = "Microsoft-Windows-WMI-Activity/Operational";

namespace provider {
inline constexpr ProviderInfo kSecurity{"Microsoft-Windows-Security-Auditing",
                                        "{54849625-5478-4994-a5ba-3e3b0328c30d}", nullptr, false, true};
inline constexpr ProviderInfo kEventLog{"Microsoft-Windows-Eventlog",
                                        "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}", nullptr, true, false};
inline constexpr ProviderInfo kSysmon{"Microsoft-Windows-Sysmon", "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
                                      nullptr, false, false};
inline constexpr ProviderInfo kServices{"Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
                                        "Service Control Manager", true, false};
inline constexpr ProviderInfo kUpdates{"Microsoft-Windows-WindowsUpdateClient",
                                       "{945a8954-c147-4acd-923f-40c45405a658}", nullptr, false, false};
inline constexpr ProviderInfo kGroupPolicy{"Microsoft-Windows-GroupPolicy",
                                           "{aea1b4fa-97d1-45f2-a64c-4d69fffd92c9}", nullptr, false, false};
inline constexpr ProviderInfo kKernelGeneral{"Microsoft-Windows-Kernel-General",
                                             "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}", nullptr, false, true};
inline constexpr ProviderInfo kEsent{"ESENT", nullptr, nullptr, true, false};
inline constexpr ProviderInfo kVss{"VSS", nullptr, nullptr, true, false};
inline constexpr ProviderInfo kSpp{"Microsoft-Windows-Security-SPP", "{e23b33b0-c8c9-472c-a5f9-f2bdfea0f156}",
                                   "Software Protection Platform Service", true, false};
inline constexpr ProviderInfo kPowerShell{"Microsoft-Windows-PowerShell",
                                          "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}", nullptr, false, false};
inline constexpr ProviderInfo kOldPowerShell{"PowerShell", nullptr, nullptr, true, false};
inline constexpr ProviderInfo kTasks{"Microsoft-Windows-TaskScheduler",
                                     "{de7b24ea-73c8-4a09-985d-5bdadcfa9017}", nullptr, false, false};
inline constexpr ProviderInfo kSessions{"Microsoft-Windows-TerminalServices-LocalSessionManager",
                                        "{5d896912-022d-40aa-a3a8-4fa5515c76d7}", nullptr, false, false};
inline constexpr ProviderInfo kRemote{"Microsoft-Windows-TerminalServices-RemoteConnectionManager",
                                      "{c76baa63-ae81-421c-b425-340b4b24157f}", nullptr, false, false};
inline constexpr ProviderInfo kDefender{"Microsoft-Windows-Windows Defender",
                                        "{11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78}", nullptr, false, false};
inline constexpr ProviderInfo kWmi{"Microsoft-Windows-WMI-Activity", "{1418ef04-b0b4-4623-bf7e-d74ab47bbdaa}",
                                   nullptr, false, false};
}  // namespace provider

namespace kind {

inline constexpr std::uint64_t kAuditSuccess = 0x8020000000000000;
inline constexpr std::uint64_t kAuditFailure = 0x8010000000000000;
inline constexpr std::uint64_t kPlain = 0x8000000000000000;
inline constexpr std::uint64_t kClassicKeyword = 0x0080000000000000;

// --- Security ---
#define LW_AUDIT(name, id, version, task, keywords, logger, fields)                                   \
  inline constexpr EventKind name {                                                                   \
    provider::kSecurity, kSecurityChannel, id, version, 0, task, 0, keywords, logger, nullptr, fields \
  }
LW_AUDIT(
    kLogon, 4624, 2, 12544, kAuditSuccess, Logger::lsass,
    "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 TargetUserSid:sid "
    "TargetUserName "
    "TargetDomainName TargetLogonId:hex64 LogonType:u32 LogonProcessName AuthenticationPackageName "
    "WorkstationName "
    "LogonGuid:guid TransmittedServices LmPackageName KeyLength:u32 ProcessId:hex64 ProcessName IpAddress "
    "IpPort "
    "ImpersonationLevel RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount "
    "TargetLinkedLogonId:hex64 ElevatedToken");
LW_AUDIT(kLogonFailed, 4625, 0, 12544, kAuditFailure, Logger::lsass,
         "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 TargetUserSid:sid "
         "TargetUserName "
         "TargetDomainName Status:hex32 FailureReason SubStatus:hex32 LogonType:u32 LogonProcessName "
         "AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength:u32 "
         "ProcessId:hex64 "
         "ProcessName IpAddress IpPort");
LW_AUDIT(kLogoff, 4634, 0, 12545, kAuditSuccess, Logger::lsass,
         "TargetUserSid:sid TargetUserName TargetDomainName TargetLogonId:hex64 LogonType:u32");
LW_AUDIT(kUserLogoff, 4647, 0, 12545, kAuditSuccess, Logger::lsass,
         "TargetUserSid:sid TargetUserName TargetDomainName TargetLogonId:hex64");
LW_AUDIT(
    kExplicitCredentials, 4648, 0, 12544, kAuditSuccess, Logger::lsass,
    "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 LogonGuid:guid TargetUserName "
    "TargetDomainName TargetLogonGuid:guid TargetServerName TargetInfo ProcessId:hex64 ProcessName IpAddress "
    "IpPort");
LW_AUDIT(kSpecialPrivileges, 4672, 0, 12548, kAuditSuccess, Logger::lsass,
         "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 PrivilegeList");
LW_AUDIT(kProcessCreated, 4688, 2, 13312, kAuditSuccess, Logger::kernel,
         "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 NewProcessId:hex64 "
         "NewProcessName "
         "TokenElevationType ProcessId:hex64 CommandLine TargetUserSid:sid TargetUserName TargetDomainName "
         "TargetLogonId:hex64 ParentProcessName MandatoryLabel:sid");
LW_AUDIT(kTaskCreated, 4698, 0, 12804, kAuditSuccess, Logger::lsass,
         "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 TaskName TaskContent");
LW_AUDIT(
    kTicketGranted, 4768, 0, 14339, kAuditSuccess, Logger::lsass,
    "TargetUserName TargetDomainName TargetSid:sid ServiceName ServiceSid:sid TicketOptions:hex32 "
    "Status:hex32 "
    "TicketEncryptionType:hex32 PreAuthType IpAddress IpPort CertIssuerName CertSerialNumber CertThumbprint");
LW_AUDIT(kServiceTicket, 4769, 0, 14337, kAuditSuccess, Logger::lsass,
         "TargetUserName TargetDomainName ServiceName ServiceSid:sid TicketOptions:hex32 "
         "TicketEncryptionType:hex32 "
         "IpAddress IpPort Status:hex32 LogonGuid:guid TransmittedServices");
LW_AUDIT(
    kPreAuthenticationFailed, 4771, 0, 14339, kAuditFailure, Logger::lsass,
    "TargetUserName TargetSid:sid ServiceName TicketOptions:hex32 Status:hex32 PreAuthType IpAddress IpPort "
    "CertIssuerName CertSerialNumber CertThumbprint");
LW_AUDIT(kNtlmValidated, 4776, 0, 14336, kAuditSuccess, Logger::lsass,
         "PackageName TargetUserName Workstation Status:hex32");
LW_AUDIT(kLocalGroupsOfUser, 4798, 0, 13824, kAuditSuccess, Logger::lsass,
         "TargetUserName TargetDomainName TargetSid:sid SubjectUserSid:sid SubjectUserName SubjectDomainName "
         "SubjectLogonId:hex64 CallerProcessId:hex64 CallerProcessName");
LW_AUDIT(kGroupEnumerated, 4799, 0, 13826, kAuditSuccess, Logger::lsass,
         "TargetUserName TargetDomainName TargetSid:sid SubjectUserSid:sid SubjectUserName SubjectDomainName "
         "SubjectLogonId:hex64 CallerProcessId:hex64 CallerProcessName");
LW_AUDIT(kShareOpened, 5140, 1, 12808, kAuditSuccess, Logger::kernel,
         "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 ObjectType IpAddress "
         "IpPort ShareName "
         "ShareLocalPath AccessMask:hex32 AccessList");
LW_AUDIT(kShareFileChecked, 5145, 0, 12811, kAuditSuccess, Logger::kernel,
         "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 ObjectType IpAddress "
         "IpPort ShareName "
         "ShareLocalPath RelativeTargetName AccessMask:hex32 AccessList AccessReason");
LW_AUDIT(kConnectionAllowed, 5156, 1, 12810, kAuditSuccess, Logger::kernel,
         "ProcessID:u64 Application Direction SourceAddress SourcePort DestAddress DestPort Protocol:u32 "
         "FilterRTID:u64 "
         "LayerName LayerRTID:u64 RemoteUserID:sid RemoteMachineID:sid");
#undef LW_AUDIT
inline constexpr const char* kEventLogNamespace =
    "http://manifests.microsoft.com/win/2004/08/windows/eventlog";
inline constexpr EventKind kAuditLogCleared{
    provider::kEventLog,
    kSecurityChannel,
    1102,
    1,
    4,
    104,
    0,
    0x4020000000000000,
    Logger::event_log,
    nullptr,
    "SubjectUserSid:sid SubjectUserName SubjectDomainName SubjectLogonId:hex64 ClientProcessId:u32 "
    "ClientProcessStartKey:u64",
    Layout::user_data,
    "LogFileCleared",
    kEventLogNamespace};
inline constexpr EventKind kLogCleared{
    provider::kEventLog,
    kSystemChannel,
    104,
    1,
    4,
    104,
    0,
    kPlain,
    Logger::event_log,
    "caller",
    "SubjectUserName SubjectDomainName Channel BackupPath ClientProcessId:u32 ClientProcessStartKey:u64",
    Layout::user_data,
    "LogFileCleared",
    kEventLogNamespace};

// --- Sysmon (schema of version 15) ---
#define LW_SYSMON(name, id, version, fields)                                                             \
  inline constexpr EventKind name {                                                                      \
    provider::kSysmon, kSysmonChannel, id, version, 4, id, 0, kPlain, Logger::sysmon, "S-1-5-18", fields \
  }
LW_SYSMON(kSysmonProcess, 1, 5,
          "RuleName UtcTime ProcessGuid:guid ProcessId:u32 Image FileVersion Description Product Company "
          "OriginalFileName "
          "CommandLine CurrentDirectory User LogonGuid:guid LogonId:hex64 TerminalSessionId:u32 "
          "IntegrityLevel Hashes "
          "ParentProcessGuid:guid ParentProcessId:u32 ParentImage ParentCommandLine ParentUser");
LW_SYSMON(
    kSysmonConnection, 3, 5,
    "RuleName UtcTime ProcessGuid:guid ProcessId:u32 Image User Protocol Initiated:bool SourceIsIpv6:bool "
    "SourceIp "
    "SourceHostname SourcePort:u16 SourcePortName DestinationIsIpv6:bool DestinationIp DestinationHostname "
    "DestinationPort:u16 DestinationPortName");
LW_SYSMON(kSysmonProcessEnd, 5, 3, "RuleName UtcTime ProcessGuid:guid ProcessId:u32 Image User");
LW_SYSMON(kSysmonImageLoad, 7, 3,
          "RuleName UtcTime ProcessGuid:guid ProcessId:u32 Image ImageLoaded FileVersion Description Product "
          "Company "
          "OriginalFileName Hashes Signed Signature SignatureStatus User");
LW_SYSMON(kSysmonProcessAccess, 10, 3,
          "RuleName UtcTime SourceProcessGUID:guid SourceProcessId:u32 SourceThreadId:u32 SourceImage "
          "TargetProcessGUID:guid TargetProcessId:u32 TargetImage GrantedAccess:hex32 CallTrace SourceUser "
          "TargetUser");
LW_SYSMON(kSysmonFile, 11, 2,
          "RuleName UtcTime ProcessGuid:guid ProcessId:u32 Image TargetFilename CreationUtcTime User");
LW_SYSMON(kSysmonRegistryKey, 12, 2,
          "RuleName EventType UtcTime ProcessGuid:guid ProcessId:u32 Image TargetObject User");
LW_SYSMON(kSysmonRegistryValue, 13, 2,
          "RuleName EventType UtcTime ProcessGuid:guid ProcessId:u32 Image TargetObject Details User");
LW_SYSMON(kSysmonDns, 22, 5,
          "RuleName UtcTime ProcessGuid:guid ProcessId:u32 QueryName QueryStatus QueryResults Image User");
LW_SYSMON(
    kSysmonFileDelete, 26, 5,
    "RuleName UtcTime ProcessGuid:guid ProcessId:u32 User Image TargetFilename Hashes IsExecutable:bool");
#undef LW_SYSMON

// --- System ---
inline constexpr EventKind kServiceState{provider::kServices,
                                         kSystemChannel,
                                         7036,
                                         0,
                                         4,
                                         0,
                                         0,
                                         0x8080000000000000,
                                         Logger::services,
                                         nullptr,
                                         "param1 param2 Binary:binary",
                                         Layout::named,
                                         "",
                                         "",
                                         16384};
inline constexpr EventKind kServiceInstalled{provider::kServices,
                                             kSystemChannel,
                                             7045,
                                             0,
                                             4,
                                             0,
                                             0,
                                             0x8080000000000000,
                                             Logger::services,
                                             "caller",
                                             "ServiceName ImagePath ServiceType StartType AccountName",
                                             Layout::named,
                                             "",
                                             "",
                                             16384};
inline constexpr EventKind kUpdateInstalled{
    provider::kUpdates,
    kSystemChannel,
    19,
    1,
    4,
    1,
    13,
    0x8000000000000018,
    Logger::updates,
    "S-1-5-18",
    "updateTitle updateGuid:guid updateRevisionNumber:u32 serviceGuid:guid"};
inline constexpr EventKind kUpdateStarted{provider::kUpdates,
                                          kSystemChannel,
                                          43,
                                          1,
                                          4,
                                          1,
                                          13,
                                          0x8000000000002008,
                                          Logger::updates,
                                          "S-1-5-18",
                                          "updateTitle updateGuid:guid updateRevisionNumber:u32"};
inline constexpr EventKind kUpdateDownload{provider::kUpdates,
                                           kSystemChannel,
                                           44,
                                           1,
                                           4,
                                           1,
                                           12,
                                           0x8000000000002004,
                                           Logger::updates,
                                           "S-1-5-18",
                                           "updateTitle updateGuid:guid updateRevisionNumber:u32"};
inline constexpr EventKind kMachinePolicy{
    provider::kGroupPolicy,
    kSystemChannel,
    1500,
    0,
    4,
    0,
    1,
    kPlain,
    Logger::group_policy,
    "S-1-5-18",
    "SupportInfo1:u32 SupportInfo2:u32 ProcessingMode:u32 ProcessingTimeInMilliseconds:u32 DCName"};
inline constexpr EventKind kUserPolicy{
    provider::kGroupPolicy,
    kSystemChannel,
    1501,
    0,
    4,
    0,
    1,
    kPlain,
    Logger::group_policy,
    "caller",
    "SupportInfo1:u32 SupportInfo2:u32 ProcessingMode:u32 ProcessingTimeInMilliseconds:u32 DCName"};
inline constexpr EventKind kHiveCleaned{provider::kKernelGeneral,
                                        kSystemChannel,
                                        16,
                                        0,
                                        4,
                                        0,
                                        0,
                                        kPlain,
                                        Logger::kernel,
                                        "S-1-5-18",
                                        "HiveNameLength:u16 HiveName KeysUpdated:u32 DirtyPages:u32"};

// --- Application ---
#define LW_CLASSIC(name, source, channel, id, task, logger) \
  inline constexpr EventKind name{                          \
      source, channel, id, 0, 4, task, 0, kClassicKeyword, logger, nullptr, "", Layout::classic, "", "", 0}
LW_CLASSIC(kEsentStarting, provider::kEsent, kApplicationChannel, 102, 1, Logger::caller);
LW_CLASSIC(kEsentStopped, provider::kEsent, kApplicationChannel, 103, 1, Logger::caller);
LW_CLASSIC(kEsentStarted, provider::kEsent, kApplicationChannel, 105, 1, Logger::caller);
LW_CLASSIC(kEsentMoved, provider::kEsent, kApplicationChannel, 216, 3, Logger::caller);
LW_CLASSIC(kEsentCreated, provider::kEsent, kApplicationChannel, 325, 1, Logger::caller);
LW_CLASSIC(kEsentAttached, provider::kEsent, kApplicationChannel, 326, 1, Logger::caller);
LW_CLASSIC(kEsentDetached, provider::kEsent, kApplicationChannel, 327, 1, Logger::caller);
LW_CLASSIC(kEsentShadowStarting, provider::kEsent, kApplicationChannel, 2001, 16, Logger::caller);
LW_CLASSIC(kEsentShadowFreezeEnd, provider::kEsent, kApplicationChannel, 2003, 16, Logger::caller);
LW_CLASSIC(kEsentShadowFreeze, provider::kEsent, kApplicationChannel, 2005, 16, Logger::caller);
LW_CLASSIC(kEsentShadowDone, provider::kEsent, kApplicationChannel, 2006, 16, Logger::caller);
LW_CLASSIC(kVssIdle, provider::kVss, kApplicationChannel, 8224, 0, Logger::none);
LW_CLASSIC(kEngineAvailable, provider::kOldPowerShell, kOldPowerShellChannel, 400, 4, Logger::caller);
LW_CLASSIC(kEngineStopped, provider::kOldPowerShell, kOldPowerShellChannel, 403, 4, Logger::caller);
LW_CLASSIC(kProviderStarted, provider::kOldPowerShell, kOldPowerShellChannel, 600, 6, Logger::caller);
#undef LW_CLASSIC
inline constexpr EventKind kLicenceRestart{provider::kSpp,
                                           kApplicationChannel,
                                           16384,
                                           0,
                                           4,
                                           0,
                                           0,
                                           kClassicKeyword,
                                           Logger::none,
                                           nullptr,
                                           "",
                                           Layout::classic,
                                           "",
                                           "",
                                           16384};

// --- PowerShell ---
inline constexpr EventKind kConsoleStarting{provider::kPowerShell, kPowerShellChannel, 40961, 1, 4, 4, 1, 0,
                                            Logger::caller,        "caller",           ""};
inline constexpr EventKind kConsoleReady{provider::kPowerShell, kPowerShellChannel, 40962, 1, 4, 4, 2, 0,
                                         Logger::caller,        "caller",           ""};
inline constexpr EventKind kIpcListening{
    provider::kPowerShell, kPowerShellChannel, 53504,          1, 4, 111, 10, 0,
    Logger::caller,        "caller",           "param1 param2"};
inline constexpr EventKind kPipeline{
    provider::kPowerShell,         kPowerShellChannel, 4103, 1, 4, 106, 20, 0, Logger::caller, "caller",
    "ContextInfo UserData Payload"};
inline constexpr EventKind kScriptBlock{
    provider::kPowerShell,
    kPowerShellChannel,
    4104,
    1,
    5,
    2,
    15,
    0,
    Logger::caller,
    "caller",
    "MessageNumber:u32 MessageTotal:u32 ScriptBlockText ScriptBlockId Path"};

// --- Task Scheduler ---
#define LW_TASK(name, id, version, opcode, root, fields)                                               \
  inline constexpr EventKind name {                                                                    \
    provider::kTasks, kTaskChannel, id, version, 4, id, opcode, kPlain, Logger::scheduler, "S-1-5-18", \
        fields, Layout::named, root                                                                    \
  }
LW_TASK(kTaskStarted, 100, 0, 1, "TaskStartEvent", "TaskName UserContext InstanceId:guid");
LW_TASK(kTaskFinished, 102, 0, 2, "TaskSuccessEvent", "TaskName UserContext InstanceId:guid");
LW_TASK(kTaskRegistered, 106, 0, 0, "TaskRegisteredEvent", "TaskName UserContext");
LW_TASK(kTaskProcess, 129, 0, 0, "CreatedTaskProcess", "TaskName Path ProcessID:u32 Priority:u32");
LW_TASK(kActionStarted, 200, 1, 1, "ActionStart", "TaskName ActionName TaskInstanceId:guid EnginePID:u32");
LW_TASK(kActionFinished, 201, 2, 2, "ActionSuccess",
        "TaskName TaskInstanceId:guid ActionName ResultCode:u32 EnginePID:u32");
#undef LW_TASK

// --- Remote desktop ---
#define LW_SESSION(name, id, fields)                   \
  inline constexpr EventKind name{provider::kSessions, \
                                  kSessionChannel,     \
                                  id,                  \
                                  0,                   \
                                  4,                   \
                                  0,                   \
                                  0,                   \
                                  0x1000000000000000,  \
                                  Logger::terminal,    \
                                  "S-1-5-18",          \
                                  fields,              \
                                  Layout::user_data,   \
                                  "EventXML",          \
                                  "Event_NS"}
LW_SESSION(kSessionLogon, 21, "User SessionID:u32 Address");
LW_SESSION(kSessionShell, 22, "User SessionID:u32 Address");
LW_SESSION(kSessionLogoff, 23, "User SessionID:u32");
LW_SESSION(kSessionDisconnected, 24, "User SessionID:u32 Address");
LW_SESSION(kSessionReconnected, 25, "User SessionID:u32 Address");
#undef LW_SESSION
inline constexpr EventKind kListenerConnection{provider::kRemote,
                                               kRemoteChannel,
                                               261,
                                               0,
                                               4,
                                               0,
                                               0,
                                               0x1000000000000000,
                                               Logger::terminal,
                                               "S-1-5-20",
                                               "listenerName",
                                               Layout::user_data,
                                               "EventXML",
                                               "Event_NS"};
inline constexpr EventKind kRemoteAuthenticated{provider::kRemote,
                                                kRemoteChannel,
                                                1149,
                                                0,
                                                4,
                                                0,
                                                0,
                                                0x1000000000000000,
                                                Logger::terminal,
                                                "S-1-5-20",
                                                "Param1 Param2 Param3",
                                                Layout::user_data,
                                                "EventXML",
                                                "Event_NS"};

// --- Defender --- (its field names hold blanks; '+' stands for one)
#define LW_DEFENDER(name, id, fields)                                                                   \
  inline constexpr EventKind name {                                                                     \
    provider::kDefender, kDefenderChannel, id, 0, 4, 0, 0, kPlain, Logger::defender, "S-1-5-18", fields \
  }
LW_DEFENDER(kScanStarted, 1000,
            "Product+Name Product+Version Scan+ID Scan+Type+Index Scan+Type Scan+Parameters+Index "
            "Scan+Parameters Domain User "
            "SID Scan+Resources");
LW_DEFENDER(kScanFinished, 1001,
            "Product+Name Product+Version Scan+ID Scan+Type+Index Scan+Type Scan+Parameters+Index "
            "Scan+Parameters Domain User "
            "SID Scan+Time+Hours Scan+Time+Minutes Scan+Time+Seconds");
LW_DEFENDER(kSignaturesUpdated, 2000,
            "Product+Name Product+Version Current+security+intelligence+Version "
            "Previous+security+intelligence+Version "
            "Update+Source+Index Update+Source Security+intelligence+Type+Index Security+intelligence+Type "
            "Update+Type+Index "
            "Update+Type Domain User SID Current+Engine+Version Previous+Engine+Version");
#undef LW_DEFENDER

// --- WMI ---
inline constexpr EventKind kWmiProvider{provider::kWmi,
                                        kWmiChannel,
                                        5857,
                                        0,
                                        0,
                                        0,
                                        0,
                                        0x4000000000000000,
                                        Logger::wmi,
                                        "S-1-5-18",
                                        "ProviderName Code:hex32 HostProcess ProcessID:u32 ProviderPath",
                                        Layout::user_data,
                                        "Operation_StartedOperational",
                                        "http://manifests.microsoft.com/win/2006/windows/WMI"};

}  // namespace kind
}  // namespace landwarden::range
