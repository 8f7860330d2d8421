// Where a relative path leads: Windows' paths as a command line has them, and the folder that the command was
// started in or went to with cd.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace landwarden::triage {

/// "x.cab" in "C:\Temp" is "C:\Temp\x.cab", "..\a" is "C:\a", "\a" is on the folder's drive. A path that has
/// a drive, a host or a variable in front stays as it is, and so does any where the folder is not known
/// (empty).
[[nodiscard]] std::string path_from(std::string_view folder, std::string_view path);

/// The folder that a command goes to, as it is written: "cd /d C:\Temp", "pushd x", "Set-Location -Path x".
/// Nothing for other commands, and where none is named.
[[nodiscard]] std::optional<std::string> folder_gone_to(std::string_view program, std::string_view line);

}  // namespace landwarden::triage
