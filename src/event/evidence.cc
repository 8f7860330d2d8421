#include "event/evidence.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace landwarden::event {
namespace {

/// "json" and "json (a)" and "json (b, a)" make "json (a, b)", in whatever order they come.
std::string merged_kind(const std::string& a, const std::string& b) {
  if (a == b || b.empty()) return a;
  if (a.empty()) return b;
  std::set<std::string> parts;
  for (const std::string* kind : {&a, &b}) {
    const std::size_t open = std::min(kind->find(" ("), kind->size());
    if (open == kind->size()) continue;
    std::string_view list(*kind);
    list = list.substr(open + 2, list.size() - open - 3);
    for (std::size_t end = 0; !list.empty(); list.remove_prefix(std::min(end + 2, list.size()))) {
      end = std::min(list.find(", "), list.size());
      parts.emplace(list.substr(0, end));
    }
  }
  std::string merged = std::min(a.substr(0, a.find(" (")), b.substr(0, b.find(" (")));
  for (const std::string& part : parts) merged += (part == *parts.begin() ? " (" : ", ") + part;
  return parts.empty() ? merged : merged + ")";
}

}  // namespace

void quarantine(Receipt& receipt, Quarantined entry) {
  ++receipt.records_quarantined;
  const auto later = [](const Quarantined& a, const Quarantined& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.reason < b.reason;
  };
  const auto at = std::upper_bound(receipt.quarantined.begin(), receipt.quarantined.end(), entry, later);
  receipt.quarantined.insert(at, std::move(entry));
  // The first by offset stay, whatever the order of arrival.
  if (receipt.quarantined.size() > kQuarantineListed) receipt.quarantined.pop_back();
}

void count_damage(Receipt& receipt, std::string_view what, std::uint64_t count) {
  const auto at =
      std::lower_bound(receipt.damage.begin(), receipt.damage.end(), what,
                       [](const Counted& entry, std::string_view name) { return entry.what < name; });
  if (at != receipt.damage.end() && at->what == what) {
    at->count += count;
  } else {
    receipt.damage.insert(at, {std::string(what), count});
  }
}

void Receipt::add(const Receipt& other) {
  bytes += other.bytes;
  records_seen += other.records_seen;
  records_decoded += other.records_decoded;
  records_carved += other.records_carved;
  kind = merged_kind(kind, other.kind);
  for (const Quarantined& entry : other.quarantined) {
    quarantine(*this, entry);
    --records_quarantined;
  }
  records_quarantined += other.records_quarantined;
  for (const std::string& note : other.notes) {
    const auto at = std::lower_bound(notes.begin(), notes.end(), note);
    if (at == notes.end() || *at != note) notes.insert(at, note);
  }
  for (const Counted& entry : other.damage) count_damage(*this, entry.what, entry.count);
  errors.insert(errors.end(), other.errors.begin(), other.errors.end());
  not_evidence = not_evidence || other.not_evidence;
}

}  // namespace landwarden::event
