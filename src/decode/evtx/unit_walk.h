// Walks the records of one work unit of an event log: file headers and chunks, what the receipt has to say of
// them, and each record that stands in them; and the pieces of chunks that were carved.

#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "decode/evtx/carve.h"
#include "decode/evtx/chunk.h"
#include "event/evidence.h"

namespace landwarden::decode::evtx {

/// Counts what is wrong with a file header.
void note_file_header(Bytes header, event::Receipt& receipt);
/// Counts what is wrong with a chunk.
void note_chunk(const ChunkCheck& check, event::Receipt& receipt);
[[nodiscard]] bool is_blank(Bytes bytes);

/// What is said of records, live and carved.
inline constexpr std::string_view kValuesOnly =
    "a record's template is not in its chunk: values without names";
inline constexpr std::string_view kCarvedLost = "a carved record could not be decoded";

/// Counts a carved record that was decoded.
void count_carved(bool values_only, event::Receipt& receipt);
/// The chunk that a carved piece is of, as far as it is there; `room` is where it is put together if its
/// front is not.
[[nodiscard]] Bytes as_chunk(const CarvedPiece& piece, Bytes bytes, std::vector<std::byte>& room);

/// Calls `take(chunk, nullptr)` for each chunk and `take(chunk, &stretch)` for each record in it; a reason
/// that it gives puts the record into quarantine. `bytes` stand at `offset` of the source.
template <class Take>
void walk_unit(Bytes bytes, std::uint64_t offset, event::Receipt& receipt, Take&& take);

/// The same for one chunk.
template <class Take>
void walk_chunk(Bytes chunk, std::uint64_t offset, event::Receipt& receipt, Take& take) {
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
  static_cast<void>(take(chunk, nullptr));
  for (; stretch; stretch = walk.next()) {
    if (stretch->lost != nullptr) {
      lose(stretch->at, stretch->size, stretch->lost);
      continue;
    }
    if (stretch->mark_mended) event::count_damage(receipt, "damaged mark of a record");
    if (stretch->size_mended) event::count_damage(receipt, "a record's size and its copy differ");
    if (const auto taken = take(chunk, &*stretch); !taken) {
      lose(stretch->at, stretch->size, taken.error());
      continue;
    }
    ++receipt.records_seen;
    ++receipt.records_decoded;
  }
}

template <class Take>
void walk_unit(Bytes bytes, std::uint64_t offset, event::Receipt& receipt, Take&& take) {
  while (!bytes.empty()) {
    // Logs that were put one behind the other bring a header each.
    const bool header = begins_with(bytes, kFileMagic) || (offset == 0 && !begins_with(bytes, kChunkMagic));
    const std::size_t size = std::min(bytes.size(), header ? kFileHeaderBytes : kChunkBytes);
    if (header) {
      note_file_header(bytes.first(size), receipt);
    } else {
      walk_chunk(bytes.first(size), offset, receipt, take);
    }
    bytes = bytes.subspan(size);
    offset += size;
  }
}

}  // namespace landwarden::decode::evtx
