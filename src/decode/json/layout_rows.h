// Puts records into batches by the tables of content/layouts: which layout a record has, which path is which
// field, which shape it gives. What the record was written in (JSON, XML, CSV) no longer matters here.
//
// Each record finds its layout by itself; nothing depends on the records before. Not thread-safe; one a
// worker.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decode/json/layout.h"
#include "decode/json/paths.h"
#include "event/builder.h"

namespace landwarden::decode::json {

/// Undoes &amp; &lt; &gt; &quot; &apos; that producers left in the values, unless some value has a character
/// that would have been escaped, so that the record's texts are plain. True if a value changed; the texts are
/// in `texts`.
bool undo_xml_escapes(std::span<Item> items, std::deque<std::string>& texts);

class LayoutRows {
 public:
  /// All must outlive it.
  LayoutRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths);
  ~LayoutRows();

  /// What was seen in a unit of work.
  struct Seen {
    std::vector<bool> layouts;  ///< the last: none
    bool plain = false;         ///< no value can have XML's escapes left in it
    std::uint64_t embedded_unread = 0, unescaped = 0, zone_found = 0, zone_missing = 0, unnamed = 0;
  };
  [[nodiscard]] Seen begin() const { return {.layouts = std::vector<bool>(layouts_.size() + 1)}; }
  /// Adds kind ("json (winlogbeat)") and notes.
  void end(const Seen& seen, std::string_view format, event::Receipt& receipt) const;

  /// Call before the paths of a record are looked up: forgets what has grown too large.
  void make_room();
  /// One record: its values, the needs that their paths meet, its bytes and where they are. Values may be
  /// added to `items`.
  void put(Seen& seen, std::vector<Item>& items, Needs meets, std::string_view original,
           std::uint64_t offset);

  /// What is known of the columns of one shape, by target.
  struct Shape {
    event::Shape identity;
    event::ShapeWriter* writer = nullptr;
    std::vector<std::int32_t> columns;
  };

 private:
  /// The System part that shapes and rows are made of.
  struct System {
    std::string_view channel, provider, event_id, version, computer, record_id, time;
  };
  /// What becomes of one item: a field or nothing.
  struct Placed {
    std::uint32_t target = kNoTarget;
    event::ValueType type = event::ValueType::text;
    bool null = false;
    std::string_view text;
  };

  friend class PlannedRows;  // does the same in fewer steps
  friend class Plans;

  struct Embedded;
  static constexpr std::int32_t kUnknownColumn = -1, kExtraColumn = -2, kUnwanted = -3;
  static constexpr std::size_t kNone = ~std::size_t{0};

  void number_system_fields();
  void forget_shapes();
  [[nodiscard]] std::size_t embedded_of(Seen& seen, std::vector<Item>& items, std::size_t layout);
  void choose_rules(std::span<const Item> items, std::size_t layout);
  void place(std::span<const Item> items, std::size_t layout);
  [[nodiscard]] bool place_by_rule(Placed& placed, const Mapping& mapping, const Item& item,
                                   std::size_t layout);
  void make_fields(std::span<const Item> items, std::size_t layout);
  [[nodiscard]] System system_part() const;
  void read_message(const System& system);
  void name_positions(Seen& seen, const System& system, std::span<const Item> items, std::size_t layout);
  /// Whether a time needs no other values to be understood.
  [[nodiscard]] static bool says_its_zone(std::string_view time);
  [[nodiscard]] Time time_of(Seen& seen, std::string_view text, std::size_t layout);
  [[nodiscard]] Shape& shape_of(const System& system, std::size_t layout);
  void put_value(Shape& shape, const Placed& placed);
  [[nodiscard]] std::int32_t column_of(Shape& shape, std::uint32_t target);

  event::BatchBuilder& builder_;
  std::span<const Layout> layouts_;
  Paths& paths_;
  std::unique_ptr<Embedded> embedded_;
  std::vector<std::uint32_t> best_;   ///< by rule of the record's layout: the best priority that is there
  std::vector<Placed> placed_;        ///< of the record, in order
  std::vector<std::uint8_t> system_;  ///< by target: which member of System it is
  std::vector<std::optional<event::FieldId>> fields_;  ///< by target, where it was asked for
  std::string_view zone_local_, zone_utc_;
  std::vector<std::pair<std::string_view, std::string_view>> message_fields_, found_;
  std::unordered_map<std::uint64_t, std::vector<std::unique_ptr<Shape>>> shapes_;
  std::size_t column_cells_ = 0;    ///< of all shapes together
  std::uint64_t shapes_epoch_ = 0;  ///< moves on when they are forgotten
  event::ShapeId fallback_[2];      ///< where no more shapes can be told apart: no layout, Windows
  std::string buffer_;
  std::deque<std::string> texts_;  ///< that values of the record view
};

}  // namespace landwarden::decode::json
