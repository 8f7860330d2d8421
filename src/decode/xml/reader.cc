#include "decode/xml/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace landwarden::decode::xml {

struct Reader::UnitState {
  const WorkUnit& unit;
  event::Receipt& receipt;
  json::LayoutRows::Seen seen;
  std::uint64_t mended = 0, other_lines = 0;
  std::size_t event_end = 0;   ///< of the "</Event>" looked for last
  std::size_t counted_to = 0;  ///< lines are counted up to here
  std::uint64_t line = 0;

  /// Each byte is looked at once, however many events begin before the end of one.
  std::size_t end_behind(std::size_t begin) {
    if (event_end <= begin) event_end = std::min(find_event_end(unit.bytes, begin), unit.bytes.size());
    return event_end;
  }
  std::uint64_t line_at(std::size_t position) {
    const auto bytes = unit.bytes.begin();
    line += static_cast<std::uint64_t>(std::count(bytes + static_cast<std::ptrdiff_t>(counted_to),
                                                  bytes + static_cast<std::ptrdiff_t>(position), '\n'));
    counted_to = position;
    return line;
  }
};

Reader::Reader(event::BatchBuilder& builder)
    : builder_(builder),
      paths_(json::known_layouts()),
      rows_(builder, json::known_layouts(), paths_),
      values_(paths_) {}

void Reader::decode_unit(const WorkUnit& unit, event::Receipt& receipt) {
  UnitState state{.unit = unit, .receipt = receipt, .seen = rows_.begin(), .line = unit.line};
  state.seen.plain = true;
  builder_.begin_unit(unit.source);
  const std::string_view text = unit.bytes;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = find_event(text, at);
    pass_over(state, at, std::min(begin, text.size()));
    if (begin == text.npos) break;
    at = read_one(state, begin);
  }
  builder_.end_unit();
  rows_.end(state.seen, "xml", receipt);
  if (state.other_lines > 0) event::count_damage(receipt, "lines without a Windows event", state.other_lines);
  if (state.mended == 0) return;
  event::Receipt more;
  more.notes.emplace_back("bytes that are not UTF-8 were replaced");
  receipt.add(more);
}

/// Reads the event that begins at `begin`; gives where to go on.
std::size_t Reader::read_one(UnitState& state, std::size_t begin) {
  const std::string_view text = state.unit.bytes;
  const std::size_t offset = state.unit.offset + begin;
  ++state.receipt.records_seen;
  std::size_t end = state.end_behind(begin);
  rows_.make_room();
  const char* reason = end - begin > limits::kXmlEventBytes ? "an event longer than 16 MiB"
                                                            : values_.read(text.substr(begin, end - begin));
  if (reason == nullptr) {
    ++state.receipt.records_decoded;
    state.mended += values_.mended() ? 1 : 0;
    rows_.put(state.seen, values_.items(), values_.meets(), text.substr(begin, end - begin), offset);
    return end;
  }
  // An event that was cut off reaches to the next one only.
  const std::size_t next = find_event(text.substr(0, end), begin + 1);
  if (next != text.npos) end = next;
  event::quarantine(state.receipt,
                    {offset, end - begin, fmt::format("line {}: {}", state.line_at(begin), reason)});
  return end;
}

/// Counts the whole lines between events that are neither blank nor tags.
void Reader::pass_over(UnitState& state, std::size_t begin, std::size_t end) const {
  const std::string_view between = std::string_view(state.unit.bytes).substr(begin, end - begin);
  std::size_t at = begin == 0 && state.unit.offset == 0 ? 0 : between.find('\n') + 1;
  if (at == 0 && begin != 0) return;
  for (std::size_t newline; (newline = between.find('\n', at)) != between.npos; at = newline + 1) {
    const std::string_view line = between.substr(at, newline - at);
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == line.npos || line[first] == '<' || line.substr(first).starts_with("\xEF\xBB\xBF")) continue;
    ++state.other_lines;
  }
}

}  // namespace landwarden::decode::xml
