// What steps of a processing pipeline do to single values; private to processing*.cc. Pure functions.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/yaml.h"
#include "sigma/processing_pipeline.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// A string value as pySigma shows it: wildcards are * and ?, plain ones have a backslash. Nothing if the
/// predicate is no string.
[[nodiscard]] std::optional<std::string> plain_text(const Predicate& predicate);
[[nodiscard]] bool has_wildcard(const Predicate& predicate);
/// Whether the predicate is this very value, of the same type.
[[nodiscard]] bool is_value(const Predicate& predicate, const yaml::Node& value);
/// A value as a rule would have it.
[[nodiscard]] Predicate predicate_of(const yaml::Node& value, const Predicate& like);
/// The same for a text in which * and ? are wildcards.
[[nodiscard]] Predicate predicate_of(const std::string& text, const Predicate& like);

/// replace_string
[[nodiscard]] Predicate replaced(const Predicate& predicate, const ProcessingItem& step);
/// convert_type; nothing if the value is no number.
[[nodiscard]] std::optional<Predicate> converted(const Predicate& predicate, const std::string& target);

}  // namespace landwarden::sigma
