// What the files behind rule paths look like from outside, and what is in them, as one digest each: to tell
// whether anything changed since last time.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"

namespace landwarden::sigma {

struct RuleFilesState {
  Digest outside;                  ///< of paths, sizes, times and inodes
  std::vector<std::string> files;  ///< sorted
  std::int64_t newest_ns = 0;      ///< the last time that one of them was changed (Unix time)
};

/// Every file that sigma::load_rules may read for these paths. Nothing if that cannot be said: a path that
/// cannot be read, or is no file and no folder. Takes as many threads as `threads`.
[[nodiscard]] std::optional<RuleFilesState> state_of_rule_files(const std::vector<std::string>& paths,
                                                                unsigned threads);

/// Of names and contents. Nothing if one cannot be read.
[[nodiscard]] std::optional<Digest> content_of_rule_files(const std::vector<std::string>& files,
                                                          unsigned threads);

}  // namespace landwarden::sigma
