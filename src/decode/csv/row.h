// Takes rows of separated values apart, as in RFC 4180: quotes around a value, doubled inside it, line breaks
// and separators between quotes. The separator is a comma, a semicolon or a tab, whichever the first row
// uses.
//
// Tolerated: LF, CR LF and CR as line ends, a quote inside a value that does not begin with one. Values view
// the text, or the row's own memory until the next read().

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace landwarden::decode::csv {

/// The separator of a table by its first row: the one that stands most often outside quotes; 0 if none does.
[[nodiscard]] char separator_of(std::string_view header);

class Row {
 public:
  enum class What : std::uint8_t { whole, open, too_wide };

  /// Reads the row that begins at `text[at]` and moves behind its line end. `open`: the text ends inside a
  /// quoted value.
  [[nodiscard]] What read(std::string_view text, std::size_t& at, char separator);
  [[nodiscard]] const std::vector<std::string_view>& values() const { return values_; }

 private:
  [[nodiscard]] bool read_quoted(std::string_view text, std::size_t& at, char separator);

  std::vector<std::string_view> values_;
  std::deque<std::string> texts_;  ///< values that had doubled quotes
};

/// Finds where rows end in a text that grows. Only line feeds outside quotes end a row here; lone carriage
/// returns do not matter, since they only make units longer.
class RowEnds {
 public:
  /// Looks at what was added to the text since the last call.
  void scan(std::string_view text, char separator);
  /// Just behind the line end of the last whole row; 0 if there is none.
  [[nodiscard]] std::size_t last() const { return last_; }
  /// The first `bytes` of the text are dropped.
  void rebase(std::size_t bytes);

 private:
  std::size_t at_ = 0, last_ = 0;
  bool quoted_ = false;
  bool value_begins_ = true;
};

}  // namespace landwarden::decode::csv
