#include "base/content.h"

namespace landwarden::content {

std::optional<std::string_view> find(std::string_view name) {
  for (const BuiltIn& file : built_in()) {
    if (file.name == name) return file.bytes();
  }
  return std::nullopt;
}

}  // namespace landwarden::content
