// Steps of AA24-038A and AA23-144A that the estate's intrusion does not take: one after the other in a third
// visit, from the jump server and the historian. Only on demand: the sample estate stays what it is.

#pragma once

#include <vector>

#include "range/intrusion.h"
#include "range/world.h"

namespace landwarden::range {

/// Plans the visit, in the third night. `steps` must live until the world has run.
void plan_further_steps(World& world, std::vector<Step>& steps);

}  // namespace landwarden::range
