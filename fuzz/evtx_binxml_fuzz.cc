// Any bytes as the binary XML of one record, in a chunk that is right in all else; behind it a record of the
// same bytes, which refers to the first one's names and templates.

#include <libdeflate.h>

#include <cstring>
#include <vector>

#include "evtx_rows.h"

namespace {

using namespace landwarden::decode;

template <class T>
void append(std::vector<std::byte>& to, T value) {
  const auto* from = reinterpret_cast<const std::byte*>(&value);
  to.insert(to.end(), from, from + sizeof value);
}

void append_record(std::vector<std::byte>& chunk, std::uint64_t number, const std::byte* xml,
                   std::size_t size) {
  const auto whole = static_cast<std::uint32_t>(evtx::kRecordFrameBytes + size);
  append(chunk, evtx::kRecordMagic);
  append(chunk, whole);
  append(chunk, number);
  append(chunk, std::uint64_t{0x01DCA9C8D2F5C000});
  chunk.insert(chunk.end(), xml, xml + size);
  append(chunk, whole);
}

template <class T>
void set(std::vector<std::byte>& chunk, std::size_t at, T value) {
  std::memcpy(chunk.data() + at, &value, sizeof value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* xml = reinterpret_cast<const std::byte*>(data);
  size = std::min<std::size_t>(size, 30000);
  std::vector<std::byte> chunk(evtx::kChunkHeaderBytes);
  append_record(chunk, 1, xml, size);
  append_record(chunk, 2, xml, size);
  const auto end = static_cast<std::uint32_t>(chunk.size());
  chunk.resize(evtx::kChunkBytes);
  std::memcpy(chunk.data(), evtx::kChunkMagic.data(), evtx::kChunkMagic.size());
  set(chunk, 24, std::uint64_t{1});
  set(chunk, 32, std::uint64_t{2});
  set(chunk, 40, std::uint32_t{128});
  set(chunk, 48, end);
  set(chunk, 52, libdeflate_crc32(0, chunk.data() + 512, end - 512));
  const std::uint32_t front = libdeflate_crc32(0, chunk.data(), 120);
  set(chunk, 124, libdeflate_crc32(front, chunk.data() + 128, evtx::kChunkHeaderBytes - 128));
  landwarden::fuzz::check_both_ways(chunk);
  return 0;
}
