// Any bytes as XML (text_unit.h).

#include "text_unit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace landwarden;
  static fuzz::Worker worker;
  static constexpr fuzz::TextFormat kXml{
      .format = decode::Format::xml, .split = decode::split_xml, .header = nullptr, .keeps_all_bytes = true};
  fuzz::try_text_unit(worker, kXml, {reinterpret_cast<const char*>(data), size});
  return 0;
}
