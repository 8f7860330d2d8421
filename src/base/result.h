// Errors as values: every operation that can fail on what comes from outside returns Result<T>.
//
// An Error says what went wrong, where (file, and line:column or byte offset), and what the reader can do
// about it. It is text for people and a code for programs; runtime data stands at the end of the message.

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace landwarden {

enum class ErrorCode : std::uint8_t {
  io,           ///< the system refused (not found, permission, disk full); errno's text is in the message
  damaged,      ///< bytes do not follow their format
  unsupported,  ///< understood, but this program cannot do it
  invalid,      ///< the user's input (rule, option, setting) is wrong
  limit,        ///< a limit of base/limits.h was reached
  interrupted,  ///< the user asked to stop
};

/// Where something is wrong. Lines and columns count from 1; 0 means "not known".
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::optional<std::uint64_t> offset;  ///< in bytes, for binary input

  /// "file:line:column", "file@0x1200" or just "file".
  [[nodiscard]] std::string to_string() const;
};

struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string message;
  Place place;
  std::string hint;  ///< what to do about it; may be empty

  /// "place: message (hint)" in one line.
  [[nodiscard]] std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message, Place place = {},
                                                 std::string hint = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(place), std::move(hint)});
}

/// An io error for the current errno: "cannot open: No such file or directory".
[[nodiscard]] Error io_error(std::string what, std::string file, std::string hint = {});

}  // namespace landwarden
