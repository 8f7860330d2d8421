#include "decode/text/syslog_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"

namespace landwarden::decode::text {
namespace {

using landwarden::text::is_digit;
using namespace std::string_view_literals;

constexpr std::array kMonths = {"Jan"sv, "Feb"sv, "Mar"sv, "Apr"sv, "May"sv, "Jun"sv,
                                "Jul"sv, "Aug"sv, "Sep"sv, "Oct"sv, "Nov"sv, "Dec"sv};
constexpr std::array kDays = {"Mon"sv, "Tue"sv, "Wed"sv, "Thu"sv, "Fri"sv, "Sat"sv, "Sun"sv};
constexpr std::int64_t kDayTicks = 24 * 3600 * kTicksPerSecond;

/// A number of at most `digits` digits at the front, taken off.
std::optional<int> take_number(std::string_view& rest, std::size_t digits) {
  std::size_t size = 0;
  int value = 0;
  while (size < digits && size < rest.size() && is_digit(rest[size]))
    value = value * 10 + (rest[size++] - '0');
  if (size == 0) return std::nullopt;
  rest.remove_prefix(size);
  return value;
}

bool take(std::string_view& rest, std::string_view front) {
  if (!rest.starts_with(front)) return false;
  rest.remove_prefix(front.size());
  return true;
}

bool skip_blanks(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_not_of(" \t"), rest.size());
  rest.remove_prefix(end);
  return end > 0;
}

std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

/// "22:13:20", "22:13:20.123456"; taken off.
bool take_clock(std::string_view& rest, Civil& civil) {
  if (rest.size() < 8 || rest[2] != ':' || rest[5] != ':') return false;
  std::string_view at = rest;
  const auto hour = take_number(at, 2);
  if (!hour || !take(at, ":")) return false;
  const auto minute = take_number(at, 2);
  if (!minute || !take(at, ":")) return false;
  const auto second = take_number(at, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return false;
  civil.hour = *hour;
  civil.minute = *minute;
  civil.second = std::min(*second, 59);
  civil.tick = 0;
  if (at.size() > 1 && at[0] == '.' && is_digit(at[1])) {
    at.remove_prefix(1);
    int scale = 1'000'000;
    for (; !at.empty() && is_digit(at[0]); at.remove_prefix(1), scale /= 10)
      civil.tick += (at[0] - '0') * scale;
  }
  rest = at;
  return true;
}

bool is_date(const Civil& civil) {
  return civil.month >= 1 && civil.month <= 12 && civil.day >= 1 &&
         civil.day <= days_in_month(civil.year, civil.month);
}

/// The first such moment behind `since`, else the last before `modified`; unknown if that is a year away.
Time with_year(Civil civil, const TextSource& source) {
  const bool forwards = source.since.known();
  if (!forwards && !source.modified.known()) return Time::unknown();
  const Time earliest{source.since.ticks - (forwards ? 2 * kDayTicks : 0)};
  const Time latest{source.modified.ticks + (forwards ? 0 : kDayTicks)};
  const int year = to_civil(forwards ? earliest : latest).year;
  for (int i = 0; i < 2; ++i) {
    civil.year = forwards ? year + i : year - i;
    if (!is_date(civil)) continue;
    const Time time = from_civil(civil);
    if (forwards ? time >= earliest : time <= latest) return time;
  }
  return Time::unknown();
}

/// "sshd[123]: ", "kernel: ", "su(pam_unix)[5]: ", "Google Chrome[7] <Warning>: ", in front of the message.
bool take_tag(std::string_view& rest, SyslogLine& line) {
  constexpr std::size_t kLongest = 128;
  const std::string_view front = rest.substr(0, kLongest);
  std::size_t end = front.find_first_of(":[ ");
  if (end == front.npos || end == 0) return false;
  if (front[end] == ' ') {  // a name with blanks in it needs its number
    end = front.find('[');
    if (end == front.npos || front.substr(0, end).find_first_of(":=\"(") != front.npos) return false;
    const std::size_t close = front.find_first_not_of("0123456789", end + 1);
    if (close == front.npos || close == end + 1 || front[close] != ']') return false;
  }
  std::string_view program = front.substr(0, end), pid, level;
  std::string_view at = rest.substr(end);
  if (take(at, "[")) {
    const std::size_t close = at.substr(0, kLongest).find(']');
    if (close == at.npos) return false;
    pid = at.substr(0, close);
    at.remove_prefix(close + 1);
    if (at.starts_with(" <"sv)) {
      const std::size_t bracket = at.substr(0, kLongest).find('>');
      if (bracket != at.npos) {
        level = at.substr(2, bracket - 2);
        at.remove_prefix(bracket + 1);
      }
    } else if (at.starts_with(" ("sv)) {  // macOS: "com.apple.xpc.launchd[1] (com.apple.quicklook[15]): "
      const std::size_t bracket = at.find("): "sv);
      if (bracket != at.npos && bracket < kLongest) {
        line.module = at.substr(2, bracket - 2);
        at.remove_prefix(bracket + 1);
      }
    }
  }
  if (!take(at, ":")) return false;
  if (!at.empty() && at[0] != ' ' && at[0] != '\t') return false;  // "fe80::1"
  if (!at.empty()) at.remove_prefix(1);
  if (program.ends_with(')')) {
    const std::size_t open = program.rfind('(');
    if (open != program.npos && open > 0) {
      line.module = program.substr(open + 1, program.size() - open - 2);
      program = program.substr(0, open);
    }
  }
  line.program = program;
  line.pid = pid;
  line.level = level;
  rest = at;
  return true;
}

/// Behind the time: host, program, message. A forwarder may leave the host out.
bool take_rest(std::string_view rest, SyslogLine& line) {
  skip_blanks(rest);
  if (rest.empty()) return false;
  std::string_view hostless = rest;
  const std::size_t blank = rest.find(' ');
  if (blank == rest.npos) return false;
  // "su: …" or "cron[7]: …" at once: no host was written.
  const std::string_view first = rest.substr(0, blank);
  if (first.ends_with(':') && !first.substr(0, first.size() - 1).contains(':') && take_tag(hostless, line)) {
    line.message = hostless;
    return true;
  }
  line.host = first;
  rest.remove_prefix(blank);
  skip_blanks(rest);
  take_tag(rest, line);
  line.message = rest;
  return true;
}

std::optional<SyslogLine> read_3164(std::string_view rest, SyslogLine line, const TextSource& source) {
  Civil civil{};
  civil.month = month_of(rest.substr(0, std::min<std::size_t>(3, rest.size())));
  if (civil.month == 0 || rest.size() < 16 || rest[3] != ' ') return std::nullopt;
  rest.remove_prefix(4);
  skip_blanks(rest);
  const auto day = take_number(rest, 2);
  if (!day || !skip_blanks(rest)) return std::nullopt;
  civil.day = *day;
  if (rest.size() > 5 && rest[4] == ' ' && rest[2] != ':') {  // "Nov 14 2023 22:13:20"
    const auto year = take_number(rest, 4);
    if (!year || *year < 1970 || !skip_blanks(rest)) return std::nullopt;
    civil.year = *year;
  }
  if (!take_clock(rest, civil)) return std::nullopt;
  if (civil.day > 31 || civil.day < 1) return std::nullopt;
  line.no_year = civil.year == 0;
  line.no_zone = true;
  line.time = Time::unknown();
  if (line.no_year) {
    line.time = with_year(civil, source);
  } else if (is_date(civil)) {
    line.time = from_civil(civil);
  }
  if (!rest.starts_with(' ') || !take_rest(rest, line)) return std::nullopt;
  return line;
}

/// "2023-11-14T22:13:20.123456+00:00 host program[pid]: …"
std::optional<SyslogLine> read_iso(std::string_view rest, SyslogLine line) {
  if (rest.size() < 20 || rest[4] != '-' || rest[7] != '-' || rest[10] != 'T') return std::nullopt;
  const std::string_view stamp = take_word(rest);
  auto time = parse_time(stamp);
  // journalctl writes "+0100".
  if (!time && stamp.size() > 5 && (stamp[stamp.size() - 5] == '+' || stamp[stamp.size() - 5] == '-')) {
    std::string mended(stamp);
    mended.insert(mended.size() - 2, 1, ':');
    time = parse_time(mended);
  }
  if (!time) return std::nullopt;
  line.form = SyslogLine::Form::iso;
  line.time = *time;
  line.no_zone = stamp.back() != 'Z' && stamp.find_first_of("+-", 10) == stamp.npos;
  if (!take_rest(rest, line)) return std::nullopt;
  return line;
}

/// "Tue 2023-11-14 22:13:20 UTC host program[pid]: …"
std::optional<SyslogLine> read_full(std::string_view rest, SyslogLine line) {
  if (rest.size() < 26 || !is_weekday(rest.substr(0, 3)) || rest[3] != ' ' || rest[8] != '-')
    return std::nullopt;
  rest.remove_prefix(4);
  const std::size_t clock = rest.find(' ');
  const std::size_t end = clock == rest.npos ? rest.npos : rest.find(' ', clock + 1);
  if (end == rest.npos) return std::nullopt;
  const auto time = parse_time(rest.substr(0, end));
  if (!time) return std::nullopt;
  rest.remove_prefix(end + 1);
  const std::string_view zone = take_word(rest);
  line.form = SyslogLine::Form::full;
  line.time = *time;
  line.no_zone = zone != "UTC" && zone != "GMT";
  if (!take_rest(rest, line)) return std::nullopt;
  return line;
}

/// "Tue Nov 14 22:13:20 2023" and what vsftpd and clamd write behind it.
std::optional<SyslogLine> read_own(std::string_view rest, SyslogLine line) {
  if (rest.size() < 25 || !is_weekday(rest.substr(0, 3)) || rest[3] != ' ') return std::nullopt;
  rest.remove_prefix(4);
  Civil civil{};
  civil.month = month_of(rest.substr(0, 3));
  rest.remove_prefix(3);
  skip_blanks(rest);
  const auto day = take_number(rest, 2);
  if (civil.month == 0 || !day || !skip_blanks(rest) || !take_clock(rest, civil) || !take(rest, " "))
    return std::nullopt;
  civil.day = *day;
  const auto year = take_number(rest, 4);
  if (!year || *year < 1970) return std::nullopt;
  civil.year = *year;
  if (!is_date(civil)) return std::nullopt;
  line.form = SyslogLine::Form::own;
  line.time = from_civil(civil);
  line.no_zone = true;
  if (take(rest, " -> ")) {
    line.program = "clamd";
  } else if (take(rest, " [pid ")) {
    line.program = "vsftpd";
    const std::size_t close = rest.find("] ");
    if (close == rest.npos) return std::nullopt;
    line.pid = rest.substr(0, close);
    rest.remove_prefix(close + 2);
  } else {
    return std::nullopt;
  }
  line.message = rest;
  return line;
}

std::string_view nil_to_empty(std::string_view word) {
  return word == "-" ? std::string_view() : word;
}

/// Where structured data end; nothing if they do not.
std::optional<std::size_t> end_of_structured(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '[') {
    bool quoted = false;
    for (++at; at < text.size(); ++at) {
      if (quoted && text[at] == '\\') {
        ++at;
      } else if (text[at] == '"') {
        quoted = !quoted;
      } else if (!quoted && text[at] == ']') {
        break;
      }
    }
    if (at >= text.size()) return std::nullopt;
    ++at;
  }
  return at;
}

/// Behind "<PRI>1 ".
std::optional<SyslogLine> read_5424(std::string_view rest, SyslogLine line) {
  line.form = SyslogLine::Form::rfc5424;
  std::string_view words[5];
  for (std::string_view& word : words) {
    word = take_word(rest);
    if (word.empty() || !take(rest, " ")) return std::nullopt;
  }
  line.time = Time::unknown();
  if (words[0] != "-") {
    const auto time = parse_time(words[0]);
    if (!time) return std::nullopt;
    line.time = *time;
  }
  line.host = nil_to_empty(words[1]);
  line.program = nil_to_empty(words[2]);
  line.pid = nil_to_empty(words[3]);
  line.message_id = nil_to_empty(words[4]);
  if (take(rest, "-")) {
  } else if (rest.starts_with('[')) {
    const auto end = end_of_structured(rest);
    if (!end) return std::nullopt;
    line.structured = rest.substr(0, *end);
    rest.remove_prefix(*end);
  } else {
    return std::nullopt;
  }
  if (!rest.empty() && !take(rest, " ")) return std::nullopt;
  take(rest, "\xEF\xBB\xBF");
  line.message = rest;
  return line;
}

}  // namespace

int month_of(std::string_view name) {
  const auto at = std::find(kMonths.begin(), kMonths.end(), name);
  return at == kMonths.end() ? 0 : static_cast<int>(at - kMonths.begin()) + 1;
}

bool is_weekday(std::string_view name) {
  return std::find(kDays.begin(), kDays.end(), name) != kDays.end();
}

namespace {

std::optional<SyslogLine> read_any(std::string_view rest, const TextSource& source) {
  SyslogLine out;
  // Over TCP a count of bytes may stand in front.
  if (!rest.empty() && is_digit(rest[0])) {
    std::string_view counted = rest;
    if (take_number(counted, 6) && take(counted, " ") && counted.starts_with('<')) rest = counted;
  }
  if (take(rest, "<")) {
    const auto priority = take_number(rest, 3);
    if (!priority || *priority > 191 || !take(rest, ">")) return std::nullopt;
    out.priority = static_cast<std::uint32_t>(*priority);
    if (take(rest, "1 ")) return read_5424(rest, out);
  }
  if (rest.empty()) return std::nullopt;
  if (is_digit(rest[0])) return read_iso(rest, out);
  if (auto read = read_3164(rest, out, source)) return read;
  if (out.priority) return std::nullopt;
  if (auto read = read_full(rest, out)) return read;
  return read_own(rest, out);
}

}  // namespace

std::optional<SyslogLine> read_syslog_line(std::string_view line, const TextSource& source) {
  auto out = read_any(line, source);
  if (out && out->no_zone && out->time.known() && source.behind_utc) out->time.ticks += *source.behind_utc;
  return out;
}

bool next_structured(std::string_view& rest, std::string_view& id, StructuredItem& item) {
  for (;;) {
    if (take(rest, "[")) {
      const std::size_t end = std::min(rest.find_first_of(" ]"), rest.size());
      id = rest.substr(0, end);
      rest.remove_prefix(end);
    }
    if (take(rest, "]")) continue;
    if (rest.empty()) return false;
    skip_blanks(rest);
    const std::size_t assign = rest.find("=\"");
    if (assign == rest.npos) return false;
    item.id = id;
    item.name = rest.substr(0, assign);
    rest.remove_prefix(assign + 2);
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    end = std::min(end, rest.size());
    item.value = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return true;
  }
}

}  // namespace landwarden::decode::text
