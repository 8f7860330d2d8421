// Decodes Windows events written as XML: wevtutil (one event behind the other, no root), Event Viewer
// (<Events>), Splunk's raw events a line each, Sysmon for Linux inside syslog lines. Fields, shapes and hosts
// are those that decode/evtx gives.
//
// What stands between events is passed over; whole lines there that are no tags are counted. Events that
// cannot be read are quarantined with offset, line and reason, and reading goes on behind them. Not
// thread-safe; one Reader a worker.

#pragma once

#include <cstdint>
#include <string_view>

#include "decode/json/layout_rows.h"
#include "decode/json/paths.h"
#include "decode/unit.h"
#include "decode/xml/event_values.h"
#include "event/builder.h"

namespace landwarden::decode::xml {

class Reader {
 public:
  /// The builder must outlive the reader.
  explicit Reader(event::BatchBuilder& builder);

  /// Decodes one unit; its batches are out when it returns. Adds to `receipt`.
  void decode_unit(const WorkUnit& unit, event::Receipt& receipt);

 private:
  struct UnitState;
  [[nodiscard]] std::size_t read_one(UnitState& state, std::size_t begin);
  void pass_over(UnitState& state, std::size_t begin, std::size_t end) const;

  event::BatchBuilder& builder_;
  json::Paths paths_;
  json::LayoutRows rows_;
  EventValues values_;
};

}  // namespace landwarden::decode::xml
