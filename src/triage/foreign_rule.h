// What stands where a rule stands in a hunt but is no Sigma rule: an indicator, a rule of YARA.
//
// The part that all have (title, id, level, tags) is kept in the form of a rule, so that matches are counted,
// ordered and shown alike; the rest says what it really is.

#pragma once

#include <string>

#include "sigma/rule.h"

namespace landwarden::triage {

struct ForeignRule {
  sigma::Rule rule;
  std::string ruleset;  ///< as the timeline's column has it: "indicators", "yara"
  std::string line;     ///< what a person has to know of it
  std::string details;  ///< the same for programs: a JSON object
};

}  // namespace landwarden::triage
