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
#include "view/transform.h"

namespace landwarden::view {

/// A part of a field that is made of several: `front` and the value of a field.
struct JoinedPart {
  std::string front;
  std::string field;  ///< the source's own name
  Transform transform = {};
  bool needed = true;  ///< without it there is no value; else the part alone is left out
  auto operator<=>(const JoinedPart&) const = default;
};

struct FieldSource {
  std::string field;         ///< the source's own name; empty if `parts` are there
  Transform transform = {};  ///< of the value, or of what was joined
  std::vector<JoinedPart> parts;
  std::string separator;
  auto operator<=>(const FieldSource&) const = default;
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

/// Fields that records of some kind are seen to have, whatever log source covers them: derived from others.
struct VirtualFields {
  std::string product, channel;          ///< folded
  std::vector<std::uint32_t> event_ids;  ///< empty = all
  View view;

  [[nodiscard]] bool covers(const event::Shape& shape) const;
};

/// One kind of record that a log source covers.
struct Source {
  std::string product;                   ///< empty = any
  std::vector<std::string> channels;     ///< folded (datasets where there are no channels); empty = all
  std::vector<std::uint32_t> event_ids;  ///< empty = all
  std::vector<Demand> where;             ///< all must hold
  std::vector<std::string> providers;    ///< folded; empty = all
  const View* view = nullptr;            ///< nullptr: names as they are
  bool alternative = false;              ///< not the source that Sigma's taxonomy names first
  bool strict = true;                    ///< also used under --strict-sources
  bool fuller = true;                    ///< also used without it; else only to tell what a fuller one added
  bool readable = true;                  ///< there is a decoder for such records
  const std::vector<VirtualFields>* virtual_fields = nullptr;  ///< of all kinds of records

  [[nodiscard]] bool covers(const event::Shape& shape) const;
};

/// Answer for one (category, product, service).
struct Resolution {
  std::vector<Source> sources;  ///< several: any
  std::string reason;           ///< why there is none: "no evidence of this kind …"
};

/// A text that the source cuts into several records, which are put together again.
struct CutText {
  std::string product, channel;  ///< folded
  std::uint32_t event_id = 0;
  std::string text, key, number, total;  ///< names of fields
};

/// Records that carry a command line.
struct CommandLines {
  std::string product, channel;          ///< folded
  std::vector<std::uint32_t> event_ids;  ///< empty = all
  std::string line;                      ///< names of fields; those that the record does not have are empty
  std::string image, original_name;
  std::string origin;  ///< "process", "powershell", "unix"
  std::string folder;  ///< the field of the folder that the command was started in

  [[nodiscard]] bool covers(const event::Shape& shape) const;
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
  /// Kinds of records whose texts are put together.
  [[nodiscard]] const std::vector<CutText>& cut_texts() const;
  /// Kinds of records that carry a command line.
  [[nodiscard]] const std::vector<CommandLines>& command_lines() const;
  /// Changes whenever something was added that a resolution may depend on: for what is kept across runs.
  [[nodiscard]] std::uint64_t fingerprint() const;

  LogSources();
  ~LogSources();
  LogSources(LogSources&&) noexcept;
  LogSources& operator=(LogSources&&) noexcept;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace landwarden::view
