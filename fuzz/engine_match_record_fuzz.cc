// Spilled matches come back from a disk: any bytes must be refused or read, and what is read must write the
// same again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "engine/match_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  landwarden::sigma::Match match;
  if (!landwarden::engine::read_record(bytes, match)) return 0;
  std::string again;
  landwarden::engine::append_record(again, match);
  landwarden::sigma::Match second;
  LW_ASSERT(again.size() == bytes.size() && landwarden::engine::read_record(again, second));
  LW_ASSERT(landwarden::engine::compare_in_source(bytes, again) == 0);
  return 0;
}
