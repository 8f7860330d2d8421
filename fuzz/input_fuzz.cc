// Any bytes as evidence: sniffing, decompression, archives in archives, cutting into units. Nothing may
// crash, every source that begins ends, and units are consecutive.

#include <cstdlib>
#include <string_view>

#include "decode/recording_sink.h"
#include "decode/stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace landwarden::decode;
  RecordingSink sink;
  BufferPool pool;
  // The first byte says whether the bytes come as a file or as a slow pipe.
  const std::size_t step = size > 0 && data[0] % 2 == 1 ? 7 : 0;
  const std::size_t skipped = size > 0 ? 1 : 0;
  MemoryStream stream({reinterpret_cast<const char*>(data) + skipped, size - skipped}, step);
  read_bytes("input", stream, pool, sink,
             {.expansion_free = 4 << 20, .expansion_ratio = 10, .members = 64, .depth = 4});
  if (sink.sources.empty()) std::abort();
  for (const auto& source : sink.sources) {
    if (!source.ended) std::abort();
    std::uint64_t end = 0;
    for (const WorkUnit& unit : source.units) {
      if (unit.offset < end || unit.bytes.empty()) std::abort();
      end = unit.offset + unit.bytes.size();
    }
    if (end > source.receipt.bytes) std::abort();
  }
  return 0;
}
