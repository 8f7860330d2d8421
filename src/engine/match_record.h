// A match as bytes: how matches wait in memory and in spilled runs until they are in order.
//
// The bytes never outlive the process, so they are in the machine's own byte order and carry no version.
// Reading checks every size all the same: a run comes back from a disk. Free functions without state; any
// thread.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sigma/match.h"

namespace landwarden::engine {

/// Appends `match` to `out`.
void append_record(std::string& out, const sigma::Match& match);

/// Whether `bytes` are one whole record. The functions below expect such bytes.
[[nodiscard]] bool is_record(std::string_view bytes);

/// Fills `match` (its buffers are reused). False, and `match` unspecified, if the fields are damaged.
[[nodiscard]] bool read_record(std::string_view bytes, sigma::Match& match);

[[nodiscard]] Time record_time(std::string_view bytes);

/// How a source is called; the view must stay valid.
using SourceName = std::function<std::string_view(event::SourceId)>;

/// The order in which matches are handed over: (time, host, channel, record id, source name, offset, rule).
/// Unknown times come first, unknown record ids last. Sources of the same name keep the order in which they
/// were found.
[[nodiscard]] int compare_records(std::string_view left, std::string_view right, const SourceName& name);

/// The order within one work unit where matches are handed over as they come: (offset, rule).
[[nodiscard]] int compare_in_source(std::string_view left, std::string_view right);

}  // namespace landwarden::engine
