// Writes Windows event log files (.evtx), format as in [MS-EVEN6] and libevtx's format notes, as Windows lays
// them out: file header, chunks of 64 KiB with checksums and bucket tables, names and templates defined once
// a chunk.
//
// It exists for the simulator, for round trips against the reader, and for fuzz seeds; other people's parsers
// read what it writes. The same records give the same bytes on every machine. A Writer keeps the whole file
// in memory until finish(). Not thread-safe; one Writer a file. add() fails only for a record that does not
// fit a chunk, and leaves the file as it was.

#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "decode/evtx/writer_binxml.h"
#include "decode/evtx/writer_event.h"
#include "decode/evtx/writer_value.h"

namespace landwarden::decode::evtx::write {

/// One record as the file keeps it: the tokens' tree and the two fields of its header.
struct Record {
  Time written;                                       ///< the header's time; System/TimeCreated may differ
  std::variant<Instance, Element, Fragment> content;  ///< all but an Instance: without any template
  std::optional<std::uint64_t> record_id;             ///< default: one more than the record before
};

struct FileOptions {
  std::uint64_t first_record_id = 1;
  std::uint16_t minor_version = 1;  ///< 3.1; 2 for 3.2, as Windows 10 2004 and later
  bool dirty = false;     ///< as a log that is copied while in use: flag set and the header's counters stale
  bool checksums = true;  ///< false: the header says that there are none, and they are zero
};

class Writer {
 public:
  explicit Writer(FileOptions options = {});

  /// ErrorCode::limit if the record is larger than a chunk or one of its values larger than 64 KiB.
  [[nodiscard]] Result<void> add(const Record& record);
  [[nodiscard]] Result<void> add(const EventRecord& event);

  [[nodiscard]] std::uint64_t next_record_id() const { return next_id_; }
  [[nodiscard]] std::uint64_t records() const { return total_; }
  [[nodiscard]] std::size_t chunks() const { return file_chunks_ + (chunk_.empty() ? 0 : 1); }

  /// Closes the last chunk and gives the file. The writer is empty afterwards.
  [[nodiscard]] std::vector<std::byte> finish();

 private:
  [[nodiscard]] bool emit(const Record& record, std::uint64_t id);
  void close_chunk();
  void file_header();

  FileOptions options_;
  std::vector<std::byte> file_;
  std::vector<std::byte> chunk_;  ///< header and records so far; empty: none open
  ChunkTables tables_;
  TemplateMemo templates_;
  std::size_t file_chunks_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t next_id_;
  std::uint64_t chunk_first_number_ = 0;
  std::uint64_t chunk_first_id_ = 0;
  std::uint64_t chunk_last_id_ = 0;
  std::uint32_t last_record_at_ = 0;
};

}  // namespace landwarden::decode::evtx::write

namespace landwarden::decode::evtx {
using write::Writer;
}
