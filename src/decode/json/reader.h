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
#include <vector>

#include "decode/json/flatten.h"
#include "decode/json/layout.h"
#include "decode/json/layout_rows.h"
#include "decode/json/paths.h"
#include "decode/json/planned_rows.h"
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
  struct UnitState;

  [[nodiscard]] bool put_known(UnitState& state, RecordScanner& scanner);
  void read_one(UnitState& state, std::string_view record, std::int64_t at);
  void quarantine(UnitState& state, std::int64_t begin, std::int64_t end, const char* reason);
  [[nodiscard]] const char* put(UnitState& state, std::string_view record, std::int64_t at);

  event::BatchBuilder& builder_;
  std::span<const Layout> layouts_;
  Paths paths_;
  Flattener flattener_;
  LayoutRows rows_;
  PlannedRows planned_;
};

/// Whether an object by itself is a Windows event in a known layout. Not thread-safe.
class Recogniser {
 public:
  Recogniser();
  [[nodiscard]] bool is_event(std::string_view object);

 private:
  std::span<const Layout> layouts_;
  Paths paths_;
  Flattener flattener_;
};

}  // namespace landwarden::decode::json
