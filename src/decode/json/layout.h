// Layouts: how JSON and CSV write Windows events, as tables (content/layouts/*.yaml; keys in
// docs/evidence.md).
//
// A layout is recognised by which paths a record has; it says which path is which field of the System part
// and where the event's own data lie. Paths are keys joined by dots, whether the keys are nested or have the
// dots in them. Immutable; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace landwarden::decode::json {

/// What becomes of a value on its way into a field.
struct Rewrite {
  enum class As : std::uint8_t { same, hex64, time };
  std::vector<std::pair<std::string, std::string>> values;  ///< as written → as Windows has it
  std::vector<std::pair<std::string, std::string>> begins;  ///< another front for a value that begins so
  As as = As::same;

  /// What `text` becomes, in `buffer` where it is no part of what is there; nothing if it is not in `values`.
  [[nodiscard]] std::optional<std::string_view> apply(std::string_view text, std::string& buffer) const;
  [[nodiscard]] bool nothing() const { return values.empty() && begins.empty() && as == As::same; }
};

/// One field and the paths that may hold it, best first.
struct FieldRule {
  std::string field;
  std::vector<std::string> paths;
  Rewrite rewrite;
};

/// A field made of several paths, or of none: a constant.
struct MadeField {
  struct Part {
    std::string front;
    std::vector<std::string> paths;  ///< best first
  };
  std::string field;
  std::string constant;
  std::vector<Part> parts;  ///< those that the record has
  std::string between;
  bool whole = false;  ///< all parts or nothing
  Rewrite rewrite;
};

/// A path that must be there, and what its value must be where that is said.
struct Need {
  std::string path;             ///< "a.*" is any path below a
  std::vector<std::string> is;  ///< one of these, without regard to case
  std::string begins;

  [[nodiscard]] bool asks_value() const { return !is.empty() || !begins.empty(); }
  [[nodiscard]] bool met_by(std::string_view value) const;
};

struct Layout {
  enum class Embedded : std::uint8_t { json, xml };
  std::string name;
  std::string product = "windows";       ///< of the shapes
  std::int64_t rank = 0;                 ///< the lowest that is recognised is taken
  std::vector<std::vector<Need>> needs;  ///< of each list at least one
  std::vector<FieldRule> fields;
  std::vector<MadeField> made;
  std::vector<std::string> data;    ///< below these lie the event's own fields, named by what follows
  std::vector<std::string> leaves;  ///< below these too, named by their last key
  bool capital = false;             ///< names of data and leaves have lost their first letter's case
  std::vector<std::string> inside;  ///< the event may be wrapped in one of these keys
  std::string xml;  ///< below this key lies the event's XML: docs/evidence.md says how it is named
  std::vector<std::string> embedded_from;  ///< this path's text is JSON or XML that belongs at that key
  std::string embedded_at;
  Embedded embedded = Embedded::json;
  std::string positions;             ///< below this path lie the event's values without their names
  std::string rest;                  ///< what no rule names goes below this; empty: its own path
  bool messages = false;             ///< the field `message` is taken apart as in a line of syslog
  bool escaped = false;              ///< values may have XML's escapes left in them
  std::string zone_local, zone_utc;  ///< two clocks of one moment: their difference is the time zone

  /// Variants by values: the first whose needs are all met takes the place of the layout.
  struct Case {
    std::vector<Need> when;
    std::size_t layout = 0;  ///< index among all
  };
  std::vector<Case> cases;
  bool is_case = false;  ///< of another layout: not recognised by itself
};

/// One file's layout; behind it its cases.
[[nodiscard]] Result<std::vector<Layout>> parse_layout(std::string_view yaml, const std::string& file);
/// All built-in layouts, by rank; their cases behind them.
[[nodiscard]] Result<std::vector<Layout>> built_in_layouts();

/// The same, parsed once for all readers of the process.
[[nodiscard]] std::span<const Layout> known_layouts();

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
