#include "decode/evtx/export.h"

#include <utility>

#include "decode/evtx/unit_walk.h"

namespace landwarden::decode::evtx {
Exporter::Exporter(ExportOptions options)
    : options_(std::move(options)), unit_ansi_(options_.ansi_codepage), record_ansi_(options_.ansi_codepage) {
  plans_.ansi_text(record_ansi_);
}

std::string_view export_begin(ExportFormat format) {
  return format == ExportFormat::xml ? "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>\n" : "";
}
std::string_view export_end(ExportFormat format) {
  return format == ExportFormat::xml ? "</Events>\n" : "";
}

std::uint64_t Exporter::unit(Bytes bytes, std::uint64_t offset, event::Receipt& receipt, TextOut& out,
                             const Drain& drain) {
  std::uint64_t written = 0;
  walk_unit(bytes, offset, receipt, [&](Bytes chunk, const Stretch* stretch) -> Parsed<void> {
    if (stretch == nullptr) {
      chunk_ = chunk;
      plans_.begin_chunk();
      return {};
    }
    const std::size_t before = out.size();
    const auto done = record(stretch->at, stretch->size, out);
    if (!done) {
      out.cut(before);
      return std::unexpected(done.error());
    }
    written += *done ? 1 : 0;
    if (std::exchange(values_only_, false)) event::count_damage(receipt, kValuesOnly);
    if (drain && out.size() > limits::kEvtxExportPiece) drain(out);
    return {};
  });
  end_unit();
  return written;
}

std::uint64_t Exporter::carved(Bytes bytes, std::span<const CarvedPiece> pieces, event::Receipt& receipt,
                               TextOut& out, const Drain& drain) {
  std::uint64_t written = 0;
  carving_ = true;
  plans_.check_names(NameHashes::checked);
  for (const CarvedPiece& piece : pieces) {
    chunk_ = as_chunk(piece, bytes.subspan(piece.begin, piece.size), piece_);
    plans_.begin_chunk();
    for (const CarvedRecord& record : piece.records) {
      const auto done = add_carved(record, out);
      if (!done) {
        event::count_damage(receipt, kCarvedLost);
        continue;
      }
      written += *done ? 1 : 0;
      count_carved(std::exchange(values_only_, false), receipt);
      if (drain && out.size() > limits::kEvtxExportPiece) drain(out);
    }
    // Plans and converted text may view the bytes of a piece, and the next one may take its place.
    end_unit();
  }
  plans_.check_names(NameHashes::ignored);
  carving_ = false;
  return written;
}

Parsed<bool> Exporter::add_carved(const CarvedRecord& carved, TextOut& out) {
  const std::size_t before = out.size();
  const bool json = options_.format == ExportFormat::jsonl;
  if (!json) out.add("<!--carved-->");
  const auto done = record(carved.at, carved.size, out);
  if (!done || !*done) {
    out.cut(before);
  } else if (json) {
    out.cut(out.size() - 2);  // the object's end, and the line's
    out.add(",\"lw.carved\":true}\n");
  }
  return done;
}

void Exporter::end_unit() {
  unit_ansi_.forget();
  record_ansi_.forget();
  // What programs were made from goes with the plans; they go alone if they have become too large.
  if (plans_.trim() || text_bytes_ > limits::kEvtxProgramsText) {
    programs_.clear();
    for (Known& known : known_) known = {};
    text_bytes_ = 0;
  }
}

Parsed<bool> Exporter::record(std::size_t at, std::size_t size, TextOut& out) {
  const auto ticks = load<std::int64_t>(chunk_.data() + at + 16);
  const Time written = ticks >= 0 ? Time{ticks} : Time::unknown();
  const std::size_t begin = at + kRecordHeaderBytes, end = at + size - 4;
  if (!options_.always_tree && !carving_) {
    const auto done = by_program(begin, end, written, out);
    if (!done) return std::unexpected(done.error());
    if (*done) return **done;
  }
  return by_tree(begin, end, written, out);
}

Parsed<std::optional<bool>> Exporter::by_program(std::size_t begin, std::size_t end, Time written,
                                                 TextOut& out) {
  const std::optional<bool> kLongWay;
  const std::size_t token = instance_token(chunk_, begin, end);
  if (token == end) return kLongWay;
  const auto instance = parse_instance(chunk_, token, end);
  if (!instance) return std::unexpected(instance.error());
  const auto plan = plans_.plan(chunk_, instance->definition, instance->template_id, Place::event);
  if (!plan && plan.error() != kTooManyTemplates) return kLongWay;
  if (!plan) return std::unexpected(plan.error());
  const Program* outer = program(**plan, true);
  if (outer == nullptr || !stream_over(chunk_, instance->end, end) || !take_values(*instance, *outer, 0))
    return kLongWay;
  const Values values{values_[0].data(), instance->count};
  const Program* inner = nullptr;
  Values inner_values;
  if (outer->stream_slot && values.at(*outer->stream_slot).size != 0) {
    const RawValue stream = values.at(*outer->stream_slot);
    const auto inner_begin = static_cast<std::size_t>(stream.data - chunk_.data());
    const std::size_t inner_end = inner_begin + stream.size;
    const std::size_t inner_token = instance_token(chunk_, inner_begin, inner_end);
    if (inner_token == inner_end) return kLongWay;
    const auto inner_instance = parse_instance(chunk_, inner_token, inner_end);
    if (!inner_instance) return std::unexpected(inner_instance.error());
    const auto inner_plan =
        plans_.plan(chunk_, inner_instance->definition, inner_instance->template_id, Place::event);
    if (!inner_plan && inner_plan.error() != kTooManyTemplates) return kLongWay;
    if (!inner_plan) return std::unexpected(inner_plan.error());
    inner = program(**inner_plan, false);
    if (inner == nullptr || !stream_over(chunk_, inner_instance->end, inner_end) || !fits(*outer, *inner) ||
        !take_values(*inner_instance, *inner, 1)) {
      return kLongWay;
    }
    inner_values = {values_[1].data(), inner_instance->count};
    // A stream inside the embedded one.
    if (inner->stream_slot && inner_values.at(*inner->stream_slot).size != 0) return kLongWay;
  }
  if (options_.wanted && !wanted((*plan)->tree, *programs(**plan).system, values, written))
    return std::optional<bool>(false);
  // Converted text does not stand in the chunk.
  const std::byte* readable = unit_ansi_.converts() ? nullptr : chunk_.data() + chunk_.size();
  if (options_.format == ExportFormat::jsonl) {
    run<true>(*outer, values, inner, inner_values, readable, out);
  } else {
    run<false>(*outer, values, inner, inner_values, readable, out);
  }
  out.add('\n');
  return std::optional<bool>(true);
}

Parsed<bool> Exporter::by_tree(std::size_t begin, std::size_t end, Time written, TextOut& out) {
  if (const auto built = tree_.build(chunk_, begin, end, plans_); !built)
    return std::unexpected(built.error());
  values_only_ = tree_.values_only();
  const Tree& tree = tree_.tree();
  if (options_.wanted && !wanted(tree, find_system(tree), {}, written)) return false;
  const auto added =
      options_.format == ExportFormat::jsonl ? add_json(out, tree, options_.json) : add_xml(out, tree);
  if (!added) return std::unexpected(added.error());
  out.add('\n');
  return true;
}

Exporter::Programs& Exporter::programs(const Plan& plan) {
  Known& known = known_[reinterpret_cast<std::uintptr_t>(&plan) / 64 % kKnown];
  if (known.plan != &plan) {
    std::unique_ptr<Programs>& found = programs_[&plan];
    if (!found) found = std::make_unique<Programs>();
    known = {&plan, found.get()};
  }
  return *known.programs;
}

const Program* Exporter::program(Plan& plan, bool whole) {
  Programs& known = programs(plan);
  if (!known.made[whole]) {
    known.made[whole] = true;
    known.program[whole] = options_.format == ExportFormat::jsonl
                               ? compile_json(plan.tree, whole, options_.json)
                               : compile_xml(plan.tree);
    if (whole) known.system = find_system(plan.tree);
    if (const auto& made = known.program[whole])
      text_bytes_ += made->text.size() + made->steps.size() * sizeof(Step);
  }
  return known.program[whole] ? &*known.program[whole] : nullptr;
}

/// False if one of the values is of a kind that the program has no short cut for.
bool Exporter::take_values(const Instance& instance, const Program& program, unsigned which) {
  RawValue* out = values_[which].data();
  const std::byte* descriptor = chunk_.data() + instance.descriptors;
  const std::byte* data = chunk_.data() + instance.values;
  const std::uint8_t* use = program.slots.data();
  const std::size_t used = program.slots.size();
  for (std::uint32_t i = 0; i < instance.count; ++i, descriptor += 4) {
    const std::uint32_t size = load<std::uint16_t>(descriptor);
    const auto type = std::to_integer<std::uint8_t>(descriptor[2]);
    out[i] = {data, size, type};
    data += size;
    if (i >= used || size == 0) continue;
    if (use[i] == Program::stream
            ? type != value_type::kBinXml && type != value_type::kNull
            : type == value_type::kBinXml || (use[i] == Program::plain && is_list(type))) {
      return false;
    }
  }
  if (unit_ansi_.converts()) unit_ansi_.convert({out, instance.count});
  return true;
}

/// Whether the embedded root's key is none of those beside it. Checked once for each pair.
bool Exporter::fits(const Program& outer, const Program& inner) {
  if (outer.fits == &inner) return true;
  for (const std::string& key : outer.beside) {
    if (key == inner.root_key) return false;
  }
  outer.fits = &inner;
  return true;
}

bool Exporter::wanted(const Tree& tree, const SystemParts& parts, const Values& values, Time written) {
  const auto value_of = [&](const Node& node) -> RawValue {
    if (node.kind == NodeKind::slot) return values.at(node.number);
    if (node.kind != NodeKind::value && node.kind != NodeKind::text) return {};
    const std::uint8_t type = node.kind == NodeKind::text ? value_type::kText : node.type;
    return {node.bytes.data(), static_cast<std::uint32_t>(node.bytes.size()), type};
  };
  const auto text = [&](std::uint32_t first, std::string& out) -> std::string_view {
    out.clear();
    for (std::uint32_t i = first; i != 0; i = tree[i].next) {
      const RawValue value = value_of(tree[i]);
      if (!is_empty(value)) render(value.type, value.bytes(), out);
    }
    return out;
  };
  RecordHead head{.time = written,
                  .event_id = text(parts.event_id, texts_[0]),
                  .channel = text(parts.channel, texts_[1]),
                  .host = text(parts.computer, texts_[2])};
  if (const auto time = parse_time(text(parts.time, texts_[3]))) head.time = *time;
  return options_.wanted(head);
}

}  // namespace landwarden::decode::evtx
