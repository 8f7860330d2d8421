#include "cli/hunt_indicators.h"

#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/console.h"
#include "report/screen_text.h"

namespace landwarden::cli {

void add_hunt_indicators(Command command, IndicatorWords& words) {
  command
      .option("--indicators", words.files, "PATH",
              "Also look for indicators in the same reading: STIX 2.1, MISP, OpenIOC, CSV, a list or our own "
              "form, "
              "a file or folder; or the word built-in, for those of the advisories. May be repeated")
      .repeated();
  command.option("--on", words.on, "DATE", "How old indicators are on this day; by default today, UTC");
}

bool HuntIndicators::read(const IndicatorWords& words, std::optional<sigma::Level> least) {
  if (words.files.empty()) return true;
  ReadIndicators read;
  if (!read_indicators(words, read)) return false;
  partly_ = read.partly;
  const std::size_t all = read.indicators.size();
  std::erase_if(read.indicators, [&](const intel::Indicator& indicator) {
    return least &&
           report::level_of_worth(worth(indicator, read.today, intel::FieldTable::built_in())) < *least;
  });
  if (read.indicators.empty()) {
    say_error("--min-level leaves none of " + report::counted(all, "indicator", "indicators"),
              "by itself none is above medium; docs/indicators.md says how their level is found");
  }
  set_.emplace(std::move(read.indicators));
  rules_.emplace(*set_, read.today);
  return true;
}

std::optional<engine::HuntedIndicators> HuntIndicators::hunted() {
  if (!set_) return std::nullopt;
  return engine::HuntedIndicators{*set_, [this](std::uint32_t indicator) -> const triage::ForeignRule& {
                                    return rules_->rule(indicator);
                                  }};
}

}  // namespace landwarden::cli
