// Puts records into batches that have the same paths in the same order as some before, as LayoutRows would,
// but without asking again what was found out then: the layout, which path is which field, the columns
// (plans.h).
//
// Records that differ from one put before in values only are known by it (known_lines.h), and need no parser;
// of the values only those that changed are looked at, the others keep their codes. Some values that stood in
// a field lately are kept as they were written, with their codes: one that stands there again costs a
// comparison. What a record becomes never depends on the records before. One worker's.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json/known_lines.h"
#include "decode/json/layout_rows.h"
#include "decode/json/paths.h"
#include "decode/json/plans.h"
#include "decode/json/token.h"
#include "event/builder.h"

namespace landwarden::decode::json {

class PlannedRows {
 public:
  /// All must outlive it.
  PlannedRows(event::BatchBuilder& builder, std::span<const Layout> layouts, Paths& paths, LayoutRows& rows);
  ~PlannedRows();

  /// One record: the paths of its values and their tokens, its bytes and where they are. False if it was not
  /// put, nor anything of it. `in_place`: the tokens stand in `original`, or live for ever.
  [[nodiscard]] bool put(LayoutRows::Seen& seen, std::span<PathEntry* const> entries,
                         std::span<const std::string_view> tokens, bool in_place, std::string_view original,
                         std::uint64_t offset);
  /// The record at the front of `text`, if it is one that ends with its line and whose bytes between the
  /// values are those of one put before; `readable` bytes may be read. Gives its size, or 0 if it was not
  /// put.
  [[nodiscard]] std::size_t put_known(LayoutRows::Seen& seen, std::string_view text, std::size_t readable,
                                      std::uint64_t offset);
  /// Puts into columns what stands beside them yet. Call before others put records or batches close.
  void settle();
  /// The same; and the bytes of records put so far may go.
  void end_unit();

 private:
  /// What became of the last record of a kind of lines.
  struct Known {
    Sequence* sequence = nullptr;
    Plan* plan = nullptr;
    const Decision* decision = nullptr;
    Placement* placement = nullptr;  ///< null: nothing is known of its values
    std::uint64_t epoch = 0;         ///< of dictionaries
    std::vector<event::Code> codes;  ///< by step; kAbsent: nothing to put
    event::RowMeta meta;             ///< time, host and record number
    bool keeps_time = false;         ///< the same token would be the same time
  };
  /// A record's bytes and where they are.
  struct Record {
    std::string_view bytes;
    std::uint64_t offset = 0;
  };

  void forget();
  void make_room();
  [[nodiscard]] bool put_all(LayoutRows::Seen& seen, Known& known, const Values& values,
                             const Record& record);
  [[nodiscard]] bool put_changed(LayoutRows::Seen& seen, Known& known, const Values& values,
                                 const Record& record);
  void put_row(LayoutRows::Seen& seen, const Known& known, const Record& record);
  [[nodiscard]] bool find_codes(Known& known, std::span<const std::uint32_t> numbers, const Values& values);
  [[nodiscard]] bool read_code(Known& known, std::size_t number, const Values& values, Lately::Slot* slot);
  [[nodiscard]] bool read_meta(LayoutRows::Seen& seen, Known& known, const Values& values);
  [[nodiscard]] bool read_record_id(Known& known, const Values& values);
  [[nodiscard]] bool read_time(LayoutRows::Seen& seen, Known& known, const Values& values);
  [[nodiscard]] bool read_host(Known& known, const Values& values);

  event::BatchBuilder& builder_;
  std::span<const Layout> layouts_;
  LayoutRows& rows_;
  Plans plans_;
  KnownLines lines_;
  std::vector<Known> known_;  ///< by kind of lines
  Known parsed_;              ///< the same of the record that was parsed last
  std::uint64_t epoch_ = 0;   ///< of rows_
  std::uint64_t dictionary_epoch_ = 0;
  TextArena arena_;
  // Of a record that was parsed.
  std::vector<Token> tokens_;
  std::vector<Place> places_;
  std::vector<const char*> elsewhere_;
  std::vector<std::uint32_t> wanted_;  ///< values whose codes are not known
  /// A value that its field's dictionary has to be asked for.
  struct Asked {
    std::uint32_t number = 0;
    std::uint32_t hash = 0;
    event::ValueType type = event::ValueType::text;
    std::string_view text;
    Lately* lately = nullptr;
    Lately::Slot* slot = nullptr;  ///< null: it is not kept
  };
  std::vector<Asked> asked_;
  std::vector<Lately::Slot*> slots_;
  std::vector<event::Code> staged_;      ///< codes of rows, those of one behind those of the other
  std::vector<Placement*> with_staged_;  ///< placements of these rows
};

}  // namespace landwarden::decode::json
