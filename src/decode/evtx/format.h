// The bytes of a Windows event log file (.evtx): where things stand in file header, chunk and record, and
// little-endian reads. Format as in [MS-EVEN6] 2.2 and libevtx's format notes. Nothing here checks anything:
// callers know their bounds.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace landwarden::decode::evtx {

using Bytes = std::span<const std::byte>;

inline constexpr std::size_t kFileHeaderBytes = 4096;
inline constexpr std::size_t kChunkBytes = 65536;
inline constexpr std::size_t kChunkHeaderBytes = 512;
inline constexpr std::size_t kRecordHeaderBytes = 24;
/// Header and the copy of the size at the end.
inline constexpr std::size_t kRecordFrameBytes = kRecordHeaderBytes + 4;
inline constexpr std::uint32_t kRecordMagic = 0x00002a2a;
inline constexpr std::size_t kDefinitionHeaderBytes = 24;

inline constexpr std::string_view kFileMagic{"ElfFile\0", 8};
inline constexpr std::string_view kChunkMagic{"ElfChnk\0", 8};

template <class T>
[[nodiscard]] inline T load(const std::byte* at) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

[[nodiscard]] inline bool begins_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace landwarden::decode::evtx
