// Any bytes as a file of indicators, and as a public catalogue: refused with a reason, or read into values
// that are in the form of their kinds, can be written, and are the same when they are read back.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "intel/catalogue_import.h"
#include "intel/indicator_import.h"
#include "intel/indicator_set.h"

namespace {

using namespace landwarden;

void try_indicators(std::string_view bytes) {
  intel::IndicatorImport import;
  import.add(bytes, "fuzz");
  const auto read = import.take();
  for (const Error& error : read.errors) LW_ASSERT(!error.message.empty() && error.place.file == "fuzz");
  LW_ASSERT(!read.unreadable || !read.errors.empty());
  for (const intel::Indicator& one : read.indicators) {
    LW_ASSERT(!one.terms.empty());
    for (const intel::Term& term : one.terms)
      LW_ASSERT(intel::normal_form(term.kind, term.value) == term.value);
  }
  intel::IndicatorImport back;
  back.add(intel::indicators_text("x", read.indicators), "again");
  const auto again = back.take();
  for (const Error& error : again.errors) LW_ASSERT(error.message.empty());
  const intel::IndicatorSet set(again.indicators);
  std::vector<intel::IndicatorSet::TermId> met;
  for (const char* field :
       {"Image", "CommandLine", "Hashes", "QueryName", "TargetObject", "url", "user_agent"})
    set.test(bytes, *intel::FieldTable::built_in().use_of(field), met);
  std::vector<std::uint32_t> found;
  set.complete(met, found);
}

void try_catalogue(std::string_view bytes, const char* path) {
  intel::CatalogueImport import;
  import.add(bytes, path);
  const auto read = import.take();
  for (const Error& error : read.unread) LW_ASSERT(!error.message.empty());
  const intel::Catalogue made{
      .name = "x", .source = "y", .date = *parse_time("2026-01-01"), .things = read.things};
  const auto again = intel::read_catalogue(intel::catalogue_text(made), "again.yaml");
  LW_ASSERT(again.has_value() && again->things.size() == read.things.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_indicators(bytes);
  try_catalogue(bytes, "_gtfobins/tool");
  try_catalogue(bytes, "table.csv");
  return 0;
}
