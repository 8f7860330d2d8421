#include "range/inventory.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/text.h"

namespace landwarden::range {
namespace {

constexpr Host kHosts[] = {
    // name          role                    address        build  rid   sysmon 4688   server
    {"EVW-DC01", Role::domain_controller, "10.20.1.10", 17763, 1000, true, true, true},
    {"EVW-FS01", Role::file_server, "10.20.1.20", 17763, 1103, false, true, true},
    {"EVW-BKP01", Role::backup, "10.20.1.30", 17763, 1104, false, true, true},
    {"EVW-JUMP01", Role::jump, "10.20.5.10", 20348, 1105, true, false, true},
    {"EVW-HIST01", Role::historian, "10.20.50.10", 14393, 1106, false, true, true},
    {"EVW-ENG01", Role::engineering, "10.20.50.21", 19045, 1107, true, false, false},
    {"EVW-PC101", Role::office, "10.20.10.101", 22631, 1108, true, false, false},
    {"EVW-PC102", Role::office, "10.20.10.102", 22631, 1109, false, true, false},
};

constexpr Account kAccounts[] = {
    // name            domain   rid   sid work                   home          admin  from until
    {"billing.clerk", kDomain, 1121, "", Work::office, "EVW-PC101", false, 7, 16},
    {"field.planner", kDomain, 1122, "", Work::field, "EVW-PC101", false, 6, 13},
    {"lab.analyst", kDomain, 1123, "", Work::office, "EVW-PC102", false, 8, 16},
    {"ops.shift1", kDomain, 1124, "", Work::operations, "EVW-HIST01", false, 5, 13},
    {"ops.shift2", kDomain, 1125, "", Work::operations, "EVW-HIST01", false, 13, 21},
    {"scada.engineer", kDomain, 1126, "", Work::engineering, "EVW-ENG01", true, 7, 15},
    {"it.helpdesk", kDomain, 1127, "", Work::office, "EVW-PC102", false, 9, 17},
    {"adm-itops", kDomain, 1130, "", Work::administration, "EVW-JUMP01", true, 8, 17},
    {"svc-backup", kDomain, 1140, "", Work::service, "EVW-BKP01", true, 0, 0},
    {"svc-historian", kDomain, 1141, "", Work::service, "EVW-HIST01", false, 0, 0},
    {"svc-monitor", kDomain, 1142, "", Work::service, "EVW-BKP01", false, 0, 0},
    {"vendor.pumps", kDomain, 1150, "", Work::vendor, "EVW-JUMP01", false, 9, 11},
};

constexpr std::string_view kMicrosoft = "Microsoft Corporation";
constexpr std::string_view kWindows = "Microsoft® Windows® Operating System";
constexpr std::string_view kOffice = "Microsoft Office";

// Windows' own files leave product, company and version to the host they are on.
constexpr Program kPrograms[] = {
    {"C:\\Windows\\System32\\cmd.exe", "Windows Command Processor", "Cmd.Exe", "", "", ""},
    {"C:\\Windows\\System32\\conhost.exe", "Console Window Host", "CONHOST.EXE", "", "", ""},
    {"C:\\Windows\\System32\\svchost.exe", "Host Process for Windows Services", "svchost.exe", "", "", ""},
    {"C:\\Windows\\System32\\services.exe", "Services and Controller app", "services.exe", "", "", ""},
    {"C:\\Windows\\System32\\lsass.exe", "Local Security Authority Process", "lsass.exe", "", "", ""},
    {"C:\\Windows\\System32\\wininit.exe", "Windows Start-Up Application", "WinInit.exe", "", "", ""},
    {"C:\\Windows\\System32\\winlogon.exe", "Windows Logon Application", "WINLOGON.EXE", "", "", ""},
    {"C:\\Windows\\System32\\userinit.exe", "Userinit Logon Application", "USERINIT.EXE", "", "", ""},
    {"C:\\Windows\\explorer.exe", "Windows Explorer", "EXPLORER.EXE", "", "", ""},
    {"C:\\Windows\\System32\\taskhostw.exe", "Host Process for Windows Tasks", "taskhostw.exe", "", "", ""},
    {"C:\\Windows\\System32\\dllhost.exe", "COM Surrogate", "dllhost.exe", "", "", ""},
    {"C:\\Windows\\System32\\RuntimeBroker.exe", "Runtime Broker", "RuntimeBroker.exe", "", "", ""},
    {"C:\\Windows\\System32\\backgroundTaskHost.exe", "Background Task Host", "backgroundTaskHost.exe", "",
     "", ""},
    {"C:\\Windows\\System32\\SearchProtocolHost.exe", "Microsoft Windows Search Protocol Host",
     "SearchProtocolHost.exe", "Windows® Search", "", ""},
    {"C:\\Windows\\System32\\SearchFilterHost.exe", "Microsoft Windows Search Filter Host",
     "SearchFilterHost.exe", "Windows® Search", "", ""},
    {"C:\\Windows\\System32\\spoolsv.exe", "Spooler SubSystem App", "spoolsv.exe", "", "", ""},
    {"C:\\Windows\\System32\\sppsvc.exe", "Microsoft Software Protection Platform Service", "sppsvc.exe", "",
     "", ""},
    {"C:\\Windows\\System32\\wbem\\WmiPrvSE.exe", "WMI Provider Host", "Wmiprvse.exe", "", "", ""},
    {"C:\\Windows\\System32\\wbem\\WMIC.exe", "WMI Commandline Utility", "wmic.exe", "", "", ""},
    {"C:\\Windows\\System32\\wbem\\unsecapp.exe",
     "Sink to receive asynchronous callbacks for WMI client application", "unsecapp.dll", "", "", ""},
    {"C:\\Windows\\System32\\gpupdate.exe", "Microsoft® Group Policy Update Utility", "GPUpdate.exe", "", "",
     ""},
    {"C:\\Windows\\System32\\usoclient.exe", "UsoClient", "UsoClient.exe", "", "", ""},
    {"C:\\Windows\\System32\\MoUsoCoreWorker.exe", "MoUSO Core Worker Process", "MoUsoCoreWorker.exe", "", "",
     ""},
    {"C:\\Windows\\servicing\\TrustedInstaller.exe", "Windows Modules Installer", "TrustedInstaller.exe", "",
     "", ""},
    {"C:\\Windows\\System32\\defrag.exe", "Disk Defragmenter Module", "Defrag.EXE", "", "", ""},
    {"C:\\Windows\\System32\\cleanmgr.exe", "Disk Space Cleanup Manager for Windows", "CLEANMGR.DLL", "", "",
     ""},
    {"C:\\Windows\\System32\\CompatTelRunner.exe", "Microsoft Compatibility Telemetry", "CompatTelRunner.exe",
     "", "", ""},
    {"C:\\Windows\\System32\\wsqmcons.exe", "Windows SQM Consolidator", "wsqmcons.exe", "", "", ""},
    {"C:\\Windows\\System32\\consent.exe", "Consent UI for administrative applications", "consent.exe", "",
     "", ""},
    {"C:\\Windows\\System32\\mmc.exe", "Microsoft Management Console", "mmc.exe", "", "", ""},
    {"C:\\Windows\\System32\\mstsc.exe", "Remote Desktop Connection", "mstsc.exe", "", "", ""},
    {"C:\\Windows\\System32\\rdpclip.exe", "RDP Clipboard Monitor", "rdpclip.exe", "", "", ""},
    {"C:\\Windows\\System32\\LogonUI.exe", "Windows Logon User Interface Host", "logonui.exe", "", "", ""},
    {"C:\\Windows\\System32\\Taskmgr.exe", "Task Manager", "Taskmgr.exe", "", "", ""},
    {"C:\\Windows\\System32\\notepad.exe", "Notepad", "NOTEPAD.EXE", "", "", ""},
    {"C:\\Windows\\System32\\win32calc.exe", "Windows Calculator", "WIN32CALC.EXE", "", "", ""},
    {"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", "Windows PowerShell", "PowerShell.EXE",
     "", "", ""},
    {"C:\\Windows\\System32\\whoami.exe", "whoami - displays logged on user information", "whoami.exe", "",
     "", ""},
    {"C:\\Windows\\System32\\quser.exe", "Query User Utility", "quser.exe", "", "", ""},
    {"C:\\Windows\\System32\\HOSTNAME.EXE", "Hostname APP", "hostname.exe", "", "", ""},
    {"C:\\Windows\\System32\\ipconfig.exe", "IP Configuration Utility", "ipconfig.exe", "", "", ""},
    {"C:\\Windows\\System32\\PING.EXE", "TCP/IP Ping Command", "ping.exe", "", "", ""},
    {"C:\\Windows\\System32\\nslookup.exe", "nslookup", "nslookup.exe", "", "", ""},
    {"C:\\Windows\\System32\\systeminfo.exe", "Displays system information", "sysinfo.exe", "", "", ""},
    {"C:\\Windows\\System32\\NETSTAT.EXE", "TCP/IP Netstat Command", "netstat.exe", "", "", ""},
    {"C:\\Windows\\System32\\tasklist.exe", "Lists the current running tasks", "tasklist.exe", "", "", ""},
    {"C:\\Windows\\System32\\net.exe", "Net Command", "net.exe", "", "", ""},
    {"C:\\Windows\\System32\\net1.exe", "Net Command", "net1.exe", "", "", ""},
    {"C:\\Windows\\System32\\nltest.exe", "Microsoft® Logon Server Test Utility", "nltestrk.exe", "", "", ""},
    {"C:\\Windows\\System32\\netsh.exe", "Network Command Shell", "netsh.exe", "", "", ""},
    {"C:\\Windows\\System32\\reg.exe", "Registry Console Tool", "reg.exe", "", "", ""},
    {"C:\\Windows\\System32\\sc.exe", "Service Control Manager Configuration Tool", "sc.exe", "", "", ""},
    {"C:\\Windows\\System32\\schtasks.exe", "Task Scheduler Configuration Tool", "schtasks.exe", "", "", ""},
    {"C:\\Windows\\System32\\wevtutil.exe", "Eventing Command Line Utility", "wevtutil.exe", "", "", ""},
    {"C:\\Windows\\System32\\ntdsutil.exe", "NT5DS", "ntdsutil.exe", "", "", ""},
    {"C:\\Windows\\System32\\vssadmin.exe",
     "Command Line Interface for Microsoft® Volume Shadow Copy Service", "VSSADMIN.EXE", "", "", ""},
    {"C:\\Windows\\System32\\VSSVC.exe", "Microsoft® Volume Shadow Copy Service", "VSSVC.EXE", "", "", ""},
    {"C:\\Windows\\System32\\wbadmin.exe", "Command Line Interface for Microsoft® BLB Backup", "WBADMIN.EXE",
     "", "", ""},
    {"C:\\Windows\\System32\\wbengine.exe", "Microsoft® Block Level Backup Engine Service EXE",
     "wbengine.exe", "", "", ""},
    {"C:\\Windows\\System32\\makecab.exe", "Microsoft® Cabinet Maker", "makecab.exe", "", "", ""},
    {"C:\\Windows\\System32\\rundll32.exe", "Windows host process (Rundll32)", "RUNDLL32.EXE", "", "", ""},
    {"C:\\Windows\\System32\\curl.exe", "The curl executable", "curl.exe", "The curl executable",
     "curl, https://curl.se/", "8.4.0"},
    {"C:\\Windows\\System32\\robocopy.exe", "Microsoft Robocopy", "robocopy.exe", "", "", ""},
    {"C:\\Windows\\System32\\xcopy.exe", "Extended Copy Utility", "XCOPY.EXE", "", "", ""},
    {"C:\\Windows\\System32\\wsmprovhost.exe", "Host process for WinRM plug-ins", "wsmprovhost.exe", "", "",
     ""},
    {"C:\\Windows\\System32\\lsm.dll", "Local Session Manager Service", "lsm.dll", "", "", ""},
    {"C:\\Windows\\System32\\dbgcore.dll", "Windows Core Debugging Helpers", "DBGCORE.DLL", "", "", ""},
    {"C:\\Windows\\System32\\comsvcs.dll", "COM+ Services", "COMSVCS.DLL", "", "", ""},
    {"C:\\Windows\\System32\\ntdll.dll", "NT Layer DLL", "ntdll.dll", "", "", ""},
    {"C:\\Windows\\System32\\amsi.dll", "Anti-Malware Scan Interface", "amsi.dll", "", "", ""},
    {"C:\\Windows\\System32\\wbem\\wmiutils.dll", "WMI", "wmiutils.dll", "", "", ""},
    {"C:\\Windows\\System32\\samlib.dll", "SAM Library DLL", "SAMLib.DLL", "", "", ""},
    {"C:\\Windows\\System32\\taskschd.dll", "Task Scheduler COM API", "taskschd.dll", "", "", ""},
    {"C:\\Windows\\System32\\vaultcli.dll", "Credential Vault Client Library", "vaultcli.dll", "", "", ""},
    {"C:\\Windows\\PSEXESVC.exe", "PsExec Service", "psexesvc.exe", "Sysinternals PsExec", "Sysinternals",
     "2.43"},
    {"C:\\ProgramData\\Tools\\PsExec.exe", "Execute processes remotely", "psexec.c", "Sysinternals PsExec",
     "Sysinternals - www.sysinternals.com", "2.43"},
    {"C:\\Program Files\\7-Zip\\7z.exe", "7-Zip Console", "7z.exe", "7-Zip", "Igor Pavlov", "23.01"},
    {"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", "Microsoft Outlook", "Outlook.exe",
     "Microsoft Outlook", kMicrosoft, "16.0.17328.20550"},
    {"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE", "Microsoft Excel", "Excel.exe",
     kOffice, kMicrosoft, "16.0.17328.20550"},
    {"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE", "Microsoft Word", "WinWord.exe",
     kOffice, kMicrosoft, "16.0.17328.20550"},
    {"C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeC2RClient.exe",
     "Microsoft Office Click-to-Run Client", "OfficeC2RClient.exe", kOffice, kMicrosoft, "16.0.17328.20550"},
    {"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe", "Microsoft Edge", "msedge.exe",
     "Microsoft Edge", kMicrosoft, "122.0.2365.80"},
    {"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe", "Microsoft Edge Update",
     "msedgeupdate.dll", "Microsoft Edge Update", kMicrosoft, "1.3.185.17"},
    {"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MsMpEng.exe",
     "Antimalware Service Executable", "MsMpEng.exe", kWindows, kMicrosoft, "4.18.24010.12"},
    {"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MpCmdRun.exe",
     "Microsoft Malware Protection Command Line Utility", "MpCmdRun.exe", kWindows, kMicrosoft,
     "4.18.24010.12"},
    {"C:\\Windows\\Sysmon64.exe", "System activity monitor", "-", "Sysinternals Sysmon",
     "Sysinternals - www.sysinternals.com", "15.14"},
    {"C:\\Program Files\\AquaLedger\\AquaLedger.exe", "AquaLedger customer accounts", "AquaLedger.exe",
     "AquaLedger", "Example Utility Software", "9.2.1.0"},
    {"C:\\Program Files\\MainsMap\\MainsMap.exe", "MainsMap network plans", "MainsMap.exe", "MainsMap",
     "Example Utility Software", "4.7.0.12"},
    {"C:\\Program Files\\FlowTrend\\Server\\FlowTrendServer.exe", "FlowTrend historian server",
     "FlowTrendServer.exe", "FlowTrend", "Example Process Software", "11.3.2.0"},
    {"C:\\Program Files\\FlowTrend\\Client\\FlowTrend.exe", "FlowTrend trend viewer", "FlowTrend.exe",
     "FlowTrend", "Example Process Software", "11.3.2.0"},
    {"C:\\Program Files\\FlowTrend\\Server\\ArchiveRoll.exe", "FlowTrend archive rollover", "ArchiveRoll.exe",
     "FlowTrend", "Example Process Software", "11.3.2.0"},
    {"C:\\Program Files (x86)\\LadderWorks\\LadderWorks.exe", "LadderWorks controller programming",
     "LadderWorks.exe", "LadderWorks", "Example Controls", "6.10.0.4"},
    {"C:\\Program Files\\KeepSafe\\Agent\\KeepSafeAgent.exe", "KeepSafe backup agent", "KeepSafeAgent.exe",
     "KeepSafe", "Example Backup Software", "12.1.0.88"},
    {"C:\\Program Files\\KeepSafe\\Server\\KeepSafeServer.exe", "KeepSafe backup server",
     "KeepSafeServer.exe", "KeepSafe", "Example Backup Software", "12.1.0.88"},
    {"C:\\Program Files\\KeepSafe\\Server\\KeepSafeJob.exe", "KeepSafe backup job", "KeepSafeJob.exe",
     "KeepSafe", "Example Backup Software", "12.1.0.88"},
};
constexpr Program kUnknownProgram{"", "-", "-", "-", "-", "-"};

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('\\') + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), text::ascii_lower);
  return result;
}

}  // namespace

const Account kSystemAccount{"SYSTEM", "NT AUTHORITY", 0, "S-1-5-18", Work::none, "", true, 0, 0};
const Account kLocalService{"LOCAL SERVICE", "NT AUTHORITY", 0, "S-1-5-19", Work::none, "", false, 0, 0};
const Account kNetworkService{"NETWORK SERVICE", "NT AUTHORITY", 0, "S-1-5-20", Work::none, "", false, 0, 0};

std::string Host::version() const {
  return fmt::format("10.0.{}.1 (WinBuild.160101.0800)", build);
}

std::string Account::sid() const {
  return rid == 0 ? std::string(fixed_sid) : fmt::format("{}-{}", kDomainSid, rid);
}

std::span<const Host> hosts() {
  return kHosts;
}
std::span<const Account> accounts() {
  return kAccounts;
}

const Host& host(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kHosts), std::end(kHosts), [&](const Host& each) { return each.name == name; });
  LW_ASSERT(found != std::end(kHosts));
  return *found;
}

const Account& account(std::string_view name) {
  const auto found = std::find_if(std::begin(kAccounts), std::end(kAccounts),
                                  [&](const Account& each) { return each.name == name; });
  LW_ASSERT(found != std::end(kAccounts));
  return *found;
}

const Program& program(std::string_view path) {
  static const auto index = [] {
    std::unordered_map<std::string, const Program*> table;
    for (const Program& each : kPrograms) table.emplace(lower(file_name(each.path)), &each);
    return table;
  }();
  const auto found = index.find(lower(file_name(path)));
  return found == index.end() ? kUnknownProgram : *found->second;
}

std::string hashes_of(std::string_view path, std::string_view version) {
  const std::string key = lower(file_name(path)) + "|" + std::string(version);
  const auto word = [&](std::uint64_t seed) { return hash_text(key, seed); };
  return fmt::format("MD5={:016X}{:016X},SHA256={:016X}{:016X}{:016X}{:016X},IMPHASH={:016X}{:016X}", word(1),
                     word(2), word(3), word(4), word(5), word(6), word(7), word(8));
}

}  // namespace landwarden::range
