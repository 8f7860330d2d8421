// The people of the estate at work: clerks, planners, operators, the control engineer, the administrator, a
// vendor with a VPN account. They mistype passwords, lock their screens, open mail and drawings; the
// administrator uses some of the very tools an intruder would.

#pragma once

#include "range/world.h"

namespace landwarden::range {

/// Plans every person's days.
void plan_people(World& world);

}  // namespace landwarden::range
