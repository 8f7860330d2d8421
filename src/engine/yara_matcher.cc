#include "engine/yara_matcher.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace landwarden::engine {

void describe(const intel::YaraMatch& found, const HuntedYara& yara, sigma::Match& match) {
  for (const intel::YaraHit& hit : found.hits) {
    auto same = std::ranges::find(match.matched, hit.string, &sigma::FieldValues::field);
    if (same == match.matched.end()) same = match.matched.insert(same, {hit.string, {}});
    same->values.push_back(fmt::format("at {}: {}", hit.offset, hit.excerpt));
  }
  const intel::YaraRule& rule = yara.rules.rules()[found.rule];
  match.why = fmt::format("YARA rule {} of {}", rule.name, rule.file);
  if (found.hits_total > found.hits.size())
    match.why += fmt::format("; {} more strings than are shown", found.hits_total - found.hits.size());
}

YaraMatcher::YaraMatcher(const HuntedYara& yara, event::Catalogue& catalogue, std::uint32_t first_rule)
    : yara_(yara),
      catalogue_(catalogue),
      heads_(catalogue),
      first_rule_(first_rule),
      scanner_(yara.rules, yara.longest) {}

std::optional<event::FieldId> YaraMatcher::text_field(event::ShapeId id) {
  const auto [known, fresh] = fields_.try_emplace(id.value);
  if (!fresh) return known->second;
  const event::Shape& shape = catalogue_.shape(id);
  for (const view::CutText& text : yara_.texts) {
    if (shape.product == text.product && shape.event_id == text.event_id &&
        text::equal_folded(text.channel, shape.channel)) {
      known->second = catalogue_.field(text.text);
    }
  }
  return known->second;
}

std::vector<event::FieldId> YaraMatcher::fields(event::ShapeId shape) {
  const auto field = text_field(shape);
  return field ? std::vector{*field} : std::vector<event::FieldId>();
}

std::uint32_t YaraMatcher::scan(const event::Column& column, event::Code code, Known& known) {
  if (known.generation != column.values->generation() + 1) {
    known = {};
    known.generation = column.values->generation() + 1;
  }
  if (code >= known.state.size()) known.state.resize(code + std::size_t{1});
  std::uint32_t& state = known.state[code];
  if (state != kNotScanned) return state;
  std::vector<intel::YaraMatch> found;
  if (!scanner_.scan(column.values->at(code).text, "", found)) return state = kGivenUp;
  std::erase_if(found, [&](const intel::YaraMatch& one) { return yara_.left_out[one.rule]; });
  if (found.empty()) return state = kNothing;
  state = static_cast<std::uint32_t>(known.found.size() + kFound);
  known.found.push_back(std::move(found));
  return state;
}

void YaraMatcher::match(const event::EventBatch& batch, std::vector<RowMatch>& out) {
  const auto field = text_field(batch.shape);
  const event::Column* column = field ? batch.column(*field) : nullptr;
  if (column == nullptr) return;
  Known& known = known_[field->value];
  for (std::size_t row = 0; row < batch.rows.size(); ++row) {
    const auto cell = column->cell(row);
    if (cell.size() != 1 || cell.front() < event::kFirstValue) continue;
    ++yara_.report.texts;
    const std::uint32_t state = scan(*column, cell.front(), known);
    if (state == kGivenUp) ++yara_.report.texts_given_up;
    if (state < kFound) continue;
    for (const intel::YaraMatch& one : known.found[state - kFound]) {
      RowMatch& met = out.emplace_back(static_cast<std::uint32_t>(row), heads_.on(batch, row));
      met.match.rule = first_rule_ + one.rule;
      describe(one, yara_, met.match);
    }
  }
}

}  // namespace landwarden::engine
