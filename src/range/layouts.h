// The layouts in which other tools write Windows events: the same events as the EVTX writer gets, as JSON,
// XML or CSV. For tests that the same event gives the same hits in whatever layout it comes, and to try
// things on.
//
// Each layout writes what its tool writes, with what the tool loses lost: see docs/evidence.md. Pure
// functions of their arguments.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "range/record.h"

namespace landwarden::range {

struct LogLayout {
  const char* name;
  const char* suffix;  ///< of its files
  const char* what;    ///< one line for people
  const char* begin;   ///< of a file
  const char* between;
  const char* end;
  /// Appends the event; false if this layout cannot carry it.
  bool (*append)(std::string& out, const PlainEvent& event);
};

/// All of them, in order of their names. "evtx" is not among them.
[[nodiscard]] std::span<const LogLayout> log_layouts();
[[nodiscard]] const LogLayout* find_log_layout(std::string_view name);

}  // namespace landwarden::range
