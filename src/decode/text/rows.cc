#include "decode/text/rows.h"

#include "base/limits.h"

namespace landwarden::decode::text {

bool Rows::open(std::string_view product, std::string_view channel, std::string_view provider,
                std::optional<std::uint32_t> event_id) {
  key_.assign(product).append("\n").append(channel).append("\n").append(provider).append("\n");
  if (event_id) key_ += std::to_string(*event_id);
  auto at = shapes_.find(key_);
  if (at == shapes_.end()) {
    auto shape = std::make_unique<Shape>();
    shape->channel = channel;
    shape->provider = provider;
    if (event_id) shape->event_id = std::to_string(*event_id);
    event::Catalogue& catalogue = builder_.catalogue();
    auto id =
        catalogue.shape({std::string(product), std::string(channel), std::string(provider), event_id, 0});
    // When no more shapes can be told apart, the particulars go, the record stays.
    if (!id) id = catalogue.shape({std::string(product), std::string(channel), "", std::nullopt, 0});
    shape->writer = &builder_.open(id.value_or(event::ShapeId{}));
    at = shapes_.emplace(key_, std::move(shape)).first;
  }
  shape_ = at->second.get();
  return !shape_->writer->wanted().drop;
}

bool Rows::wants(std::string_view name) {
  return column_of(name) != kUnwanted;
}

std::int64_t Rows::column_of(std::string_view name) {
  if (const auto at = shape_->columns.find(name); at != shape_->columns.end()) return at->second;
  // Names come from outside: what is remembered of them is bounded.
  if (++columns_ > limits::kJsonColumnCells / 64) {
    for (auto& [key, shape] : shapes_) shape->columns.clear();
    columns_ = 1;
  }
  const event::Wanted& wanted = shape_->writer->wanted();
  const auto field = builder_.catalogue().field(name);
  std::int64_t column = kExtra;
  if (!wanted.all && !(field && wanted.wants(*field))) {
    column = kUnwanted;
  } else if (const auto promoted = field ? shape_->writer->column(*field) : std::nullopt) {
    column = *promoted;
  }
  shape_->columns.emplace(name, column);
  return column;
}

void Rows::begin(event::RowMeta meta, std::string_view host) {
  if (!host.empty()) meta.host = builder_.hosts().intern(event::ValueType::text, host);
  shape_->writer->begin_row(meta);
  put("System.Channel", shape_->channel);
  if (!shape_->provider.empty()) put("System.Provider_Name", shape_->provider);
  if (!shape_->event_id.empty()) put("System.EventID", shape_->event_id, event::ValueType::uinteger);
  if (!host.empty()) put("System.Computer", host);
}

void Rows::put(std::string_view name, std::string_view text, event::ValueType type) {
  const std::int64_t column = column_of(name);
  if (column == kUnwanted) return;
  if (column == kExtra) return shape_->writer->put_extra(name, type, text);
  const auto index = static_cast<std::uint32_t>(column);
  shape_->writer->put(index, shape_->writer->table(index).intern(type, text));
}

}  // namespace landwarden::decode::text
