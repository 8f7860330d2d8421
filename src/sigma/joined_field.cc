#include "sigma/joined_field.h"

#include "base/limits.h"

namespace landwarden::sigma {
namespace {

event::Code first_code(const event::Column* column, std::size_t row) {
  if (column == nullptr) return event::kAbsent;
  const auto cell = column->cell(row);
  return cell.empty() ? event::kAbsent : cell.front();
}

std::optional<std::string> part_text(const SlotPart& part, const event::Column* column,
                                     const event::EventBatch& batch, std::size_t row) {
  const event::Code code = first_code(column, row);
  if (code >= event::kFirstValue) return view::apply(part.part.transform, column->values->at(code).text);
  if (code == event::kNull) return std::nullopt;
  for (const event::Extra& extra : batch.extras) {
    if (extra.row == row && extra.name == part.part.field && !extra.null)
      return view::apply(part.part.transform, extra.text);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> joined_text(const Slot& slot, std::span<const event::Column* const> columns,
                                       const event::EventBatch& batch, std::size_t row) {
  std::string out;
  bool first = true;
  for (std::size_t i = 0; i < slot.parts.size(); ++i) {
    const view::JoinedPart& part = slot.parts[i].part;
    const auto text = part_text(slot.parts[i], columns[i], batch, row);
    if (!text && part.needed) return std::nullopt;
    // An empty part gives no separator either: "user", not "\user".
    if (!text || text->empty()) continue;
    if (!first) out += slot.separator;
    first = false;
    out += part.front;
    out += *text;
  }
  return view::apply(slot.transform, out);
}

void JoinedMemo::follow(std::span<const event::Column* const> columns) {
  now_.clear();
  for (const event::Column* column : columns) {
    now_.push_back(column == nullptr ? Of() : Of{column->values, column->values->generation()});
  }
  if (now_ == of_ && hits_.size() < limits::kMatcherOutcomes) return;
  of_ = now_;
  hits_.clear();
}

std::uint32_t* JoinedMemo::at(std::span<const event::Column* const> columns, std::size_t row) {
  key_.clear();
  for (const event::Column* column : columns) {
    const event::Code code = first_code(column, row);
    key_.append(reinterpret_cast<const char*>(&code), sizeof code);
  }
  return &hits_.try_emplace(key_, ValueMemo::kUnknown).first->second;
}

}  // namespace landwarden::sigma
