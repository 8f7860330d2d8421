// Which part of a matched value tells a person why a rule fired: the literal pieces of the rule's positive
// tests in it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/screen_text.h"
#include "sigma/match.h"
#include "sigma/rule.h"

namespace landwarden::report {

/// Places in `value` where the rule's positive tests on `field` have their literals, sorted, not overlapping.
/// Empty where the tests have none (regular expressions, numbers …).
[[nodiscard]] std::vector<Span> telling_parts(const sigma::Rule& rule, std::string_view field,
                                              std::string_view value);

/// The matched fields, the ones that tell a person most first: command lines before paths, paths before ids.
[[nodiscard]] std::vector<const sigma::FieldValues*> by_weight(
    const std::vector<sigma::FieldValues>& matched);

}  // namespace landwarden::report
