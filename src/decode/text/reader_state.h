// What text::Reader keeps of the unit at hand; for its own .cc files.

#pragma once

#include <cstdint>

#include "decode/json/layout_rows.h"
#include "decode/text/reader.h"
#include "decode/xml/event_values.h"

namespace landwarden::decode::text {

struct Reader::UnitState {
  const WorkUnit& unit;
  const TextSource& source;
  event::Receipt& receipt;
  std::optional<json::LayoutRows::Seen> xml{};
  bool audit = false, syslog = false, history = false;
  bool no_zone = false, year_found = false, year_missing = false, month_first = false, cut = false;
  std::uint64_t mended = 0, continued = 0;
};

struct Reader::XmlEvents {
  explicit XmlEvents(event::BatchBuilder& builder)
      : paths(json::known_layouts()), rows(builder, json::known_layouts(), paths), values(paths) {}
  json::Paths paths;
  json::LayoutRows rows;
  xml::EventValues values;
};

}  // namespace landwarden::decode::text
