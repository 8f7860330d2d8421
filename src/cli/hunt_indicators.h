// The indicators of a hunt: which ones, and what they are beside its rules.

#pragma once

#include <optional>

#include "cli/indicator_commands.h"
#include "engine/beside_rules.h"
#include "report/indicator_rules.h"

namespace landwarden::cli {

/// Adds --indicators and --on; `words` must live until the command has run.
void add_hunt_indicators(Command command, IndicatorWords& words);

class HuntIndicators {
 public:
  HuntIndicators() = default;
  HuntIndicators(const HuntIndicators&) = delete;
  HuntIndicators& operator=(const HuntIndicators&) = delete;

  /// Reads what is named, and leaves out what is below `least`. Does nothing if none were asked for; false if
  /// they cannot be read, which was said on standard error.
  [[nodiscard]] bool read(const IndicatorWords& words, std::optional<sigma::Level> least);
  /// Nothing if none were asked for; must not outlive this.
  [[nodiscard]] std::optional<engine::HuntedIndicators> hunted();
  [[nodiscard]] std::size_t size() const { return set_ ? set_->indicators().size() : 0; }
  /// Some of them were not understood.
  [[nodiscard]] bool partly() const { return partly_; }

 private:
  std::optional<intel::IndicatorSet> set_;
  std::optional<report::IndicatorRules> rules_;
  bool partly_ = false;
};

}  // namespace landwarden::cli
