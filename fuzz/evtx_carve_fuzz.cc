// Any bytes as an image or a log that is carved: pieces lie within what was looked at, rows that are carved
// are marked and counted, and how the bytes come makes no difference.

#include <vector>

#include "evtx_rows.h"

namespace {

using namespace landwarden;

void check_pieces(decode::evtx::Bytes bytes) {
  std::vector<decode::evtx::CarvedPiece> found;
  const std::size_t done = decode::evtx::carve(bytes, 0, true, found);
  LW_ASSERT(done == bytes.size());
  for (const decode::evtx::CarvedPiece& piece : found) {
    LW_ASSERT(piece.begin + piece.size <= bytes.size() && !piece.records.empty());
    LW_ASSERT(piece.place + piece.size <= decode::evtx::kChunkBytes);
    std::uint64_t end = 0;
    for (const decode::evtx::CarvedRecord& record : piece.records) {
      LW_ASSERT(record.at >= std::max<std::uint64_t>(end, piece.place));
      end = std::uint64_t{record.at} + record.size;
    }
    LW_ASSERT(end <= piece.place + piece.size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_pieces({reinterpret_cast<const std::byte*>(data), size});
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  event::Catalogue catalogue;
  const fuzz::Evidence whole = fuzz::read_evidence(bytes, true, 0, catalogue);
  const fuzz::Evidence dripped = fuzz::read_evidence(bytes, true, 1009, catalogue);
  const fuzz::Evidence plain = fuzz::read_evidence(bytes, false, 0, catalogue);
  LW_ASSERT(whole.receipt.records_decoded == whole.digest.rows);
  LW_ASSERT(whole.receipt.records_carved == whole.digest.carved);
  LW_ASSERT(plain.digest.carved == 0);
  LW_ASSERT(plain.digest.rows == whole.digest.rows - whole.digest.carved);
  if (whole.receipt.kind == "evtx" || whole.receipt.kind == "carved")
    LW_ASSERT(whole.digest.sum == dripped.digest.sum);
  return 0;
}
