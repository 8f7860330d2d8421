// The files inside a zip archive, one after the other, each whole in memory. For small things such as rule
// collections; evidence is streamed.
//
// Bounded by the caller's limits; nothing is written to disk.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace landwarden::decode {

struct ArchiveBounds {
  std::size_t member_bytes;  ///< larger members are given as errors
  std::size_t members;       ///< more end the reading with an error
  std::size_t total_bytes;   ///< of all members together, likewise
};

/// Whether these first bytes of a file are those of a zip archive.
[[nodiscard]] bool is_zip(std::string_view head);

/// Calls `wanted` with each member's name and, if it says yes, `take` with the content or the reason why
/// there is none. Fails where the archive is damaged; what came before has been given.
[[nodiscard]] Result<void> read_zip(
    const std::string& path, const ArchiveBounds& bounds,
    const std::function<bool(const std::string& name)>& wanted,
    const std::function<void(const std::string& name, Result<std::string>)>& take);

}  // namespace landwarden::decode
