#include "base/result.h"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace landwarden {

std::string Place::to_string() const {
  if (line > 0 && column > 0) return fmt::format("{}:{}:{}", file, line, column);
  if (line > 0) return fmt::format("{}:{}", file, line);
  if (offset) return fmt::format("{}@{:#x}", file, *offset);
  return file;
}

std::string Error::to_string() const {
  std::string text = place.to_string();
  if (!text.empty()) text += ": ";
  text += message;
  if (!hint.empty()) text += " (" + hint + ")";
  return text;
}

Error io_error(std::string what, std::string file, std::string hint) {
  const std::string reason = std::generic_category().message(errno);
  return {ErrorCode::io, what + ": " + reason,
          Place{.file = std::move(file), .line = 0, .column = 0, .offset = {}}, std::move(hint)};
}

}  // namespace landwarden
