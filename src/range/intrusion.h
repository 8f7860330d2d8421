// One intrusion on the pattern of AA24-038A, over the nights of the second and third day: a vendor's VPN
// account at an odd hour, discovery with what Windows brings, an administrator's password, WMI to the domain
// controller, a copy of the directory's database, port forwarding, PsExec, and the logs of the jump server
// cleared.
//
// Nothing of it runs anywhere: these are log records about an invented company.

#pragma once

#include <string>
#include <vector>

#include "range/world.h"

namespace landwarden::range {

/// One thing the intruder did, and the record that shows it.
struct Step {
  Time time;         ///< of the action; the record follows within seconds
  std::string host;  ///< as in System/Computer, without the domain
  std::string channel;
  std::uint16_t event_id = 0;
  std::string telling;  ///< text that this record holds
  std::string what;     ///< for people
};

/// Plans both nights. `steps` must live until the world has run; it is filled as the records are made.
void plan_intrusion(World& world, std::vector<Step>& steps);

}  // namespace landwarden::range
