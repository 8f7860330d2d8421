// Any bytes as CSV (text_unit.h).

#include "text_unit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace landwarden;
  static fuzz::Worker worker;
  static constexpr fuzz::TextFormat kCsv{.format = decode::Format::csv,
                                         .split = decode::split_csv,
                                         .header = "Channel,EventID,Computer,_raw,Payload",
                                         .keeps_all_bytes = false};
  fuzz::try_text_unit(worker, kCsv, {reinterpret_cast<const char*>(data), size});
  return 0;
}
