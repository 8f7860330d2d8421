// Cuts one source into work units: EVTX into runs of chunks, JSON into runs of whole records,
// XML into runs of whole events, CSV into runs of whole rows, text logs into runs of whole lines.
//
// Units are sent when they are full, and earlier when the stream has nothing more to give at once (standard
// input is answered as it comes). Of a wrapper around one array of events ({"hits":{"hits":[…]}}) only the
// array's elements go into units. Memory: two buffers, and one JSON record of at most limits::kJsonLineBytes.

#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "decode/input.h"
#include "decode/stream.h"

namespace landwarden::decode {

/// Where units go, and what is said of their source.
struct Splitting {
  event::SourceId source;
  BufferPool& pool;
  InputSink& sink;
  event::Receipt& receipt;
  bool stopped = false;  ///< the sink wants no more
};

/// Both read to the end, to the first error (which they add to the receipt) or until stopped, and count the
/// receipt's bytes. `header`: the stream begins with a file header block of 4,096 bytes, whatever is in it.
/// `carve`: behind all that is live come units of what else there is in the source (carving.h).
void split_evtx(ByteStream& stream, bool header, bool carve, Splitting& to);
/// `is_event` says whether an object by itself is an event: such an object is never taken for a wrapper.
void split_json(ByteStream& stream, const std::function<bool(std::string_view object)>& is_event,
                Splitting& to);
/// Cuts behind the ends of events, wherever they stand.
void split_xml(ByteStream& stream, Splitting& to);
/// Cuts between rows; the row of names at the front goes with every unit.
void split_csv(ByteStream& stream, Splitting& to);
/// Cuts between lines, where no audit event and no entry is parted (text/line_cuts.h). `source` goes with
/// every unit.
void split_text(ByteStream& stream, const std::shared_ptr<const TextSource>& source, Splitting& to);

}  // namespace landwarden::decode
