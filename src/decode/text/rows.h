// Puts rows of named values into batches: a shape by product, channel, provider and event id, its columns by
// name.
//
// Use, for each record: open(…), and if it says so begin(…), put(…), end(). Not thread-safe; one a worker.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "event/builder.h"

namespace landwarden::decode::text {

class Rows {
 public:
  /// The builder must outlive it.
  explicit Rows(event::BatchBuilder& builder) : builder_(builder) {}

  /// Chooses the shape; false: nobody wants such records.
  [[nodiscard]] bool open(std::string_view product, std::string_view channel, std::string_view provider = {},
                          std::optional<std::uint32_t> event_id = std::nullopt);
  /// Whether a field of the shape is wanted: for those that cost something to make.
  [[nodiscard]] bool wants(std::string_view name);
  /// Begins a row and gives it the System part. `meta` without host; `host` empty: not known.
  void begin(event::RowMeta meta, std::string_view host);
  /// Texts are UTF-8. A second value of the same name makes it a list.
  void put(std::string_view name, std::string_view text, event::ValueType type = event::ValueType::text);
  void end() { shape_->writer->end_row(); }

 private:
  static constexpr std::int64_t kUnwanted = -1, kExtra = -2;
  struct Shape {
    event::ShapeWriter* writer = nullptr;
    std::string channel, provider, event_id;
    std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> columns;
  };
  [[nodiscard]] std::int64_t column_of(std::string_view name);

  event::BatchBuilder& builder_;
  std::unordered_map<std::string, std::unique_ptr<Shape>, TextHash, std::equal_to<>> shapes_;
  std::string key_;
  Shape* shape_ = nullptr;
  std::size_t columns_ = 0;  ///< remembered of all shapes
};

}  // namespace landwarden::decode::text
