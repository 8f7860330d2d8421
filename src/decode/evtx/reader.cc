#include "decode/evtx/reader.h"

#include <libdeflate.h>

#include <algorithm>

#include "decode/evtx/chunk.h"

namespace landwarden::decode::evtx {
namespace {

constexpr std::string_view kValuesOnly = "a record's template is not in its chunk: values without names";

constexpr std::string_view kCarvedValuesOnly = "a carved record's template is gone: values without names";

bool is_blank(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

void check_file_header(Bytes header, event::Receipt& receipt) {
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

}  // namespace

void Reader::decode_unit(event::SourceId source, Bytes bytes, std::uint64_t offset, event::Receipt& receipt) {
  builder_.begin_unit(source);
  while (!bytes.empty()) {
    // Logs that were put one behind the other bring a header each.
    const bool header = begins_with(bytes, kFileMagic) || (offset == 0 && !begins_with(bytes, kChunkMagic));
    const std::size_t size = std::min(bytes.size(), header ? kFileHeaderBytes : kChunkBytes);
    if (header) {
      check_file_header(bytes.first(size), receipt);
    } else {
      read_chunk(bytes.first(size), offset, receipt);
    }
    bytes = bytes.subspan(size);
    offset += size;
  }
  records_.fill_rows();
  builder_.end_unit();
  records_.end_unit();
}

void Reader::decode_carved(event::SourceId source, Bytes bytes, std::span<const CarvedPiece> carved,
                           event::Receipt& receipt) {
  records_.carving(true);
  for (const CarvedPiece& piece : carved) {
    builder_.begin_unit(source);
    read_piece(piece, bytes.subspan(piece.begin, piece.size), receipt);
    // Rows view the bytes of their chunk, and the next piece may take its place.
    builder_.end_unit();
    records_.end_unit();
  }
  records_.carving(false);
}

void Reader::read_piece(const CarvedPiece& piece, Bytes bytes, event::Receipt& receipt) {
  Bytes chunk = bytes;
  if (piece.place != 0) {
    chunk_.assign(piece.place + bytes.size(), std::byte{0});
    std::ranges::copy(bytes, chunk_.begin() + piece.place);
    chunk = chunk_;
  }
  records_.begin_chunk(chunk, piece.chunk_offset);
  for (const CarvedRecord& record : piece.records) {
    const auto read = records_.read(record.at, record.size);
    if (!read) {
      event::count_damage(receipt, "a carved record could not be decoded");
      continue;
    }
    if (*read == RecordReader::Outcome::values_only) event::count_damage(receipt, kCarvedValuesOnly);
    ++receipt.records_seen;
    ++receipt.records_decoded;
    ++receipt.records_carved;
  }
}

void Reader::read_chunk(Bytes chunk, std::uint64_t offset, event::Receipt& receipt) {
  const ChunkCheck check = check_chunk(chunk);
  const auto lose = [&](std::size_t at, std::size_t size, Reason reason) {
    ++receipt.records_seen;
    event::quarantine(receipt, {.offset = offset + at, .size = size, .reason = reason});
  };
  if (!check.has_mark && is_blank(chunk)) return;  // space that Windows set aside
  RecordWalk walk(chunk, check);
  auto stretch = walk.next();
  if (!check.has_mark && !stretch) return lose(0, chunk.size(), "no chunk of an event log");
  note_chunk(check, receipt);
  records_.begin_chunk(chunk, offset);
  for (; stretch; stretch = walk.next()) {
    if (stretch->lost != nullptr) {
      lose(stretch->at, stretch->size, stretch->lost);
      continue;
    }
    if (stretch->mark_mended) event::count_damage(receipt, "damaged mark of a record");
    if (stretch->size_mended) event::count_damage(receipt, "a record's size and its copy differ");
    const auto read = records_.read(stretch->at, stretch->size);
    if (!read) {
      lose(stretch->at, stretch->size, read.error());
      continue;
    }
    if (*read == RecordReader::Outcome::values_only) event::count_damage(receipt, kValuesOnly);
    ++receipt.records_seen;
    ++receipt.records_decoded;
  }
}

}  // namespace landwarden::decode::evtx
