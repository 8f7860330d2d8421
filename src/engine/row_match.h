// A match on a row of a batch, of what is no Sigma rule.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "event/batch.h"
#include "sigma/match.h"

namespace landwarden::engine {

struct RowMatch {
  std::uint32_t row = 0;
  sigma::Match match;
};

/// Puts `more`, which comes in row order, into its place among `matches`, which come in row order.
void merge_in_row_order(const event::EventBatch& batch, std::vector<RowMatch>& more,
                        std::vector<sigma::Match>& matches);

}  // namespace landwarden::engine
