// The subcommands of `landwarden rules` that have a file of their own.

#pragma once

#include "cli/commands.h"

namespace landwarden::cli {

void add_rules_check(CLI::App& rules, Run& run);
void add_rules_fields(CLI::App& rules, Run& run);
void add_rules_explain(CLI::App& rules, Run& run);
void add_rules_coverage(CLI::App& rules, Run& run);
void add_rules_diff(CLI::App& rules, Run& run);

}  // namespace landwarden::cli
