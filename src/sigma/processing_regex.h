// Regular expressions of processing pipelines, as Python's `re` has them as far as RE2 does.
//
// Immutable once made; any thread.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace landwarden::sigma {

class ProcessingRegex {
 public:
  /// Fails where RE2 cannot take it (look-around, back references).
  [[nodiscard]] static Result<ProcessingRegex> make(const std::string& pattern, const Place& place);
  /// Whether a replacement ("\1", "\g<1>") names only groups that there are.
  [[nodiscard]] Result<void> check_replacement(const std::string& replacement, const Place& place) const;

  /// Found at the front of `text`, as re.match does.
  [[nodiscard]] bool matches_front(std::string_view text) const;
  /// Calls `each` for everything that is found, from left to right: [begin, end) and what takes its place.
  void replace_each(std::string_view text, const std::string& replacement,
                    const std::function<void(std::size_t, std::size_t, std::string)>& each) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace landwarden::sigma
