// Finds where JSON records begin and end, without reading what they say.
//
// A record is an object that stands at the top, or in arrays at the top: lines of JSON, pretty-printed
// objects one behind the other, and arrays of objects all give the same records. Blanks, commas, brackets of
// top-level arrays, NUL bytes, record separators (RFC 7464), byte order marks and evtx_dump's "Record 7"
// lines stand between records; anything else there is junk.
//
// Damage costs the record it is in: an object whose line ends inside a string, or in which a line begins with
// "{" where no value can begin, ends there, and the next is found behind it. Not thread-safe.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace landwarden::decode::json {

struct Piece {
  enum class What : std::uint8_t { record, junk, array_end };
  What what = What::record;
  std::int64_t begin = 0, end = 0;  ///< in the text; begin is negative when its front was dropped by rebase()
  const char* reason = "";          ///< junk: why
};

class RecordScanner {
 public:
  /// The next piece of `text`, which must be the same as in the call before, possibly longer. Nothing when
  /// what is there is not yet whole; with `complete` an unfinished rest becomes junk.
  [[nodiscard]] std::optional<Piece> next(std::string_view text, bool complete);

  /// If a record begins here and its line ends as an object does: that line as a record, on trust. Nothing is
  /// consumed.
  [[nodiscard]] std::optional<Piece> line_candidate(std::string_view text);

  /// Everything before this is dealt with.
  [[nodiscard]] std::int64_t position() const { return inside_ == Inside::nothing ? at_ : begin_; }
  /// Bytes before this are not looked at again, except to report where a piece begins.
  [[nodiscard]] std::int64_t scanned() const { return at_; }
  /// Goes on at `position`, between records.
  void move_to(std::int64_t position);
  /// The first `bytes` of the text are dropped; all positions move.
  void rebase(std::int64_t bytes);

  /// Report the end of the array whose elements are read (piece array_end) rather than pass over it.
  void stop_at_array_end(bool stop) { stop_at_array_end_ = stop; }
  /// Goes on at `position` inside `depth` objects that began before; the piece that follows ends with the
  /// outermost.
  void resume_inside(std::int64_t position, unsigned depth);

  /// In the record scanned now or last: the position behind the first "[" that lies in at most two objects
  /// and in no array.
  struct ArrayStart {
    std::int64_t position = 0;
    unsigned depth = 0;  ///< objects around it; 0 = there is none
  };
  [[nodiscard]] ArrayStart first_array() const { return first_array_; }

 private:
  enum class Inside : std::uint8_t { nothing, record, junk };
  [[nodiscard]] bool skip_between(std::string_view text, bool complete);
  void begin(Inside inside, const char* reason);
  [[nodiscard]] std::optional<Piece> finish(Piece::What what, std::int64_t end, const char* reason);
  [[nodiscard]] std::optional<Piece> scan_record(std::string_view text, bool complete);
  [[nodiscard]] std::optional<Piece> scan_junk(std::string_view text, bool complete);
  [[nodiscard]] bool cut_at_line(std::string_view text, std::int64_t newline) const;

  Inside inside_ = Inside::nothing;
  bool in_string_ = false;
  bool stop_at_array_end_ = false;
  std::int64_t begin_ = 0, at_ = 0;
  const char* junk_reason_ = "";
  std::vector<char> open_;  ///< brackets of the record, outermost first
  ArrayStart first_array_;
};

}  // namespace landwarden::decode::json
