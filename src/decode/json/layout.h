// Layouts: how JSON writes Windows events, as tables (content/layouts/*.yaml; keys in docs/evidence.md).
//
// A layout is recognised by which paths a record has; it says which path is which field of the System part
// and where the event's own data lie. Paths are keys joined by dots, whether the keys are nested or have the
// dots in them. Immutable; any thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace landwarden::decode::json {

/// One field of the System part and the paths that may hold it, best first.
struct FieldRule {
  std::string field;
  std::vector<std::string> paths;
  std::vector<std::pair<std::string, std::string>>
      values;          ///< as written → as Windows has it; others are not this field
  bool hex64 = false;  ///< a signed decimal number that Windows shows as hex
};

struct Layout {
  std::string name;
  std::int64_t rank = 0;                        ///< the lowest that is recognised is taken
  std::vector<std::vector<std::string>> needs;  ///< of each list at least one; "a.*" is any path below a
  std::vector<FieldRule> fields;
  std::vector<std::string> data;  ///< below these lie the event's own fields, named by what follows
  std::string inside;             ///< the event may be wrapped in this key
  std::string xml;  ///< below this key lies the event's XML: docs/evidence.md says how it is named
  std::string embedded_from, embedded_at;  ///< this path's text is JSON that belongs at that key
  std::string rest;                        ///< what no rule names goes below this; empty: its own path
  bool escaped = false;                    ///< values may have XML's escapes left in them
  std::string zone_local, zone_utc;        ///< two clocks of one moment: their difference is the time zone
};

/// One file's layout.
[[nodiscard]] Result<Layout> parse_layout(std::string_view yaml, const std::string& file);
/// All built-in layouts, by rank.
[[nodiscard]] Result<std::vector<Layout>> built_in_layouts();

/// What a field's null means: nothing there, null, or empty text.
enum class NullAs : std::uint8_t { absent, null, text };
struct XmlName {
  std::string field;  ///< empty: not a field (a namespace)
  NullAs null_as = NullAs::null;
};
/// The field that an element or attribute of the event's XML gives, by the keys below <Event> that lead to
/// it; the same names as decode/evtx gives.
[[nodiscard]] XmlName name_of_xml(const std::vector<std::string_view>& keys);

}  // namespace landwarden::decode::json
