// Ordinary Windows events for the EVTX writer: what a provider says, laid out as Windows does it. An outer
// template holds the System part, with Computer and (for event sources of the old kind) provider and channel
// as literals; the provider's own data is a nested instance of an inner template.
//
// Plain data; any thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "decode/evtx/writer_binxml.h"

namespace landwarden::decode::evtx::write {

/// <EventData><Data Name="…">…</Data>…</EventData>, in order. A null value leaves its element empty.
struct EventData {
  std::vector<std::pair<std::string, Value>> fields;
  std::string name{};  ///< the Name attribute that some providers give EventData itself; empty: none
  std::optional<std::vector<std::byte>> binary{};
};

/// What ReportEvent() leaves: unnamed strings (one array value) and bytes.
struct ClassicData {
  std::vector<std::string> strings;
  std::vector<std::byte> binary;
};

/// <UserData>tree</UserData>; Values in the tree become slots.
struct UserData {
  Element tree;
};

struct Provider {
  std::string name;
  std::optional<Guid> guid;
  std::string event_source_name;  ///< of providers that took over an old event source; empty: none
  /// Old event sources and some others carry provider and channel as text of the template instead of as
  /// values (layout of 20 substitutions instead of 18).
  bool literal = false;
  bool kernel = false;  ///< nested data without a fragment header, as the Security log has it
};

struct EventRecord {
  Provider provider;
  std::uint16_t event_id = 0;
  std::optional<std::uint16_t> qualifiers;
  std::uint8_t version = 0;
  std::uint8_t level = 0;
  std::uint16_t task = 0;
  std::uint8_t opcode = 0;
  std::uint64_t keywords = 0;
  Time time;
  std::optional<std::uint64_t> record_id;  ///< default: the writer's next
  std::uint32_t process_id = 0;
  std::uint32_t thread_id = 0;
  std::string channel;
  std::string computer;
  std::optional<Sid> user;
  std::optional<Guid> activity_id;
  std::optional<Guid> related_activity_id;
  std::variant<EventData, ClassicData, UserData> data;
};

/// The event as the instance of its outer template, with the record id that its System part shows.
[[nodiscard]] Instance lay_out(const EventRecord& event, std::uint64_t record_id);

/// Templates by what they are made of: a log holds thousands of records of a few kinds, and making a template
/// costs several times what the rest of a record does.
using TemplateMemo = std::unordered_map<std::string, std::shared_ptr<const Template>>;
/// The same, with templates out of the memo where they are in it.
[[nodiscard]] Instance lay_out(const EventRecord& event, std::uint64_t record_id, TemplateMemo& memo);

}  // namespace landwarden::decode::evtx::write
