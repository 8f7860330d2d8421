// What of the evidence could not be read, in words.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/hunt.h"
#include "event/evidence.h"

namespace landwarden::cli {

/// Why a source could not be read to its end, and how many of its events are damaged. `hint` says what
/// becomes of those; with `first`, the place and reason of the first one are named.
[[nodiscard]] std::vector<Error> problems_of(const event::Receipt& receipt, const std::string& hint,
                                             bool first = false);

/// Says them, on standard error.
void say_problems(const std::vector<event::Receipt>& receipts, const std::string& hint, bool first = false);

/// Says which texts were not put together: they may hide something.
void say_assembly_losses(const engine::AssembleReport& report);

}  // namespace landwarden::cli
