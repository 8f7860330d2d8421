// What was found of copies of the directory's database, for people and as JSON (docs/output.md).

#pragma once

#include <string>

#include "report/screen.h"
#include "triage/database_copies.h"

namespace landwarden::report {

[[nodiscard]] std::string databases_text(const triage::DatabaseCopies& found, const ScreenOptions& options);
[[nodiscard]] std::string databases_json(const triage::DatabaseCopies& found);

}  // namespace landwarden::report
