// The subcommands of `landwarden rules` that have a file of their own.

#pragma once

#include "cli/commands.h"

namespace landwarden::cli {

void add_rules_check(Command rules);
void add_rules_fields(Command rules);
void add_rules_explain(Command rules);
void add_rules_coverage(Command rules);
void add_rules_diff(Command rules);

}  // namespace landwarden::cli
