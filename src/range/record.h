// One event on its way to a log: a row of the table of event kinds with its values as text.
//
// Plain data. to_event() turns it into what the EVTX writer takes; it asserts that there is a value for each
// field, since both come from this room.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// Leaves a field of the event's own data empty; a kind without such a field stays as it is. For text fields.
void empty_field(LogRecord& record, std::string_view name);

/// A value of the event's own data, as Windows renders it.
struct PlainValue {
  std::string name;
  std::string text;
  bool number = false;   ///< JSON writers that keep types write it bare
  bool boolean = false;  ///< the same
};

/// An event with everything that EVTX holds of it, as text.
struct PlainEvent {
  const EventKind* kind = nullptr;
  std::string time;  ///< RFC 3339 with seven digits
  Time moment;
  std::string computer, user, activity_id;
  std::uint64_t record_id = 0;
  std::uint32_t process_id = 0, thread_id = 0;
  std::vector<PlainValue> data;  ///< without names where kind->layout is classic
  std::string binary;            ///< hexadecimal

  [[nodiscard]] const std::string& value(std::string_view name) const;
};

[[nodiscard]] PlainEvent to_plain(const LogRecord& record, const std::string& computer,
                                  std::uint64_t record_id);

}  // namespace landwarden::range
