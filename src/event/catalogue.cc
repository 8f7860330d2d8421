#include "event/catalogue.h"

#include <mutex>

#include "base/assert.h"
#include "base/limits.h"

namespace landwarden::event {

std::size_t Catalogue::ShapeHash::operator()(const Shape& shape) const {
  std::uint64_t hash = hash_text(shape.channel);
  hash = hash_combine(hash, hash_text(shape.provider));
  hash = hash_combine(hash, hash_text(shape.product));
  return hash_combine(hash, (std::uint64_t{shape.event_id.value_or(~0U)} << 32) | shape.version);
}

std::optional<FieldId> Catalogue::find_field(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = fields_.find(name);
  if (found == fields_.end()) return std::nullopt;
  return FieldId{found->second};
}

std::optional<FieldId> Catalogue::field(std::string_view name) {
  if (const auto known = find_field(name)) return known;
  const std::unique_lock lock(mutex_);
  if (const auto found = fields_.find(name); found != fields_.end()) return FieldId{found->second};
  if (field_names_.size() >= limits::kFieldNames) return std::nullopt;
  const auto id = static_cast<std::uint32_t>(field_names_.size());
  fields_.emplace(field_names_.emplace_back(name), id);
  return FieldId{id};
}

std::string_view Catalogue::field_name(FieldId id) const {
  const std::shared_lock lock(mutex_);
  LW_ASSERT(id.value < field_names_.size());
  return field_names_[id.value];
}

std::optional<ShapeId> Catalogue::shape(const Shape& shape) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = shape_ids_.find(shape); found != shape_ids_.end()) return ShapeId{found->second};
  }
  const std::unique_lock lock(mutex_);
  if (const auto found = shape_ids_.find(shape); found != shape_ids_.end()) return ShapeId{found->second};
  if (shapes_.size() >= limits::kShapes) return std::nullopt;
  const auto id = static_cast<std::uint32_t>(shapes_.size());
  shapes_.push_back(shape);
  shape_ids_.emplace(shape, id);
  return ShapeId{id};
}

const Shape& Catalogue::shape(ShapeId id) const {
  const std::shared_lock lock(mutex_);
  LW_ASSERT(id.value < shapes_.size());
  return shapes_[id.value];
}

}  // namespace landwarden::event
