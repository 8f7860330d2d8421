// One event on its way to a log: a row of the table of event kinds with its values as text.
//
// Plain data. to_event() turns it into what the EVTX writer takes; it asserts that there is a value for each
// field, since both come from this room.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "decode/evtx/writer_event.h"
#include "range/event_kinds.h"

namespace landwarden::range {

using decode::evtx::write::Guid;

struct LogRecord {
  Time time;
  const EventKind* kind = nullptr;
  std::vector<std::string> values;  ///< one a field, or the strings of a classic event
  std::uint32_t process_id = 0;
  std::uint32_t thread_id = 0;
  std::string user_sid;  ///< used where the kind says "caller"
  std::optional<Guid> activity_id;
};

[[nodiscard]] decode::evtx::write::EventRecord to_event(const LogRecord& record, const std::string& computer);

}  // namespace landwarden::range
