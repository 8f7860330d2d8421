#include "engine/assemble.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "event/builder.h"

namespace landwarden::limits {
/// Parts of one text: Windows makes 250 of kCutTextWhole.
inline constexpr std::size_t kCutTextParts = 1024;
}  // namespace landwarden::limits

namespace landwarden::engine {
namespace {

using event::Code;

/// The one value of a field in a row; nothing if it is absent, null, or a list.
std::optional<std::string_view> value_of(const event::EventBatch& batch, event::FieldId field,
                                         std::size_t row) {
  const event::Column* column = batch.column(field);
  if (column == nullptr) return std::nullopt;
  const auto cell = column->cell(row);
  if (cell.size() != 1 || cell.front() < event::kFirstValue) return std::nullopt;
  return column->values->at(cell.front()).text;
}

std::uint32_t number_of(std::optional<std::string_view> text) {
  std::uint32_t out = 0;
  if (!text) return 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  return error == std::errc() && end == text->data() + text->size() ? out : 0;
}

std::size_t bytes_of(const CutPart& part) {
  std::size_t bytes = sizeof(CutPart) + part.text.size() + part.key.size() + part.host.size();
  for (const CutPart::Field& field : part.fields) bytes += sizeof(CutPart::Field) + field.text.size();
  return bytes;
}

void copy_fields(const event::EventBatch& batch, std::size_t row, event::FieldId but, CutPart& out) {
  for (const event::Column& column : batch.columns) {
    if (column.field == but) continue;
    for (const Code code : column.cell(row)) {
      CutPart::Field& field = out.fields.emplace_back();
      field.field = column.field;
      field.null = code == event::kNull;
      if (field.null) continue;
      const event::Value value = column.values->at(code);
      field.type = value.type;
      field.text = value.text;
    }
  }
}

}  // namespace

CutTextFinder::CutTextFinder(const std::vector<view::CutText>& texts, event::Catalogue& catalogue)
    : texts_(texts), catalogue_(catalogue) {}

const CutTextFinder::Fields* CutTextFinder::fields_of(event::ShapeId id) {
  const auto [known, fresh] = by_shape_.try_emplace(id.value);
  if (!fresh) return known->second.get();
  const event::Shape& shape = catalogue_.shape(id);
  const auto found = std::ranges::find_if(texts_, [&](const view::CutText& text) {
    return shape.product == text.product && shape.event_id == text.event_id &&
           text::equal_folded(text.channel, shape.channel);
  });
  if (found == texts_.end()) return nullptr;
  const auto text = catalogue_.field(found->text), key = catalogue_.field(found->key);
  const auto number = catalogue_.field(found->number), total = catalogue_.field(found->total);
  if (!text || !key || !number || !total) return nullptr;
  known->second = std::make_unique<Fields>(Fields{*text, *key, *number, *total});
  return known->second.get();
}

void CutTextFinder::want(event::ShapeId shape, event::Wanted& wanted) {
  const Fields* fields = fields_of(shape);
  if (fields == nullptr || wanted.drop) return;
  for (const event::FieldId field : {fields->text, fields->key, fields->number, fields->total})
    wanted.fields.push_back(field);
  std::ranges::sort(wanted.fields);
  const auto repeats = std::ranges::unique(wanted.fields);
  wanted.fields.erase(repeats.begin(), repeats.end());
}

void CutTextFinder::find(const event::EventBatch& batch, std::span<const sigma::Match> matches,
                         std::vector<CutPart>& out) {
  const Fields* fields = fields_of(batch.shape);
  if (fields == nullptr) return;
  auto match = matches.begin();
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    const event::RowMeta& meta = batch.rows[row];
    const auto first = match;
    while (match != matches.end() && match->offset == meta.offset && match->record_id == meta.record_id)
      ++match;
    const std::uint32_t total = number_of(value_of(batch, fields->total, row));
    if (total < 2) continue;
    const std::uint32_t number = number_of(value_of(batch, fields->number, row));
    const auto key = value_of(batch, fields->key, row), text = value_of(batch, fields->text, row);
    if (number == 0 || number > total || !key || !text) continue;
    CutPart& part = out.emplace_back();
    part.shape = batch.shape;
    part.text_field = fields->text;
    if (meta.host >= event::kFirstValue) part.host = batch.hosts->at(meta.host).text;
    part.key = *key;
    part.text = *text;
    part.meta = meta;
    part.meta.original = {};
    part.number = number;
    part.total = total;
    copy_fields(batch, row, fields->text, part);
    for (auto one = first; one != match; ++one) part.matched.push_back(one->rule);
    std::ranges::sort(part.matched);
  }
}

/// Runs the rules over one record that is made up.
struct Assembler::Rerun final : event::BatchSink {
  Rerun(const sigma::RuleSet* rules, event::Catalogue& all, BesideRules more)
      : catalogue(all), beside(std::move(more)), builder(all, *this) {
    if (rules != nullptr) matcher.emplace(*rules);
  }

  event::Wanted wanted(event::ShapeId shape) override {
    event::Wanted wanted{.drop = true, .all = false, .fields = {}};
    if (matcher) wanted = matcher->wanted(shape);
    wanted.drop = wanted.drop && !beside.any();
    return wanted;
  }
  void consume(const event::EventBatch& batch) override {
    if (matcher && !matcher->wanted(batch.shape).drop) matcher->match(batch, matches);
    beside.add_to(batch, matches);
  }
  void run(event::SourceId source, const CutPart& first, std::string_view text);

  event::Catalogue& catalogue;
  std::optional<sigma::Matcher> matcher;
  BesideRules beside;
  event::BatchBuilder builder;
  std::vector<sigma::Match> matches;
};

void Assembler::Rerun::run(event::SourceId source, const CutPart& first, std::string_view text) {
  matches.clear();
  builder.begin_unit(source);
  event::ShapeWriter& writer = builder.open(first.shape);
  if (writer.wanted().drop) return;
  const auto put = [&](event::FieldId field, event::ValueType type, bool null, std::string_view value) {
    if (const auto column = writer.column(field)) {
      writer.put(*column, null ? event::kNull : writer.table(*column).intern(type, value));
    } else {
      writer.put_extra(catalogue.field_name(field), type, value, null);
    }
  };
  event::RowMeta meta = first.meta;
  meta.host =
      first.host.empty() ? event::kAbsent : builder.hosts().intern(event::ValueType::text, first.host);
  writer.begin_row(meta);
  put(first.text_field, event::ValueType::text, false, text);
  for (const CutPart::Field& field : first.fields) put(field.field, field.type, field.null, field.text);
  writer.end_row();
  builder.end_unit();
}

Assembler::Assembler(const sigma::RuleSet* rules, event::Catalogue& catalogue, BesideRules beside)
    : rerun_(std::make_unique<Rerun>(rules, catalogue, std::move(beside))) {}
Assembler::~Assembler() = default;

void Assembler::add(event::SourceId source, std::vector<CutPart> parts, const Emit& emit) {
  if (source != source_) end_source();
  source_ = source;
  // Batches of a unit are of one shape each; in the source they stand mixed.
  std::ranges::stable_sort(parts, {}, [](const CutPart& part) { return part.meta.offset; });
  for (CutPart& part : parts) take(std::move(part), emit);
}

void Assembler::take(CutPart part, const Emit& emit) {
  const auto [text, fresh] = waiting_.try_emplace(Key{part.shape.value, part.host, part.key});
  Waiting& waiting = text->second;
  if (fresh) {
    waiting.since = clock_++;
    oldest_.emplace(waiting.since, text->first);
  }
  const std::size_t bytes = bytes_of(part);
  const std::uint32_t total = part.total;
  // A copy of a part says nothing new.
  if (!waiting.parts.try_emplace(part.number, std::move(part)).second) return;
  waiting.bytes += bytes;
  bytes_ += bytes;
  if (waiting.bytes > limits::kCutTextWhole || waiting.parts.size() > limits::kCutTextParts) {
    ++report_.given_up;
    return forget(text);
  }
  if (waiting.parts.size() == total && waiting.parts.rbegin()->first == total) {
    auto parts = std::move(waiting.parts);
    forget(text);
    ++report_.texts;
    return put_together(std::move(parts), emit);
  }
  while (bytes_ > limits::kCutTextBytes) {
    ++report_.given_up;
    forget(waiting_.find(oldest_.begin()->second));
  }
}

void Assembler::put_together(std::map<std::uint32_t, CutPart> parts, const Emit& emit) {
  std::string whole;
  std::set<std::uint32_t> known;
  CutPart& first = parts.begin()->second;
  for (const auto& [number, part] : parts) {
    whole += part.text;
    known.insert(part.matched.begin(), part.matched.end());
    first.meta.carved = first.meta.carved || part.meta.carved;
  }
  rerun_->run(source_, first, whole);
  for (sigma::Match& match : rerun_->matches) {
    if (known.contains(match.rule)) continue;
    match.parts = static_cast<std::uint32_t>(parts.size());
    match.only_fuller = true;
    std::string records;
    for (const auto& [number, part] : parts) {
      if (part.meta.record_id != event::kNoRecordId)
        records += fmt::format("{}{}", records.empty() ? "" : ", ", part.meta.record_id);
    }
    match.why += fmt::format("; in a text put together from {} records", parts.size());
    if (!records.empty()) match.why += ": " + records;
    emit(match);
  }
}

void Assembler::forget(std::map<Key, Waiting>::iterator text) {
  bytes_ -= text->second.bytes;
  oldest_.erase({text->second.since, text->first});
  waiting_.erase(text);
}

void Assembler::end_source() {
  report_.incomplete += waiting_.size();
  waiting_.clear();
  oldest_.clear();
  bytes_ = 0;
}

}  // namespace landwarden::engine
