// Reads one JSON record into a flat list of values, each with its path, by simdjson (On-Demand).
//
// Two steps: walk() finds the paths and the bytes that stand for the values, read_values() what these mean;
// whoever knows the bytes already needs the first only. More is taken than RFC 8259 allows where producers
// are known to write it: see token.h; bytes that are not UTF-8 (U+FFFD) and control characters in strings.
// What cannot be read is refused with simdjson's reason. Values view the record, or the flattener's own
// memory until the next record. One worker's.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json/key_tree.h"
#include "decode/json/paths.h"

namespace landwarden::decode::json {

class Flattener {
 public:
  /// `paths` must outlive it.
  explicit Flattener(Paths& paths);
  ~Flattener();
  Flattener(const Flattener&) = delete;
  Flattener& operator=(const Flattener&) = delete;

  /// Reads `record`, of which `readable` bytes from its front may be looked at (simdjson wants some behind
  /// its end; they are copied if there are too few). Gives the reason if it is refused.
  [[nodiscard]] const char* read(std::string_view record, std::size_t readable);

  /// read() in two steps. A record that either refuses may still be mended by read().
  [[nodiscard]] const char* walk(std::string_view record, std::size_t readable);
  [[nodiscard]] const char* read_values();
  /// What walk() found: the values' paths and, beside them, tokens as token.h has them.
  [[nodiscard]] std::span<PathEntry* const> entries() const { return entries_; }
  [[nodiscard]] std::span<const std::string_view> tokens() const { return tokens_; }
  /// Whether the tokens stand in the record itself, or live for ever: not so where it was copied.
  [[nodiscard]] bool in_place() const;

  /// Forgets the last record: read_embedded() then gives its own values only.
  void clear();
  /// Adds the values of a text inside the record that is itself JSON, as if it stood at the key `at`.
  [[nodiscard]] const char* read_embedded(std::string_view text, std::string_view at);

  /// May be added to and changed until the next record.
  [[nodiscard]] std::vector<Item>& items() { return items_; }
  /// All needs of layouts that the record's paths meet.
  [[nodiscard]] Needs meets() const { return meets_; }
  /// Bytes of the last record that were not UTF-8 or not allowed in strings were replaced.
  [[nodiscard]] bool mended() const { return mended_; }

 private:
  struct Parser;
  [[nodiscard]] const char* add_values(Parser& parser);

  KeyTree keys_;
  std::unique_ptr<Parser> parser_, embedded_;
  std::vector<PathEntry*> entries_;
  std::vector<std::string_view> tokens_;
  std::vector<Item> items_;
  Needs meets_ = 0;
  bool mended_ = false;
  std::string mended_record_;
};

}  // namespace landwarden::decode::json
