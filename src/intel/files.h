// Files that a person names for this room (catalogues, decisions, indicators): read whole, within a bound;
// folders in a fixed order.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace landwarden::intel {

/// The whole file. Fails with ErrorCode::limit if it is larger than `most` bytes.
[[nodiscard]] Result<std::string> read_whole(const std::string& path, std::size_t most);

/// A file as it is; the regular files below a folder, sorted by name, without hidden ones (".git"). Links are
/// not followed out of a folder. Fails if the path is not there or holds more than limits::kIntelFiles.
[[nodiscard]] Result<std::vector<std::string>> files_at(const std::string& path);

}  // namespace landwarden::intel
