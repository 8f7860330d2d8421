#include "engine/indicator_stage.h"

#include <algorithm>
#include <utility>

namespace landwarden::engine {

IndicatorStage::IndicatorStage(const IndicatorOptions& options, const intel::IndicatorSet& indicators,
                               const intel::FieldTable& table, event::Catalogue& catalogue,
                               const RecordFilter& filter, Tally& tally, EmitMatches emit)
    : indicators_(indicators),
      table_(table),
      catalogue_(catalogue),
      filter_(filter),
      tally_(tally),
      emit_(std::move(emit)),
      builder_(catalogue, *this),
      decoder_(builder_, options.decoding) {}

void IndicatorStage::run(const decode::WorkUnit& unit, event::Receipt& receipt) {
  const std::uint64_t before = receipt.records_seen;
  decoder_.decode(unit, receipt);
  tally_.records += receipt.records_seen - before;
}

event::Wanted IndicatorStage::wanted(event::ShapeId) {
  return {.drop = false, .all = true, .fields = {}};
}

IndicatorStage::Field& IndicatorStage::learn(const event::Column& column) {
  if (column.field.value >= fields_.size()) fields_.resize(column.field.value + std::size_t{1});
  Field& field = fields_[column.field.value];
  if (!field.known) {
    field.known = true;
    field.use = table_.use_of(catalogue_.field_name(column.field));
    field.generation = column.values->generation() + 1;
  }
  if (!field.use) return field;
  if (field.generation != column.values->generation()) {
    field.generation = column.values->generation();
    field.met.clear();
    field.sets.clear();
  }
  if (field.met.size() < event::kFirstValue) field.met.resize(event::kFirstValue, 0);
  for (auto code = static_cast<event::Code>(field.met.size()); code < column.values->end(); ++code) {
    terms_.clear();
    indicators_.test(column.values->at(code).text, *field.use, terms_);
    if (!terms_.empty()) field.sets.push_back(terms_);
    field.met.push_back(terms_.empty() ? 0 : static_cast<std::uint32_t>(field.sets.size()));
  }
  return field;
}

void IndicatorStage::test_column(const event::Column& column) {
  const Field& field = learn(column);
  if (field.sets.empty()) return;
  const std::string_view name = catalogue_.field_name(column.field);
  for (std::size_t row = 0; row < column.codes.size(); ++row) {
    for (const event::Code code : column.cell(row)) {
      if (field.met[code] == 0) continue;
      for (const TermId term : field.sets[field.met[code] - 1])
        hits_.push_back({static_cast<std::uint32_t>(row), term, name, column.values->at(code).text});
    }
  }
}

void IndicatorStage::test_extras(const event::EventBatch& batch) {
  for (const event::Extra& extra : batch.extras) {
    const auto use = extra.null ? std::nullopt : table_.use_of(extra.name);
    if (!use) continue;
    terms_.clear();
    indicators_.test(extra.text, *use, terms_);
    for (const TermId term : terms_) hits_.push_back({extra.row, term, extra.name, extra.text});
  }
}

void IndicatorStage::consume(const event::EventBatch& batch) {
  hits_.clear();
  for (const event::Column& column : batch.columns) test_column(column);
  test_extras(batch);
  std::ranges::stable_sort(hits_, {}, &Hit::row);
  for (std::size_t begin = 0; begin < hits_.size();) {
    std::size_t end = begin;
    while (end < hits_.size() && hits_[end].row == hits_[begin].row) ++end;
    emit_row(batch, begin, end);
    begin = end;
  }
}

void IndicatorStage::emit_row(const event::EventBatch& batch, std::size_t begin, std::size_t end) {
  const event::RowMeta& row = batch.rows[hits_[begin].row];
  const std::string_view host =
      row.host >= event::kFirstValue ? batch.hosts->at(row.host).text : std::string_view();
  if (!filter_.passes_all() && !filter_.passes(row.time, host)) return;
  terms_.clear();
  for (std::size_t i = begin; i < end; ++i) terms_.push_back(hits_[i].term);
  indicators_.complete(terms_, found_);
  const event::Shape& shape = catalogue_.shape(batch.shape);
  for (const std::uint32_t indicator : found_) {
    match_.time = row.time;
    match_.host = host;
    match_.channel = shape.channel;
    match_.provider = shape.provider;
    match_.event_id = shape.event_id.value_or(0);
    match_.has_event_id = shape.event_id.has_value();
    match_.record_id = row.record_id;
    match_.offset = row.offset;
    match_.source = batch.source;
    match_.rule = indicator;
    match_.matched.clear();
    for (std::size_t i = begin; i < end; ++i) {
      const Hit& hit = hits_[i];
      if (!indicators_.has_term(indicator, hit.term)) continue;
      sigma::FieldValues values{std::string(hit.field), {std::string(hit.text)}};
      const auto same = [&](const sigma::FieldValues& one) {
        return one.field == values.field && one.values == values.values;
      };
      if (std::ranges::none_of(match_.matched, same)) match_.matched.push_back(std::move(values));
    }
    ++tally_.matches;
    emit_({&match_, 1});
  }
}

}  // namespace landwarden::engine
