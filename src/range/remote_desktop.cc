#include "range/remote_desktop.h"

namespace landwarden::range {

RemoteDesktop open_remote_desktop(World& world, Time time, const Account& account, std::string_view address,
                                  std::string_view workstation, Machine& to, bool over_vpn) {
  to.log(kind::kListenerConnection, time, {"RDP-Tcp"});
  to.connect(time, to.resident(Resident::terminal), address, "", 52'100, false, 3389);
  Machine& controller = world.domain_controller();
  if (over_vpn) {
    controller.log(kind::kNtlmValidated, later(time, 700),
                   {"MICROSOFT_AUTHENTICATION_PACKAGE_V1_0", std::string(account.name),
                    std::string(workstation), "0x0"});
  } else {
    world.ticket(later(time, 600), account.name, account.sid(), to.host(), to.host(), true);
  }
  const Session network = to.log_on(later(time, 900), account, LogonType::network, address, workstation);
  to.log(kind::kRemoteAuthenticated, later(time, 1'100),
         {std::string(account.name), std::string(account.domain), std::string(address)});
  RemoteDesktop desktop{.session = to.log_on(later(time, 2'400), account, LogonType::remote, address),
                        .shell = {}};
  const std::string terminal = std::to_string(desktop.session.terminal);
  to.log(kind::kSessionLogon, later(time, 2'700), {account.full(), terminal, std::string(address)});
  desktop.shell = to.open_desktop(later(time, 2'800), desktop.session);
  to.log(kind::kSessionShell, later(time, 4'300), {account.full(), terminal, std::string(address)});
  to.run(later(time, 4'600), desktop.shell, "C:\\Windows\\System32\\rdpclip.exe", "rdpclip", desktop.session,
         600'000);
  to.log_off(later(time, 11'000), network);
  return desktop;
}

void disconnect_remote_desktop(Machine& machine, Time time, const Session& session) {
  machine.log(kind::kSessionDisconnected, time,
              {session.account->full(), std::to_string(session.terminal), session.address});
}

void close_remote_desktop(Machine& machine, Time time, const RemoteDesktop& desktop) {
  machine.end(time, desktop.shell);
  machine.log_off(later(time, 300), desktop.session);
  machine.log(kind::kSessionLogoff, later(time, 600),
              {desktop.session.account->full(), std::to_string(desktop.session.terminal)});
}

}  // namespace landwarden::range
