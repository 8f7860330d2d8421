// The subcommands of `landwarden catalogue` that have a file of their own.

#pragma once

#include "cli/commands.h"

namespace landwarden::cli {

void add_catalogue_list(Command catalogue);
void add_catalogue_show(Command catalogue);
void add_catalogue_import(Command catalogue);

}  // namespace landwarden::cli
