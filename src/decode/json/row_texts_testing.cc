#include "decode/json/row_texts_testing.h"

#include <fmt/format.h>

namespace landwarden::decode {

void RowTexts::consume(const event::EventBatch& batch) {
  const event::Shape& shape = catalogue.shape(batch.shape);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    std::map<std::string, std::string> fields;
    for (const event::Column& column : batch.columns) {
      for (const event::Code code : column.cell(i)) {
        std::string& text = fields[std::string(catalogue.field_name(column.field))];
        if (!text.empty()) text += '|';
        text += code == event::kNull ? "(null)" : std::string(column.values->at(code).text);
        if (code >= event::kFirstValue && column.values->at(code).type == event::ValueType::hex)
          text += "(hex)";
      }
    }
    for (const event::Extra& extra : batch.extras) {
      if (extra.row == i) fields[extra.name] += extra.null ? "(null)" : extra.text;
    }
    const event::RowMeta& meta = batch.rows[i];
    std::string row = fmt::format("{}/{}/{}/{}/{} {} {}", shape.product, shape.channel, shape.provider,
                                  shape.event_id.value_or(0), shape.version, meta.time.ticks, meta.record_id);
    if (meta.host != event::kAbsent) row += " " + std::string(batch.hosts->at(meta.host).text);
    for (const auto& [name, text] : fields) row += " " + name + "=" + text;
    rows[meta.offset] = std::move(row);
  }
}

}  // namespace landwarden::decode
