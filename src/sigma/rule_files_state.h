// What the files behind rule paths look like from outside, and what is in them, as one digest each: to tell
// whether anything changed since last time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"

namespace landwarden::sigma {

/// Rule files of one folder; "" holds those that were named themselves.
struct RuleFolder {
  std::string path;
  std::vector<std::string> names;  ///< sorted
};

struct RuleFilesState {
  Digest outside;                   ///< of paths, sizes, times and inodes
  std::vector<RuleFolder> folders;  ///< sorted
  std::int64_t newest_ns = 0;       ///< the last time that one of the files was changed (Unix time)
};

/// Looks at every file that sigma::load_rules may read for some paths, from the moment that it is made on,
/// beside whatever its owner does.
class RuleFilesLook {
 public:
  explicit RuleFilesLook(std::vector<std::string> paths);
  ~RuleFilesLook();  ///< what was not finished is given up
  RuleFilesLook(const RuleFilesLook&) = delete;
  RuleFilesLook& operator=(const RuleFilesLook&) = delete;

  /// Helps with what is left. Nothing if it cannot be said how the files look: a path that cannot be read, or
  /// is no file and no folder. Call once.
  [[nodiscard]] std::optional<RuleFilesState> finish();

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

/// Of names and contents. Nothing if one cannot be read.
[[nodiscard]] std::optional<Digest> content_of_rule_files(const std::vector<RuleFolder>& folders);

}  // namespace landwarden::sigma
