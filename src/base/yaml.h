// YAML documents as trees whose every node knows its place in the file.
//
// Parsed by libyaml; scalars are typed by the rules of YAML 1.1, as the Sigma tools do (0x1F = 31, 010 = 8,
// yes = true, 2024-01-01 = a date, "~" and nothing = null); quoted scalars and block scalars are text.
// Duplicate keys are errors; anchors, aliases and merge keys are resolved. Bounded: limits::kYaml….

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace landwarden::yaml {

struct Entry;

struct Node {
  enum class Kind : std::uint8_t { null, boolean, integer, real, date, text, list, map };
  Kind kind = Kind::null;
  std::string text;                    ///< scalars: as written in the file, after quotes and escapes
  bool flag = false;                   ///< boolean
  std::int64_t integer = 0;            ///< integer that fits; else kind is real
  double real = 0;                     ///< integer and real
  bool quoted = false;                 ///< text that was quoted or a block scalar
  std::vector<Node> items;             ///< list
  std::vector<Entry> entries;          ///< map, in file order; keys are scalars
  std::uint32_t line = 0, column = 0;  ///< from 1

  [[nodiscard]] bool is_scalar() const { return kind != Kind::list && kind != Kind::map; }
  /// The value of a key of a map; nullptr if it is not there or this is no map.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Place place(std::string file) const { return {std::move(file), line, column, {}}; }
};

/// One key of a map with its value.
struct Entry {
  Node first, second;
};

/// All documents of a stream. `file` is for messages.
[[nodiscard]] Result<std::vector<Node>> parse(std::string_view bytes, const std::string& file);

}  // namespace landwarden::yaml
