// What a survey reads out of single records: who cleared a log, who set the clock, who logged on from where,
// and what a host says of itself when it starts.
//
// A record is known by provider and event id. Everything else of it stays undecoded. Any thread.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/survey_sketch.h"
#include "event/batch.h"
#include "event/catalogue.h"

namespace landwarden::engine {

/// Kinds of records that tell something.
enum class Telling : std::uint8_t { nothing, cleared, clock_set, logon, start, version, uptime };
[[nodiscard]] Telling telling_of(const event::Shape& shape);

/// The fields that reading them takes.
[[nodiscard]] std::vector<std::string_view> fields_of(Telling telling);

/// Logons by everything in LogonCount but the count, as one text, so that they can be counted in order.
using LogonKeys = std::map<std::string, std::uint64_t>;
[[nodiscard]] triage::LogonCount logon_of(std::string_view key);

/// Reads a batch of one shape. `log_of(row)` is the sketch of the row's log.
class TellingReader {
 public:
  TellingReader(const event::EventBatch& batch, const event::Catalogue& catalogue)
      : batch_(batch), catalogue_(catalogue), shape_(catalogue.shape(batch.shape)) {}

  void cleared(UnitSketch& sketch) const;
  void clock_set(UnitSketch& sketch) const;
  void logons(LogonKeys& logons) const;
  /// What the row's record says of its host: start, version, uptime.
  [[nodiscard]] triage::HostFacts facts(std::size_t row, Telling telling) const;

 private:
  [[nodiscard]] std::string value(std::string_view field, std::size_t row, std::size_t item = 0) const;
  [[nodiscard]] std::string account(std::string_view prefix, std::size_t row) const;
  [[nodiscard]] std::string host(std::size_t row) const;

  const event::EventBatch& batch_;
  const event::Catalogue& catalogue_;
  const event::Shape& shape_;
};

}  // namespace landwarden::engine
