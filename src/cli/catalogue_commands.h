// The subcommands of `landwarden catalogue` that have a file of their own.

#pragma once

#include "cli/commands.h"

namespace landwarden::cli {

void add_catalogue_list(CLI::App& catalogue, Run& run);
void add_catalogue_show(CLI::App& catalogue, Run& run);
void add_catalogue_import(CLI::App& catalogue, Run& run);

}  // namespace landwarden::cli
