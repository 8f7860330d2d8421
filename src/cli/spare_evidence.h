// Evidence is never overwritten by a slip of the keyboard.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace landwarden::cli {

/// Fails if writing `output` would replace an event log, or something that was named as evidence or lies in
/// it, but for a timeline that an earlier hunt left there. `what` would be written: "the timeline".
[[nodiscard]] Result<void> spare_evidence(const std::string& output, const std::vector<std::string>& evidence,
                                          const std::string& what);

}  // namespace landwarden::cli
