// The commands: each adds its options and its help to the program, and says what to run when it was chosen.

#pragma once

#include "cli/arguments.h"

namespace landwarden::cli {

/// What the program's exit code says.
enum Exit : int {
  kDone = 0,        ///< ran to the end
  kFound = 1,       ///< a match at or above --fail-on; a rule's own test failed
  kUnusable = 2,    ///< usage, rules or output unusable
  kIncomplete = 3,  ///< part of the evidence could not be read
  kInterrupted = 130,
};

void add_hunt(Command program);
void add_evidence(Command program);
void add_coverage(Command program);
void add_assess(Command program);
void add_evtx(Command program);
void add_search(Command program);
void add_databases(Command program);
void add_rules(Command program);
void add_catalogue(Command program);
void add_explain_command(Command program);
void add_indicators(Command program);
void add_range(Command program);
void add_completion(Command program);
void add_man(Command program);
void add_version(Command program);

}  // namespace landwarden::cli
