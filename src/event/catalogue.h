// Names given to numbers for the length of one process: fields and shapes.
//
// A *shape* is the identity of a record layout. Field names are the source's own ("NewProcessName"); what
// stands in the System part of a Windows event carries the prefix "System." ("System.Channel",
// "System.Provider_Name", "System.Execution_ProcessID"), so that an event's own data can have a field of the
// same name. Views map both.
//
// One Catalogue serves all threads; interning locks, so ask once and keep the number. Numbers never leave the
// process: whatever is written or compared across runs uses the names.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"

namespace landwarden::event {

struct FieldId {
  std::uint32_t value = 0;
  auto operator<=>(const FieldId&) const = default;
};

struct ShapeId {
  std::uint32_t value = 0;
  auto operator<=>(const ShapeId&) const = default;
};

/// Identity of a record layout. Empty text and nothing mean "the source does not say".
struct Shape {
  std::string product;  ///< "windows", "linux" …, as in Sigma's log sources
  std::string channel;  ///< Windows channel, or the dataset of other sources; with the source's own case
  std::string provider;
  std::optional<std::uint32_t> event_id;
  std::uint32_t version = 0;
  bool operator==(const Shape&) const = default;
};

class Catalogue {
 public:
  Catalogue() = default;
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  /// Nothing once limits::kFieldNames names are known; the caller then keeps the name with the value (Row
  /// extras).
  [[nodiscard]] std::optional<FieldId> field(std::string_view name);
  /// The number of a name that is known already.
  [[nodiscard]] std::optional<FieldId> find_field(std::string_view name) const;
  [[nodiscard]] std::string_view field_name(FieldId id) const;

  /// Nothing once limits::kShapes shapes are known; the caller then uses a shape with fewer particulars.
  [[nodiscard]] std::optional<ShapeId> shape(const Shape& shape);
  /// The reference stays valid as long as the catalogue.
  [[nodiscard]] const Shape& shape(ShapeId id) const;

 private:
  struct ShapeHash {
    std::size_t operator()(const Shape& shape) const;
  };
  mutable std::shared_mutex mutex_;
  std::deque<std::string> field_names_;
  std::unordered_map<std::string_view, std::uint32_t, TextHash> fields_;
  std::deque<Shape> shapes_;
  std::unordered_map<Shape, std::uint32_t, ShapeHash> shape_ids_;
};

}  // namespace landwarden::event
