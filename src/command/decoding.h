// Undoes the encodings that commands are hidden in: base64, UTF-16, hex, deflate and gzip. Bounded output.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "command/limits.h"

namespace landwarden::command {

/// Base64 (RFC 4648, also the URL alphabet), blanks left out, padding optional. Nothing if there is another
/// character or nothing to decode.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);
/// Pairs of hex digits, blanks left out.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);
/// gzip, zlib or raw deflate, whichever it is; at most limits::kCommandBytes come out.
[[nodiscard]] std::optional<std::string> inflated(std::string_view bytes);
/// UTF-16LE bytes as UTF-8.
[[nodiscard]] std::string from_utf16(std::string_view bytes);
/// Bytes as text: UTF-16LE if every other byte says so or there is a mark, else UTF-8 with strays replaced.
[[nodiscard]] std::string as_text(std::string_view bytes);

}  // namespace landwarden::command
