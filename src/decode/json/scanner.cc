#include "decode/json/scanner.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace landwarden::decode::json {
namespace {

constexpr const char* kNoObject = "not a JSON object";
constexpr const char* kLineInString = "the line ends inside a string";
constexpr const char* kNotClosed = "an object begins before this one is closed";
constexpr const char* kMismatch = "brackets do not match";
constexpr const char* kCut = "the data ends inside this record";

constexpr bool is_between(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == '[' || c == ']' || c == '\0' ||
         c == '\x1E';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\0';
}

/// Outside strings only these matter.
constexpr auto kTelling = [] {
  std::array<bool, 256> table{};
  for (const char c : {'"', '{', '}', '[', ']', '\n'}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

/// Position of the next quote, backslash or newline from `at` on; the end if there is none. Strings are most
/// of an event.
std::size_t find_in_string(std::string_view text, std::size_t at) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), newline = _mm_set1_epi8('\n');
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                     _mm_cmpeq_epi8(block, newline));
    if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit)); mask != 0) {
      return at + static_cast<std::size_t>(std::countr_zero(mask));
    }
  }
  while (at < text.size() && text[at] != '"' && text[at] != '\\' && text[at] != '\n') ++at;
  return at;
}

/// The length of a "Record 12\n" line at `at`; 0 if there is none, -1 if it may become one.
std::int64_t record_line(std::string_view text, std::size_t at, bool complete) {
  constexpr std::string_view kWord = "Record ";
  const std::string_view rest = text.substr(at, kWord.size() + 24);
  if (!rest.starts_with(kWord)) return !complete && kWord.starts_with(rest) ? -1 : 0;
  std::size_t i = kWord.size();
  while (i < rest.size() && rest[i] >= '0' && rest[i] <= '9') ++i;
  if (i < rest.size() && rest[i] == '\r') ++i;
  if (i == rest.size()) return complete ? static_cast<std::int64_t>(i) : -1;
  return rest[i] == '\n' ? static_cast<std::int64_t>(i + 1) : 0;
}

}  // namespace

void RecordScanner::begin(Inside inside, const char* reason) {
  inside_ = inside;
  begin_ = at_;
  in_string_ = false;
  junk_reason_ = reason;
  if (inside == Inside::record) {
    open_.clear();
    first_array_ = {};
  }
}

std::optional<Piece> RecordScanner::finish(Piece::What what, std::int64_t end, const char* reason) {
  inside_ = Inside::nothing;
  at_ = end;
  return Piece{what, begin_, end, reason};
}

void RecordScanner::move_to(std::int64_t position) {
  inside_ = Inside::nothing;
  at_ = position;
}

void RecordScanner::rebase(std::int64_t bytes) {
  at_ -= bytes;
  begin_ -= bytes;
  first_array_.position -= bytes;
}

void RecordScanner::resume_inside(std::int64_t position, unsigned depth) {
  at_ = position;
  begin(Inside::record, "");
  open_.assign(depth, '{');
}

bool RecordScanner::skip_between(std::string_view text, bool complete) {
  const auto size = static_cast<std::int64_t>(text.size());
  while (at_ < size) {
    const auto at = static_cast<std::size_t>(at_);
    const char c = text[at];
    if (stop_at_array_end_ && c == ']') return true;
    if (is_between(c)) {
      ++at_;
    } else if (c == '\xEF' && (text.substr(at, 3) == "\xEF\xBB\xBF" || (at + 3 > text.size() && !complete))) {
      if (at + 3 > text.size()) return false;
      at_ += 3;
    } else if (c == 'R') {
      const std::int64_t length = record_line(text, at, complete);
      if (length <= 0) return length == 0;
      at_ += length;
    } else {
      return true;
    }
  }
  return false;
}

std::optional<Piece> RecordScanner::next(std::string_view text, bool complete) {
  if (inside_ == Inside::nothing) {
    if (!skip_between(text, complete)) return std::nullopt;
    const char c = text[static_cast<std::size_t>(at_)];
    begin_ = at_;
    if (c == ']') return finish(Piece::What::array_end, at_ + 1, "");
    begin(c == '{' ? Inside::record : Inside::junk, kNoObject);
  }
  return inside_ == Inside::record ? scan_record(text, complete) : scan_junk(text, complete);
}

std::optional<Piece> RecordScanner::line_candidate(std::string_view text) {
  if (inside_ != Inside::nothing || !skip_between(text, true)) return std::nullopt;
  const auto at = static_cast<std::size_t>(at_);
  if (text[at] != '{') return std::nullopt;
  const void* newline = std::memchr(text.data() + at, '\n', text.size() - at);
  std::size_t end = newline == nullptr
                        ? text.size()
                        : static_cast<std::size_t>(static_cast<const char*>(newline) - text.data());
  while (end > at && (is_blank(text[end - 1]) || text[end - 1] == ',')) --end;
  if (text[end - 1] != '}') return std::nullopt;
  return Piece{Piece::What::record, at_, static_cast<std::int64_t>(end), ""};
}

/// Whether an object that begins behind this line break cannot belong to the record: no value may begin
/// there.
bool RecordScanner::cut_at_line(std::string_view text, std::int64_t newline) const {
  auto next = static_cast<std::size_t>(newline) + 1;
  if (next >= text.size() || text[next] != '{') return false;
  if (open_.back() == '[') {
    auto before = static_cast<std::size_t>(newline);
    while (before > 0 && is_blank(text[before - 1])) --before;
    return before > 0 && text[before - 1] != '[' && text[before - 1] != ',';
  }
  // In an object a value begins behind its colon only.
  auto before = static_cast<std::size_t>(newline);
  while (before > 0 && is_blank(text[before - 1])) --before;
  return before > 0 && text[before - 1] != ':';
}

std::optional<Piece> RecordScanner::scan_record(std::string_view text, bool complete) {
  const auto size = static_cast<std::int64_t>(text.size());
  while (at_ < size) {
    if (in_string_) {
      at_ = static_cast<std::int64_t>(find_in_string(text, static_cast<std::size_t>(at_)));
      if (at_ >= size) break;
      const char c = text[static_cast<std::size_t>(at_)];
      if (c == '\n') return finish(Piece::What::junk, at_, kLineInString);
      if (c == '\\') {
        if (at_ + 1 >= size) break;  // what it escapes is not there yet
        if (text[static_cast<std::size_t>(at_) + 1] != '\n') ++at_;
      } else {
        in_string_ = false;
      }
      ++at_;
      continue;
    }
    const char c = text[static_cast<std::size_t>(at_)];
    if (!kTelling[static_cast<unsigned char>(c)]) {
      ++at_;
      continue;
    }
    switch (c) {
      case '"':
        in_string_ = true;
        break;
      case '{':
        open_.push_back(c);
        break;
      case '[':
        if (first_array_.depth == 0 && open_.size() <= 2 &&
            std::count(open_.begin(), open_.end(), '[') == 0) {
          first_array_ = {at_ + 1, static_cast<unsigned>(open_.size())};
        }
        open_.push_back(c);
        break;
      case '\n':
        if (at_ + 1 >= size && !complete) return std::nullopt;  // looked at again when more is there
        if (cut_at_line(text, at_)) return finish(Piece::What::junk, at_, kNotClosed);
        break;
      default: {
        const bool matches = open_.back() == (c == '}' ? '{' : '[');
        if (!matches) {
          inside_ = Inside::junk;
          junk_reason_ = kMismatch;
          ++at_;
          return scan_junk(text, complete);
        }
        open_.pop_back();
        if (open_.empty()) return finish(Piece::What::record, at_ + 1, "");
      }
    }
    ++at_;
  }
  if (!complete) return std::nullopt;
  return finish(Piece::What::junk, size, kCut);
}

/// Junk reaches to the end of its line, or to an object that follows a comma.
std::optional<Piece> RecordScanner::scan_junk(std::string_view text, bool complete) {
  const auto size = static_cast<std::int64_t>(text.size());
  for (; at_ < size; ++at_) {
    const char c = text[static_cast<std::size_t>(at_)];
    if (c == '\n') return finish(Piece::What::junk, at_, junk_reason_);
    if (in_string_) {
      if (c == '\\') {
        if (at_ + 1 >= size && !complete) return std::nullopt;  // what it escapes is not there yet
        if (at_ + 1 < size && text[static_cast<std::size_t>(at_) + 1] != '\n') ++at_;
      }
      if (c == '"') in_string_ = false;
      continue;
    }
    if (c == '"') in_string_ = true;
    if (c == ']' && stop_at_array_end_) return finish(Piece::What::junk, at_, junk_reason_);
    if (c != '{') continue;
    auto before = at_;
    while (before > begin_ && before > 0 && is_blank(text[static_cast<std::size_t>(before) - 1])) --before;
    if (before > begin_ && before > 0 && text[static_cast<std::size_t>(before) - 1] == ',') {
      return finish(Piece::What::junk, before - 1, junk_reason_);
    }
  }
  if (!complete) return std::nullopt;
  return finish(Piece::What::junk, size, junk_reason_);
}

}  // namespace landwarden::decode::json
