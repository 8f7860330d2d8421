// What events are about, in a few words, from content/event_titles.
//
// Immutable once loaded.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace landwarden::triage {

class EventTitles {
 public:
  [[nodiscard]] static Result<EventTitles> built_in();
  [[nodiscard]] static Result<EventTitles> parse(std::string_view yaml, const std::string& file);

  /// Empty if it is not known. Providers are compared without case.
  [[nodiscard]] std::string_view title(std::string_view provider, std::uint32_t event_id) const;

 private:
  std::map<std::pair<std::string, std::uint32_t>, std::string> titles_;  ///< provider folded
};

}  // namespace landwarden::triage
