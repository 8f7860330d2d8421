// One rule on one record: a plain, serialisable value that stands on its own once the batch is gone.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shared_text.h"
#include "base/time.h"
#include "event/evidence.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// A field with its values: none = null, several = a list.
struct FieldValues {
  std::string field;
  std::vector<std::string> values;
};

/// One of the events that a correlation's match is made of: a rule's match on a record.
struct EventReference {
  Time time;
  std::string host, channel, file;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t record_id = 0;
  std::uint64_t offset = 0;
  event::SourceId source;
  std::uint32_t rule = 0;
};

struct Match {
  Time time;
  SharedText host, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t record_id = 0;  ///< event::kNoRecordId if the source has none
  std::uint64_t offset = 0;     ///< of the record in its source
  event::SourceId source;
  std::uint32_t rule = 0;            ///< index into the rule set
  std::vector<FieldValues> matched;  ///< fields that the rule's positive tests hit, in the rule's order
  std::string why;                   ///< one sentence: which tests hit
  std::vector<FieldValues> event;    ///< the whole record, only if asked for
  bool carved = false;               ///< the record was found where none is live (event::RowMeta)
  bool only_fuller = false;          ///< under --strict-sources the rule would not match the record
  std::uint32_t parts = 0;  ///< records that the matching text was put together from; 0 = one, as it is
  std::vector<FieldValues>
      carried;  ///< what correlations over the rule need, as CorrelationPlan::Member counts them
  /// Of a correlation's match: by time, at most limits::kCorrelationListed, and how many there were. The rest
  /// of the match is then the last event's, host and channel only if all events share them.
  std::vector<EventReference> events;
  std::uint64_t events_total = 0;
};

}  // namespace landwarden::sigma
