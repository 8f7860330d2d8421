// A temporary file that has no name and goes away with the process, whatever happens to it.

#pragma once

#include <string>

namespace landwarden {

/// The folder for temporary files: `wish` if given, else TMPDIR, else /var/tmp (which is on disk where /tmp
/// may be memory), else /tmp.
[[nodiscard]] std::string temporary_folder(const std::string& wish = {});

/// Opens one in `folder` for reading and writing; below zero, with errno set, if that fails. The caller
/// closes it.
[[nodiscard]] int open_unnamed_file(const std::string& folder);

}  // namespace landwarden
