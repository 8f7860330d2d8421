// What RecordReader asks of a record's texts: whether it may hold what a filter looks for, or a keyword.

#include <algorithm>
#include <cstring>

#include "decode/evtx/record.h"

namespace landwarden::decode::evtx {

/// Whether the record, whose values were taken, may hold what is looked for. Asked in order of offset.
bool RecordReader::may_hold(const event::RowMeta& meta, Plan& outer, Plan* inner) {
  if (held_elsewhere(outer, inner) != 0) return true;
  const std::uint64_t begin = meta.offset - chunk_offset_, end = begin + meta.original.size();
  if (has_place(begin, end) && (!filter_->wants_to_confirm() || is_confirmed(begin, end))) return true;
  return filter_->looks_at_renderings() && shows();
}

/// Whether every field is to be made: the record may hold one of the texts that its shape is wanted by.
bool RecordReader::may_hold_keyword(const event::RowMeta& meta, const event::Wanted& wanted, Plan& outer,
                                    Plan* inner) {
  if (keywords_ == nullptr || !wanted.all_by_text) return true;
  const std::uint64_t begin = meta.offset - chunk_offset_, end = begin + meta.original.size();
  return (held_elsewhere(outer, inner) & wanted.texts) != 0 ||
         keyword_places_.stands_in(*keywords_, wanted.texts, begin, end);
}

/// Whether there is a place in chunk[begin, end). Asked in order of offset.
bool RecordReader::has_place(std::size_t begin, std::size_t end) {
  while (next_place_ < places_.size() && places_[next_place_] < begin) ++next_place_;
  return next_place_ < places_.size() && places_[next_place_] < end;
}

/// Looks at the text around each place in chunk[begin, end), once at each text.
bool RecordReader::is_confirmed(std::size_t begin, std::size_t end) {
  const auto is_text = [&](std::size_t at) { return load<std::uint16_t>(chunk_.data() + at) != 0; };
  std::size_t done[2] = {begin, begin};  // of texts that stand at even and at odd bytes
  for (; next_place_ < places_.size() && places_[next_place_] < end; ++next_place_) {
    std::size_t first = places_[next_place_], last = first;
    if (first < done[first % 2]) continue;
    while (first >= begin + 2 && is_text(first - 2)) first -= 2;
    while (last + 2 <= end && is_text(last)) last += 2;
    if (filter_->confirms(chunk_.subspan(first, last - first))) return true;
    done[first % 2] = last;
  }
  return false;
}

/// Whether one of the record's values that are no text shows what is looked for.
bool RecordReader::shows() {
  for (unsigned which = 0; which < 2; ++which) {
    for (const Cell& cell : std::span(record_.cells[which], record_.counts[which])) {
      const std::uint8_t type = cell.type();
      if (cell.is_void() || type == value_type::kText || is_special(type)) continue;
      std::uint64_t number = 0;
      NotShown* known = nullptr;
      if (cell.size() <= sizeof number) {
        std::memcpy(&number, record_.base + cell.at, cell.size());
        known = &not_shown_[(number * 0x9E3779B97F4A7C15ULL) >> 56];
        if (known->described == cell.described && known->number == number) continue;
      }
      shown_.clear();
      render(type, {record_.base + cell.at, cell.size()}, shown_);
      if (filter_->is_in_rendering(shown_)) return true;
      if (known != nullptr) *known = {number, cell.described};
    }
  }
  return false;
}

/// Those of the texts that may be shown by what does not stand in the record as UTF-16.
RawTexts::Set RecordReader::held_elsewhere(Plan& outer, Plan* inner) const {
  if (odd_text_) return ~RawTexts::Set{0};
  return held_by_own_text(outer) | (inner != nullptr ? held_by_own_text(*inner) : 0);
}

/// The same of what does not stand in the record, but in its template.
RawTexts::Set RecordReader::held_by_own_text(Plan& plan) const {
  if (!plan.own_texts) {
    plan.own_texts = 0;
    for (const FieldPlan& field : plan.fields) {
      if (field.is_slot()) continue;
      if (!field.is_literal()) plan.own_texts = ~RawTexts::Set{0};
      if (!field.parts.empty()) *plan.own_texts |= held_by(field.parts[0].text);
    }
  }
  return *plan.own_texts;
}

/// Of a filter, all or none.
RawTexts::Set RecordReader::held_by(std::string_view utf8) const {
  if (filter_ != nullptr && filter_->may_be_in(utf8)) return ~RawTexts::Set{0};
  return keywords_ != nullptr ? keywords_->may_be_in(utf8) : 0;
}

}  // namespace landwarden::decode::evtx
