// Which records a Sigma log source covers, and how Sigma's field names are found on them.
//
// Read from content/logsources/*.yaml (schema described there); users can add files. Dispatch is by record: a
// record's channel, provider and event id decide, never the file it came from. Immutable once loaded; shared
// by all threads.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "event/catalogue.h"

namespace landwarden::view {

/// What is done to a source field's values before they are compared.
enum class Transform : std::uint8_t { none, hex_to_decimal };

/// Applies a transform to a rendering; text that does not fit stays as it is.
[[nodiscard]] std::string apply(Transform transform, std::string_view text);

struct FieldSource {
  std::string field;  ///< the source's own name
  Transform transform = Transform::none;
};

/// Sigma field name → source field. Names not listed mean the source field of the same name.
struct View {
  std::string name;
  std::unordered_map<std::string, FieldSource> fields;
};

/// A demand on a field that a record must meet to belong to a log source ("EventType is one of …").
struct Demand {
  std::string field;
  std::vector<std::string> values;  ///< compared without case
};

/// One kind of record that a log source covers.
struct Source {
  std::string product;
  std::vector<std::string> channels;     ///< folded; empty = all of the product
  std::vector<std::uint32_t> event_ids;  ///< empty = all
  std::vector<Demand> where;             ///< all must hold
  const View* view = nullptr;            ///< nullptr: names as they are
  bool alternative = false;              ///< not the source that Sigma's taxonomy names first
  bool strict = true;                    ///< also used under --strict-sources

  [[nodiscard]] bool covers(const event::Shape& shape) const;
};

/// Answer for one (category, product, service).
struct Resolution {
  std::vector<Source> sources;  ///< several: any
  std::string reason;           ///< why there is none: "no evidence of this kind …"
};

class LogSources {
 public:
  /// The table that is built in.
  [[nodiscard]] static Result<LogSources> built_in();
  /// Adds a table; `file` is for messages.
  [[nodiscard]] Result<void> add(std::string_view yaml, const std::string& file);

  /// Products, categories and services as in a rule's `logsource`; empty means not given.
  [[nodiscard]] Resolution resolve(std::string_view category, std::string_view product,
                                   std::string_view service) const;

  LogSources();
  ~LogSources();
  LogSources(LogSources&&) noexcept;
  LogSources& operator=(LogSources&&) noexcept;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace landwarden::view
