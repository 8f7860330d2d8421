#include "engine/record_filter.h"

#include "base/text.h"

namespace landwarden::engine {

RecordFilter::RecordFilter(Time since, Time until, std::string_view host)
    : since_(since), until_(until), host_(text::folded(host)) {}

bool RecordFilter::passes_time(Time time) const {
  if (!time.known()) return true;
  return (!since_.known() || time >= since_) && (!until_.known() || time < until_);
}

bool RecordFilter::passes_host(std::string_view host) const {
  return host_.empty() || glob(host_, text::folded(host));
}

std::size_t RecordFilter::passing(const event::EventBatch& batch) const {
  if (passes_all()) return batch.rows.size();
  std::size_t count = 0;
  std::optional<event::Code> known;
  bool host_passes = false;
  for (const event::RowMeta& row : batch.rows) {
    if (!passes_time(row.time)) continue;
    if (known != row.host) {
      known = row.host;
      host_passes =
          passes_host(row.host >= event::kFirstValue ? batch.hosts->at(row.host).text : std::string_view());
    }
    if (host_passes) ++count;
  }
  return count;
}

}  // namespace landwarden::engine
