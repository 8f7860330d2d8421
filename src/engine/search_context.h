// Which records around the hits are shown, over the borders of work units.
//
// Fed with what the stages send of one run, in the order of the evidence: all hits, the records within
// `reach` of them in their unit, and the first and last `reach` records of every unit. One thread.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "base/result.h"
#include "engine/search.h"

namespace landwarden::engine {

class SearchContext {
 public:
  using OnLine = std::function<Result<void>(const SearchLine&)>;
  SearchContext(std::size_t reach, const OnLine& on_line) : reach_(reach), on_line_(on_line) {}

  /// `ordinal` counts the records of a work unit from 0. `source_number` tells sources of the same name
  /// apart.
  [[nodiscard]] Result<void> feed(std::uint32_t source_number, std::string_view source, std::uint64_t ordinal,
                                  bool hit, std::string_view text);

 private:
  struct Waiting {
    std::uint64_t at = 0;
    std::string text;
  };
  [[nodiscard]] Result<void> show(std::string_view source, std::uint64_t at, bool hit, std::string_view text);
  void begin_source(std::uint32_t number);

  const std::size_t reach_;
  const OnLine& on_line_;
  std::deque<Waiting> before_;  ///< not shown yet, at most `reach_`
  std::uint32_t source_number_ = 0;
  bool any_source_ = false;
  std::uint64_t unit_begin_ = 0, next_ = 0;  ///< records in front of this unit; behind the record fed last
  std::uint64_t shown_until_ = 0;            ///< behind the record shown last
  std::uint64_t after_until_ = 0;            ///< records up to here follow a hit
  bool shown_any_ = false;                   ///< of this source
};

}  // namespace landwarden::engine
