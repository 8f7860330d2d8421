#include "range/routine.h"

#include <fmt/format.h>

#include "range/powershell.h"

namespace landwarden::range {
namespace {

enum class Where : std::uint8_t { all, servers, clients, controller, files, historian, office, jump };

bool applies(Where where, const Host& host) {
  switch (where) {
    case Where::all:
      return true;
    case Where::servers:
      return host.server;
    case Where::clients:
      return !host.server;
    case Where::controller:
      return host.role == Role::domain_controller;
    case Where::files:
      return host.role == Role::file_server;
    case Where::historian:
      return host.role == Role::historian;
    case Where::office:
      return host.role == Role::office;
    case Where::jump:
      return host.role == Role::jump;
  }
  return false;
}

/// Programs that Windows and the installed products start by themselves.
struct Chore {
  Where where;
  Resident parent;
  const Account* as;
  std::string_view image;
  std::string_view command_line;
  std::int64_t every_minutes;
  std::int64_t jitter_minutes;
  std::int64_t for_ms;
};
const Chore kChores[] = {
    {Where::all, Resident::launcher, &kNetworkService, "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
     "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", 47, 31, 92'000},
    {Where::all, Resident::launcher, &kSystemAccount, "C:\\Windows\\System32\\dllhost.exe",
     "C:\\Windows\\system32\\DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}", 39, 40, 5'200},
    {Where::all, Resident::scheduler, &kSystemAccount, "C:\\Windows\\System32\\taskhostw.exe",
     "taskhostw.exe", 55, 50, 61'000},
    {Where::all, Resident::services, &kSystemAccount, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s BITS", 170, 90, 300'000},
    {Where::all, Resident::services, &kSystemAccount, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\System32\\svchost.exe -k wsappx -p -s AppXSvc", 140, 100, 240'000},
    {Where::all, Resident::services, &kNetworkService, "C:\\Windows\\System32\\sppsvc.exe",
     "C:\\Windows\\system32\\sppsvc.exe", 230, 120, 31'000},
    {Where::all, Resident::defender, &kSystemAccount,
     "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MpCmdRun.exe",
     "\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MpCmdRun.exe\" "
     "SignatureUpdate -ScheduleJob "
     "-UnmanagedUpdate",
     240, 60, 14'000},
    {Where::all, Resident::scheduler, &kSystemAccount, "C:\\Windows\\System32\\usoclient.exe",
     "C:\\Windows\\system32\\usoclient.exe StartScan", 480, 200, 2'000},
    {Where::all, Resident::launcher, &kSystemAccount, "C:\\Windows\\System32\\MoUsoCoreWorker.exe",
     "C:\\Windows\\System32\\mousocoreworker.exe -Embedding", 460, 120, 480'000},
    {Where::all, Resident::services, &kSystemAccount, "C:\\Windows\\servicing\\TrustedInstaller.exe",
     "C:\\Windows\\servicing\\TrustedInstaller.exe", 610, 300, 190'000},
    {Where::servers, Resident::scheduler, &kSystemAccount, "C:\\Windows\\System32\\defrag.exe",
     "C:\\Windows\\system32\\defrag.exe -c -h -o -$", 1'300, 100, 45'000},
    {Where::clients, Resident::scheduler, &kSystemAccount, "C:\\Windows\\System32\\CompatTelRunner.exe",
     "C:\\Windows\\system32\\compattelrunner.exe", 700, 200, 61'000},
    {Where::clients, Resident::scheduler, &kSystemAccount,
     "C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe",
     "\"C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe\" /ua /installsource "
     "scheduler",
     60, 4, 3'000},
    {Where::clients, Resident::launcher, &kSystemAccount, "C:\\Windows\\System32\\SearchProtocolHost.exe",
     "\"C:\\Windows\\system32\\SearchProtocolHost.exe\" Global\\UsGthrFltPipeMssGthrPipe1_ "
     "Global\\UsGthrCtrlFltPipeMssGthrPipe1_ 1 "
     "-2147483646",
     33, 30, 121'000},
    {Where::clients, Resident::launcher, &kSystemAccount, "C:\\Windows\\System32\\SearchFilterHost.exe",
     "\"C:\\Windows\\system32\\SearchFilterHost.exe\" 0 808 812 820 8192 816 784", 35, 30, 119'000},
    {Where::office, Resident::scheduler, &kSystemAccount,
     "C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeC2RClient.exe",
     "\"C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeC2RClient.exe\" /frequentupdate "
     "SCHEDULEDTASK "
     "displaylevel=False",
     360, 90, 7'000},
    {Where::historian, Resident::services, &kSystemAccount,
     "C:\\Program Files\\FlowTrend\\Server\\ArchiveRoll.exe",
     "\"C:\\Program Files\\FlowTrend\\Server\\ArchiveRoll.exe\" /hourly /keep 400", 60, 0, 21'000},
};

/// What resident services touch, as Sysmon sees it.
enum class Touch : std::uint8_t { file, value, key, dns, connection, library };
struct Trace {
  Where where;
  Resident who;
  Touch touch;
  std::string_view what;
  std::string_view with;
  std::int64_t every_minutes;
  std::int64_t jitter_minutes;
};
constexpr Trace kTraces[] = {
    {Where::all, Resident::local, Touch::dns, "EVW-DC01.eldervalley.example", "10.20.1.10", 21, 14},
    {Where::all, Resident::updates, Touch::dns, "slscr.update.example", "203.0.113.80", 160, 60},
    {Where::all, Resident::updates, Touch::connection, "203.0.113.80", "443", 160, 60},
    {Where::all, Resident::updates, Touch::value,
     "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto "
     "Update\\LastOnlineScanTimeForAppCategory",
     "Binary Data", 160, 60},
    {Where::all, Resident::defender, Touch::file,
     "C:\\ProgramData\\Microsoft\\Windows "
     "Defender\\Scans\\History\\Results\\Resource\\{0D6B4F0A-0000-0000-6C0E-7A1F5B2D9C31}",
     "", 90, 60},
    {Where::all, Resident::scheduler, Touch::file,
     "C:\\Windows\\System32\\Tasks\\Microsoft\\Windows\\UpdateOrchestrator\\Schedule Scan", "", 200, 90},
    {Where::all, Resident::scheduler, Touch::key,
     "HKLM\\SOFTWARE\\Microsoft\\Windows "
     "NT\\CurrentVersion\\Schedule\\TaskCache\\Tree\\Microsoft\\Windows\\UpdateOrchestrator",
     "", 200, 90},
    {Where::all, Resident::lsass, Touch::connection, "10.20.1.10", "389", 28, 25},
    {Where::all, Resident::services, Touch::value,
     "HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\SequenceNumber", "DWORD (0x00000005)", 110, 80},
    {Where::all, Resident::wmi, Touch::library, "C:\\Windows\\System32\\wbem\\wmiutils.dll", "", 70, 60},
    {Where::all, Resident::scheduler, Touch::library, "C:\\Windows\\System32\\taskschd.dll", "", 95, 60},
    {Where::jump, Resident::terminal, Touch::value,
     "HKLM\\System\\CurrentControlSet\\Control\\Terminal Server\\ConnectionStatus", "DWORD (0x00000001)", 120,
     100},
    {Where::clients, Resident::spooler, Touch::value,
     "HKLM\\System\\CurrentControlSet\\Control\\Print\\Printers\\Office Laser\\ChangeID",
     "DWORD (0x0014a2f1)", 100, 80},
};

struct ServiceRow {
  std::string_view display;
  std::string_view name;
  std::int64_t every_minutes;
  std::int64_t for_minutes;
};
constexpr ServiceRow kServices[] = {
    {"Windows Modules Installer", "TrustedInstaller", 590, 4},
    {"Background Intelligent Transfer Service", "BITS", 210, 9},
    {"Software Protection", "sppsvc", 230, 1},
    {"Windows Update", "wuauserv", 320, 14},
    {"AppX Deployment Service (AppXSVC)", "AppXSvc", 200, 6},
    {"WMI Performance Adapter", "wmiApSrv", 130, 3},
    {"Device Setup Manager", "DsmSvc", 400, 5},
    {"Network Setup Service", "NetSetupSvc", 300, 1},
};

constexpr std::string_view kReportScript =
    "param([int]$Days = 90)\r\n$limit = (Get-Date).AddDays(-$Days)\r\nGet-ADUser -Filter * -Properties "
    "LastLogonDate |\r\n"
    "  Where-Object { $_.LastLogonDate -lt $limit } |\r\n  Select-Object SamAccountName, LastLogonDate |\r\n"
    "  Export-Csv -Path D:\\Reports\\stale-accounts.csv -NoTypeInformation\r\n";
constexpr std::string_view kReportCommands[] = {"Get-Date", "Get-ADUser", "Where-Object", "Select-Object",
                                                "Export-Csv"};
constexpr std::string_view kDiskScript =
    "$disks = Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3'\r\nforeach ($disk in $disks) {\r\n"
    "  $free = [math]::Round($disk.FreeSpace / 1GB, 1)\r\n  Add-Content -Path C:\\Scripts\\Logs\\disk.log "
    "-Value \"$(Get-Date -Format s) "
    "$($disk.DeviceID) $free\"\r\n}\r\n";
constexpr std::string_view kDiskCommands[] = {"Get-CimInstance", "Get-Date", "Add-Content"};

void plan_chores(World& world, Machine& machine) {
  for (std::size_t i = 0; i < std::size(kChores); ++i) {
    const Chore& chore = kChores[i];
    if (!applies(chore.where, machine.host())) continue;
    world.every(std::max<std::int64_t>(chore.every_minutes / world.scale(), 1), chore.jitter_minutes,
                fmt::format("{} chore {}", machine.host().name, i), [&machine, &chore](Time time) {
                  machine.run(time, machine.resident(chore.parent), std::string(chore.image),
                              std::string(chore.command_line), machine.session_of(*chore.as),
                              chore.for_ms + machine.dice().between(0, chore.for_ms / 3));
                });
  }
}

void leave_trace(Machine& machine, Time time, const Trace& trace) {
  const Process& who = machine.resident(trace.who);
  switch (trace.touch) {
    case Touch::file:
      machine.create_file(time, who, trace.what);
      break;
    case Touch::value:
      machine.set_value(time, who, trace.what, trace.with);
      break;
    case Touch::key:
      machine.create_key(time, who, trace.what);
      break;
    case Touch::dns:
      machine.resolve(time, who, trace.what, trace.with);
      break;
    case Touch::connection:
      machine.connect(time, who, trace.what, "", static_cast<std::uint16_t>(trace.with == "389" ? 389 : 443));
      break;
    case Touch::library:
      machine.load(time, who, trace.what);
      break;
  }
}

void plan_traces(World& world, Machine& machine) {
  if (!machine.host().sysmon) return;
  for (std::size_t i = 0; i < std::size(kTraces); ++i) {
    const Trace& trace = kTraces[i];
    if (!applies(trace.where, machine.host())) continue;
    world.every(std::max<std::int64_t>(trace.every_minutes / world.scale(), 1), trace.jitter_minutes,
                fmt::format("{} trace {}", machine.host().name, i),
                [&machine, &trace](Time time) { leave_trace(machine, time, trace); });
  }
}

void plan_services(World& world, Machine& machine) {
  for (const ServiceRow& row : kServices) {
    world.every(row.every_minutes, row.every_minutes / 3,
                fmt::format("{} service {}", machine.host().name, row.name),
                [&world, &machine, &row](Time time) {
                  machine.service_state(time, row.display, row.name, true);
                  world.at(minutes_later(time, row.for_minutes), [&machine, &row](Time later_on) {
                    machine.service_state(later_on, row.display, row.name, false);
                  });
                });
  }
  world.every(std::max<std::int64_t>(26 / world.scale(), 1), 20,
              fmt::format("{} service logon", machine.host().name),
              [&machine](Time time) { (void)machine.log_on(time, kSystemAccount, LogonType::service); });
}

/// Machine policy: the machine logs on to the controller, reads its policy and says so.
void plan_policy(World& world, Machine& machine) {
  world.every(90, 30, fmt::format("{} policy", machine.host().name), [&world, &machine](Time time) {
    const Host& host = machine.host();
    if (host.role != Role::domain_controller) {
      world.ticket(time, host.account(), fmt::format("{}-{}", kDomainSid, host.rid), host,
                   world.domain_controller().host(), machine.dice().chance(12));
      world.domain_controller().machine_logon(later(time, 10), host, machine.dice().between(9'000, 70'000));
    }
    machine.log(kind::kMachinePolicy, later(time, 2'100),
                {"1", "4220", "0", std::to_string(machine.dice().between(120, 2'400)),
                 world.domain_controller().host().fqdn()});
  });
  world.every(31, 17, fmt::format("{} netlogon", machine.host().name), [&world, &machine](Time time) {
    if (machine.host().role != Role::domain_controller) {
      world.domain_controller().machine_logon(time, machine.host(), machine.dice().between(10'000, 15'000));
    }
  });
}

void plan_updates(World& world, Machine& machine) {
  world.every(480, 120, fmt::format("{} definitions", machine.host().name), [&world, &machine](Time time) {
    const auto hours = (time.ticks - world.begin().ticks) / (3'600 * kTicksPerSecond);
    const std::string version = fmt::format("1.405.{}.0", 700 + hours / 4);
    const std::string title = fmt::format(
        "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version {}) - Current "
        "Channel (Broad)",
        version);
    const std::string guid = machine.random_guid().to_string();
    machine.log(kind::kUpdateDownload, time, {title, guid, "200"});
    machine.log(kind::kUpdateStarted, later(time, 21'000), {title, guid, "200"});
    machine.log(kind::kUpdateInstalled, later(time, 48'000),
                {title, guid, "200", "{7971f918-a847-4430-9279-4a52d1efe18d}"});
    machine.log(kind::kSignaturesUpdated, later(time, 47'000),
                {"Microsoft Defender Antivirus", "4.18.24010.12", version,
                 fmt::format("1.405.{}.0", 698 + hours / 4), "0", "User", "1", "AntiVirus", "2", "Delta",
                 "NT AUTHORITY", "SYSTEM", "S-1-5-18", "1.1.24020.9", "1.1.24020.9"});
  });
  world.every(1'440, 60, fmt::format("{} scan", machine.host().name), [&machine](Time time) {
    const std::string scan = machine.random_guid().to_string();
    const std::int64_t minutes = machine.dice().between(2, 7);
    const std::vector<std::string> head = {"Microsoft Defender Antivirus",
                                           "4.18.24010.12",
                                           scan,
                                           "1",
                                           "Antimalware",
                                           "1",
                                           "Quick scan",
                                           "NT AUTHORITY",
                                           "SYSTEM",
                                           "S-1-5-18"};
    std::vector<std::string> begun = head;
    begun.emplace_back("");
    machine.log(kind::kScanStarted, time, std::move(begun));
    std::vector<std::string> done = head;
    done.insert(done.end(),
                {"00", fmt::format("{:02}", minutes), fmt::format("{:02}", machine.dice().below(60))});
    machine.log(kind::kScanFinished, minutes_later(time, minutes), std::move(done));
  });
}

/// Database engines of Windows' own services attach and detach their files all day.
void plan_databases(World& world, Machine& machine) {
  world.every(300, 200, fmt::format("{} database", machine.host().name), [&machine](Time time) {
    const Process& process = machine.resident(Resident::updates);
    const std::string who = "svchost";
    const std::string id = fmt::format("{},D,50", process.pid);
    const std::string file = machine.host().server
                                 ? "C:\\Windows\\system32\\LogFiles\\Sum\\Current.mdb"
                                 : "C:\\Windows\\SoftwareDistribution\\DataStore\\DataStore.edb";
    const std::string timing =
        "[1] 0.000012 +J(0) +M(C:0K, Fs:3, WS:12K # 0K, PF:0K # 0K, P:0K), [2] 0.004211 +J(0).";
    machine.log_by(process, kind::kEsentStarting, time,
                   {who, fmt::format("{},P,98", process.pid), "SUM: ", "0", "10", "00",
                    std::to_string(machine.host().build), "0000"});
    machine.log_by(process, kind::kEsentStarted, later(time, 30), {who, id, "SUM: ", "0", timing, ""});
    machine.log_by(process, kind::kEsentAttached, later(time, 60),
                   {who, id, "SUM: ", "1", file, "0", timing, "0 0", ""});
    machine.log_by(process, kind::kEsentDetached, later(time, 310'000),
                   {who, id, "SUM: ", "1", file, "0", timing, "0 0"});
    machine.log_by(process, kind::kEsentStopped, later(time, 310'050), {who, id, "SUM: ", "0", "0", timing});
  });
  world.every(500, 300, fmt::format("{} licence", machine.host().name), [&machine](Time time) {
    machine.log(kind::kLicenceRestart, time, {to_rfc3339(minutes_later(time, 7 * 24 * 60)), "RulesEngine"});
  });
}

void plan_tasks(World& world, Machine& machine) {
  const std::string name(machine.host().name);
  world.every(120, 60, name + " task", [&machine](Time time) {
    const Process worker =
        machine.run(time, machine.resident(Resident::scheduler), "C:\\Windows\\System32\\taskhostw.exe",
                    "taskhostw.exe SYSTEM", machine.system(), 41'000);
    machine.task_run(later(time, 20), "\\Microsoft\\Windows\\CertificateServicesClient\\SystemTask",
                     "%windir%\\system32\\taskhostw.exe", worker, kSystemAccount, 41'000);
  });
  const bool reports = machine.host().role == Role::domain_controller;
  if (!reports && machine.host().role != Role::file_server && machine.host().role != Role::jump) return;
  const std::string_view path =
      reports ? "C:\\Scripts\\Get-StaleAccounts.ps1" : "C:\\Scripts\\Write-DiskSpace.ps1";
  world.every(reports ? 720 : 240, 0, name + " script", [&machine, reports, path](Time time) {
    const std::string command = fmt::format(
        "\"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\" -NoProfile -NonInteractive -File "
        "{}",
        path);
    const Script script{path, reports ? kReportScript : kDiskScript,
                        reports ? std::span<const std::string_view>(kReportCommands)
                                : std::span<const std::string_view>(kDiskCommands)};
    const Process process = run_powershell(machine, time, machine.resident(Resident::scheduler),
                                           machine.system(), command, script, 9'000);
    machine.task_run(later(time, 10), reports ? "\\EVW\\Stale accounts" : "\\EVW\\Disk space",
                     "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", process,
                     kSystemAccount, 9'000);
  });
}

/// The monitoring account asks every server for its counters.
void plan_monitoring(World& world) {
  const Account& monitor = account("svc-monitor");
  for (const auto& each : world.machines()) {
    Machine& machine = *each;
    if (!machine.host().server) continue;
    world.every(std::max<std::int64_t>(15 / world.scale(), 1), 0,
                fmt::format("{} monitoring", machine.host().name), [&world, &machine, &monitor](Time time) {
                  const Session session =
                      world.remote_session(time, monitor, world.machine("EVW-BKP01").host(), machine);
                  if (machine.dice().chance(12)) {
                    machine.log(kind::kWmiProvider, later(time, 200),
                                {"CIMWin32", "0x0", "wmiprvse.exe",
                                 std::to_string(machine.resident(Resident::wmi).pid),
                                 "%systemroot%\\system32\\wbem\\cimwin32.dll"});
                  }
                  machine.log_off(later(time, machine.dice().between(1'500, 9'000)), session);
                });
  }
}

/// The backup of one server: a shadow copy, or the system state on the controller, started by the agent of
/// the backup product.
void back_up(World& world, Machine& machine, Time time) {
  const Account& operator_account = account("svc-backup");
  const Session session =
      world.remote_session(time, operator_account, world.machine("EVW-BKP01").host(), machine);
  const Process agent =
      machine.start(later(time, 400), machine.resident(Resident::services),
                    "C:\\Program Files\\KeepSafe\\Agent\\KeepSafeAgent.exe",
                    "\"C:\\Program Files\\KeepSafe\\Agent\\KeepSafeAgent.exe\" --job nightly", session);
  const bool controller = machine.host().role == Role::domain_controller;
  machine.service_state(later(time, 2'000), "Volume Shadow Copy", "VSS", true);
  machine.service_state(later(time, 2'300), "Microsoft Software Shadow Copy Provider", "swprv", true);
  machine.run_console(
      later(time, 1'500), agent,
      controller ? "C:\\Windows\\System32\\wbadmin.exe" : "C:\\Windows\\System32\\vssadmin.exe",
      controller ? "wbadmin start systemstatebackup -backupTarget:E: -quiet"
                 : "vssadmin list shadows /for=D:",
      session, controller ? 900'000 : 1'900);
  if (controller) {
    const Process& directory = machine.resident(Resident::lsass);
    const std::vector<std::string> head = {"lsass", fmt::format("{},D,0", directory.pid), "", "12"};
    machine.log_by(directory, kind::kEsentShadowStarting, later(time, 5'000), head);
    machine.log_by(directory, kind::kEsentShadowFreeze, later(time, 6'000), head);
    machine.log_by(directory, kind::kEsentShadowFreezeEnd, later(time, 9'000), head);
    machine.log_by(directory, kind::kEsentShadowDone, later(time, 12'000), head);
  }
  world.at(minutes_later(time, 22), [&machine, agent, session](Time done) {
    machine.log(kind::kVssIdle, done, {});
    machine.service_state(done, "Volume Shadow Copy", "VSS", false);
    machine.service_state(later(done, 180'000), "Microsoft Software Shadow Copy Provider", "swprv", false);
    machine.end(done, agent);
    machine.log_off(later(done, 500), session);
  });
}

void plan_backups(World& world) {
  constexpr std::int64_t kDay = 24 * 60;
  for (std::int64_t start = 22 * 60 + 5; minutes_later(world.begin(), start) < world.end(); start += kDay) {
    const Time time = minutes_later(world.begin(), start);
    world.at(time, [&world](Time now) {
      Machine& server = world.machine("EVW-BKP01");
      const Session session = server.log_on(now, account("svc-backup"), LogonType::batch);
      const Process job = server.run(later(now, 300), server.resident(Resident::scheduler),
                                     "C:\\Program Files\\KeepSafe\\Server\\KeepSafeJob.exe",
                                     "\"C:\\Program Files\\KeepSafe\\Server\\KeepSafeJob.exe\" run nightly",
                                     session, 5'000'000);
      server.task_run(later(now, 350), "\\KeepSafe\\Nightly",
                      "C:\\Program Files\\KeepSafe\\Server\\KeepSafeJob.exe", job, account("svc-backup"),
                      5'000'000);
      server.log_off(later(now, 5'001'000), session);
    });
    std::int64_t minutes = 4;
    for (const std::string_view name : {"EVW-FS01", "EVW-DC01", "EVW-HIST01"}) {
      world.at(minutes_later(time, minutes),
               [&world, name](Time now) { back_up(world, world.machine(name), now); });
      minutes += 31;
    }
  }
}

/// A few of the firewall's records, on the one host where they are on.
void plan_firewall(World& world) {
  Machine& machine = world.machine("EVW-HIST01");
  world.every(std::max<std::int64_t>(20 / world.scale(), 1), 10, "firewall", [&machine](Time time) {
    machine.log(
        kind::kConnectionAllowed, time,
        {"2412", "\\device\\harddiskvolume2\\program files\\flowtrend\\server\\flowtrendserver.exe",
         "%%14592", "10.20.50.31", std::to_string(49'152 + machine.dice().below(16'000)),
         std::string(machine.host().address), "4840", "6", "71204", "%%14610", "44", "S-1-0-0", "S-1-0-0"});
  });
}

}  // namespace

void plan_routine(World& world) {
  for (const auto& machine : world.machines()) {
    plan_chores(world, *machine);
    plan_traces(world, *machine);
    plan_services(world, *machine);
    plan_policy(world, *machine);
    plan_updates(world, *machine);
    plan_databases(world, *machine);
    plan_tasks(world, *machine);
  }
  plan_monitoring(world);
  plan_backups(world);
  plan_firewall(world);
}

}  // namespace landwarden::range
