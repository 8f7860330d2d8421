#include "decode/json/layout_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/limits.h"
#include "base/time.h"
#include "decode/json/flatten.h"
#include "decode/json/positions.h"
#include "decode/text/message_fields.h"
#include "decode/xml/event_values.h"

namespace landwarden::decode::json {
namespace {

using event::ValueType;

constexpr std::uint8_t kNotSystem = 0xFF;
constexpr std::uint32_t kNoPriority = ~std::uint32_t{0};
/// In the order of LayoutRows::System.
constexpr std::string_view kSystemFields[] = {"System.Channel",
                                              "System.Provider_Name",
                                              "System.EventID",
                                              "System.Version",
                                              "System.Computer",
                                              "System.EventRecordID",
                                              "System.TimeCreated_SystemTime"};

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

struct Escape {
  std::string_view written;
  char meant;
};
constexpr Escape kXmlEscapes[] = {
    {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

const Escape* xml_escape(std::string_view text) {
  for (const Escape& escape : kXmlEscapes) {
    if (text.starts_with(escape.written)) return &escape;
  }
  return nullptr;
}

/// Whether text has a character that escaping would have replaced.
bool is_plain(std::string_view text) {
  for (std::size_t at = text.find_first_of("&<>"); at != text.npos; at = text.find_first_of("&<>", at + 1)) {
    if (text[at] != '&' || xml_escape(text.substr(at)) == nullptr) return true;
  }
  return false;
}

}  // namespace

bool undo_xml_escapes(std::span<Item> items, std::deque<std::string>& texts) {
  const auto has_plain = [](const Item& item) { return is_plain(item.text); };
  if (std::any_of(items.begin(), items.end(), has_plain)) return false;
  bool changed = false;
  for (Item& item : items) {
    if (!item.text.contains('&')) continue;
    std::string& text = texts.emplace_back();
    for (std::size_t at = 0; at < item.text.size();) {
      const Escape* escape = item.text[at] == '&' ? xml_escape(item.text.substr(at)) : nullptr;
      text += escape != nullptr ? escape->meant : item.text[at];
      at += escape != nullptr ? escape->written.size() : 1;
    }
    item.text = text;
    changed = true;
  }
  return changed;
}

/// Reads JSON and XML that stand as text in a value. Made when first needed.
struct LayoutRows::Embedded {
  explicit Embedded(Paths& paths) : json(paths), xml(paths) {}
  Flattener json;
  xml::EventValues xml;
};

LayoutRows::LayoutRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths)
    : builder_(builder), layouts_(layouts), paths_(paths) {
  number_system_fields();
  fallback_[0] = builder.catalogue().shape({}).value_or(event::ShapeId{});
  fallback_[1] =
      builder.catalogue().shape({.product = "windows", .channel = {}, .provider = {}}).value_or(fallback_[0]);
}
LayoutRows::~LayoutRows() = default;

void LayoutRows::number_system_fields() {
  fields_.clear();
  system_.assign(paths_.targets() + std::size(kSystemFields), kNotSystem);
  for (std::size_t i = 0; i < std::size(kSystemFields); ++i) {
    system_[paths_.target(kSystemFields[i])] = static_cast<std::uint8_t>(i);
  }
}

void LayoutRows::forget_shapes() {
  ++shapes_epoch_;
  shapes_.clear();
  column_cells_ = 0;
}

void LayoutRows::make_room() {
  if (paths_.trim()) {
    forget_shapes();
    number_system_fields();
  } else if (column_cells_ > limits::kJsonColumnCells) {
    forget_shapes();
  }
}

void LayoutRows::end(const Seen& seen, std::string_view format, event::Receipt& receipt) const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < seen.layouts.size(); ++i) {
    if (!seen.layouts[i]) continue;
    const std::string_view name = i < layouts_.size() ? std::string_view(layouts_[i].name) : "unknown layout";
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  event::Receipt more;
  more.kind = list.empty() ? std::string(format) : std::string(format) + " (" + list + ")";
  const auto note = [&](bool wanted, const char* what) {
    if (wanted) more.notes.emplace_back(what);
  };
  note(seen.embedded_unread > 0, "JSON or XML inside a text could not be read; the text was kept");
  note(seen.unescaped > 0, "XML's escapes in values (&gt; for >) were undone");
  note(seen.zone_found > 0,
       "times without a time zone: the zone was taken from the two clocks of each record");
  note(seen.zone_missing > 0, "times without a time zone were taken as UTC");
  note(seen.unnamed > 0,
       "values without names, of events whose names are not known here: kept as a list in Data");
  receipt.add(more);
}

/// Reads the JSON or XML that the layout says stands in one value; gives that value's index.
std::size_t LayoutRows::embedded_of(Seen& seen, std::vector<Item>& items, std::size_t layout) {
  const Layout& table = layouts_[layout];
  if (table.embedded_from.empty()) return kNone;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Item item = items[i];
    if (paths_.mapping(*item.path, layout).mark != Mapping::embedded || item.null || item.text.empty())
      continue;
    if (!embedded_) embedded_ = std::make_unique<Embedded>(paths_);
    const std::vector<Item>* read = nullptr;
    if (table.embedded == Layout::Embedded::xml) {
      if (embedded_->xml.read_text(item.text) == nullptr) read = &embedded_->xml.items();
    } else {
      embedded_->json.clear();
      if (embedded_->json.read_embedded(item.text, table.embedded_at) == nullptr)
        read = &embedded_->json.items();
    }
    if (read == nullptr) {
      ++seen.embedded_unread;
      return kNone;
    }
    items.insert(items.end(), read->begin(), read->end());
    return i;
  }
  return kNone;
}

/// Finds for each rule of the layout the best of its paths that the record has.
void LayoutRows::choose_rules(std::span<const Item> items, std::size_t layout) {
  best_.assign(layouts_[layout].fields.size(), kNoPriority);
  for (const Item& item : items) {
    const Mapping& mapping = paths_.mapping(*item.path, layout);
    if (mapping.rule < 0 || item.null) continue;
    const auto& values = layouts_[layout].fields[static_cast<std::size_t>(mapping.rule)].rewrite.values;
    const bool means = values.empty() || std::any_of(values.begin(), values.end(), [&](const auto& value) {
                         return value.first == item.text;
                       });
    std::uint32_t& best = best_[static_cast<std::size_t>(mapping.rule)];
    if (means) best = std::min(best, mapping.priority);
  }
}

/// Says for each item which field it is, and what its value becomes there.
void LayoutRows::place(std::span<const Item> items, std::size_t layout) {
  placed_.clear();
  zone_local_ = zone_utc_ = {};
  for (const Item& item : items) {
    const Mapping& mapping = paths_.mapping(*item.path, layout);
    if (mapping.mark == Mapping::zone_local) zone_local_ = item.text;
    if (mapping.mark == Mapping::zone_utc) zone_utc_ = item.text;
    Placed& placed = placed_.emplace_back(mapping.own, item.type, item.null, item.text);
    if (mapping.rule >= 0 && place_by_rule(placed, mapping, item, layout)) continue;
    if (!item.null) continue;
    if (mapping.null_as == NullAs::absent) placed.target = kNoTarget;
    if (mapping.null_as == NullAs::text && !item.told) placed.null = false;
  }
}

/// Whether the item is its rule's field rather than one of its own.
bool LayoutRows::place_by_rule(Placed& placed, const Mapping& mapping, const Item& item, std::size_t layout) {
  const auto rule = static_cast<std::size_t>(mapping.rule);
  const bool best = mapping.priority == best_[rule];
  if (item.null && (best || best_[rule] == kNoPriority)) {
    placed.target = kNoTarget;  // a field that a rule names is there or not, never null
    return true;
  }
  if (!best) return false;
  const Rewrite& change = layouts_[layout].fields[rule].rewrite;
  placed.target = paths_.rule_target(layout, mapping.rule);
  if (change.nothing()) return true;
  const auto text = change.apply(item.text, buffer_);
  if (!text) {
    placed.target = mapping.own;
    return false;
  }
  placed.text = *text;
  if (text->data() == buffer_.data()) {
    placed.text = texts_.emplace_back(*text);
    if (change.as == Rewrite::As::hex64) placed.type = ValueType::hex;
  }
  return true;
}

/// Adds the fields that are made of several paths, or of none.
void LayoutRows::make_fields(std::span<const Item> items, std::size_t layout) {
  const std::vector<MadeField>& made_fields = layouts_[layout].made;
  if (made_fields.empty()) return;
  const std::span<const std::string> paths = paths_.watched(layout);
  const auto value_of = [&](const std::string& path) -> std::string_view {
    for (const Item& item : items) {
      const std::int32_t watched = paths_.mapping(*item.path, layout).watched;
      if (watched >= 0 && !item.null && paths[static_cast<std::size_t>(watched)] == path) return item.text;
    }
    return {};
  };
  for (std::size_t i = 0; i < made_fields.size(); ++i) {
    const MadeField& made = made_fields[i];
    std::string text = made.constant;
    std::size_t there = 0;
    for (const MadeField::Part& part : made.parts) {
      std::string_view value;
      for (const std::string& path : part.paths) {
        value = value_of(path);
        if (!value.empty()) break;
      }
      if (value.empty()) continue;
      if (there++ > 0) text += made.between;
      text += part.front;
      text += value;
    }
    if (!made.parts.empty() && (there == 0 || (made.whole && there < made.parts.size()))) continue;
    const auto changed = made.rewrite.apply(text, buffer_);
    if (!changed) continue;
    const auto rule = static_cast<std::int32_t>(layouts_[layout].fields.size() + i);
    placed_.push_back({paths_.rule_target(layout, rule),
                       made.rewrite.as == Rewrite::As::hex64 ? ValueType::hex : ValueType::text, false,
                       texts_.emplace_back(*changed)});
  }
}

/// Gives values that stand without names their names, where the event's are known.
void LayoutRows::name_positions(Seen& seen, const System& system, std::span<const Item> items,
                                std::size_t layout) {
  if (layout == layouts_.size() || layouts_[layout].positions.empty()) return;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (paths_.mapping(*items[i].path, layout).mark == Mapping::positions) places.push_back(i);
  }
  const std::vector<std::string>* names =
      names_of_event(system.provider, number<std::uint32_t>(system.event_id).value_or(0), places.size());
  const std::uint32_t data = paths_.target("Data");
  // Below a path that ends in ".*" lie values that have no names in Windows either.
  if (names == nullptr && !places.empty() && !layouts_[layout].positions.ends_with('*')) ++seen.unnamed;
  for (std::size_t k = 0; k < places.size(); ++k) {
    Placed& placed = placed_[places[k]];
    placed.target = names == nullptr ? data : paths_.target((*names)[k]);
    placed.null = false;
  }
}

/// Adds the fields that stand in the message of a program, as a line of syslog would give them.
void LayoutRows::read_message(const System& system) {
  const std::uint32_t message = paths_.target("message");
  message_fields_.clear();
  for (const Placed& placed : placed_) {
    if (placed.target != message || placed.null) continue;
    text::append_message_fields(text::Tables::built_in().syslog, system.channel, placed.text, message_fields_,
                                found_);
    break;
  }
  for (const auto& [name, value] : message_fields_)
    placed_.push_back({paths_.target(name), ValueType::text, false, value});
}

LayoutRows::System LayoutRows::system_part() const {
  std::string_view values[std::size(kSystemFields)];
  for (const Placed& placed : placed_) {
    if (placed.null || placed.target >= system_.size() || system_[placed.target] == kNotSystem) continue;
    std::string_view& value = values[system_[placed.target]];
    if (value.data() == nullptr) value = placed.text;
  }
  return {values[0], values[1], values[2], values[3], values[4], values[5], values[6]};
}

void LayoutRows::put(Seen& seen, std::vector<Item>& items, Needs meets, std::string_view original,
                     std::uint64_t offset) {
  const std::size_t layout = paths_.recognise(items, meets);
  seen.layouts[layout] = true;
  const bool windows = layout < layouts_.size();
  texts_.clear();
  System system;
  if (windows) {
    const std::size_t embedded = embedded_of(seen, items, layout);
    if (layouts_[layout].escaped && !seen.plain && undo_xml_escapes(items, texts_)) ++seen.unescaped;
    choose_rules(items, layout);
    place(items, layout);
    if (embedded != kNone) placed_[embedded].target = kNoTarget;
    make_fields(items, layout);
    system = system_part();
    name_positions(seen, system, items, layout);
    if (layouts_[layout].messages) read_message(system);
  } else {
    placed_.clear();
    for (const Item& item : items) {
      placed_.push_back({paths_.mapping(*item.path, layout).own, item.type, item.null, item.text});
    }
  }
  Shape& shape = shape_of(system, layout);
  if (shape.writer->wanted().drop) return;
  event::RowMeta meta;
  meta.time = time_of(seen, system.time, layout);
  meta.record_id = number<std::uint64_t>(system.record_id).value_or(event::kNoRecordId);
  meta.offset = offset;
  meta.original = original;
  if (!system.computer.empty()) meta.host = builder_.hosts().intern(ValueType::text, system.computer);
  shape.writer->begin_row(meta);
  for (const Placed& placed : placed_) {
    if (placed.target != kNoTarget) put_value(shape, placed);
  }
  shape.writer->end_row();
}

bool LayoutRows::says_its_zone(std::string_view time) {
  return has_zone(time);
}

Time LayoutRows::time_of(Seen& seen, std::string_view text, std::size_t layout) {
  if (text.empty()) return Time::unknown();
  const auto time = parse_time(text);
  if (!time) return Time::unknown();
  if (layout == layouts_.size() || has_zone(text)) return *time;
  const auto local = parse_time(zone_local_), utc = parse_time(zone_utc_);
  constexpr std::int64_t kQuarter = 15 * 60 * kTicksPerSecond, kLargest = 14 * 60 * 60 * kTicksPerSecond;
  if (local && utc && !has_zone(zone_local_) && has_zone(zone_utc_)) {
    const std::int64_t between = utc->ticks - local->ticks;
    const std::int64_t rounded = (between + (between < 0 ? -kQuarter : kQuarter) / 2) / kQuarter * kQuarter;
    if (std::abs(rounded) <= kLargest) {
      ++seen.zone_found;
      return Time{time->ticks + rounded};
    }
  }
  if (!layouts_[layout].zone_local.empty()) ++seen.zone_missing;
  return *time;
}

LayoutRows::Shape& LayoutRows::shape_of(const System& system, std::size_t layout) {
  const std::string_view product = layout < layouts_.size() ? std::string_view(layouts_[layout].product) : "";
  std::uint64_t hash = hash_text(system.channel, product.size());
  hash = hash_combine(hash, hash_text(system.provider));
  const auto event_id = number<std::uint32_t>(system.event_id);
  const std::uint32_t version = number<std::uint32_t>(system.version).value_or(0);
  hash = hash_combine(hash, event_id.value_or(~std::uint32_t{0}) + (std::uint64_t{version} << 32));
  auto& same_hash = shapes_[hash];
  for (const auto& shape : same_hash) {
    const event::Shape& identity = shape->identity;
    if (identity.channel == system.channel && identity.provider == system.provider &&
        identity.event_id == event_id && identity.version == version && identity.product == product) {
      return *shape;
    }
  }
  auto shape = std::make_unique<Shape>();
  shape->identity = {std::string(product), std::string(system.channel), std::string(system.provider),
                     event_id, version};
  auto id = builder_.catalogue().shape(shape->identity);
  // When no more shapes can be told apart, the particulars go, the record stays.
  if (!id)
    id = builder_.catalogue().shape({shape->identity.product, shape->identity.channel, "", std::nullopt, 0});
  if (!id) id = fallback_[product == "windows" ? 1 : 0];
  shape->writer = &builder_.open(*id);
  same_hash.push_back(std::move(shape));
  return *same_hash.back();
}

std::int32_t LayoutRows::column_of(Shape& shape, std::uint32_t target) {
  if (target >= shape.columns.size()) {
    column_cells_ += paths_.targets() - shape.columns.size();
    shape.columns.resize(paths_.targets(), kUnknownColumn);
  }
  std::int32_t& column = shape.columns[target];
  if (column != kUnknownColumn) return column;
  if (target >= fields_.size()) fields_.resize(paths_.targets());
  std::optional<event::FieldId>& field = fields_[target];
  if (!field) field = builder_.catalogue().field(paths_.target_name(target));
  const event::Wanted& wanted = shape.writer->wanted();
  if (!wanted.all && !(field && wanted.wants(*field))) return column = kUnwanted;
  const auto promoted = field ? shape.writer->column(*field) : std::nullopt;
  return column = promoted ? static_cast<std::int32_t>(*promoted) : kExtraColumn;
}

void LayoutRows::put_value(Shape& shape, const Placed& placed) {
  const std::int32_t column = column_of(shape, placed.target);
  if (column == kUnwanted) return;
  if (column == kExtraColumn) {
    return shape.writer->put_extra(paths_.target_name(placed.target), placed.type, placed.text, placed.null);
  }
  const auto index = static_cast<std::uint32_t>(column);
  shape.writer->put(index,
                    placed.null ? event::kNull : shape.writer->table(index).intern(placed.type, placed.text));
}

}  // namespace landwarden::decode::json
