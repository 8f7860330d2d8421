#include "engine/tally.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace landwarden::engine {

void HostCounts::count(std::string_view host, std::uint64_t records) {
  if (bounded_ && host > last_) {
    others_ += records;
    return;
  }
  const auto found = counts_.find(host);
  if (found != counts_.end()) {
    found->second += records;
    return;
  }
  counts_.emplace(std::string(host), records);
  // Pruned rarely, to half: each name then costs a constant share of it.
  if (counts_.size() > limit_ * 2) prune();
}

void HostCounts::prune() {
  if (counts_.size() <= limit_) return;
  const auto cut = std::next(counts_.begin(), static_cast<std::ptrdiff_t>(limit_));
  for (auto at = cut; at != counts_.end(); ++at) others_ += at->second;
  counts_.erase(cut, counts_.end());
  bounded_ = true;
  last_ = counts_.empty() ? std::string() : std::prev(counts_.end())->first;
}

void HostCounts::add(const HostCounts& other) {
  others_ += other.others_;
  // A name that `other` dropped cannot be among the first `limit` of both together, so forget ours beyond its
  // bound as well.
  if (other.bounded_ && (!bounded_ || other.last_ < last_)) {
    bounded_ = true;
    last_ = other.last_;
    const auto cut = counts_.upper_bound(last_);
    for (auto at = cut; at != counts_.end(); ++at) others_ += at->second;
    counts_.erase(cut, counts_.end());
  }
  for (const auto& [host, records] : other.counts_) count(host, records);
}

std::map<std::string, std::uint64_t> HostCounts::take(std::uint64_t& others) {
  prune();
  others = std::exchange(others_, 0);
  std::map<std::string, std::uint64_t> result;
  for (auto& [host, records] : counts_) result.emplace_hint(result.end(), host, records);
  counts_.clear();
  return result;
}

Tally::PerShape& Tally::shape(event::ShapeId id) {
  if (id.value >= shapes.size()) shapes.resize(std::max<std::size_t>(id.value + 1, shapes.size() * 2));
  return shapes[id.value];
}

void Tally::count(const event::EventBatch& batch) {
  records += batch.rows.size();
  shape(batch.shape).records += batch.rows.size();
  // Neighbours mostly have the same host: one look-up a run of them.
  for (std::size_t begin = 0; begin < batch.rows.size();) {
    const event::Code host = batch.rows[begin].host;
    std::size_t end = begin;
    for (; end < batch.rows.size() && batch.rows[end].host == host; ++end) {
      const Time time = batch.rows[end].time;
      if (!time.known()) continue;
      if (!first.known() || time < first) first = time;
      if (!last.known() || time > last) last = time;
    }
    if (host >= event::kFirstValue) hosts.count(batch.hosts->at(host).text, end - begin);
    begin = end;
  }
}

void Tally::count_matches(event::ShapeId id, std::uint64_t matched, std::uint64_t count) {
  records_matched += matched;
  matches += count;
  shape(id).records_matched += matched;
}

void Tally::add(const Tally& other) {
  for (std::size_t i = 0; i < other.shapes.size(); ++i) {
    if (other.shapes[i].records == 0) continue;
    PerShape& mine = shape(event::ShapeId{static_cast<std::uint32_t>(i)});
    mine.records += other.shapes[i].records;
    mine.records_matched += other.shapes[i].records_matched;
  }
  hosts.add(other.hosts);
  if (other.first.known() && (!first.known() || other.first < first)) first = other.first;
  if (other.last.known() && (!last.known() || other.last > last)) last = other.last;
  records += other.records;
  records_matched += other.records_matched;
  records_left_out += other.records_left_out;
  matches += other.matches;
  only_fuller += other.only_fuller;
}

}  // namespace landwarden::engine
