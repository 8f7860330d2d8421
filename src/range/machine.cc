#include "range/machine.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/assert.h"

namespace landwarden::range {
namespace {

constexpr std::string_view kNoGuid = "{00000000-0000-0000-0000-000000000000}";
constexpr std::string_view kNobody = "S-1-0-0";
constexpr std::string_view kPrivileges =
    "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeTakeOwnershipPrivi"
    "lege\r\n\t\t\t"
    "SeDebugPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\tSeLoadDriverPrivilege\r\n\t\t\tSeImperso"
    "natePrivilege\r\n\t\t\t"
    "SeDelegateSessionUserImpersonatePrivilege";
constexpr std::string_view kServicePrivileges =
    "SeAssignPrimaryTokenPrivilege\r\n\t\t\tSeTcbPrivilege\r\n\t\t\tSeSecurityPrivilege\r\n\t\t\tSeTakeOwners"
    "hipPrivilege\r\n\t\t\t"
    "SeLoadDriverPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeDebugPrivilege\r"
    "\n\t\t\t"
    "SeAuditPrivilege\r\n\t\t\tSeSystemEnvironmentPrivilege\r\n\t\t\tSeImpersonatePrivilege\r\n\t\t\t"
    "SeDelegateSessionUserImpersonatePrivilege";

struct ResidentRow {
  Resident which;
  Resident parent;
  std::string_view image;
  std::string_view command_line;
  const Account* account;
};
const ResidentRow kResidentRows[] = {
    {Resident::kernel, Resident::kernel, "System", "", &kSystemAccount},
    {Resident::wininit, Resident::kernel, "C:\\Windows\\System32\\wininit.exe", "wininit.exe",
     &kSystemAccount},
    {Resident::winlogon, Resident::kernel, "C:\\Windows\\System32\\winlogon.exe", "winlogon.exe",
     &kSystemAccount},
    {Resident::services, Resident::wininit, "C:\\Windows\\System32\\services.exe",
     "C:\\Windows\\system32\\services.exe", &kSystemAccount},
    {Resident::lsass, Resident::wininit, "C:\\Windows\\System32\\lsass.exe",
     "C:\\Windows\\system32\\lsass.exe", &kSystemAccount},
    {Resident::launcher, Resident::services, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\system32\\svchost.exe -k DcomLaunch -p", &kSystemAccount},
    {Resident::scheduler, Resident::services, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule", &kSystemAccount},
    {Resident::terminal, Resident::services, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\System32\\svchost.exe -k termsvcs -s TermService", &kNetworkService},
    {Resident::local, Resident::services, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\system32\\svchost.exe -k NetworkService -p -s Dnscache", &kNetworkService},
    {Resident::event_log, Resident::services, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\System32\\svchost.exe -k LocalServiceNetworkRestricted -p -s EventLog", &kLocalService},
    {Resident::updates, Resident::services, "C:\\Windows\\System32\\svchost.exe",
     "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s wuauserv", &kSystemAccount},
    {Resident::wmi, Resident::launcher, "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe",
     "C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding", &kNetworkService},
    {Resident::defender, Resident::services,
     "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MsMpEng.exe",
     "\"C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24010.12-0\\MsMpEng.exe\"",
     &kSystemAccount},
    {Resident::sysmon, Resident::services, "C:\\Windows\\Sysmon64.exe", "C:\\Windows\\Sysmon64.exe",
     &kSystemAccount},
    {Resident::spooler, Resident::services, "C:\\Windows\\System32\\spoolsv.exe",
     "C:\\Windows\\System32\\spoolsv.exe", &kSystemAccount},
};
static_assert(std::size(kResidentRows) == kResidents);

std::string text(std::string_view view) {
  return std::string(view);
}

std::string integrity_of(const Session& session) {
  if (session.account->is_system()) return "System";
  return session.elevated ? "High" : "Medium";
}

std::string label_of(const Session& session) {
  if (session.account->is_system()) return "S-1-16-16384";
  return session.elevated ? "S-1-16-12288" : "S-1-16-8192";
}

/// How each kind of logon names its logon process, package and caller.
struct LogonStyle {
  LogonType type;
  std::string_view process;
  std::string_view package;
  Resident caller;
};
constexpr LogonStyle kLogonStyles[] = {
    {LogonType::interactive, "User32 ", "Negotiate", Resident::terminal},
    {LogonType::network, "Kerberos", "Kerberos", Resident::kernel},
    {LogonType::batch, "Advapi  ", "Negotiate", Resident::scheduler},
    {LogonType::service, "Advapi  ", "Negotiate", Resident::services},
    {LogonType::unlock, "User32 ", "Negotiate", Resident::lsass},
    {LogonType::remote, "User32 ", "Negotiate", Resident::terminal},
};
const LogonStyle& style_of(LogonType type) {
  return *std::find_if(std::begin(kLogonStyles), std::end(kLogonStyles),
                       [&](const auto& row) { return row.type == type; });
}

}  // namespace

std::string hex(std::uint64_t number) {
  return fmt::format("{:#x}", number);
}

std::string sysmon_time(Time time) {
  const Civil civil = to_civil(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", civil.year, civil.month, civil.day,
                     civil.hour, civil.minute, civil.second, civil.tick / 10'000);
}

Machine::Machine(const Host& host, Time started, std::uint64_t seed)
    : host_(host), dice_(seed, host.name), started_(started), guid_prefix_(dice_.next()) {
  system_ = {.logon_id = 0x3e7, .account = &kSystemAccount, .address = {}, .elevated = true};
  local_service_ = {.logon_id = 0x3e5, .account = &kLocalService, .address = {}};
  network_service_ = {.logon_id = 0x3e4, .account = &kNetworkService, .address = {}};
  for (const ResidentRow& row : kResidentRows) {
    Process& process = residents_[static_cast<std::size_t>(row.which)];
    process = {.pid = row.which == Resident::kernel ? 4 : next_pid(),
               .guid = process_guid(later(started, 1'000 * static_cast<std::int64_t>(process_counter_))),
               .image = text(row.image),
               .command_line = text(row.command_line),
               .session = session_of(*row.account)};
  }
}

const Session& Machine::session_of(const Account& service_account) const {
  if (&service_account == &kLocalService) return local_service_;
  if (&service_account == &kNetworkService) return network_service_;
  return system_;
}

std::uint32_t Machine::next_pid() {
  last_pid_ += 4 * (1 + dice_.below(40));
  if (last_pid_ > 14'000) last_pid_ = 1'200 + 4 * dice_.below(200);
  return last_pid_;
}

std::uint64_t Machine::next_logon_id() {
  return last_logon_id_ += 0x100 + dice_.below(0x4000);
}

/// Sysmon's own: part of the machine's GUID, the start in seconds, a counter and the number of the boot.
Guid Machine::process_guid(Time started) {
  const auto seconds = static_cast<std::uint32_t>((started.ticks - kUnixEpochTicks) / kTicksPerSecond);
  const std::uint32_t counter = ++process_counter_ + 0x20;
  const std::uint64_t low =
      std::uint64_t{counter & 0xff} << 56 | std::uint64_t{counter >> 8 & 0xff} << 48 | 0x2100;
  return Guid::of(guid_prefix_, static_cast<std::uint16_t>(seconds),
                  static_cast<std::uint16_t>(seconds >> 16), low);
}

Guid Machine::logon_guid(const Session& session) const {
  const auto seconds = static_cast<std::uint32_t>((started_.ticks - kUnixEpochTicks) / kTicksPerSecond +
                                                  session.logon_id / 0x4000);
  std::uint64_t id = 0;
  for (int i = 0; i < 8; ++i) id |= (session.logon_id >> (8 * i) & 0xff) << (8 * (7 - i));
  return Guid::of(guid_prefix_, static_cast<std::uint16_t>(seconds),
                  static_cast<std::uint16_t>(seconds >> 16), id);
}

Guid Machine::random_guid() {
  const std::uint64_t high = dice_.next64();
  return Guid::of(static_cast<std::uint32_t>(high), static_cast<std::uint16_t>(high >> 32),
                  static_cast<std::uint16_t>(0x4000 | (high >> 48 & 0xfff)),
                  0x8000000000000000ULL | dice_.next64() >> 2);
}

std::string Machine::user_name(const Session& session) const {
  return session.account->full();
}

/// The four fields of a Subject; services appear under the machine's name.
std::vector<std::string> Machine::subject(const Session& session) const {
  if (session.account == &kSystemAccount) return {"S-1-5-18", host_.account(), text(kDomain), "0x3e7"};
  return {session.account->sid(), text(session.account->name), text(session.account->domain),
          hex(session.logon_id)};
}

std::uint32_t Machine::logger_pid(Logger logger) const {
  switch (logger) {
    case Logger::kernel:
      return 4;
    case Logger::lsass:
      return resident(Resident::lsass).pid;
    case Logger::services:
      return resident(Resident::services).pid;
    case Logger::event_log:
      return resident(Resident::event_log).pid;
    case Logger::sysmon:
      return resident(Resident::sysmon).pid;
    case Logger::scheduler:
      return resident(Resident::scheduler).pid;
    case Logger::terminal:
      return resident(Resident::terminal).pid;
    case Logger::updates:
    case Logger::group_policy:
      return resident(Resident::updates).pid;
    case Logger::defender:
      return resident(Resident::defender).pid;
    case Logger::wmi:
      return resident(Resident::wmi).pid;
    case Logger::none:
    case Logger::caller:
      return 0;
  }
  return 0;
}

void Machine::append(const EventKind& kind, Time time, std::vector<std::string> values, std::uint32_t pid,
                     std::string sid) {
  // What one action leaves keeps its order: a few ticks lie between records of one nominal time.
  last_logged_ = time == last_nominal_ ? Time{last_logged_.ticks + 300 + dice_.below(4'000)}
                                       : Time{time.ticks + dice_.below(9'000)};
  last_nominal_ = time;
  LogRecord record;
  record.time = last_logged_;
  record.kind = &kind;
  record.values = std::move(values);
  record.process_id = pid;
  record.thread_id = pid == 0 ? 0 : 4 * (25 + dice_.below(2'000));
  record.user_sid = std::move(sid);
  if (&kind.provider == &provider::kPowerShell || &kind.provider == &provider::kGroupPolicy)
    record.activity_id = random_guid();
  records.push_back(std::move(record));
}

void Machine::log(const EventKind& kind, Time time, std::vector<std::string> values) {
  append(kind, time, std::move(values), logger_pid(kind.logger), "S-1-5-18");
}

void Machine::log_by(const Process& process, const EventKind& kind, Time time,
                     std::vector<std::string> values) {
  const std::uint32_t pid = kind.logger == Logger::caller ? process.pid : logger_pid(kind.logger);
  append(kind, time, std::move(values), pid, process.session.account->sid());
}

Session Machine::log_on(Time time, const Account& account, LogonType type, std::string_view address,
                        std::string_view workstation) {
  Session session{.logon_id = account.is_system() ? session_of(account).logon_id : next_logon_id(),
                  .account = &account,
                  .type = type,
                  .terminal = 0,
                  .address = text(address),
                  .elevated = account.administrator};
  if (type == LogonType::interactive || type == LogonType::remote) session.terminal = ++last_terminal_;
  const LogonStyle& style = style_of(type);
  const bool network = type == LogonType::network;
  std::vector<std::string> values =
      network ? std::vector<std::string>{text(kNobody), "-", "-", "0x0"} : subject(system_);
  const std::string station = network ? "-" : workstation.empty() ? text(host_.name) : text(workstation);
  const bool ticket = type != LogonType::service && !account.is_system();
  const Process& caller = resident(style.caller);
  const std::string source = !address.empty()                 ? text(address)
                             : type == LogonType::interactive ? "127.0.0.1"
                                                              : "-";
  const std::string port = network                            ? std::to_string(49'152 + dice_.below(16'000))
                           : address.empty() && source == "-" ? "-"
                                                              : "0";
  for (std::string& value : std::vector<std::string>{account.sid(),
                                                     text(account.name),
                                                     text(account.domain),
                                                     hex(session.logon_id),
                                                     std::to_string(static_cast<std::uint32_t>(type)),
                                                     text(style.process),
                                                     text(style.package),
                                                     type == LogonType::service ? "-" : station,
                                                     ticket ? random_guid().to_string() : text(kNoGuid),
                                                     "-",
                                                     "-",
                                                     "0",
                                                     network ? "0x0" : hex(caller.pid),
                                                     network ? "-" : caller.image,
                                                     source,
                                                     port,
                                                     "%%1833",
                                                     "-",
                                                     "-",
                                                     "-",
                                                     "%%1843",
                                                     "0x0",
                                                     session.elevated ? "%%1842" : "%%1843"}) {
    values.push_back(std::move(value));
  }
  log(kind::kLogon, time, std::move(values));
  if (account.administrator || account.is_system()) special_privileges(time, session);
  return session;
}

void Machine::special_privileges(Time time, const Session& session) {
  const bool service = session.account->is_system();
  log(kind::kSpecialPrivileges, time,
      {session.account->sid(), text(session.account->name), text(session.account->domain),
       hex(session.logon_id), text(service ? kServicePrivileges : kPrivileges)});
}

void Machine::machine_logon(Time time, const Host& from, std::int64_t stays_ms) {
  const std::uint64_t id = next_logon_id();
  const std::string sid = fmt::format("{}-{}", kDomainSid, from.rid);
  log(kind::kLogon, time,
      {text(kNobody),
       "-",
       "-",
       "0x0",
       sid,
       from.account(),
       text(kRealm),
       hex(id),
       "3",
       "Kerberos",
       "Kerberos",
       "-",
       random_guid().to_string(),
       "-",
       "-",
       "0",
       "0x0",
       "-",
       text(from.address),
       std::to_string(49'152 + dice_.below(16'000)),
       "%%1833",
       "-",
       "-",
       "-",
       "%%1843",
       "0x0",
       "%%1842"});
  log(kind::kLogoff, later(time, stays_ms), {sid, from.account(), text(kDomain), hex(id), "3"});
}

void Machine::log_off(Time time, const Session& session) {
  if (session.type == LogonType::interactive || session.type == LogonType::remote) {
    log(kind::kUserLogoff, time, subject(session));
  }
  std::vector<std::string> values = subject(session);
  values.push_back(std::to_string(static_cast<std::uint32_t>(session.type)));
  log(kind::kLogoff, later(time, 120), std::move(values));
}

void Machine::fail_logon(Time time, std::string_view user, LogonType type, std::string_view address,
                         bool unknown_user) {
  const LogonStyle& style = style_of(type);
  std::vector<std::string> values = type == LogonType::network
                                        ? std::vector<std::string>{text(kNobody), "-", "-", "0x0"}
                                        : subject(system_);
  for (std::string& value : std::vector<std::string>{
           text(kNobody), text(user), text(kDomain), "0xc000006d", "%%2313",
           unknown_user ? "0xc0000064" : "0xc000006a", std::to_string(static_cast<std::uint32_t>(type)),
           text(style.process), text(style.package), text(host_.name), "-", "-", "0",
           hex(resident(style.caller).pid), resident(style.caller).image,
           address.empty() ? "127.0.0.1" : text(address), "0"}) {
    values.push_back(std::move(value));
  }
  log(kind::kLogonFailed, time, std::move(values));
}

Process Machine::open_desktop(Time time, const Session& session) {
  const Process user_init =
      start(later(time, 900), resident(Resident::winlogon), "C:\\Windows\\System32\\userinit.exe",
            "C:\\Windows\\system32\\userinit.exe", session);
  const Process shell =
      start(later(time, 1'300), user_init, "C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE", session);
  end(later(time, 26'000), user_init);
  return shell;
}

Process Machine::start(Time time, const Process& parent, std::string image, std::string command_line,
                       const Session& session, std::string_view directory) {
  Process process{.pid = next_pid(),
                  .guid = process_guid(time),
                  .image = std::move(image),
                  .command_line = std::move(command_line),
                  .session = session};
  log_process(time, process, parent, directory);
  return process;
}

void Machine::log_process(Time time, const Process& process, const Process& parent,
                          std::string_view directory) {
  const Session& session = process.session;
  if (host_.audits_processes) {
    std::vector<std::string> values = subject(parent.session.account->is_system() ? parent.session : session);
    const bool other = parent.session.logon_id != session.logon_id;
    for (std::string& value : std::vector<std::string>{
             hex(process.pid), process.image,
             session.elevated || session.account->is_system() ? "%%1936" : "%%1938", hex(parent.pid),
             process.command_line, other ? session.account->sid() : text(kNobody),
             other ? text(session.account->name) : "-", other ? text(session.account->domain) : "-",
             other ? hex(session.logon_id) : "0x0", parent.image, label_of(session)}) {
      values.push_back(std::move(value));
    }
    log(kind::kProcessCreated, time, std::move(values));
  }
  if (!host_.sysmon) return;
  const Program& facts = program(process.image);
  const bool windows = facts.version.empty();
  const std::string version = windows ? host_.version() : text(facts.version);
  std::string home = session.account->is_system() ? "C:\\Windows\\system32\\"
                                                  : fmt::format("C:\\Users\\{}\\", session.account->name);
  if (!directory.empty()) home = text(directory);
  log(kind::kSysmonProcess, time,
      {"-",
       sysmon_time(time),
       process.guid.to_string(),
       std::to_string(process.pid),
       process.image,
       version,
       text(facts.description),
       facts.product.empty() ? "Microsoft® Windows® Operating System" : text(facts.product),
       facts.company.empty() ? "Microsoft Corporation" : text(facts.company),
       text(facts.original),
       process.command_line,
       home,
       user_name(session),
       logon_guid(session).to_string(),
       hex(session.logon_id),
       std::to_string(session.terminal),
       integrity_of(session),
       hashes_of(process.image, version),
       parent.guid.to_string(),
       std::to_string(parent.pid),
       parent.image,
       parent.command_line,
       user_name(parent.session)});
}

void Machine::end(Time time, const Process& process) {
  if (!host_.sysmon) return;
  log(kind::kSysmonProcessEnd, time,
      {"-", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid), process.image,
       user_name(process.session)});
}

Process Machine::run(Time time, const Process& parent, std::string image, std::string command_line,
                     const Session& session, std::int64_t for_ms) {
  Process process = start(time, parent, std::move(image), std::move(command_line), session);
  end(later(time, for_ms), process);
  return process;
}

Process Machine::run_console(Time time, const Process& parent, std::string image, std::string command_line,
                             const Session& session, std::int64_t for_ms) {
  Process process = start(time, parent, std::move(image), std::move(command_line), session);
  const Process console =
      start(later(time, 9), process, "C:\\Windows\\System32\\conhost.exe",
            "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1", session, "C:\\Windows");
  end(later(time, for_ms), process);
  end(later(time, for_ms + 4), console);
  return process;
}

void Machine::connect(Time time, const Process& process, std::string_view address, std::string_view name,
                      std::uint16_t port, bool initiated, std::uint16_t own_port) {
  if (!host_.sysmon) return;
  const std::string here = host_.fqdn();
  const std::string there = name.empty() ? "-" : text(name);
  const std::uint16_t high_port =
      own_port != 0 ? own_port : static_cast<std::uint16_t>(49'152 + dice_.below(16'000));
  const auto named = [](std::uint16_t number) {
    switch (number) {
      case 80:
        return "http";
      case 135:
        return "epmap";
      case 389:
        return "ldap";
      case 443:
        return "https";
      case 445:
        return "microsoft-ds";
      case 3389:
        return "ms-wbt-server";
      default:
        return "-";
    }
  };
  std::vector<std::string> values = {"-",
                                     sysmon_time(time),
                                     process.guid.to_string(),
                                     std::to_string(process.pid),
                                     process.image,
                                     user_name(process.session),
                                     "tcp",
                                     initiated ? "true" : "false"};
  const std::vector<std::string> own = {"false", text(host_.address), here, std::to_string(high_port),
                                        named(high_port)};
  const std::vector<std::string> other = {"false", text(address), there, std::to_string(port), named(port)};
  for (const auto* half : {initiated ? &own : &other, initiated ? &other : &own})
    values.insert(values.end(), half->begin(), half->end());
  log(kind::kSysmonConnection, time, std::move(values));
}

void Machine::resolve(Time time, const Process& process, std::string_view name, std::string_view answer) {
  if (!host_.sysmon) return;
  log(kind::kSysmonDns, time,
      {"-", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid), text(name), "0",
       fmt::format("::ffff:{};", answer), process.image, user_name(process.session)});
}

void Machine::create_file(Time time, const Process& process, std::string_view path) {
  if (!host_.sysmon) return;
  log(kind::kSysmonFile, time,
      {"-", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid), process.image,
       text(path), sysmon_time(time), user_name(process.session)});
}

void Machine::delete_file(Time time, const Process& process, std::string_view path) {
  if (!host_.sysmon) return;
  log(kind::kSysmonFileDelete, time,
      {"-", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid),
       user_name(process.session), process.image, text(path), hashes_of(path, host_.name), "false"});
}

void Machine::create_key(Time time, const Process& process, std::string_view key) {
  if (!host_.sysmon) return;
  log(kind::kSysmonRegistryKey, time,
      {"-", "CreateKey", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid),
       process.image, text(key), user_name(process.session)});
}

void Machine::set_value(Time time, const Process& process, std::string_view value, std::string_view details) {
  if (!host_.sysmon) return;
  log(kind::kSysmonRegistryValue, time,
      {"-", "SetValue", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid),
       process.image, text(value), text(details), user_name(process.session)});
}

void Machine::load(Time time, const Process& process, std::string_view library) {
  if (!host_.sysmon) return;
  const Program& facts = program(library);
  log(kind::kSysmonImageLoad, time,
      {"-", sysmon_time(time), process.guid.to_string(), std::to_string(process.pid), process.image,
       text(library), host_.version(), text(facts.description), "Microsoft® Windows® Operating System",
       "Microsoft Corporation", text(facts.original), hashes_of(library, host_.version()), "true",
       "Microsoft Windows", "Valid", user_name(process.session)});
}

void Machine::access(Time time, const Process& source, const Process& target, std::string_view rights,
                     std::string_view trace) {
  if (!host_.sysmon) return;
  log(kind::kSysmonProcessAccess, time,
      {"-", sysmon_time(time), source.guid.to_string(), std::to_string(source.pid),
       std::to_string(4 * (100 + dice_.below(2'000))), source.image, target.guid.to_string(),
       std::to_string(target.pid), target.image, text(rights), text(trace), user_name(source.session),
       user_name(target.session)});
}

void Machine::service_state(Time time, std::string_view display_name, std::string_view short_name,
                            bool running) {
  log(kind::kServiceState, time,
      {text(display_name), running ? "running" : "stopped",
       fmt::format("{}/{}", short_name, running ? 4 : 1)});
}

void Machine::task_run(Time time, std::string_view task, std::string_view action, const Process& engine,
                       const Account& as, std::int64_t for_ms) {
  const std::string instance = random_guid().to_string();
  const std::string user = as.full();
  log(kind::kTaskProcess, time, {text(task), text(action), std::to_string(engine.pid), "16384"});
  log(kind::kTaskStarted, time, {text(task), user, instance});
  log(kind::kActionStarted, time, {text(task), text(action), instance, std::to_string(engine.pid)});
  log(kind::kActionFinished, later(time, for_ms),
      {text(task), instance, text(action), "0", std::to_string(engine.pid)});
  log(kind::kTaskFinished, later(time, for_ms), {text(task), user, instance});
}

}  // namespace landwarden::range
