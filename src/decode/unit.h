// A piece of work for one worker: consecutive bytes of one source that can be decoded without their
// neighbours.
//
// For EVTX a run of whole 64 KiB chunks; for JSON a run of whole lines, or of whole elements of one array;
// for XML a run of whole events with what stands between them; for CSV a run of whole rows; for text logs a
// run of whole lines that parts no audit event and no entry of several lines.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "decode/buffer.h"
#include "decode/evtx/carve.h"
#include "event/evidence.h"

namespace landwarden::decode {

enum class Format : std::uint8_t { evtx, json, xml, csv, text };

/// What is known of a text log besides its lines.
struct TextSource {
  Time modified = Time::unknown();  ///< of the file: says the year where lines do not
  /// The first audit record that stands in a line of syslog, if there is one: says the year better, and how
  /// many ticks the lines' clock is behind UTC.
  Time since = Time::unknown();
  std::optional<std::int64_t> behind_utc{};
  std::string history;  ///< a shell's history: its form ("bash", content/textlogs); empty: lines say what
                        ///< they are
  std::string user;     ///< whose history, where its folder says so
  std::string product;  ///< of the history: "linux", "macos", "windows"
};

struct WorkUnit {
  event::SourceId source;
  Format format = Format::evtx;
  std::uint64_t offset = 0;  ///< of the first byte in the decompressed source
  std::uint64_t line =
      0;         ///< line-oriented formats: number of the first line, from 1; 0 where lines mean nothing
  Buffer bytes;  ///< owned by the unit; buffers are reused through the input's pool
  std::shared_ptr<const std::string> header{};  ///< CSV: the row of names, which all units of a source share
  std::shared_ptr<const TextSource> text{};     ///< text logs
  /// EVTX: if there are any, the unit's bytes are not consecutive but hold what was carved in these places.
  std::vector<evtx::CarvedPiece> carved{};
};

/// How much of a source goes into one unit: enough to make queues cheap, little enough that every core gets
/// some of a file.
inline constexpr std::size_t kUnitBytes = 1 << 20;

}  // namespace landwarden::decode
