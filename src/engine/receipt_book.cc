#include "engine/receipt_book.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"

namespace landwarden::engine {

bool any_incomplete(const std::vector<event::Receipt>& receipts) {
  return std::ranges::any_of(receipts, [](const event::Receipt& receipt) {
    return !receipt.errors.empty() || receipt.records_quarantined > 0;
  });
}

event::SourceId ReceiptBook::begin(const std::string& name) {
  const std::unique_lock lock(mutex_);
  const auto number = static_cast<std::uint32_t>(entries_.size());
  Entry& entry = entries_.emplace_back();
  entry.name = name;
  entry.number = number;
  return {number};
}

std::string_view ReceiptBook::name(event::SourceId source) const {
  const std::shared_lock lock(mutex_);
  LW_ASSERT(source.value < entries_.size());
  return entries_[source.value].name;
}

void ReceiptBook::expect_part(event::SourceId source) {
  const std::unique_lock lock(mutex_);
  LW_ASSERT(source.value < entries_.size());
  ++entries_[source.value].parts_open;
}

bool ReceiptBook::add(event::SourceId source, const event::Receipt& part) {
  const std::unique_lock lock(mutex_);
  LW_ASSERT(source.value < entries_.size());
  Entry& entry = entries_[source.value];
  event::Receipt& sum = entry.workers;
  sum.add(part);
  if (sum.errors.size() > limits::kReceiptErrors) {
    entry.errors_left_out += sum.errors.size() - limits::kReceiptErrors;
    sum.errors.resize(limits::kReceiptErrors);
  }
  if (sum.notes.size() > limits::kReceiptNotes) {
    entry.notes_left_out += sum.notes.size() - limits::kReceiptNotes;
    sum.notes.resize(limits::kReceiptNotes);
  }
  LW_ASSERT(entry.parts_open > 0);
  return --entry.parts_open == 0 && entry.ended;
}

bool ReceiptBook::end(event::SourceId source, event::Receipt readers_part) {
  const std::unique_lock lock(mutex_);
  LW_ASSERT(source.value < entries_.size());
  Entry& entry = entries_[source.value];
  entry.reader = std::move(readers_part);
  entry.ended = true;
  return entry.parts_open == 0;
}

void ReceiptBook::mark_interrupted(Entry& entry) {
  if (std::exchange(entry.interrupted, true)) return;
  entry.workers.errors.push_back({ErrorCode::interrupted,
                                  "stopped before its end",
                                  {.file = entry.name, .line = 0, .column = 0, .offset = {}},
                                  "run again to read all of it"});
}

void ReceiptBook::interrupted(event::SourceId source) {
  const std::unique_lock lock(mutex_);
  LW_ASSERT(source.value < entries_.size());
  mark_interrupted(entries_[source.value]);
}

void ReceiptBook::interrupt_open() {
  const std::unique_lock lock(mutex_);
  for (Entry& entry : entries_) {
    if (!entry.ended) mark_interrupted(entry);
  }
}

std::vector<event::Receipt> ReceiptBook::take() {
  const std::unique_lock lock(mutex_);
  std::vector<Entry*> order;
  for (Entry& entry : entries_) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return a->name != b->name ? a->name < b->name : a->number < b->number;
  });
  std::vector<event::Receipt> receipts;
  receipts.reserve(order.size());
  for (Entry* entry : order) {
    event::Receipt receipt = std::move(entry->reader);
    receipt.source = entry->name;
    receipt.add(entry->workers);
    if (entry->errors_left_out > 0)
      receipt.notes.push_back(fmt::format("{} more errors", entry->errors_left_out));
    if (entry->notes_left_out > 0)
      receipt.notes.push_back(fmt::format("{} more remarks", entry->notes_left_out));
    receipts.push_back(std::move(receipt));
  }
  return receipts;
}

}  // namespace landwarden::engine
