// Finds the records of a chunk, whatever its header says.
//
// Which records are *live* (docs/evtx.md): those in front of the free-space offset of a header whose checksum
// is right. If the header is damaged, the chain of records is followed for as long as their numbers rise.
// Where the chain breaks, the next record is searched by its mark and the copy of its size. Views the chunk's
// bytes; one chunk, one thread.

#pragma once

#include <cstdint>
#include <optional>

#include "decode/evtx/binxml.h"
#include "decode/evtx/format.h"

namespace landwarden::decode::evtx {

/// How many chunks a file header says that there are, at least; 0 if it cannot be believed. Windows counts in
/// 16 bits (the number of the last chunk has more) and keeps the count of a log in use for later, so there
/// may be more.
[[nodiscard]] std::uint64_t chunks_promised(Bytes file_header);

/// What a chunk's header and checksums say about it.
struct ChunkCheck {
  bool has_mark = false;          ///< "ElfChnk"
  bool header_sound = false;      ///< its checksum is right, or the chunk declares that it has none
  bool records_sound = false;     ///< the same of the records
  bool complete = false;          ///< all 64 KiB are there
  bool free_space_sound = false;  ///< the offset lies in the chunk
  bool numbers_sound = false;     ///< first record number not above the last
};
[[nodiscard]] ChunkCheck check_chunk(Bytes chunk);

/// A stretch of a chunk: one record, or bytes that should hold some.
struct Stretch {
  std::size_t at = 0;
  std::size_t size = 0;
  Reason lost = nullptr;     ///< why it is not a record
  bool mark_mended = false;  ///< its mark was damaged
  bool size_mended = false;  ///< one of its two sizes was
};

class RecordWalk {
 public:
  RecordWalk(Bytes chunk, const ChunkCheck& check);

  /// The next stretch; nothing at the end of what is live.
  [[nodiscard]] std::optional<Stretch> next();

 private:
  [[nodiscard]] bool is_record(std::size_t at, std::size_t& size) const;
  [[nodiscard]] std::size_t find_record(std::size_t from) const;
  [[nodiscard]] bool is_live(std::size_t at) const;
  [[nodiscard]] std::optional<Stretch> mend(std::size_t at);
  [[nodiscard]] bool is_blank(std::size_t begin, std::size_t end) const;

  Bytes chunk_;
  bool trusted_;
  std::size_t end_;  ///< of the live area
  std::size_t at_ = kChunkHeaderBytes;
  std::uint64_t first_id_ = 0, last_id_ = 0;  ///< as the header says
  std::optional<std::uint64_t> before_;       ///< id of the record found last
};

}  // namespace landwarden::decode::evtx
