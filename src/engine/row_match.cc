#include "engine/row_match.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace landwarden::engine {

sigma::Match match_on(const event::EventBatch& batch, std::size_t row, const event::Catalogue& catalogue) {
  const event::RowMeta& meta = batch.rows[row];
  const event::Shape& shape = catalogue.shape(batch.shape);
  sigma::Match match;
  match.time = meta.time;
  if (meta.host >= event::kFirstValue) match.host = batch.hosts->at(meta.host).text;
  match.channel = shape.channel;
  match.provider = shape.provider;
  match.event_id = shape.event_id.value_or(0);
  match.has_event_id = shape.event_id.has_value();
  match.record_id = meta.record_id;
  match.offset = meta.offset;
  match.source = batch.source;
  match.carved = meta.carved;
  return match;
}

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
