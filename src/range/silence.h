// Logging that is switched off in an estate: records that were never written, or written without a field.
//
// What is dropped takes no record number, as on a machine that does not audit. Plain values.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "range/inventory.h"
#include "range/record.h"

namespace landwarden::range {

struct Silence {
  std::string host;  ///< empty: every host
  std::string channel;
  std::vector<std::uint16_t> event_ids;  ///< empty: all
  std::string field;                     ///< empty: the whole record

  /// Whether it is about such a record.
  [[nodiscard]] bool covers(const Host& on, const LogRecord& record) const;
};

/// "[HOST=]CHANNEL[:ID,ID…[.FIELD]]": "Security:4688.CommandLine", "EVW-DC01=Application".
[[nodiscard]] Result<Silence> parse_silence(std::string_view text);

/// Takes fields away from the record; false if it is not written at all.
[[nodiscard]] bool is_written(const std::vector<Silence>& silences, const Host& host, LogRecord& record);

}  // namespace landwarden::range
