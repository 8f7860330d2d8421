// Times as tools write them beside RFC 3339: numbers since an epoch, .NET's "/Date(…)/", and the dates of
// American spreadsheets.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace landwarden::decode::json {

/// `text` as RFC 3339, in `buffer`; `text` itself if it is not one of these forms. Numbers are taken by their
/// size: seconds (with a fraction), milliseconds, microseconds or nanoseconds since 1970, or 100 ns since
/// 1601.
[[nodiscard]] std::string_view time_text(std::string_view text, std::string& buffer);

}  // namespace landwarden::decode::json
