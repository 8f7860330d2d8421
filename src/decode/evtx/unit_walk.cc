#include "decode/evtx/unit_walk.h"

#include <libdeflate.h>

#include <algorithm>

namespace landwarden::decode::evtx {

bool is_blank(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

void note_file_header(Bytes header, event::Receipt& receipt) {
  if (!begins_with(header, kFileMagic))
    return event::count_damage(receipt, "damaged mark of the file header");
  if (header.size() < 128) return event::count_damage(receipt, "file cut short in its header");
  const auto flags = load<std::uint32_t>(header.data() + 120);
  if ((flags & 1) != 0)
    event::count_damage(receipt, "log marked as in use (copied while Windows wrote to it)");
  if ((flags & 4) == 0 &&
      libdeflate_crc32(0, header.data(), 120) != load<std::uint32_t>(header.data() + 124)) {
    event::count_damage(receipt, "wrong checksum of the file header");
  }
  if (load<std::uint16_t>(header.data() + 38) != 3)
    event::count_damage(receipt, "format version other than 3");
  if (header.size() < kFileHeaderBytes) event::count_damage(receipt, "file cut short in its header");
}

void note_chunk(const ChunkCheck& check, event::Receipt& receipt) {
  if (!check.complete) event::count_damage(receipt, "chunk cut short");
  if (!check.has_mark) return event::count_damage(receipt, "damaged mark of a chunk");
  if (!check.header_sound) event::count_damage(receipt, "wrong checksum of a chunk's header");
  if (!check.free_space_sound) event::count_damage(receipt, "free space of a chunk begins outside of it");
  if (check.complete && check.free_space_sound && !check.records_sound) {
    event::count_damage(receipt, "wrong checksum of a chunk's records");
  }
}

void count_carved(bool values_only, event::Receipt& receipt) {
  if (values_only) event::count_damage(receipt, "a carved record's template is gone: values without names");
  ++receipt.records_seen;
  ++receipt.records_decoded;
  ++receipt.records_carved;
}

Bytes as_chunk(const CarvedPiece& piece, Bytes bytes, std::vector<std::byte>& room) {
  if (piece.place == 0) return bytes;
  room.assign(piece.place + bytes.size(), std::byte{0});
  std::ranges::copy(bytes, room.begin() + piece.place);
  return room;
}

}  // namespace landwarden::decode::evtx
