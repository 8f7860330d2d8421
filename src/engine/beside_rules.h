// What a hunt looks for beside Sigma rules, in the same batches: indicators, and YARA rules in scripts.
//
// Its matches take their place among those of the rules, with numbers behind the last rule. One worker's; not
// thread-safe.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/hunt.h"
#include "engine/indicator_matcher.h"
#include "engine/yara_matcher.h"
#include "event/batch.h"
#include "sigma/match.h"
#include "triage/foreign_rule.h"

namespace landwarden::engine {

/// Indicators of a hunt. All must outlive it.
struct HuntedIndicators {
  const intel::IndicatorSet& set;
  /// What summary and timeline know an indicator by; asked on the calling thread, the reference must stay
  /// valid.
  std::function<const triage::ForeignRule&(std::uint32_t indicator)> as_rule;
};

/// What HuntOptions::beside points to.
struct Beside {
  std::optional<HuntedIndicators> indicators;
  std::optional<HuntedYara> yara;
  bool all_fields = false;  ///< Match::event is filled
};

class BesideRules {
 public:
  /// Both must outlive it; nullptr: there is nothing. `first` is the number behind that of the last rule.
  BesideRules(const Beside* beside, event::Catalogue& catalogue, std::uint32_t first);

  /// Whether there is anything to look for.
  [[nodiscard]] bool any() const { return indicators_.has_value() || yara_ != nullptr; }
  /// Adds the fields of records of this shape that are looked at.
  void want(event::ShapeId shape, event::Wanted& wanted);
  /// Adds what the records of a batch meet to `matches`, which come, and stay, in row order.
  void add_to(const event::EventBatch& batch, std::vector<sigma::Match>& matches);

 private:
  event::Catalogue& catalogue_;
  bool all_fields_ = false;
  std::optional<IndicatorMatcher> indicators_;
  std::unique_ptr<YaraMatcher> yara_;
  std::vector<RowMatch> met_;
};

/// Adds fields to those that are wanted. Where all of them are only made for some records (all_by_text) these
/// come with the others too.
void want_more(event::Wanted& wanted, const std::vector<event::FieldId>& more);

/// The number of the first YARA rule, behind the `rules` and the indicators.
[[nodiscard]] std::uint32_t first_yara(const Beside& beside, std::uint32_t rules);

/// What a match is of whose number is behind that of the last rule.
[[nodiscard]] const triage::ForeignRule& foreign_rule(const sigma::Match& match, std::uint32_t rules,
                                                      const Beside& beside);

}  // namespace landwarden::engine
