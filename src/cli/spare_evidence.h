// Evidence is never overwritten by a slip of the keyboard.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/output_file.h"

namespace landwarden::cli {

/// Fails if writing `output` would replace an event log, or something that was named as evidence or lies in
/// it, but for a timeline that an earlier hunt left there. `what` would be written: "the timeline".
[[nodiscard]] Result<void> spare_evidence(const std::string& output, const std::vector<std::string>& evidence,
                                          const std::string& what);

/// Opens `output` for an answer after that; nothing where there is no output.
[[nodiscard]] Result<std::optional<report::OutputFile>> open_answer(const std::string& output,
                                                                    const std::vector<std::string>& evidence);

}  // namespace landwarden::cli
