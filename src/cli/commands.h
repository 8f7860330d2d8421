// The commands: each adds its options and its help to the program, and says what to run when it was chosen.

#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace landwarden::cli {

/// What the program's exit code says.
enum Exit : int {
  kDone = 0,        ///< ran to the end
  kFound = 1,       ///< a match at or above --fail-on; a rule's own test failed
  kUnusable = 2,    ///< usage, rules or output unusable
  kIncomplete = 3,  ///< part of the evidence could not be read
  kInterrupted = 130,
};

/// Set by the chosen command's callback, run after parsing.
using Run = std::function<int()>;

void add_hunt(CLI::App& program, Run& run);
void add_evidence(CLI::App& program, Run& run);
void add_coverage(CLI::App& program, Run& run);
void add_assess(CLI::App& program, Run& run);
void add_evtx(CLI::App& program, Run& run);
void add_search(CLI::App& program, Run& run);
void add_rules(CLI::App& program, Run& run);
void add_catalogue(CLI::App& program, Run& run);
void add_explain_command(CLI::App& program, Run& run);
void add_range(CLI::App& program, Run& run);
void add_completion(CLI::App& program, Run& run);
void add_man(CLI::App& program, Run& run);
void add_version(CLI::App& program, Run& run);

}  // namespace landwarden::cli
