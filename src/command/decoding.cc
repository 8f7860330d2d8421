#include "command/decoding.h"

#include <libdeflate.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/text.h"
#include "command/limits.h"

namespace landwarden::command {
namespace {

constexpr std::array<std::int8_t, 256> base64_values() {
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    out[static_cast<unsigned char>(kLetters[i])] = static_cast<std::int8_t>(i);
  out['-'] = 62;
  out['_'] = 63;
  return out;
}
constexpr auto kBase64 = base64_values();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = text::ascii_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  bool padded = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      padded = true;
      continue;
    }
    const int value = kBase64[static_cast<unsigned char>(c)];
    if (value < 0 || padded) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFF);
    if (out.size() > limits::kCommandBytes) return std::nullopt;
  }
  if (out.empty() || count == 6) return std::nullopt;
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const int value = hex_value(c);
    if (value < 0) return std::nullopt;
    if (high < 0) {
      high = value;
    } else {
      out += static_cast<char>(high << 4 | value);
      high = -1;
    }
  }
  if (out.empty() || high >= 0) return std::nullopt;
  return out;
}

std::optional<std::string> inflated(std::string_view bytes) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!inflater || bytes.size() < 2) return std::nullopt;
  // The size is not known; a failure for want of room is tried once more with all that is allowed.
  for (const std::size_t room : {std::size_t{16} << 10, limits::kCommandBytes}) {
    std::string out(room, '\0');
    std::size_t size = 0;
    const bool gzip = bytes[0] == '\x1f' && bytes[1] == '\x8b';
    const bool zlib =
        (bytes[0] & 0x0F) == 8 &&
        ((static_cast<unsigned char>(bytes[0]) << 8) + static_cast<unsigned char>(bytes[1])) % 31 == 0;
    libdeflate_result result = LIBDEFLATE_BAD_DATA;
    if (gzip) {
      result =
          libdeflate_gzip_decompress(inflater.get(), bytes.data(), bytes.size(), out.data(), room, &size);
    } else {
      if (zlib)
        result =
            libdeflate_zlib_decompress(inflater.get(), bytes.data(), bytes.size(), out.data(), room, &size);
      if (result == LIBDEFLATE_BAD_DATA) {
        std::size_t used = 0;
        result = libdeflate_deflate_decompress_ex(inflater.get(), bytes.data(), bytes.size(), out.data(),
                                                  room, &used, &size);
      }
    }
    if (result == LIBDEFLATE_SUCCESS) {
      out.resize(size);
      return out;
    }
    if (result != LIBDEFLATE_INSUFFICIENT_SPACE) return std::nullopt;
  }
  return std::nullopt;
}

std::string from_utf16(std::string_view bytes) {
  std::string out;
  text::append_utf16le(out, std::as_bytes(std::span(bytes)));
  return out;
}

std::string as_text(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2));
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::size_t zeros = 0;
  for (std::size_t i = 1; i < bytes.size(); i += 2) zeros += bytes[i] == '\0' ? 1 : 0;
  if (bytes.size() >= 4 && zeros * 4 >= bytes.size()) return from_utf16(bytes);
  std::string out;
  text::append_valid_utf8(out, bytes);
  return out;
}

}  // namespace landwarden::command
