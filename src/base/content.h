// Analysts' data (rules, log sources, texts) that is built into the program out of content/.
//
// The bytes live as long as the program; the table is sorted by name and safe to read from any thread.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace landwarden::content {

/// One file of content/: its path below content/ with forward slashes, and its bytes.
struct BuiltIn {
  const char* name;
  const char* begin;
  const char* end;
  [[nodiscard]] std::string_view bytes() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

/// All files, sorted by name.
[[nodiscard]] std::span<const BuiltIn> built_in();

/// What yaml::pack made of a file when the program was built; empty if `bytes` are not the whole of a file
/// that it read.
[[nodiscard]] std::span<const std::byte> tree_of(std::string_view bytes);

/// The bytes of one file, such as "logsources/windows.yaml"; nothing if there is no such file.
[[nodiscard]] std::optional<std::string_view> find(std::string_view name);

}  // namespace landwarden::content
