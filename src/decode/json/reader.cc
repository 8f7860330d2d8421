#include "decode/json/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace landwarden::decode::json {
struct Reader::UnitState {
  const WorkUnit& unit;
  event::Receipt& receipt;
  std::int64_t counted_to = 0;  ///< lines are counted up to here
  std::uint64_t line = 0;
  LayoutRows::Seen seen;
  std::uint64_t mended = 0;

  std::uint64_t line_at(std::int64_t position) {
    const auto begin = unit.bytes.begin();
    if (position > counted_to)
      line += static_cast<std::uint64_t>(std::count(begin + counted_to, begin + position, '\n'));
    counted_to = std::max(counted_to, position);
    return line;
  }
};

Reader::Reader(event::BatchBuilder& builder)
    : builder_(builder),
      layouts_(known_layouts()),
      paths_(layouts_),
      flattener_(paths_),
      rows_(builder, layouts_, paths_),
      planned_(builder, layouts_, paths_, rows_) {}
Reader::~Reader() = default;

void Reader::decode_unit(const WorkUnit& unit, event::Receipt& receipt) {
  UnitState state{.unit = unit, .receipt = receipt, .line = unit.line, .seen = rows_.begin()};
  builder_.begin_unit(unit.source);
  RecordScanner scanner;
  const std::string_view text = unit.bytes;
  for (bool lines = true;;) {
    if (lines && put_known(state, scanner)) continue;
    // A line that looks like an object is taken for one; brackets are counted only where that was wrong.
    const auto line = lines ? scanner.line_candidate(text) : std::nullopt;
    if (line) {
      const auto size = static_cast<std::size_t>(line->end - line->begin);
      const std::string_view record = text.substr(static_cast<std::size_t>(line->begin), size);
      if (put(state, record, line->begin) == nullptr) {
        scanner.move_to(line->end);
        continue;
      }
    }
    const auto piece = scanner.next(text, true);
    if (!piece) break;
    if (line && piece->end != line->end) lines = piece->what == Piece::What::junk;
    if (piece->what == Piece::What::junk) {
      quarantine(state, piece->begin, piece->end, piece->reason);
    } else {
      read_one(state,
               text.substr(static_cast<std::size_t>(piece->begin),
                           static_cast<std::size_t>(piece->end - piece->begin)),
               piece->begin);
    }
  }
  planned_.end_unit();
  builder_.end_unit();
  rows_.end(state.seen, "json", receipt);
  if (state.mended == 0) return;
  event::Receipt more;
  more.notes.emplace_back("bytes that are not UTF-8, or not allowed in JSON strings, were replaced");
  receipt.add(more);
}

/// A line whose like was read before.
bool Reader::put_known(UnitState& state, RecordScanner& scanner) {
  const std::string_view text = state.unit.bytes;
  auto at = static_cast<std::size_t>(scanner.position());
  while (at < text.size() && (text[at] == '\n' || text[at] == '\r')) ++at;
  if (at >= text.size() || text[at] != '{') return false;
  rows_.make_room();
  const std::size_t size = planned_.put_known(state.seen, text.substr(at), state.unit.bytes.capacity() - at,
                                              state.unit.offset + at);
  if (size == 0) return false;
  ++state.receipt.records_seen;
  ++state.receipt.records_decoded;
  scanner.move_to(static_cast<std::int64_t>(at + size));
  return true;
}

void Reader::read_one(UnitState& state, std::string_view record, std::int64_t at) {
  if (const char* reason = put(state, record, at)) {
    quarantine(state, at, at + static_cast<std::int64_t>(record.size()), reason);
  }
}

void Reader::quarantine(UnitState& state, std::int64_t begin, std::int64_t end, const char* reason) {
  ++state.receipt.records_seen;
  const std::uint64_t offset = state.unit.offset + static_cast<std::uint64_t>(begin);
  event::quarantine(state.receipt, {offset, static_cast<std::uint64_t>(end - begin),
                                    fmt::format("line {}: {}", state.line_at(begin), reason)});
}

/// Gives the reason if the record is refused.
const char* Reader::put(UnitState& state, std::string_view record, std::int64_t at) {
  rows_.make_room();
  const std::size_t readable = state.unit.bytes.capacity() - static_cast<std::size_t>(at);
  const std::uint64_t offset = state.unit.offset + static_cast<std::uint64_t>(at);
  const bool walked = flattener_.walk(record, readable) == nullptr;
  if (!walked || !planned_.put(state.seen, flattener_.entries(), flattener_.tokens(), flattener_.in_place(),
                               record, offset)) {
    const bool read = walked && flattener_.read_values() == nullptr;
    const char* reason = read ? nullptr : flattener_.read(record, readable);
    if (reason != nullptr) return reason;
    state.mended += flattener_.mended() ? 1 : 0;
    planned_.settle();
    rows_.put(state.seen, flattener_.items(), flattener_.meets(), record, offset);
  }
  ++state.receipt.records_seen;
  ++state.receipt.records_decoded;
  return nullptr;
}

Recogniser::Recogniser() : layouts_(known_layouts()), paths_(layouts_), flattener_(paths_) {}

bool Recogniser::is_event(std::string_view object) {
  paths_.trim();
  return flattener_.read(object, object.size()) == nullptr &&
         paths_.recognise(flattener_.items(), flattener_.meets()) < layouts_.size();
}

}  // namespace landwarden::decode::json
