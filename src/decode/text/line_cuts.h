// Where a text log may be cut into units: between lines, but never between two records of one audit event,
// nor between an entry and the lines that go on with it.
//
// Records of an event carry the same stamp, "audit(1700000000.123:45)"; others may stand between them. They
// belong together while less than limits::kTextReach lines lie between one and the next: so a cut is known to
// be safe that many lines later, and whoever reads a unit finds the same events whatever its size.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "decode/unit.h"

namespace landwarden::decode::text {

/// "node" and "1700000000.123:45" of a line that holds a record; empty if it holds none. Views the line.
struct EventStamp {
  std::string_view node, stamp;
  [[nodiscard]] bool empty() const { return stamp.empty(); }
};
[[nodiscard]] EventStamp event_stamp(std::string_view line);

/// Whether the line is the time of the entry that follows ("#1700000000" of bash).
[[nodiscard]] bool is_bash_stamp(std::string_view line);

/// Says of each line of a source whether it begins an entry or goes on with the one before: a message with
/// line breaks, a command typed over several lines. An entry ends after limits::kTextEntryLines in any case.
/// What begins a unit begins an entry.
class EntryLines {
 public:
  explicit EntryLines(const TextSource& source);
  /// Lines in their order, without their line feed.
  [[nodiscard]] bool begins(std::string_view line);

 private:
  enum class Form : std::uint8_t { log, stamps, items, marks };
  [[nodiscard]] bool goes_on(std::string_view line) const;

  Form form_ = Form::log;
  char mark_ = '\0';       ///< at the end of a line that goes on
  std::size_t lines_ = 0;  ///< of the entry at hand
  bool stamped_ = false;   ///< the entry at hand has a time in front
  bool open_ = false;      ///< the line before ends with the mark
};

class LineCuts {
 public:
  explicit LineCuts(const TextSource& source) : log_(source.history.empty()), entries_(source) {}

  /// Looks at the whole lines that were added to the text since the last call.
  void scan(std::string_view text);
  /// Just behind the last line where a cut is known to be safe; 0 if there is none.
  [[nodiscard]] std::size_t last() const { return last_; }
  /// Just behind the last whole line.
  [[nodiscard]] std::size_t scanned() const { return at_; }
  /// The first `bytes` of the text are dropped.
  void rebase(std::size_t bytes);
  /// Nothing before this line matters any more.
  void forget();

 private:
  void line(std::string_view line, std::size_t end);
  void block(std::uint64_t from);

  struct Waiting {
    std::size_t end = 0;  ///< of the line, in the text
    bool blocked = false;
  };
  bool log_;
  EntryLines entries_;
  std::size_t at_ = 0, last_ = 0;
  std::uint64_t lines_ = 0;        ///< scanned
  std::uint64_t last_record_ = 0;  ///< number of the last line with a stamp, from 1; 0: none
  std::deque<Waiting> waiting_;    ///< the last lines, not yet known to be safe
  std::unordered_map<std::string, std::uint64_t, TextHash, std::equal_to<>> seen_;  ///< stamp → last line
  std::string key_;
};

}  // namespace landwarden::decode::text
