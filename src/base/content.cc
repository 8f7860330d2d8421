#include "base/content.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>

extern "C" const char lw_content_trees[];  // content.S; lw_pack_content says what stands there

namespace landwarden::content {

std::optional<std::string_view> find(std::string_view name) {
  for (const BuiltIn& file : built_in()) {
    if (file.name == name) return file.bytes();
  }
  return std::nullopt;
}

std::span<const std::byte> tree_of(std::string_view bytes) {
  // The bytes of files stand one behind the other, in the order of their names.
  const auto files = built_in();
  const auto file = std::ranges::lower_bound(files, bytes.data(), std::less{}, &BuiltIn::begin);
  if (file == files.end() || file->bytes().data() != bytes.data() || file->bytes().size() != bytes.size())
    return {};
  const auto number = static_cast<std::size_t>(file - files.begin());
  std::uint32_t at[2];
  std::memcpy(at, lw_content_trees + number * sizeof at[0], sizeof at);
  const std::size_t trees = ((files.size() + 1) * sizeof at[0] + 7) / 8 * 8;
  return std::as_bytes(std::span(lw_content_trees + trees + at[0], at[1] - at[0]));
}

}  // namespace landwarden::content
