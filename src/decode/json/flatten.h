// Reads one JSON record into a flat list of values, each with its path, by simdjson.
//
// More is taken than RFC 8259 allows where producers are known to write it: NaN and Infinity, unpaired
// surrogates (U+FFFD), bytes that are not UTF-8 (U+FFFD) and control characters in strings. What cannot be
// read is refused with simdjson's reason. Values view the record, or the flattener's own memory until the
// next record. One worker's.

#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/json/paths.h"
#include "event/value_table.h"

namespace landwarden::decode::json {

struct Item {
  PathEntry* path = nullptr;
  event::ValueType type = event::ValueType::text;
  bool null = false;
  std::string_view text;
};

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
  /// Adds the values of a text inside the record that is itself JSON, as if it stood at the key `at`.
  [[nodiscard]] const char* read_embedded(std::string_view text, std::string_view at);

  /// For producers that leave XML's escapes in their values: undoes &amp; &lt; &gt; &quot; &apos;, unless
  /// some value has a character that would have been escaped, so that the record's texts are plain. True if a
  /// value changed.
  bool undo_xml_escapes();

  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  /// All needs of layouts that the record's paths meet.
  [[nodiscard]] std::uint64_t meets() const { return meets_; }
  /// Bytes of the last record that were not UTF-8 or not allowed in strings were replaced.
  [[nodiscard]] bool mended() const { return mended_; }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_, embedded_;
  std::vector<Item> items_;
  std::uint64_t meets_ = 0;
  bool mended_ = false;
  std::string mended_record_;
  std::deque<std::string> unescaped_;  ///< texts that items view
};

}  // namespace landwarden::decode::json
