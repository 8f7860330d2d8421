// Writes JSON text: strings with escapes, and nothing else that needs cleverness.
//
// Input is valid UTF-8 (see base/text.h). Control characters are escaped, also DEL and U+0080 to U+009F,
// which JSON would allow: a terminal that a timeline is shown on must not obey what stands in the evidence.
// Everything else stays as it is.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sigma/match.h"

namespace landwarden::report {

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

/// Appends {"field":"value","field":["value","value"],"field":null}. A name that comes again joins its values
/// to the first.
void append_json_object(std::string& out, const std::vector<sigma::FieldValues>& fields);

}  // namespace landwarden::report
