// Reads Windows event log files (.evtx), format as in [MS-EVEN6] and libevtx's format notes, one work unit at
// a time.
//
// A unit is a run of a file's bytes that begins with a file header or at a chunk; it may end anywhere. A file
// header may also stand behind any chunk (logs put one behind the other). The counts of the file header are
// never trusted, since live logs are copied dirty, and chunk headers only if their checksum is right. Every
// record that is seen becomes a row, or a quarantined entry of the receipt with the reason; damage that was
// read across is counted there. What a unit gives does not depend on the units before it.
//
// Not thread-safe; one Reader a worker, units are independent.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decode/evtx/carve.h"
#include "decode/evtx/chunk.h"
#include "decode/evtx/record.h"
#include "event/builder.h"
#include "event/evidence.h"

namespace landwarden::decode::evtx {

class Reader {
 public:
  /// The builder must outlive the reader. `ansi_codepage` is that of the machines that wrote the logs
  /// (ansi.h).
  explicit Reader(event::BatchBuilder& builder, unsigned ansi_codepage = 1252)
      : builder_(builder), records_(builder, ansi_codepage) {}

  /// Decodes `bytes`, which stand at `offset` of the source; all batches are out when it returns. Adds to
  /// `receipt`.
  void decode_unit(event::SourceId source, Bytes bytes, std::uint64_t offset, event::Receipt& receipt);

  /// Decodes records that were carved; `bytes` hold the pieces of `carved`, which stand anywhere in the
  /// source. Rows are marked. What cannot be decoded was no live record: it is counted as damage, not as
  /// lost.
  void decode_carved(event::SourceId source, Bytes bytes, std::span<const CarvedPiece> carved,
                     event::Receipt& receipt);

  /// See RecordReader.
  void pass_over(const RawFilter* filter) { records_.pass_over(filter); }
  void keywords(const RawTexts* texts) { records_.keywords(texts); }

  /// The slow way for every record; for tests that compare.
  void always_unfold(bool on) { records_.always_unfold(on); }

 private:
  void read_piece(const CarvedPiece& piece, Bytes bytes, event::Receipt& receipt);
  [[nodiscard]] Parsed<void> read(const Stretch& record, event::Receipt& receipt);

  event::BatchBuilder& builder_;
  RecordReader records_;
  std::vector<std::byte> chunk_;  ///< around a piece whose front is not there
};

}  // namespace landwarden::decode::evtx
