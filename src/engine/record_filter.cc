#include "engine/record_filter.h"

#include <cstddef>
#include <optional>

#include "base/text.h"

namespace landwarden::engine {

/// Goes back to the last star only, so it is at worst quadratic.
bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::optional<std::size_t> star;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      (void)text::next_code_point(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star) {
      p = *star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

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
