// A chunk whose header and checksums are made right, so that changes get past them: the first byte says where
// its live end is, the rest is the chunk. Both ways of reading agree.

#include <libdeflate.h>

#include <cstring>
#include <vector>

#include "evtx_rows.h"

namespace {

using namespace landwarden::decode;

void set_word(std::vector<std::byte>& chunk, std::size_t at, std::uint32_t value) {
  std::memcpy(chunk.data() + at, &value, sizeof value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 + evtx::kChunkHeaderBytes) return 0;
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> chunk(bytes + 1, bytes + std::min(size, 1 + evtx::kChunkBytes));
  const std::size_t live = chunk.size();
  if (data[0] % 2 == 0) chunk.resize(evtx::kChunkBytes);
  std::memcpy(chunk.data(), evtx::kChunkMagic.data(), evtx::kChunkMagic.size());
  if (data[0] % 4 < 2) set_word(chunk, 48, static_cast<std::uint32_t>(live));
  set_word(chunk, 120, 0);
  const std::uint32_t front = libdeflate_crc32(0, chunk.data(), 120);
  set_word(chunk, 124, libdeflate_crc32(front, chunk.data() + 128, evtx::kChunkHeaderBytes - 128));
  landwarden::fuzz::check_both_ways(chunk);
  return 0;
}
