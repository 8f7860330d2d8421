// Which records the user asked for: a span of time and a host. Immutable; any thread.

#pragma once

#include <string>
#include <string_view>

#include "base/glob.h"
#include "base/time.h"
#include "event/batch.h"

namespace landwarden::engine {

class RecordFilter {
 public:
  /// `since` inclusive, `until` exclusive; unknown means open. Records of unknown time pass. `host` is
  /// compared without case, with '*' and '?'; empty means all.
  RecordFilter(Time since, Time until, std::string_view host);

  [[nodiscard]] bool passes_all() const { return !since_.known() && !until_.known() && host_.empty(); }
  [[nodiscard]] bool passes(Time time, std::string_view host) const {
    return passes_time(time) && passes_host(host);
  }
  /// How many records of the batch pass.
  [[nodiscard]] std::size_t passing(const event::EventBatch& batch) const;

 private:
  [[nodiscard]] bool passes_time(Time time) const;
  [[nodiscard]] bool passes_host(std::string_view host) const;

  Time since_, until_;
  std::string host_;  ///< folded
};

}  // namespace landwarden::engine
