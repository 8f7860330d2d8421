#include "event/evidence.h"

#include <algorithm>

namespace landwarden::event {

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

void Receipt::add(const Receipt& other) {
  bytes += other.bytes;
  records_seen += other.records_seen;
  records_decoded += other.records_decoded;
  if (kind.empty()) kind = other.kind;
  for (const Quarantined& entry : other.quarantined) {
    quarantine(*this, entry);
    --records_quarantined;
  }
  records_quarantined += other.records_quarantined;
  for (const std::string& note : other.notes) {
    const auto at = std::lower_bound(notes.begin(), notes.end(), note);
    if (at == notes.end() || *at != note) notes.insert(at, note);
  }
  errors.insert(errors.end(), other.errors.begin(), other.errors.end());
  not_evidence = not_evidence || other.not_evidence;
}

}  // namespace landwarden::event
