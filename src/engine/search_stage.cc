#include "engine/search_stage.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "sigma/field_order.h"

namespace landwarden::engine {
namespace {

constexpr std::string_view kSystem = "System.";

std::optional<SearchPattern> channel_pattern(const std::vector<std::string>& channels) {
  if (channels.empty()) return std::nullopt;
  SearchTerms terms;
  for (const std::string& channel : channels) {
    terms.terms.push_back({.kind = SearchTerm::Kind::wildcard, .text = channel, .fields = {}});
  }
  auto pattern = SearchPattern::compile(terms);
  if (!pattern) return std::nullopt;  // search() has tried it
  return std::move(*pattern);
}

std::string_view host_of(const event::EventBatch& batch, std::size_t row) {
  const event::Code host = batch.rows[row].host;
  return host >= event::kFirstValue ? batch.hosts->at(host).text : std::string_view();
}

/// Names already seen by a batch's extras are looked up, not tested again; more than this begin anew.
constexpr std::size_t kExtraNames = 4096;

}  // namespace

SearchStage::SearchStage(const SearchOptions& options, SearchPattern pattern, event::Catalogue& catalogue,
                         const RecordFilter& filter, const RenderHit& render, Tally& tally, EmitMatches emit)
    : options_(options),
      pattern_(std::move(pattern)),
      catalogue_(catalogue),
      filter_(filter),
      render_(render),
      tally_(tally),
      emit_(std::move(emit)),
      channels_(channel_pattern(options.channels)),
      builder_(catalogue, *this),
      decoder_(builder_, options.decoding) {
  // What stands beside a hit, and what holds nothing, is seen only if it is decoded.
  if (options_.raw_filter && !options_.invert && options_.context == 0) raw_filter_ = pattern_.raw_filter();
  if (raw_filter_) decoder_.pass_over(&*raw_filter_);
}

void SearchStage::run(const decode::WorkUnit& unit, event::Receipt& receipt) {
  text_.clear();
  unit_rows_.clear();
  const std::uint64_t before = receipt.records_seen;
  decoder_.decode(unit, receipt);
  tally_.records += receipt.records_seen - before;
  if (options_.context > 0) emit_with_context(unit.source);
}

bool SearchStage::is_wanted(const event::Shape& shape) const {
  if (!options_.event_ids.empty() &&
      (!shape.event_id ||
       std::ranges::find(options_.event_ids, *shape.event_id) == options_.event_ids.end())) {
    return false;
  }
  return !channels_ || channels_->test(shape.channel, channels_->terms_of("")) != 0;
}

event::Wanted SearchStage::wanted(event::ShapeId shape) {
  // Context is what stands beside a hit, whatever it is.
  const bool drop = options_.context == 0 && !is_wanted(catalogue_.shape(shape));
  return {.drop = drop, .all = true, .fields = {}};
}

SearchStage::Field& SearchStage::learn(const event::Column& column) {
  if (column.field.value >= fields_.size()) fields_.resize(column.field.value + std::size_t{1});
  Field& field = fields_[column.field.value];
  if (!field.known) {
    field.known = true;
    field.terms = pattern_.terms_of(catalogue_.field_name(column.field));
    field.generation = column.values->generation() + 1;
  }
  if (field.terms == 0) return field;
  if (field.generation != column.values->generation()) {
    field.generation = column.values->generation();
    field.any = false;
    field.met.clear();
  }
  if (field.met.size() < event::kFirstValue) field.met.resize(event::kFirstValue, 0);
  for (auto code = static_cast<event::Code>(field.met.size()); code < column.values->end(); ++code) {
    const Mask met = pattern_.test(column.values->at(code).text, field.terms);
    field.met.push_back(met);
    field.any = field.any || met != 0;
  }
  return field;
}

void SearchStage::test_rows(const event::EventBatch& batch) {
  rows_.assign(batch.rows.size(), 0);
  for (const event::Column& column : batch.columns) {
    const Field& field = learn(column);
    if (!field.any) continue;
    for (std::size_t row = 0; row < column.codes.size(); ++row) {
      const event::Code code = column.codes[row];
      if ((code & event::Column::kListFlag) == 0) {
        rows_[row] |= field.met[code];
      } else {
        for (const event::Code item : column.cell(row)) rows_[row] |= field.met[item];
      }
    }
  }
}

void SearchStage::test_extras(const event::EventBatch& batch) {
  for (const event::Extra& extra : batch.extras) {
    if (extra.null) continue;
    if (extra_terms_.size() > kExtraNames) extra_terms_.clear();
    const auto [known, added] = extra_terms_.try_emplace(extra.name, 0);
    if (added) known->second = pattern_.terms_of(extra.name);
    if (known->second != 0) rows_[extra.row] |= pattern_.test(extra.text, known->second);
  }
}

void SearchStage::consume(const event::EventBatch& batch) {
  const bool wanted = options_.context == 0 || is_wanted(catalogue_.shape(batch.shape));
  test_rows(batch);
  test_extras(batch);
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    bool hit = wanted && pattern_.found(rows_[row]) != options_.invert;
    hit = hit && (filter_.passes_all() || filter_.passes(batch.rows[row].time, host_of(batch, row)));
    if (hit || options_.context > 0) take(batch, row, hit);
  }
}

void SearchStage::take(const event::EventBatch& batch, std::size_t row, bool hit) {
  if (hit) ++tally_.matches;
  if (options_.context == 0) text_.clear();
  const std::size_t begin = text_.size();
  if (render_) {
    fill(batch, row, hit);
    render_(hit_, text_);
  }
  if (options_.context > 0) {
    unit_rows_.push_back({batch.rows[row].offset, begin, text_.size() - begin, hit});
  } else {
    emit(batch.source, batch.rows[row].offset, 0, true, text_);
  }
}

void SearchStage::fill(const event::EventBatch& batch, std::size_t row, bool hit) {
  const event::Shape& shape = catalogue_.shape(batch.shape);
  hit_.time = batch.rows[row].time;
  hit_.host = host_of(batch, row);
  hit_.channel = shape.channel;
  hit_.provider = shape.provider;
  hit_.has_event_id = shape.event_id.has_value();
  hit_.event_id = shape.event_id.value_or(0);
  hit_.record_id = batch.rows[row].record_id;
  hit_.context = !hit;
  hit_.found.clear();
  hit_.all.clear();
  hit_.spans.clear();
  for (const event::Column& column : batch.columns) {
    if (hit && fields_[column.field.value].any) add_values(column, row, true);
    if (options_.whole_record || !hit) add_values(column, row, false);
  }
  for (const event::Extra& extra : batch.extras) {
    if (extra.row != row) continue;
    const Mask met = extra.null ? 0 : pattern_.test(extra.text, pattern_.terms_of(extra.name));
    if (hit && met != 0) add_value(hit_.found, extra.name, extra.text, false, met);
    if (options_.whole_record || !hit) add_value(hit_.all, extra.name, extra.text, extra.null, hit ? met : 0);
  }
  for (auto* values : {&hit_.found, &hit_.all}) {
    if (values->size() < 2) continue;
    std::ranges::stable_sort(*values, {},
                             [](const triage::ShownValue& value) { return sigma::field_order(value.field); });
  }
}

void SearchStage::add_values(const event::Column& column, std::size_t row, bool only_met) {
  const Field& field = fields_[column.field.value];
  const auto cell = column.cell(row);
  if (cell.empty()) return;
  const std::string_view name = catalogue_.field_name(column.field);
  // Beside a hit the event's own fields are enough: the System part is in the line already.
  if (!only_met && hit_.context && !options_.whole_record && name.starts_with(kSystem)) return;
  for (const event::Code code : cell) {
    const Mask met = field.any && !hit_.context ? field.met[code] : 0;
    if (only_met && met == 0) continue;
    const bool null = code < event::kFirstValue;
    add_value(only_met ? hit_.found : hit_.all, name,
              null ? std::string_view() : column.values->at(code).text, null, met);
  }
}

void SearchStage::add_value(std::vector<triage::ShownValue>& to, std::string_view field,
                            std::string_view text, bool null, Mask met) {
  const std::size_t begin = hit_.spans.size();
  if (met != 0) pattern_.mark(text, met, hit_.spans);
  to.push_back({field, text, null, begin, hit_.spans.size()});
}

void SearchStage::emit(event::SourceId source, std::uint64_t offset, std::uint64_t ordinal, bool hit,
                       std::string_view text) {
  match_.source = source;
  match_.offset = offset;
  match_.record_id = ordinal;
  match_.rule = hit ? kHitRow : kContextRow;
  match_.why.assign(text);
  emit_({&match_, 1});
}

/// Of this unit: the hits, what is within reach of them, and what may be within reach of a neighbouring
/// unit's.
void SearchStage::emit_with_context(event::SourceId source) {
  std::ranges::stable_sort(unit_rows_, {}, &Row::offset);
  const std::size_t reach = options_.context, size = unit_rows_.size();
  std::size_t after_until = reach, next_hit = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const Row& row = unit_rows_[i];
    if (row.hit) after_until = i + 1 + reach;
    next_hit = std::max(next_hit, i);
    while (next_hit < size && next_hit <= i + reach && !unit_rows_[next_hit].hit) ++next_hit;
    const bool before = next_hit < size && next_hit <= i + reach && unit_rows_[next_hit].hit;
    if (i >= after_until && !before && i + reach < size) continue;
    emit(source, row.offset, i, row.hit, std::string_view(text_).substr(row.text_begin, row.text_size));
  }
}

}  // namespace landwarden::engine
