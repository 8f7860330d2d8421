// One record of a chunk to one row. Most go the direct way: from the template, the shape, and the layout of
// that shape the values that are wanted are known, and nothing else is touched. What is unusual goes the long
// way round (unfold.h).
//
// One RecordReader a worker. It remembers plans and layouts; no row depends on what it remembers.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decode/evtx/keyword_places.h"
#include "decode/evtx/layout.h"
#include "decode/evtx/plan.h"
#include "decode/evtx/unfold.h"
#include "decode/raw_filter.h"
#include "decode/raw_texts.h"

namespace landwarden::decode::evtx {

class RecordReader {
 public:
  /// How much of a record became a row.
  enum class Outcome : std::uint8_t { whole, values_only };

  /// The builder must outlive the reader. `ansi_codepage` as in ansi.h.
  explicit RecordReader(event::BatchBuilder& builder, unsigned ansi_codepage = 1252);

  /// `chunk` may be cut short; its first byte stands at `offset` in the source.
  void begin_chunk(Bytes chunk, std::uint64_t offset);
  /// Decodes the record that stands at chunk[at, at + size), a whole one with its frame. If a template's
  /// definition is missing or damaged, its values are the list Data, and what is not known stays out.
  [[nodiscard]] Parsed<Outcome> read(std::size_t at, std::size_t size);
  /// Puts what rows that have begun still lack. Call before the builder's unit ends; the bytes of all chunks
  /// since the last call must still be there.
  void fill_rows();
  /// Call when the builder's unit has ended.
  void end_unit();

  /// Rows from here on are marked as carved, and the names that they use must have the right hash.
  void carving(bool on);

  /// Gives no rows for records that cannot hold what `filter` looks for; they are read all the same. Set it
  /// before the first record; it must outlive the reader.
  void pass_over(const RawFilter* filter) { filter_ = filter; }
  /// Of shapes that are wanted "all by text", makes every field only for records that may hold one of those
  /// of these texts that the shape is wanted by. As pass_over(), and not together with it.
  void keywords(const RawTexts* texts) { keywords_ = texts; }

  /// Sends every record the long way round; for tests that compare both.
  void always_unfold(bool on) { always_unfold_ = on; }

 private:
  enum class Way : std::uint8_t { done, long_way };
  [[nodiscard]] Parsed<Way> read_direct(event::RowMeta& meta, std::size_t begin, std::size_t end);
  [[nodiscard]] Parsed<Way> read_shaped(event::RowMeta& meta, Plan& outer, ShapePlan* shape);
  [[nodiscard]] Parsed<Way> read_embedded(event::RowMeta& meta, Plan& outer, ShapePlan& shape);
  [[nodiscard]] Parsed<Outcome> read_unfolded(event::RowMeta& meta, std::size_t begin, std::size_t end);

  [[nodiscard]] std::optional<event::FieldId> field_id(std::string_view name);
  void put_unfolded(event::ShapeWriter& writer, const FieldValue& field);
  void put_mark(event::ShapeWriter& writer);

  /// Reads where the values of an instance stand; false: one is of a kind that takes the long way.
  [[nodiscard]] Parsed<bool> take_cells(Instance& instance, const Plan& plan, unsigned which,
                                        std::size_t end);
  [[nodiscard]] bool take_special(std::size_t count, std::uint64_t candidates, const Plan& plan,
                                  unsigned which);
  [[nodiscard]] bool take_special_slot(std::size_t slot, const Plan& plan, unsigned which);
  /// The same for values that stand in a stream of their own (PlanCache::plan_of_stream).
  [[nodiscard]] bool take_literals(const Plan& plan, unsigned which);
  [[nodiscard]] SeenInstance* take_seen(Instance& instance, const Plan& outer, std::size_t end);
  void note_seen(const Instance& instance, const Plan& outer);
  [[nodiscard]] ShapePlan* shape_of_seen(SeenInstance& seen, Plan& outer);
  [[nodiscard]] Parsed<Plan*> read_inner(std::size_t begin, std::size_t end, Place::Kind place);
  [[nodiscard]] bool may_hold(const event::RowMeta& meta, Plan& outer, Plan* inner);
  [[nodiscard]] RawTexts::Set held_elsewhere(Plan& outer, Plan* inner) const;
  [[nodiscard]] RawTexts::Set held_by_own_text(Plan& plan) const;
  [[nodiscard]] bool shows();
  [[nodiscard]] bool may_hold_keyword(const event::RowMeta& meta, const event::Wanted& wanted, Plan& outer,
                                      Plan* inner);
  [[nodiscard]] bool has_place(std::size_t begin, std::size_t end);
  [[nodiscard]] bool is_confirmed(std::size_t begin, std::size_t end);
  [[nodiscard]] RawTexts::Set held_by(std::string_view utf8) const;
  void begin_row(const event::RowMeta& meta, ShapePlan& shape, const Plan& outer, const Plan* inner);
  [[nodiscard]] Layout& layout_of(ShapePlan& shape, const Plan& outer, const Plan* inner, bool whole);
  void end_row(event::ShapeWriter& writer);
  [[nodiscard]] RawValue system_value(const Plan& plan, int field) const;
  [[nodiscard]] std::string system_text(const Plan& plan, int field) const;
  [[nodiscard]] std::optional<std::uint64_t> system_number(const Plan& plan, int field) const;
  [[nodiscard]] ShapePlan* shape_of(Plan& plan);
  [[nodiscard]] ShapePlan* look_up_shape(const Plan& plan);
  [[nodiscard]] std::optional<event::ShapeId> shape_id(event::Shape shape);
  [[nodiscard]] event::Code host_of(const Plan& outer);
  void fill_meta(event::RowMeta& meta, const Plan& outer);
  void fill_time(event::RowMeta& meta, const Plan& outer) const;

  event::BatchBuilder& builder_;
  std::optional<event::ShapeId> any_shape_;  ///< for when no more shapes can be told apart
  AnsiText record_ansi_;                     ///< of definitions, and of the record that is being unfolded
  PlanCache plans_;
  std::size_t layouts_ = 0;
  bool always_unfold_ = false;
  const RawFilter* filter_ = nullptr;
  const RawTexts* keywords_ = nullptr;
  KeywordPlaces keyword_places_;
  std::vector<std::uint32_t> places_;  ///< in the chunk: where what the filter looks for begins
  std::size_t next_place_ = 0;
  std::string shown_;  ///< of one value
  /// Numbers looked at lately that do not show what is looked for: most come again.
  struct NotShown {
    std::uint64_t number = 0;
    std::uint32_t described = 0;
  };
  std::vector<NotShown> not_shown_ = std::vector<NotShown>(256);
  bool carving_ = false;
  std::uint64_t unit_ = 1;

  Bytes chunk_;
  std::uint64_t chunk_offset_ = 0;
  /// Values of rows that wait for fill_rows(), and of the record that is being read.
  std::vector<Cell> cells_;
  std::size_t cells_used_ = 0;
  const std::byte* base_ = nullptr;  ///< what their places count from
  std::vector<Layout*> waiting_;     ///< those with rows that wait
  TextCodes texts_;
  std::vector<RawValue> literals_;
  RecordValues record_;
  std::optional<std::uint16_t> embedded_;  ///< slot of the outer instance
  bool odd_text_ = false;  ///< one of the record's values may show text that is not there in UTF-16
  std::string key_;
  Unfolded unfolded_;
  struct KnownField {
    std::string name;
    std::optional<event::FieldId> id;
  };
  static constexpr std::size_t kKnownFields = 256;
  std::vector<KnownField> known_fields_ = std::vector<KnownField>(kKnownFields);
};

}  // namespace landwarden::decode::evtx
