#include "engine/row_match.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace landwarden::engine {

void merge_in_row_order(const event::EventBatch& batch, std::vector<RowMatch>& more,
                        std::vector<sigma::Match>& matches) {
  if (more.empty()) return;
  std::vector<sigma::Match> merged;
  merged.reserve(matches.size() + more.size());
  auto next = matches.begin();
  std::uint32_t row = 0;
  for (RowMatch& one : more) {
    // The rules' matches know their record, not their row.
    for (; row <= one.row; ++row) {
      while (next != matches.end() && next->offset == batch.rows[row].offset &&
             next->record_id == batch.rows[row].record_id) {
        merged.push_back(std::move(*next++));
      }
    }
    merged.push_back(std::move(one.match));
  }
  std::move(next, matches.end(), std::back_inserter(merged));
  matches = std::move(merged);
}

}  // namespace landwarden::engine
