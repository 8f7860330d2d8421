// The custom key `tests` of our rules: records that must, and must not, match.

#pragma once

#include <vector>

#include "base/yaml.h"
#include "sigma/parser_report.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// Reads a list of {name, match, channel, provider, event_id, fields}; of correlations {name, match, events},
/// where an event may also say {rule, at, repeat, every}. Keys that are not known are errors.
void parse_examples(const yaml::Node& tests, RuleReport& report, std::vector<Example>& out);

}  // namespace landwarden::sigma
