// What machines do by themselves: services, scheduled tasks, updates, scans, policy, backups, monitoring.
// None of it is hostile; some of it looks like the tools of an intruder (shadow copies by the backup,
// database engines that attach files).

#pragma once

#include "range/world.h"

namespace landwarden::range {

/// Plans the routine of every machine for all days.
void plan_routine(World& world);

}  // namespace landwarden::range
