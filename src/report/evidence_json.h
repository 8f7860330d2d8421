// The answer of `landwarden evidence` as one JSON object; docs/output.md describes it. Keys are stable: none
// is ever renamed, new ones may come. Pure.

#pragma once

#include <string>

#include "triage/survey.h"

namespace landwarden::report {

[[nodiscard]] std::string evidence_json(const triage::Survey& survey);

}  // namespace landwarden::report
