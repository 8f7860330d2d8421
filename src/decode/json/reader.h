// Decodes JSON into batches: Windows events in the layouts of content/layouts, with the same shapes and field
// names as decode/evtx gives them; JSON of no known layout under its own dotted paths, in a shape without a
// product.
//
// Each record finds its layout by itself, so one file may mix them, and nothing depends on the records
// before. Numbers keep their rendering, arrays become lists, a key that stands twice gives a list of both.
// Records that cannot be read are quarantined with offset, line and reason. Not thread-safe; one Reader a
// worker.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decode/json/flatten.h"
#include "decode/json/layout.h"
#include "decode/json/paths.h"
#include "decode/json/scanner.h"
#include "decode/unit.h"
#include "event/builder.h"

namespace landwarden::decode::json {

class Reader {
 public:
  /// The builder must outlive the reader.
  explicit Reader(event::BatchBuilder& builder);
  ~Reader();

  /// Decodes one unit; its batches are out when it returns. Adds to `receipt`.
  void decode_unit(const WorkUnit& unit, event::Receipt& receipt);

 private:
  /// What is known of the columns of one shape, by target.
  struct Shape {
    event::Shape identity;
    event::ShapeWriter* writer = nullptr;
    std::vector<std::int32_t> columns;
  };
  struct UnitState;
  /// The System part that shapes and rows are made of.
  struct System {
    std::string_view channel, provider, event_id, version, computer, record_id, time;
  };

  void read_one(UnitState& state, std::string_view record, std::int64_t at);
  void quarantine(UnitState& state, std::int64_t begin, std::int64_t end, const char* reason);
  [[nodiscard]] const char* flatten(UnitState& state, std::string_view record, std::int64_t at);
  void put_record(UnitState& state, std::string_view record, std::int64_t at);
  void number_system_fields();
  void forget_shapes();
  void choose_rules(std::size_t layout);
  [[nodiscard]] bool follows_rule(const Mapping& mapping, const Item& item, std::string_view& text);
  [[nodiscard]] Time time_of(UnitState& state, std::string_view text, std::size_t layout);
  [[nodiscard]] Shape& shape_of(const System& system, bool windows);
  void put(Shape& shape, std::uint32_t target, const Item& item, std::string_view text, NullAs null_as);
  [[nodiscard]] std::int32_t column_of(Shape& shape, std::uint32_t target);

  event::BatchBuilder& builder_;
  std::vector<Layout> layouts_;
  Paths paths_;
  Flattener flattener_;
  std::vector<std::uint32_t> best_;   ///< by rule of the record's layout: the best priority that is there
  std::span<const FieldRule> rules_;  ///< of the record's layout
  std::vector<std::uint8_t> system_;  ///< by target: which member of System it is
  std::unordered_map<std::uint64_t, std::vector<std::unique_ptr<Shape>>> shapes_;
  std::size_t column_cells_ = 0;  ///< of all shapes together
  event::ShapeId fallback_[2];    ///< where no more shapes can be told apart: no layout, Windows
  std::string hex_;
};

/// Whether an object by itself is a Windows event in a known layout. Not thread-safe.
class Recogniser {
 public:
  Recogniser();
  [[nodiscard]] bool is_event(std::string_view object);

 private:
  std::vector<Layout> layouts_;
  Paths paths_;
  Flattener flattener_;
};

}  // namespace landwarden::decode::json
