// Which rules had records of their kind to look at, and what the others would have needed.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/catalogue.h"
#include "sigma/rule_table.h"
#include "view/log_sources.h"

namespace landwarden::triage {

/// A kind of record that rules asked for and that was not there.
struct MissingEvidence {
  std::string needs;  ///< a channel as Windows spells it, or the rule's log source where there is no channel
  std::uint64_t rules = 0;
};

struct RuleEvidence {
  std::uint64_t rules_with_records = 0;
  std::uint64_t rules_without = 0;
  std::vector<MissingEvidence> missing;  ///< most rules first, then by name
};

/// `seen` are the shapes of which at least one record was read; `strict` leaves out sources that only stand
/// in for others.
[[nodiscard]] RuleEvidence rule_evidence(const sigma::RuleTable& rules, const view::LogSources& sources,
                                         const std::vector<event::Shape>& seen, bool strict);

}  // namespace landwarden::triage
