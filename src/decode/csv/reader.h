// Decodes rows of separated values into batches: the row of names at the front says which layout it is
// (content/layouts), as the keys of a JSON record do.
//
// An empty value is absent. A row with more or fewer values than there are names is quarantined, and so is
// one whose quotes do not close. Not thread-safe; one Reader a worker.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/csv/row.h"
#include "decode/json/layout_rows.h"
#include "decode/json/paths.h"
#include "decode/unit.h"
#include "event/builder.h"

namespace landwarden::decode::csv {

class Reader {
 public:
  /// The builder must outlive the reader.
  explicit Reader(event::BatchBuilder& builder);

  /// Decodes one unit; its batches are out when it returns. Adds to `receipt`.
  void decode_unit(const WorkUnit& unit, event::Receipt& receipt);

 private:
  struct UnitState;
  void look_up_names();
  [[nodiscard]] const char* read_one(UnitState& state, std::size_t begin, std::size_t end);

  event::BatchBuilder& builder_;
  json::Paths paths_;
  json::LayoutRows rows_;
  Row row_;
  std::vector<std::string> names_;
  std::vector<json::PathEntry*> entries_;  ///< by column; empty when they have to be looked up
  std::vector<json::Item> items_;
  std::deque<std::string> mended_;  ///< values that were not UTF-8
};

/// Whether the first row below a header has as many values as it has names, and more than one.
[[nodiscard]] bool same_width(std::string_view header, std::string_view sample);

/// Whether rows under this header are Windows events in a known layout. `sample` is the first row, empty if
/// there is none. Not thread-safe.
class Recogniser {
 public:
  Recogniser();
  [[nodiscard]] bool is_table(std::string_view header, std::string_view sample);

 private:
  json::Paths paths_;
};

}  // namespace landwarden::decode::csv
