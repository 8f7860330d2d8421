// Event records in bytes that are no log: chunks by their mark at any offset, and records that lie outside of
// one. docs/evtx.md ("Carving") says what is found and what can be trusted.
//
// A record is believed if its mark, its size and the size's copy agree. Inside a chunk, whole or torn, all
// such records are taken, live or stale. Outside, records that stand back to back are one piece of a chunk
// whose begin follows from a definition that one of them holds (a template, or a name: those say where they
// stand); if none does, each is a piece of its own, whose values have no names.
//
// Nothing here keeps anything: what is found depends on the bytes alone. Any thread.

#pragma once

#include <cstdint>
#include <vector>

#include "decode/evtx/format.h"

namespace landwarden::decode::evtx {

/// Of a chunk.
struct CarvedRecord {
  std::uint32_t at = 0, size = 0;
};

/// Bytes of one chunk, or of what is left of it, with the records in them.
struct CarvedPiece {
  std::uint64_t chunk_offset =
      0;  ///< in the source; below its begin (wrapped) if the chunk's front is not there
  std::size_t begin = 0, size = 0;    ///< where the bytes stand in what was looked at, or in their work unit
  std::uint32_t place = 0;            ///< where in the chunk the first of them stood
  std::vector<CarvedRecord> records;  ///< by place
};

/// The first place at or behind `from` where the mark of a chunk or of a record may begin; bytes.size() if
/// there is none.
[[nodiscard]] std::size_t find_mark(Bytes bytes, std::size_t from);

/// Looks through `bytes`, which stand at `offset` of their source, and appends what it finds. Gives how many
/// bytes of the front are done with: the rest is to be looked at again with what follows. All of it if
/// `at_end`.
std::size_t carve(Bytes bytes, std::uint64_t offset, bool at_end, std::vector<CarvedPiece>& found);

}  // namespace landwarden::decode::evtx
