// A file header of our own with any bytes behind it, all the way from a file to rows: nothing crashes, every
// record seen is decoded or quarantined, and where the file is cut into units makes no difference.

#include "evtx_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace landwarden;
  std::string file(reinterpret_cast<const char*>(data), size);
  file.replace(0, std::min<std::size_t>(8, size),
               decode::evtx::kFileMagic.substr(0, std::min<std::size_t>(8, size)));
  event::Catalogue catalogue;
  const fuzz::Evidence whole = fuzz::read_evidence(file, false, 0, catalogue);
  const fuzz::Evidence dripped = fuzz::read_evidence(file, false, 4001, catalogue);
  fuzz::check_counts(whole.receipt, whole.digest);
  fuzz::check_counts(dripped.receipt, dripped.digest);
  LW_ASSERT(whole.digest.carved == 0);
  LW_ASSERT(whole.digest.sum == dripped.digest.sum);
  LW_ASSERT(whole.receipt.records_seen == dripped.receipt.records_seen);
  return 0;
}
