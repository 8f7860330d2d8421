// One rule on one record: a plain, serialisable value that stands on its own once the batch is gone.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "event/evidence.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// A field with its values: none = null, several = a list.
struct FieldValues {
  std::string field;
  std::vector<std::string> values;
};

struct Match {
  Time time;
  std::string host, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t record_id = 0;  ///< event::kNoRecordId if the source has none
  std::uint64_t offset = 0;     ///< of the record in its source
  event::SourceId source;
  std::uint32_t rule = 0;            ///< index into the rule set
  std::vector<FieldValues> matched;  ///< fields that the rule's positive tests hit, in the rule's order
  std::string why;                   ///< one sentence: which tests hit
  std::vector<FieldValues> event;    ///< the whole record, only if asked for
};

}  // namespace landwarden::sigma
