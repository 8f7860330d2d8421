#include "sigma/whole_event.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/field_order.h"

namespace landwarden::sigma {

void add_whole_event(const event::EventBatch& batch, std::size_t row, const event::Catalogue& catalogue,
                     Match& match) {
  std::vector<FieldValues>& fields = match.event;  // under full names at first
  for (const event::Column& column : batch.columns) {
    const auto cell = column.cell(row);
    if (cell.empty()) continue;
    FieldValues& values = fields.emplace_back();
    values.field = catalogue.field_name(column.field);
    for (const event::Code code : cell) {
      if (code != event::kNull) values.values.emplace_back(column.values->at(code).text);
    }
  }
  for (const event::Extra& extra : batch.extras) {
    if (extra.row == row)
      fields.push_back({extra.name, extra.null ? std::vector<std::string>{} : std::vector{extra.text}});
  }
  std::ranges::stable_sort(fields, {}, [](const FieldValues& values) { return field_order(values.field); });
  const auto is_own = [](const FieldValues& values) { return !values.field.starts_with(kSystemPrefix); };
  const auto own = std::ranges::find_if(fields, is_own);  // the System part comes first
  for (auto system = fields.begin(); system != own; ++system) {
    const std::string_view shown = shown_name(system->field);
    // A System field that the event's own data has as well keeps its prefix.
    if (std::ranges::binary_search(own, fields.end(), shown, {}, &FieldValues::field)) continue;
    system->field = std::string(shown);
  }
}

}  // namespace landwarden::sigma
