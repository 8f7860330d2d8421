// A remote desktop session with everything it leaves: the listener's and session manager's records on the
// host, the two logons (network first, then the desktop), what the domain controller sees, and the shell.

#pragma once

#include <string_view>

#include "range/world.h"

namespace landwarden::range {

struct RemoteDesktop {
  Session session;
  Process shell;
};

/// `address` and `workstation` say where the user sits; a VPN address has no ticket of its own and comes by
/// NTLM.
[[nodiscard]] RemoteDesktop open_remote_desktop(World& world, Time time, const Account& account,
                                                std::string_view address, std::string_view workstation,
                                                Machine& to, bool over_vpn);
void disconnect_remote_desktop(Machine& machine, Time time, const Session& session);
void close_remote_desktop(Machine& machine, Time time, const RemoteDesktop& desktop);

}  // namespace landwarden::range
