// Any bytes as an advisory: read, or refused with a place; never a step without a way to be seen.

#include <cstdint>
#include <string_view>

#include "assess/advisory.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace landwarden;
  static const assess::SettingTable built_in = assess::SettingTable::built_in().value();
  static const sigma::RuleTable rules = [] {
    std::vector<sigma::Rule> out(1);
    out[0].file = "discovery/two.yml";
    out[0].tags = {"attack.t1033"};
    out[0].level = sigma::Level::high;
    return sigma::RuleTable(std::move(out));
  }();
  static const std::vector<assess::RuleReach> reaches = [] {
    std::vector<assess::RuleReach> out(1);
    out[0].ways = {built_in.with_needs(*built_in.find("process-command-line"))};
    return out;
  }();
  assess::SettingTable table = built_in;
  const auto advisory =
      assess::read_advisory({reinterpret_cast<const char*>(data), size}, "fuzz.yaml", rules, reaches, table);
  if (!advisory) {
    LW_ASSERT(!advisory.error().message.empty() && advisory.error().place.file == "fuzz.yaml");
    return 0;
  }
  for (const assess::Step& step : advisory->steps)
    LW_ASSERT(step.unseen.en.empty() ? !step.seen_by.empty() : step.shown_by.empty());
  return 0;
}
