#include "decode/evtx/record.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>

#include "base/limits.h"
#include "decode/evtx/cells.h"

namespace landwarden::decode::evtx {
namespace {

/// Set in rows of carved records, as an ordinary field that rules may ask for.
constexpr std::string_view kCarvedField = "lw.carved";
/// What the two instances of one record have at most.
constexpr std::size_t kCellsOfRecord = 2 * limits::kEvtxSubstitutions;

constexpr Reason kTooManyShapes = "more kinds of events than this program can tell apart";

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void append_key(std::string& key, const RawValue& value) {
  key += static_cast<char>(value.type);
  key.append(reinterpret_cast<const char*>(&value.size), sizeof value.size);
  key += as_text(value.bytes());
}

event::Shape windows_shape(std::string channel, std::string provider, std::optional<std::uint64_t> event_id,
                           std::optional<std::uint64_t> version) {
  event::Shape shape{.product = "windows",
                     .channel = std::move(channel),
                     .provider = std::move(provider),
                     .event_id = std::nullopt,
                     .version = 0};
  if (event_id && *event_id <= 0xffff'ffff) shape.event_id = static_cast<std::uint32_t>(*event_id);
  if (version && *version <= 0xffff'ffff) shape.version = static_cast<std::uint32_t>(*version);
  return shape;
}

}  // namespace

RecordReader::RecordReader(event::BatchBuilder& builder, unsigned ansi_codepage)
    : builder_(builder),
      any_shape_(builder.catalogue().shape(windows_shape({}, {}, std::nullopt, std::nullopt))),
      record_ansi_(ansi_codepage),
      cells_(limits::kEvtxWaitingCells + kCellsOfRecord) {
  plans_.ansi_text(record_ansi_);
}

void RecordReader::begin_chunk(Bytes chunk, std::uint64_t offset) {
  const auto distance =
      reinterpret_cast<std::uintptr_t>(chunk.data()) - reinterpret_cast<std::uintptr_t>(base_);
  if (waiting_.empty() || distance > limits::kEvtxReach) {
    fill_rows();
    base_ = chunk.data();
  }
  chunk_ = chunk;
  chunk_offset_ = offset;
  plans_.begin_chunk();
  places_.clear();
  next_place_ = 0;
  keyword_places_.begin_chunk(chunk);
  if (filter_ != nullptr) filter_->find(chunk, places_);
}

void RecordReader::fill_rows() {
  for (Layout* layout : waiting_) layout->fill(base_, cells_.data(), unit_, texts_);
  waiting_.clear();
  cells_used_ = 0;
}

void RecordReader::end_unit() {
  ++unit_;
  texts_.clear();
  keyword_places_.forget();
  record_ansi_.forget();
  if (layouts_ > limits::kEvtxLayouts) plans_.forget();
  if (plans_.trim()) layouts_ = 0;
}

void RecordReader::carving(bool on) {
  carving_ = on;
  plans_.check_names(on ? NameHashes::checked : NameHashes::ignored);
}

Parsed<RecordReader::Outcome> RecordReader::read(std::size_t at, std::size_t size) {
  event::RowMeta meta;
  meta.carved = carving_;
  meta.offset = chunk_offset_ + at;
  meta.record_id = load<std::uint64_t>(chunk_.data() + at + 8);
  if (const auto ticks = load<std::int64_t>(chunk_.data() + at + 16); ticks >= 0) meta.time = Time{ticks};
  meta.original = as_text(chunk_.subspan(at, size));
  const std::size_t begin = at + kRecordHeaderBytes;
  const std::size_t end = at + size - 4;
  if (!always_unfold_ && !carving_) {
    const auto way = read_direct(meta, begin, end);
    if (!way) return std::unexpected(way.error());
    if (*way == Way::done) return Outcome::whole;
  }
  return read_unfolded(meta, begin, end);
}

Parsed<RecordReader::Way> RecordReader::read_direct(event::RowMeta& meta, std::size_t begin,
                                                    std::size_t end) {
  if (cells_used_ > limits::kEvtxWaitingCells) fill_rows();
  embedded_.reset();
  odd_text_ = false;
  record_ = {.base = base_};
  const std::size_t token = instance_token(chunk_, begin, end);
  if (token == end) {
    Plan* plan = plans_.plan_of_stream(chunk_, begin, end, Place::event, literals_);
    if (plan == nullptr || !plan->direct || !plan->is_event || !take_literals(*plan, 0)) return Way::long_way;
    return read_shaped(meta, *plan, shape_of(*plan));
  }
  auto instance = parse_instance_head(chunk_, token, end);
  if (!instance) return std::unexpected(instance.error());
  const auto plan = plans_.plan(chunk_, instance->definition, instance->template_id, Place::event);
  if (!plan && plan.error() != kTooManyTemplates) return Way::long_way;
  if (!plan) return std::unexpected(plan.error());
  Plan& outer = **plan;
  if (!outer.direct || !outer.is_event) return Way::long_way;
  if (SeenInstance* seen = take_seen(*instance, outer, end)) {
    if (!stream_over(chunk_, instance->end, end)) return Way::long_way;
    return read_shaped(meta, outer, shape_of_seen(*seen, outer));
  }
  const auto taken = take_cells(*instance, outer, 0, end);
  if (!taken) return std::unexpected(taken.error());
  if (!*taken || !stream_over(chunk_, instance->end, end)) return Way::long_way;
  ShapePlan* shape = shape_of(outer);
  if (shape != nullptr) note_seen(*instance, outer);
  return read_shaped(meta, outer, shape);
}

/// As take_cells() of an outer instance that is like one that came before; null: it is not.
SeenInstance* RecordReader::take_seen(Instance& instance, const Plan& outer, std::size_t end) {
  if (outer.shapes == nullptr) return nullptr;
  ShapePlans& known = *outer.shapes;
  Cell* out = cells_.data() + cells_used_;
  const std::byte* descriptors = chunk_.data() + instance.descriptors;
  const std::byte* values = chunk_.data() + instance.values;
  const auto begin = static_cast<std::uint32_t>(values - base_);
  for (std::size_t i = 0; i < known.seen.size(); ++i) {
    const std::size_t index = known.last_seen ^ i;
    SeenInstance& seen = known.seen[index];
    if (!seen.take(descriptors, instance.count, values, end - instance.values, begin, out)) continue;
    known.last_seen = index;
    const Cell last = out[instance.count - 1];
    instance.end = instance.values + (last.at + last.size() - begin);
    record_.cells[0] = out;
    record_.counts[0] = instance.count;
    embedded_ = static_cast<std::uint16_t>(instance.count - 1);
    return &seen;
  }
  return nullptr;
}

/// Notes what the outer instance was like, whose cells were taken and whose shape is known.
void RecordReader::note_seen(const Instance& instance, const Plan& outer) {
  ShapePlans& known = *outer.shapes;
  const std::span<const Cell> cells(record_.cells[0], record_.counts[0]);
  if (!known.watches || !embedded_ || *embedded_ + 1U != cells.size() || instance.count != cells.size() ||
      special_slots(cells.first(*embedded_)) != 0) {
    return;
  }
  const std::byte* descriptors = chunk_.data() + instance.descriptors;
  const std::byte* values = chunk_.data() + instance.values;
  if (!known.seen[known.next_seen].learn(descriptors, cells, values, known.watched)) return;
  known.last_seen = known.next_seen;
  known.next_seen = (known.next_seen + 1) % known.seen.size();
}

ShapePlan* RecordReader::shape_of_seen(SeenInstance& seen, Plan& outer) {
  const std::uint64_t key = seen.key(base_ + record_.cells[0][0].at);
  if (ShapePlan* shape = seen.shape(key)) {
    outer.shapes->begin_unit(unit_);
    return shape;
  }
  ShapePlan* shape = shape_of(outer);
  seen.note(key, shape);
  return shape;
}

Parsed<RecordReader::Way> RecordReader::read_shaped(event::RowMeta& meta, Plan& outer, ShapePlan* shape) {
  if (shape == nullptr) return std::unexpected(kTooManyShapes);
  if (shape->writer->wanted().drop) return Way::done;
  return read_embedded(meta, outer, *shape);
}

Parsed<RecordReader::Way> RecordReader::read_embedded(event::RowMeta& meta, Plan& outer, ShapePlan& shape) {
  Plan* inner = nullptr;
  if (embedded_) {
    const RawValue value = record_.at(0, *embedded_);
    const auto begin = static_cast<std::size_t>(value.data - chunk_.data());
    const auto found = read_inner(begin, begin + value.size, outer.embedded_place);
    if (!found) return std::unexpected(found.error());
    inner = *found;
    if (inner == nullptr) return Way::long_way;
  }
  if (filter_ != nullptr && !may_hold(meta, outer, inner)) return Way::done;
  meta.keywords = may_hold_keyword(meta, shape.writer->wanted(), outer, inner);
  fill_meta(meta, outer);
  begin_row(meta, shape, outer, inner);
  return Way::done;
}

/// The plan of the embedded stream, whose values are taken; null: it takes the long way.
Parsed<Plan*> RecordReader::read_inner(std::size_t begin, std::size_t end, Place::Kind place) {
  const std::size_t token = instance_token(chunk_, begin, end);
  if (token == end) {
    Plan* plan = plans_.plan_of_stream(chunk_, begin, end, place, literals_);
    return plan != nullptr && plan->direct && !plan->is_event && take_literals(*plan, 1) ? plan : nullptr;
  }
  auto instance = parse_instance_head(chunk_, token, end);
  if (!instance) return std::unexpected(instance.error());
  const auto plan = plans_.plan(chunk_, instance->definition, instance->template_id, place);
  if (!plan && plan.error() == kTooManyTemplates) return plan;
  if (!plan || !(*plan)->direct || (*plan)->is_event) return nullptr;
  const auto taken = take_cells(*instance, **plan, 1, end);
  if (!taken) return std::unexpected(taken.error());
  if (!*taken || !stream_over(chunk_, instance->end, end)) return nullptr;
  return plan;
}

Layout& RecordReader::layout_of(ShapePlan& shape, const Plan& outer, const Plan* inner, bool whole) {
  for (const auto& known : shape.layouts) {
    if (known.inner == inner && known.whole == whole) return *known.layout;
  }
  ++layouts_;
  auto layout = std::make_unique<Layout>(outer, inner, builder_, *shape.writer, whole);
  return *shape.layouts.emplace_back(inner, whole, std::move(layout)).layout;
}

void RecordReader::begin_row(const event::RowMeta& meta, ShapePlan& shape, const Plan& outer,
                             const Plan* inner) {
  const bool whole = meta.keywords;
  if (shape.last == nullptr || shape.last_inner != inner || shape.last_whole != whole) {
    shape.last = &layout_of(shape, outer, inner, whole);
    shape.last_inner = inner;
    shape.last_whole = whole;
  }
  Layout* layout = shape.last;
  event::ShapeWriter& writer = *shape.writer;
  const WaitingRow row{.row = writer.rows(), .cells = static_cast<std::uint32_t>(cells_used_)};
  writer.begin_row(meta);
  if (layout->add(row)) waiting_.push_back(layout);
  cells_used_ += outer.cells + (inner != nullptr ? inner->cells : 0);
  end_row(writer);
}

void RecordReader::end_row(event::ShapeWriter& writer) {
  if (writer.full()) fill_rows();
  writer.end_row();
}

Parsed<bool> RecordReader::take_cells(Instance& instance, const Plan& plan, unsigned which, std::size_t end) {
  Cell* out = cells_.data() + cells_used_ + (which == 0 ? 0 : record_.counts[0]);
  record_.cells[which] = out;
  record_.counts[which] = plan.cells;
  const std::uint32_t kept = std::min(instance.count, plan.cells);
  const std::byte* descriptor = chunk_.data() + instance.descriptors;
  const auto begin =
      static_cast<std::uint32_t>(static_cast<std::size_t>(chunk_.data() - base_) + instance.values);
  const Described all = describe(descriptor, kept, begin, out);
  std::size_t size = all.end - begin;
  for (std::uint32_t i = kept; i < plan.cells; ++i) out[i] = {};
  for (std::uint32_t i = kept; i < instance.count; ++i)
    size += load<std::uint16_t>(descriptor + 4 * std::size_t{i});
  if (size > end - instance.values) return std::unexpected(kValuesRunPast);
  instance.end = instance.values + size;
  if (record_ansi_.converts() && has_ansi({out, kept})) return false;
  if (all.specials == 0 && plan.embedding == 0) return true;
  std::uint64_t specials = 0;
  // As a rule the only one is the template inside, where it must be.
  const auto slot = static_cast<std::size_t>(std::countr_zero(plan.embedding));
  if (all.specials != 1 || slot >= std::min<std::size_t>(kept, kRestOfSlots) ||
      !is_odd(out[slot].described)) {
    if (all.specials != 0) specials = special_slots({out, kept});
  }
  return take_special(kept, specials | plan.embedding, plan, which);
}

bool RecordReader::take_literals(const Plan& plan, unsigned which) {
  Cell* out = cells_.data() + cells_used_ + (which == 0 ? 0 : record_.counts[0]);
  record_.cells[which] = out;
  record_.counts[which] = plan.cells;
  const std::size_t kept = std::min<std::size_t>(literals_.size(), plan.cells);
  for (std::size_t i = 0; i < kept; ++i) {
    const RawValue& value = literals_[i];
    out[i] = {static_cast<std::uint32_t>(value.data - base_), described(value.type, value.size)};
  }
  for (std::size_t i = kept; i < plan.cells; ++i) out[i] = {};
  return take_special(kept, ~std::uint64_t{0}, plan, which);
}

/// False if one of the values is of a kind that the plan has no short cut for. Notes the embedded stream.
/// `candidates`: a bit for each slot that must be looked at (kRestOfSlots).
bool RecordReader::take_special(std::size_t count, std::uint64_t candidates, const Plan& plan,
                                unsigned which) {
  count = std::min(count, plan.slots.size());
  const std::size_t first = std::min<std::size_t>(count, kRestOfSlots);
  std::uint64_t bits = candidates & ((std::uint64_t{1} << first) - 1);
  for (; bits != 0; bits &= bits - 1) {
    if (!take_special_slot(static_cast<std::size_t>(std::countr_zero(bits)), plan, which)) return false;
  }
  if ((candidates >> kRestOfSlots) == 0) return true;
  for (std::size_t i = first; i < count; ++i) {
    if (!take_special_slot(i, plan, which)) return false;
  }
  return true;
}

bool RecordReader::take_special_slot(std::size_t slot, const Plan& plan, unsigned which) {
  const Cell cell = record_.cells[which][slot];
  const std::uint8_t type = cell.type(), use = plan.slots[slot];
  // Of the special types, arrays of UTF-16 text and the template inside hide none.
  if (cell.size() != 0 && (is_special(type) || type == value_type::kAnsi) &&
      type != (value_type::kText | value_type::kArray) && type != value_type::kBinXml) {
    odd_text_ = true;
  }
  if (cell.size() == 0 || (use != Plan::may_embed && !is_special(type)) || use == 0xff) return true;
  if (type == value_type::kBinXml) {
    if (use != Plan::may_embed || embedded_ || which != 0) return false;
    embedded_ = static_cast<std::uint16_t>(slot);
    return true;
  }
  return use == Plan::may_embed ? type == value_type::kNull : !is_list(type) || use == Plan::may_be_list;
}

RawValue RecordReader::system_value(const Plan& plan, int field) const {
  if (field < 0) return {};
  const FieldPlan& planned = plan.fields[static_cast<std::size_t>(field)];
  // Text of the template's own that is left out leaves a mark: whether it is there belongs to the shape, too.
  if (left_out(planned, record_, 0)) return {};
  if (!planned.is_slot()) return {nullptr, 0, value_type::kText};
  return record_.at(0, planned.parts[0].slot);
}

std::string RecordReader::system_text(const Plan& plan, int field) const {
  if (field < 0) return {};
  const FieldPlan& planned = plan.fields[static_cast<std::size_t>(field)];
  if (left_out(planned, record_, 0)) return {};
  if (!planned.is_slot()) return planned.parts[0].text;
  std::string out;
  const RawValue value = system_value(plan, field);
  render(value.type, value.bytes(), out);
  return out;
}

std::optional<std::uint64_t> RecordReader::system_number(const Plan& plan, int field) const {
  if (const auto number = to_number(system_value(plan, field))) return number;
  return number_in(system_text(plan, field));
}

ShapePlan* RecordReader::shape_of(Plan& plan) {
  if (!plan.shapes) plan.shapes = std::make_unique<ShapePlans>(plan);
  ShapePlans& known = *plan.shapes;
  known.begin_unit(unit_);
  if (!known.watches) return look_up_shape(plan);
  ShapePlans::Recent& recent = known.recent_for(record_);
  if ((recent.unit != unit_ && recent.unit != ShapePlans::kAnyUnit) || !known.is(recent, record_)) {
    known.last = nullptr;
    recent.unit = 0;
    recent.shape = look_up_shape(plan);
    if (recent.shape == nullptr) return nullptr;
    recent.unit = ShapePlans::kAnyUnit;
    for (std::size_t i = 0; i < known.watched.size(); ++i) {
      recent.watched[i] = SeenValue(record_.base, record_.cell(0, known.watched[i]));
      if (!recent.watched[i].stays()) recent.unit = unit_;
    }
  }
  return recent.shape;
}

/// The shape by what the System fields say.
ShapePlan* RecordReader::look_up_shape(const Plan& plan) {
  ShapePlans& known = *plan.shapes;
  const int fields[] = {plan.system.event_id, plan.system.version, plan.system.channel, plan.system.provider};
  bool same = known.last != nullptr;
  RawValue values[4];
  for (std::size_t i = 0; i < 4; ++i) {
    values[i] = system_value(plan, fields[i]);
    same = same && same_value(values[i], known.last_values[i]);
  }
  if (same) return known.last;
  key_.clear();
  for (const RawValue& value : values) append_key(key_, value);
  auto found = known.by_key.find(std::string_view(key_));
  if (found == known.by_key.end()) {
    const auto id = shape_id(windows_shape(system_text(plan, fields[2]), system_text(plan, fields[3]),
                                           system_number(plan, fields[0]), system_number(plan, fields[1])));
    if (!id) {
      known.last = nullptr;
      return nullptr;
    }
    found = known.by_key.emplace(key_, ShapePlan{.writer = &builder_.open(*id), .layouts = {}}).first;
    ++layouts_;
  }
  std::copy(std::begin(values), std::end(values), std::begin(known.last_values));
  return known.last = &found->second;
}

/// The shape's number, or one with fewer particulars when the catalogue is full.
std::optional<event::ShapeId> RecordReader::shape_id(event::Shape shape) {
  event::Catalogue& catalogue = builder_.catalogue();
  if (const auto id = catalogue.shape(shape)) return id;
  shape.provider.clear();
  shape.version = 0;
  if (const auto id = catalogue.shape(shape)) return id;
  return any_shape_;
}

void RecordReader::fill_meta(event::RowMeta& meta, const Plan& outer) {
  const ShapePlans& known = *outer.shapes;
  const Cell time = record_.cell(0, known.time_slot), id = record_.cell(0, known.record_id_slot);
  if (time.described == described(value_type::kFileTime, 8) && load<std::int64_t>(base_ + time.at) >= 0) {
    meta.time = Time{load<std::int64_t>(base_ + time.at)};
  } else {
    fill_time(meta, outer);
  }
  if (id.described == described(value_type::kUint64, 8)) {
    meta.record_id = load<std::uint64_t>(base_ + id.at);
  } else if (const auto number = system_number(outer, outer.system.record_id)) {
    meta.record_id = *number;
  }
  meta.host = host_of(outer);
}

void RecordReader::fill_time(event::RowMeta& meta, const Plan& outer) const {
  if (const Time time = to_time(system_value(outer, outer.system.time)); time.known()) {
    meta.time = time;
  } else if (const auto parsed = parse_time(system_text(outer, outer.system.time))) {
    meta.time = *parsed;
  }
}

event::Code RecordReader::host_of(const Plan& outer) {
  ShapePlans& known = *outer.shapes;
  const Cell cell = record_.cell(0, known.computer_slot);
  if (known.host != event::kAbsent &&
      (known.same_host || (cell.described != Cell::kNone && known.last_host.is(base_, cell)))) {
    return known.host;
  }
  known.last_host = SeenValue(base_, cell);
  const RawValue host = system_value(outer, outer.system.computer);
  if (!is_empty(host)) {
    known.host = intern(builder_.hosts(), host, key_);
  } else {
    const std::string name = system_text(outer, outer.system.computer);
    known.host = name.empty() ? event::kAbsent : builder_.hosts().intern(event::ValueType::text, name);
  }
  return known.host;
}

Parsed<RecordReader::Outcome> RecordReader::read_unfolded(event::RowMeta& meta, std::size_t begin,
                                                          std::size_t end) {
  record_ansi_.forget();
  if (const auto unfolded = unfolded_.unfold(chunk_, begin, end, plans_); !unfolded)
    return std::unexpected(unfolded.error());
  const Outcome outcome = unfolded_.values_only() ? Outcome::values_only : Outcome::whole;
  const auto text = [&](std::string_view name) { return unfolded_.find_text(name); };
  const auto id =
      shape_id(windows_shape(text("System.Channel"), text("System.Provider_Name"),
                             number_in(text("System.EventID")), number_in(text("System.Version"))));
  if (!id) return std::unexpected(kTooManyShapes);
  event::ShapeWriter& writer = builder_.open(*id);
  if (writer.wanted().drop) return outcome;
  if (const FieldValue* time = unfolded_.find("System.TimeCreated_SystemTime")) {
    if (const Time known = to_time(time->raw); known.known()) {
      meta.time = known;
    } else if (const auto parsed = parse_time(text("System.TimeCreated_SystemTime"))) {
      meta.time = *parsed;
    }
  }
  if (const auto number = number_in(text("System.EventRecordID"))) meta.record_id = *number;
  if (const std::string host = text("System.Computer"); !host.empty()) {
    meta.host = builder_.hosts().intern(event::ValueType::text, host);
  }
  writer.begin_row(meta);
  for (const FieldValue& field : unfolded_.fields()) put_unfolded(writer, field);
  if (carving_) put_mark(writer);
  end_row(writer);
  return outcome;
}

void RecordReader::put_mark(event::ShapeWriter& writer) {
  const auto id = field_id(kCarvedField);
  if (!id || !(writer.wanted().all || writer.wanted().wants(*id))) return;
  if (const auto column = writer.column(*id)) {
    writer.put(*column, writer.table(*column).intern(event::ValueType::boolean, "true"));
  } else {
    writer.put_extra(kCarvedField, event::ValueType::boolean, "true");
  }
}

/// The catalogue's number of a name, without its lock for names met just before.
std::optional<event::FieldId> RecordReader::field_id(std::string_view name) {
  KnownField& known = known_fields_[hash_short(name.data(), name.size(), 0) % kKnownFields];
  if (known.name != name || !known.id) {
    known.id = builder_.catalogue().field(name);
    known.name = name;
  }
  return known.id;
}

void RecordReader::put_unfolded(event::ShapeWriter& writer, const FieldValue& field) {
  const std::string_view name = unfolded_.name(field);
  const auto id = field_id(name);
  const event::Wanted& wanted = writer.wanted();
  if (!wanted.all && !(id && wanted.wants(*id))) return;
  const auto column = id ? writer.column(*id) : std::nullopt;
  const RawValue& raw = field.raw;
  const auto render_raw = [&](std::string& out) { return render(raw.type, raw.bytes(), out); };
  if (!column) {
    if (raw.data == nullptr)
      return writer.put_extra(name, event::ValueType::text, unfolded_.text(field), field.null);
    key_.clear();
    const event::ValueType type = render_raw(key_);
    return writer.put_extra(name, type, key_);
  }
  event::ValueTable& table = writer.table(*column);
  writer.put(*column, field.null            ? event::kNull
                      : raw.data == nullptr ? table.intern(event::ValueType::text, unfolded_.text(field))
                                            : intern(table, raw, key_));
}

}  // namespace landwarden::decode::evtx
