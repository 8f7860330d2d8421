// What lies under the paths that the user named: files in name order, and what cannot or need not be read,
// with the reason.
//
// Folders are walked, not followed through symbolic links; a link to a file is. A file that is reached by
// several names is read once, under the name that is smallest by bytes, so that the order of paths makes no
// difference.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace landwarden::decode {

struct Found {
  std::string path;  ///< to open it
  std::string name;  ///< as the user named it, valid UTF-8
  bool standard_input = false;
  std::uint64_t size = 0;
  std::string note;            ///< set if it is not to be read: why
  std::optional<Error> error;  ///< set if it cannot be read
};

/// Everything under `paths` ("-" is standard input), in order of the paths and then of names.
[[nodiscard]] std::vector<Found> find_evidence(const std::vector<std::string>& paths);

}  // namespace landwarden::decode
