// Ctrl-C: the first asks the work to end in good order, the second ends the program at once.

#pragma once

#include <atomic>

namespace landwarden::cli {

/// Writing to a closed pipe, or beyond the file-size limit, shall fail with an error and not end the program.
void let_writes_fail();

/// Takes over SIGINT and SIGTERM; the flag is set by the first of them.
[[nodiscard]] const std::atomic<bool>& watch_for_interrupt();

}  // namespace landwarden::cli
