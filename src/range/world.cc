#include "range/world.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace landwarden::range {
namespace {
/// Machines have been up for some days when the records begin.
constexpr std::int64_t kUpMinutes = 9 * 24 * 60 + 193;
}  // namespace

World::World(Time begin, Time end, std::uint64_t seed, std::uint32_t scale)
    : begin_(begin), end_(end), seed_(seed), scale_(scale) {
  for (const Host& host : hosts()) {
    machines_.push_back(std::make_unique<Machine>(host, minutes_later(begin, -kUpMinutes), seed));
  }
}

Machine& World::machine(std::string_view name) {
  for (const auto& each : machines_) {
    if (each->host().name == name) return *each;
  }
  LW_ASSERT(!"a host of the inventory");
  return *machines_.front();
}

void World::at(Time time, std::function<void(Time)> action) {
  if (time < begin_ || time >= end_) return;
  plan_.push({time, order_++, std::move(action)});
}

void World::every(std::int64_t minutes, std::int64_t jitter, std::string_view name,
                  std::function<void(Time)> action) {
  Dice dice(seed_, name);
  constexpr std::int64_t kMinute = 60'000;
  for (Time time = later(begin_, dice.between(0, minutes * kMinute)); time < end_;
       time = later(time, minutes * kMinute + dice.between(0, jitter * kMinute))) {
    at(time, action);
  }
}

void World::run_until(Time until) {
  while (!plan_.empty() && plan_.top().time < until) {
    const Planned next = plan_.top();
    plan_.pop();
    next.action(next.time);
  }
}

void World::ticket(Time time, std::string_view account, std::string_view sid, const Host& from,
                   const Host& service, bool fresh) {
  Machine& controller = domain_controller();
  const std::string address = fmt::format("::ffff:{}", from.address);
  const std::string port = std::to_string(49'152 + controller.dice().below(16'000));
  const std::string krbtgt = fmt::format("{}-502", kDomainSid);
  if (fresh) {
    controller.log(kind::kTicketGranted, time,
                   {std::string(account), std::string(kDomain), std::string(sid), "krbtgt", krbtgt,
                    "0x40810010", "0x0", "0x12", "2", address, port, "", "", ""});
  }
  controller.log(kind::kServiceTicket, later(time, 6),
                 {fmt::format("{}@{}", account, kRealm), std::string(kRealm), service.account(),
                  fmt::format("{}-{}", kDomainSid, service.rid), "0x40810000", "0x12", address, port, "0x0",
                  controller.random_guid().to_string(), "-"});
}

Session World::remote_session(Time time, const Account& account, const Host& from, Machine& to) {
  ticket(time, account.name, account.sid(), from, to.host(), false);
  return to.log_on(later(time, 12), account, LogonType::network, from.address);
}

void World::use_share(Time time, const Account& account, const Host& from, std::string_view share,
                      std::string_view local_path, std::span<const std::string_view> files) {
  Machine& server = machine("EVW-FS01");
  const Session session = remote_session(time, account, from, server);
  const std::string port = std::to_string(49'152 + server.dice().below(16'000));
  const std::vector<std::string> who = {account.sid(), std::string(account.name), std::string(account.domain),
                                        hex(session.logon_id)};
  const std::string read = "%%4416\r\n\t\t\t\t";
  std::vector<std::string> values = who;
  values.insert(values.end(), {"File", std::string(from.address), port, fmt::format("\\\\*\\{}", share),
                               fmt::format("\\??\\{}", local_path), "0x1", read});
  server.log(kind::kShareOpened, later(time, 30), std::move(values));
  std::int64_t offset = 60;
  for (const std::string_view file : files) {
    std::vector<std::string> checked = who;
    checked.insert(
        checked.end(),
        {"File", std::string(from.address), port, fmt::format("\\\\*\\{}", share),
         fmt::format("\\??\\{}", local_path), std::string(file), "0x120089",
         "%%1538\r\n\t\t\t\t%%1541\r\n\t\t\t\t%%4416\r\n\t\t\t\t%%4419\r\n\t\t\t\t%%4423\r\n\t\t\t\t", "-"});
    server.log(kind::kShareFileChecked, later(time, offset), std::move(checked));
    offset += server.dice().between(200, 4'000);
  }
  server.log_off(later(time, offset + server.dice().between(9'000, 900'000)), session);
}

}  // namespace landwarden::range
