// A record that a search found, or one beside it, as it is shown: plain data. Views live during the call that
// hands it over.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace landwarden::triage {

/// A part of a value: [begin, end) in bytes.
struct FoundSpan {
  std::size_t begin = 0, end = 0;
  bool operator==(const FoundSpan&) const = default;
};

/// One value of one field; a list has one for each item, side by side.
struct ShownValue {
  std::string_view field, text;
  bool null = false;
  std::size_t spans_begin = 0, spans_end = 0;  ///< what was found in it: a part of SearchHit::spans
};

struct SearchHit {
  Time time;
  std::string_view host, channel, provider;
  std::uint32_t event_id = 0;
  bool has_event_id = false;
  std::uint64_t record_id = 0;  ///< event::kNoRecordId if the source has none
  bool context = false;         ///< shown only because it stands beside a hit
  /// Values in which something was found, in the order of sigma/field_order.h.
  std::vector<ShownValue> found;
  /// The whole record, if it was asked for; the event's own fields if it is context.
  std::vector<ShownValue> all;
  std::vector<FoundSpan> spans;
};

}  // namespace landwarden::triage
