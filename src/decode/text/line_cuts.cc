#include "decode/text/line_cuts.h"

#include <algorithm>

#include "decode/text/limits.h"

namespace landwarden::decode::text {

EventStamp event_stamp(std::string_view line) {
  const std::size_t mark = line.find("audit(");
  if (mark == line.npos) return {};
  const std::size_t begin = mark + 6, close = line.find(')', begin);
  constexpr std::size_t kLongest = 64;
  if (close == line.npos || close - begin > kLongest) return {};
  EventStamp out;
  out.stamp = line.substr(begin, close - begin);
  if (!out.stamp.contains(':')) return {};
  const std::size_t node = line.substr(0, mark).find("node=");
  if (node != line.npos) {
    const std::string_view name = line.substr(node + 5, mark - node - 5);
    out.node = name.substr(0, name.find(' '));
  }
  return out;
}

bool is_bash_stamp(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!line.starts_with('#')) return false;
  line.remove_prefix(line.starts_with("#+") ? 2 : 1);  // tcsh writes "#+1700000000"
  return line.size() >= 9 && line.size() <= 11 &&
         std::all_of(line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; });
}

EntryLines::EntryLines(const TextSource& source) {
  if (source.history == "bash") form_ = Form::stamps;
  if (source.history == "fish") form_ = Form::items;
  if (source.history == "zsh" || source.history == "powershell") {
    form_ = Form::marks;
    mark_ = source.history == "zsh" ? '\\' : '`';
  }
}

bool EntryLines::goes_on(std::string_view line) const {
  if (lines_ == 0 || lines_ >= limits::kTextEntryLines) return false;
  switch (form_) {
    case Form::log:
      return line.starts_with(' ') || line.starts_with('\t');
    case Form::stamps:
      return stamped_ && !is_bash_stamp(line);
    case Form::items:
      return !line.starts_with("- cmd:");
    case Form::marks:
      return open_;
  }
  return false;
}

bool EntryLines::begins(std::string_view line) {
  const bool begins = !goes_on(line);
  lines_ = begins ? 1 : lines_ + 1;
  // What is too long ends here: lines without a stamp of their own follow.
  if (begins) stamped_ = is_bash_stamp(line);
  if (line.ends_with('\r')) line.remove_suffix(1);
  open_ = mark_ != '\0' && line.ends_with(mark_);
  return begins;
}

void LineCuts::scan(std::string_view text) {
  for (std::size_t end; (end = text.find('\n', at_)) != text.npos; at_ = end + 1)
    line(text.substr(at_, end - at_), end + 1);
}

/// Between the lines from number `from` on and the next no cut is safe.
void LineCuts::block(std::uint64_t from) {
  const std::uint64_t oldest = lines_ - waiting_.size();  // number of waiting_[0], from 0
  for (std::uint64_t i = std::max(from, oldest); i < lines_; ++i) waiting_[i - oldest].blocked = true;
}

void LineCuts::line(std::string_view line, std::size_t end) {
  if (!entries_.begins(line) && lines_ > 0) block(lines_ - 1);
  if (const EventStamp stamp = log_ ? event_stamp(line) : EventStamp{}; !stamp.empty()) {
    key_.assign(stamp.node).append("|").append(stamp.stamp);
    const auto [at, fresh] = seen_.try_emplace(key_, lines_);
    if (!fresh && lines_ - at->second < limits::kTextReach) block(at->second);
    at->second = lines_;
    last_record_ = lines_ + 1;
    // Stamps out of reach need not be remembered.
    if (seen_.size() > 4 * limits::kTextReach)
      std::erase_if(seen_, [&](const auto& entry) { return lines_ - entry.second >= limits::kTextReach; });
  }
  waiting_.push_back({end, false});
  ++lines_;
  const bool records_near = last_record_ != 0 && lines_ - last_record_ < limits::kTextReach;
  // Without records about, only the line before the next can be blocked still: logs may go on with an entry.
  const std::size_t keep = records_near ? limits::kTextReach : 1;
  while (waiting_.size() > keep) {
    if (!waiting_.front().blocked) last_ = waiting_.front().end;
    waiting_.pop_front();
  }
}

void LineCuts::rebase(std::size_t bytes) {
  at_ -= std::min(at_, bytes);
  last_ -= std::min(last_, bytes);
  for (Waiting& line : waiting_) line.end -= std::min(line.end, bytes);
}

void LineCuts::forget() {
  waiting_.clear();
  seen_.clear();
  last_ = 0;
  last_record_ = 0;
}

}  // namespace landwarden::decode::text
