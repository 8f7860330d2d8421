// The `detection` part of a rule: searches and condition to one Boolean tree.
//
// Failures are in the report; the rule's tests and condition are filled only as far as that went.

#pragma once

#include "base/yaml.h"
#include "sigma/modifiers_pattern.h"
#include "sigma/parser_report.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

class Processing;

/// `processing` may be null.
void parse_detection(const yaml::Node& detection, const PlaceholderValues& placeholders,
                     const Processing* processing, RuleReport& report, Rule& rule);

}  // namespace landwarden::sigma
