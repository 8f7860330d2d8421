// A piece of work for one worker: consecutive bytes of one source that can be decoded without their
// neighbours.
//
// For EVTX a run of whole 64 KiB chunks; for JSON a run of whole lines, or of whole elements of one array;
// for XML a run of whole events with what stands between them; for CSV a run of whole rows.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "decode/buffer.h"
#include "decode/evtx/carve.h"
#include "event/evidence.h"

namespace landwarden::decode {

enum class Format : std::uint8_t { evtx, json, xml, csv };

struct WorkUnit {
  event::SourceId source;
  Format format = Format::evtx;
  std::uint64_t offset = 0;  ///< of the first byte in the decompressed source
  std::uint64_t line =
      0;         ///< line-oriented formats: number of the first line, from 1; 0 where lines mean nothing
  Buffer bytes;  ///< owned by the unit; buffers are reused through the input's pool
  std::shared_ptr<const std::string> header{};  ///< CSV: the row of names, which all units of a source share
  /// EVTX: if there are any, the unit's bytes are not consecutive but hold what was carved in these places.
  std::vector<evtx::CarvedPiece> carved{};
};

/// How much of a source goes into one unit: enough to make queues cheap, little enough that every core gets
/// some of a file.
inline constexpr std::size_t kUnitBytes = 1 << 20;

}  // namespace landwarden::decode
