// One running Windows machine: it hands out process ids, logon ids and process GUIDs as Windows does, and
// writes the events that an action leaves, in the logs that this host keeps.
//
// Records collect in `records` until the estate drains them. Calls for one machine should come in the order
// of time, so that ids grow with time. Not thread-safe.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "range/dice.h"
#include "range/inventory.h"
#include "range/record.h"

namespace landwarden::range {

[[nodiscard]] constexpr Time later(Time time, std::int64_t milliseconds) {
  return {time.ticks + milliseconds * 10'000};
}
[[nodiscard]] constexpr Time minutes_later(Time time, std::int64_t minutes) {
  return later(time, minutes * 60'000);
}

enum class LogonType : std::uint32_t {
  interactive = 2,
  network = 3,
  batch = 4,
  service = 5,
  unlock = 7,
  remote = 10
};

struct Session {
  std::uint64_t logon_id = 0;
  const Account* account = nullptr;
  LogonType type = LogonType::service;
  std::uint32_t terminal = 0;  ///< terminal services session; 0: services
  std::string address;         ///< where it came from; empty: here
  bool elevated = false;
};

struct Process {
  std::uint32_t pid = 0;
  Guid guid;
  std::string image;
  std::string command_line;
  Session session;
};

/// Processes that run since the machine was started.
enum class Resident : std::uint8_t {
  kernel,
  wininit,
  winlogon,
  services,
  lsass,
  launcher,
  scheduler,
  terminal,
  local,
  event_log,
  updates,
  wmi,
  defender,
  sysmon,
  spooler
};
inline constexpr std::size_t kResidents = 15;

/// A log is cut: its file goes to the archive, or away.
struct LogCut {
  std::string channel;
  Time time;
  std::string archive;  ///< file name; empty: the records are lost
};

class Machine {
 public:
  Machine(const Host& host, Time started, std::uint64_t seed);

  [[nodiscard]] const Host& host() const { return host_; }
  [[nodiscard]] const Process& resident(Resident which) const {
    return residents_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const Session& system() const { return system_; }
  [[nodiscard]] const Session& session_of(const Account& service_account) const;

  void log(const EventKind& kind, Time time, std::vector<std::string> values);
  /// For events that a process writes itself (ESENT, PowerShell) or in whose header its user stands.
  void log_by(const Process& process, const EventKind& kind, Time time, std::vector<std::string> values);

  // --- who is on ---
  [[nodiscard]] Session log_on(Time time, const Account& account, LogonType type,
                               std::string_view address = {}, std::string_view workstation = {});
  /// The machine account of another host, over the network.
  void machine_logon(Time time, const Host& from, std::int64_t stays_ms);
  void log_off(Time time, const Session& session);
  void fail_logon(Time time, std::string_view user, LogonType type, std::string_view address,
                  bool unknown_user = false);
  /// Winlogon, userinit and the shell; gives the shell.
  [[nodiscard]] Process open_desktop(Time time, const Session& session);

  // --- what runs ---
  Process start(Time time, const Process& parent, std::string image, std::string command_line,
                const Session& session, std::string_view directory = {});
  void end(Time time, const Process& process);
  /// A program that ends by itself after `for_ms`.
  Process run(Time time, const Process& parent, std::string image, std::string command_line,
              const Session& session, std::int64_t for_ms);
  /// The console host that every console program outside a console brings.
  Process run_console(Time time, const Process& parent, std::string image, std::string command_line,
                      const Session& session, std::int64_t for_ms);

  // --- what it does, as Sysmon sees it (nothing on hosts without) ---
  void connect(Time time, const Process& process, std::string_view address, std::string_view name,
               std::uint16_t port, bool initiated = true, std::uint16_t own_port = 0);
  void resolve(Time time, const Process& process, std::string_view name, std::string_view answer);
  void create_file(Time time, const Process& process, std::string_view path);
  void delete_file(Time time, const Process& process, std::string_view path);
  void create_key(Time time, const Process& process, std::string_view key);
  void set_value(Time time, const Process& process, std::string_view value, std::string_view details);
  void load(Time time, const Process& process, std::string_view library);
  void access(Time time, const Process& source, const Process& target, std::string_view rights,
              std::string_view trace);

  // --- services, tasks ---
  void service_state(Time time, std::string_view display_name, std::string_view short_name, bool running);
  void task_run(Time time, std::string_view task, std::string_view action, const Process& engine,
                const Account& as, std::int64_t for_ms);

  [[nodiscard]] Guid random_guid();
  [[nodiscard]] Dice& dice() { return dice_; }

  std::vector<LogRecord> records;
  std::vector<LogCut> cuts;

 private:
  [[nodiscard]] std::uint32_t logger_pid(Logger logger) const;
  [[nodiscard]] std::uint32_t next_pid();
  [[nodiscard]] std::uint64_t next_logon_id();
  [[nodiscard]] Guid process_guid(Time started);
  [[nodiscard]] Guid logon_guid(const Session& session) const;
  [[nodiscard]] std::string user_name(const Session& session) const;
  void append(const EventKind& kind, Time time, std::vector<std::string> values, std::uint32_t pid,
              std::string sid);
  void log_process(Time time, const Process& process, const Process& parent, std::string_view directory);
  void special_privileges(Time time, const Session& session);
  [[nodiscard]] std::vector<std::string> subject(const Session& session) const;

  const Host& host_;
  Dice dice_;
  Time started_;
  std::uint32_t guid_prefix_;
  std::uint32_t process_counter_ = 0;
  std::uint32_t last_pid_ = 600;
  std::uint64_t last_logon_id_ = 0x2f000;
  std::uint32_t last_terminal_ = 0;
  Time last_nominal_ = Time::unknown();
  Time last_logged_ = Time::unknown();
  Session system_;
  Session local_service_;
  Session network_service_;
  std::array<Process, kResidents> residents_;
};

/// "2026-03-02 07:15:00.123"
[[nodiscard]] std::string sysmon_time(Time time);
[[nodiscard]] std::string hex(std::uint64_t number);

}  // namespace landwarden::range
