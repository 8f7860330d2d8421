#include "decode/json/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/assert.h"
#include "base/limits.h"
#include "base/time.h"

namespace landwarden::decode::json {
namespace {

using event::ValueType;

constexpr std::int32_t kUnknownColumn = -1, kExtraColumn = -2, kUnwanted = -3;
constexpr std::uint8_t kNotSystem = 0xFF;
constexpr std::uint32_t kNoPriority = ~std::uint32_t{0};
/// In the order of Reader::System.
constexpr std::string_view kSystemFields[] = {"System.Channel",
                                              "System.Provider_Name",
                                              "System.EventID",
                                              "System.Version",
                                              "System.Computer",
                                              "System.EventRecordID",
                                              "System.TimeCreated_SystemTime"};

std::vector<Layout> known_layouts() {
  auto layouts = built_in_layouts();
  LW_ASSERT(layouts.has_value());  // built in, and a test reads them
  return std::move(*layouts);
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "…Z" or "…+09:00" behind a time of day.
bool has_zone(std::string_view text) {
  constexpr std::size_t kDate = 10;
  if (text.size() <= kDate) return false;
  const char last = text.back();
  return last == 'Z' || last == 'z' || text.find_first_of("+-", kDate) != text.npos;
}

}  // namespace

struct Reader::UnitState {
  const WorkUnit& unit;
  event::Receipt& receipt;
  std::int64_t counted_to = 0;  ///< lines are counted up to here
  std::uint64_t line = 0;
  std::vector<bool> layouts;  ///< seen in this unit; the last: none
  std::uint64_t mended = 0, embedded_unread = 0, unescaped = 0, zone_found = 0, zone_missing = 0;
  std::string_view zone_local, zone_utc;

  std::uint64_t line_at(std::int64_t position) {
    const auto begin = unit.bytes.begin();
    if (position > counted_to)
      line += static_cast<std::uint64_t>(std::count(begin + counted_to, begin + position, '\n'));
    counted_to = std::max(counted_to, position);
    return line;
  }
};

Reader::Reader(event::BatchBuilder& builder)
    : builder_(builder), layouts_(known_layouts()), paths_(layouts_), flattener_(paths_) {
  number_system_fields();
  fallback_[0] = builder.catalogue().shape({}).value_or(event::ShapeId{});
  fallback_[1] =
      builder.catalogue().shape({.product = "windows", .channel = {}, .provider = {}}).value_or(fallback_[0]);
}
Reader::~Reader() = default;

void Reader::number_system_fields() {
  system_.assign(paths_.targets() + std::size(kSystemFields), kNotSystem);
  for (std::size_t i = 0; i < std::size(kSystemFields); ++i) {
    system_[paths_.target(kSystemFields[i])] = static_cast<std::uint8_t>(i);
  }
}

void Reader::forget_shapes() {
  shapes_.clear();
  column_cells_ = 0;
}

void Reader::decode_unit(const WorkUnit& unit, event::Receipt& receipt) {
  UnitState state{
      .unit = unit, .receipt = receipt, .line = unit.line, .layouts = std::vector<bool>(layouts_.size() + 1)};
  builder_.begin_unit(unit.source);
  RecordScanner scanner;
  const std::string_view text = unit.bytes;
  for (bool lines = true;;) {
    // A line that looks like an object is taken for one; brackets are counted only where that was wrong.
    const auto line = lines ? scanner.line_candidate(text) : std::nullopt;
    if (line) {
      const auto size = static_cast<std::size_t>(line->end - line->begin);
      const std::string_view record = text.substr(static_cast<std::size_t>(line->begin), size);
      const char* reason = flatten(state, record, line->begin);
      if (reason == nullptr) {
        put_record(state, record, line->begin);
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
  builder_.end_unit();
  std::string names;
  for (std::size_t i = 0; i < state.layouts.size(); ++i) {
    if (!state.layouts[i]) continue;
    if (!names.empty()) names += ", ";
    names += i < layouts_.size() ? layouts_[i].name : "unknown layout";
  }
  event::Receipt more;
  more.kind = names.empty() ? "json" : "json (" + names + ")";
  const auto note = [&](bool wanted, const char* what) {
    if (wanted) more.notes.emplace_back(what);
  };
  note(state.mended > 0, "bytes that are not UTF-8, or not allowed in JSON strings, were replaced");
  note(state.embedded_unread > 0, "JSON inside a text could not be read; the text was kept");
  note(state.unescaped > 0, "XML's escapes in values (&gt; for >) were undone");
  note(state.zone_found > 0,
       "times without a time zone: the zone was taken from the two clocks of each record");
  note(state.zone_missing > 0, "times without a time zone were taken as UTC");
  receipt.add(more);
}

void Reader::read_one(UnitState& state, std::string_view record, std::int64_t at) {
  if (const char* reason = flatten(state, record, at)) {
    return quarantine(state, at, at + static_cast<std::int64_t>(record.size()), reason);
  }
  put_record(state, record, at);
}

void Reader::quarantine(UnitState& state, std::int64_t begin, std::int64_t end, const char* reason) {
  ++state.receipt.records_seen;
  const std::uint64_t offset = state.unit.offset + static_cast<std::uint64_t>(begin);
  event::quarantine(state.receipt, {offset, static_cast<std::uint64_t>(end - begin),
                                    fmt::format("line {}: {}", state.line_at(begin), reason)});
}

const char* Reader::flatten(UnitState& state, std::string_view record, std::int64_t at) {
  if (paths_.trim()) {
    forget_shapes();
    number_system_fields();
  } else if (column_cells_ > limits::kJsonColumnCells) {
    forget_shapes();
  }
  return flattener_.read(record, state.unit.bytes.capacity() - static_cast<std::size_t>(at));
}

void Reader::put_record(UnitState& state, std::string_view record, std::int64_t at) {
  ++state.receipt.records_seen;
  ++state.receipt.records_decoded;
  const std::size_t layout = paths_.recognise(flattener_.meets());
  state.layouts[layout] = true;
  state.mended += flattener_.mended() ? 1 : 0;
  const bool windows = layout < layouts_.size();
  std::size_t embedded = flattener_.items().size();  // the item whose text is JSON
  if (windows && !layouts_[layout].embedded_from.empty()) {
    for (std::size_t i = 0; i < flattener_.items().size(); ++i) {
      const Item& item = flattener_.items()[i];
      if (item.path->by_layout[layout].mark != Mapping::embedded || item.null || item.text.empty()) continue;
      if (flattener_.read_embedded(item.text, layouts_[layout].embedded_at) == nullptr) {
        embedded = i;
      } else {
        ++state.embedded_unread;
      }
      break;
    }
  }
  if (windows && layouts_[layout].escaped && flattener_.undo_xml_escapes()) ++state.unescaped;
  choose_rules(layout);

  // First the System part, since it says which shape the record has.
  std::string_view values[std::size(kSystemFields)];
  state.zone_local = state.zone_utc = {};
  const auto& items = flattener_.items();
  for (const Item& item : items) {
    const Mapping& mapping = item.path->by_layout[layout];
    if (mapping.mark == Mapping::zone_local) state.zone_local = item.text;
    if (mapping.mark == Mapping::zone_utc) state.zone_utc = item.text;
    if (!windows || item.null) continue;
    std::string_view text = item.text;
    const std::uint32_t target =
        follows_rule(mapping, item, text) ? paths_.rule_target(layout, mapping.rule) : mapping.own;
    if (target >= system_.size() || system_[target] == kNotSystem) continue;
    std::string_view& value = values[system_[target]];
    if (value.data() == nullptr) value = text;
  }
  const System system{values[0], values[1], values[2], values[3], values[4], values[5], values[6]};
  Shape& shape = shape_of(system, windows);
  if (shape.writer->wanted().drop) return;

  event::RowMeta meta;
  meta.time = time_of(state, system.time, layout);
  meta.record_id = number<std::uint64_t>(system.record_id).value_or(event::kNoRecordId);
  meta.offset = state.unit.offset + static_cast<std::uint64_t>(at);
  meta.original = record;
  if (!system.computer.empty()) meta.host = builder_.hosts().intern(ValueType::text, system.computer);
  shape.writer->begin_row(meta);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i == embedded) continue;
    const Mapping& mapping = items[i].path->by_layout[layout];
    std::string_view text = items[i].text;
    if (follows_rule(mapping, items[i], text)) {
      Item item = items[i];
      if (text.data() == hex_.data()) item.type = ValueType::hex;
      put(shape, paths_.rule_target(layout, mapping.rule), item, text, NullAs::absent);
    } else if (mapping.own != kNoTarget) {
      put(shape, mapping.own, items[i], text, mapping.null_as);
    }
  }
  shape.writer->end_row();
}

/// Finds for each rule of the layout the best of its paths that the record has.
void Reader::choose_rules(std::size_t layout) {
  if (layout == layouts_.size()) return;
  best_.assign(layouts_[layout].fields.size(), kNoPriority);
  for (const Item& item : flattener_.items()) {
    const Mapping& mapping = item.path->by_layout[layout];
    if (mapping.rule < 0 || item.null) continue;
    const FieldRule& rule = layouts_[layout].fields[static_cast<std::size_t>(mapping.rule)];
    const bool means =
        rule.values.empty() || std::any_of(rule.values.begin(), rule.values.end(),
                                           [&](const auto& value) { return value.first == item.text; });
    std::uint32_t& best = best_[static_cast<std::size_t>(mapping.rule)];
    if (means) best = std::min(best, mapping.priority);
  }
  rules_ = layouts_[layout].fields;
}

/// Whether the item is its rule's field rather than one of its own; `text` becomes what it means there.
bool Reader::follows_rule(const Mapping& mapping, const Item& item, std::string_view& text) {
  if (mapping.rule < 0) return false;
  const auto index = static_cast<std::size_t>(mapping.rule);
  if (mapping.priority != best_[index]) return item.null && best_[index] == kNoPriority;
  if (item.null) return true;
  const FieldRule& rule = rules_[index];
  if (rule.values.empty() && !rule.hex64) return true;
  for (const auto& [written, meant] : rule.values) {
    if (written == item.text) {
      text = meant;
      return true;
    }
  }
  if (!rule.values.empty()) return false;
  if (const auto value = number<std::int64_t>(item.text)) {
    hex_ = fmt::format("0x{:x}", static_cast<std::uint64_t>(*value));
    text = hex_;
  }
  return true;
}

Time Reader::time_of(UnitState& state, std::string_view text, std::size_t layout) {
  if (text.empty()) return Time::unknown();
  const auto time = parse_time(text);
  if (!time) return Time::unknown();
  if (layout == layouts_.size() || has_zone(text)) return *time;
  const auto local = parse_time(state.zone_local), utc = parse_time(state.zone_utc);
  constexpr std::int64_t kQuarter = 15 * 60 * kTicksPerSecond, kLargest = 14 * 60 * 60 * kTicksPerSecond;
  if (local && utc && !has_zone(state.zone_local) && has_zone(state.zone_utc)) {
    const std::int64_t between = utc->ticks - local->ticks;
    const std::int64_t rounded = (between + (between < 0 ? -kQuarter : kQuarter) / 2) / kQuarter * kQuarter;
    if (std::abs(rounded) <= kLargest) {
      ++state.zone_found;
      return Time{time->ticks + rounded};
    }
  }
  if (!layouts_[layout].zone_local.empty()) ++state.zone_missing;
  return *time;
}

Reader::Shape& Reader::shape_of(const System& system, bool windows) {
  std::uint64_t hash = hash_text(system.channel, windows ? 1 : 0);
  hash = hash_combine(hash, hash_text(system.provider));
  const auto event_id = number<std::uint32_t>(system.event_id);
  const std::uint32_t version = number<std::uint32_t>(system.version).value_or(0);
  hash = hash_combine(hash, event_id.value_or(~std::uint32_t{0}) + (std::uint64_t{version} << 32));
  auto& same_hash = shapes_[hash];
  for (const auto& shape : same_hash) {
    const event::Shape& identity = shape->identity;
    if (identity.channel == system.channel && identity.provider == system.provider &&
        identity.event_id == event_id && identity.version == version &&
        identity.product.empty() == !windows) {
      return *shape;
    }
  }
  auto shape = std::make_unique<Shape>();
  shape->identity = {windows ? "windows" : "", std::string(system.channel), std::string(system.provider),
                     event_id, version};
  auto id = builder_.catalogue().shape(shape->identity);
  // When no more shapes can be told apart, the particulars go, the record stays.
  if (!id)
    id = builder_.catalogue().shape({shape->identity.product, shape->identity.channel, "", std::nullopt, 0});
  if (!id) id = fallback_[windows ? 1 : 0];
  shape->writer = &builder_.open(*id);
  same_hash.push_back(std::move(shape));
  return *same_hash.back();
}

std::int32_t Reader::column_of(Shape& shape, std::uint32_t target) {
  if (target >= shape.columns.size()) {
    column_cells_ += paths_.targets() - shape.columns.size();
    shape.columns.resize(paths_.targets(), kUnknownColumn);
  }
  std::int32_t& column = shape.columns[target];
  if (column != kUnknownColumn) return column;
  const auto field = builder_.catalogue().field(paths_.target_name(target));
  const event::Wanted& wanted = shape.writer->wanted();
  if (!wanted.all && !(field && wanted.wants(*field))) return column = kUnwanted;
  const auto promoted = field ? shape.writer->column(*field) : std::nullopt;
  return column = promoted ? static_cast<std::int32_t>(*promoted) : kExtraColumn;
}

void Reader::put(Shape& shape, std::uint32_t target, const Item& item, std::string_view text,
                 NullAs null_as) {
  if (item.null && null_as == NullAs::absent) return;
  const std::int32_t column = column_of(shape, target);
  if (column == kUnwanted) return;
  const bool null = item.null && null_as == NullAs::null;
  if (column == kExtraColumn) {
    return shape.writer->put_extra(paths_.target_name(target), item.type, text, null);
  }
  const auto index = static_cast<std::uint32_t>(column);
  shape.writer->put(index, null ? event::kNull : shape.writer->table(index).intern(item.type, text));
}

Recogniser::Recogniser() : layouts_(known_layouts()), paths_(layouts_), flattener_(paths_) {}

bool Recogniser::is_event(std::string_view object) {
  paths_.trim();
  return flattener_.read(object, object.size()) == nullptr &&
         paths_.recognise(flattener_.meets()) < layouts_.size();
}

}  // namespace landwarden::decode::json
