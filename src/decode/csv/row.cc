#include "decode/csv/row.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/limits.h"

namespace landwarden::decode::csv {

char separator_of(std::string_view header) {
  constexpr std::string_view kSeparators = ",;\t";
  std::array<std::size_t, 3> counts{};
  bool quoted = false;
  for (const char c : header) {
    if (c == '"') quoted = !quoted;
    const std::size_t which = quoted ? kSeparators.npos : kSeparators.find(c);
    if (which != kSeparators.npos) ++counts[which];
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  return *most == 0 ? '\0' : kSeparators[static_cast<std::size_t>(most - counts.begin())];
}

Row::What Row::read(std::string_view text, std::size_t& at, char separator) {
  values_.clear();
  texts_.clear();
  const char plain_ends[] = {separator, '\n', '\r'};
  for (;;) {
    if (values_.size() >= limits::kCsvColumns) return What::too_wide;
    if (at < text.size() && text[at] == '"') {
      if (!read_quoted(text, at, separator)) return What::open;
    } else {
      const std::size_t end = std::min(text.find_first_of(plain_ends, at, sizeof plain_ends), text.size());
      values_.push_back(text.substr(at, end - at));
      at = end;
    }
    if (at >= text.size()) return What::whole;
    const char c = text[at++];
    if (c == separator) continue;
    if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
    return What::whole;
  }
}

/// `at` is at the opening quote, afterwards at the separator or line end. What stands between the closing
/// quote and that belongs to the value.
bool Row::read_quoted(std::string_view text, std::size_t& at, char separator) {
  const std::size_t begin = ++at;
  std::size_t quote = text.find('"', begin);
  if (quote == text.npos) return false;
  const auto ends = [&](std::size_t i) {
    return i >= text.size() || text[i] == separator || text[i] == '\n' || text[i] == '\r';
  };
  if (ends(quote + 1)) {
    values_.push_back(text.substr(begin, quote - begin));
    at = quote + 1;
    return true;
  }
  // Doubled quotes: the value is put together anew. What is there of the row bounds all of them.
  std::string value(text.substr(begin, quote - begin));
  for (;;) {
    if (quote + 1 < text.size() && text[quote + 1] == '"') {
      value += '"';
      at = quote + 2;
    } else {  // the quote closes, and something follows it
      std::size_t end = quote + 1;
      while (!ends(end)) ++end;
      value += text.substr(quote + 1, end - quote - 1);
      at = end;
      break;
    }
    quote = text.find('"', at);
    if (quote == text.npos) return false;
    value += text.substr(at, quote - at);
    if (ends(quote + 1)) {
      at = quote + 1;
      break;
    }
  }
  values_.push_back(texts_.emplace_back(std::move(value)));
  return true;
}

void RowEnds::scan(std::string_view text, char separator) {
  while (at_ < text.size()) {
    if (quoted_) {
      const void* found = std::memchr(text.data() + at_, '"', text.size() - at_);
      if (found == nullptr) {
        at_ = text.size();
        return;
      }
      at_ = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
      if (at_ + 1 >= text.size()) return;  // doubled or closing: what follows says
      if (text[at_ + 1] == '"') {
        at_ += 2;
        continue;
      }
      quoted_ = false;
      value_begins_ = false;
      ++at_;
      continue;
    }
    const char c = text[at_++];
    if (c == '"' && value_begins_) {
      quoted_ = true;
    } else {
      value_begins_ = c == separator || c == '\n' || c == '\r';
      if (c == '\n') last_ = at_;
    }
  }
}

void RowEnds::rebase(std::size_t bytes) {
  at_ -= std::min(bytes, at_);
  last_ -= std::min(bytes, last_);
}

}  // namespace landwarden::decode::csv
