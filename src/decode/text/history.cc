#include "decode/text/history.h"

#include <algorithm>
#include <charconv>

#include "base/glob.h"
#include "base/text.h"
#include "decode/text/line_cuts.h"

namespace landwarden::decode::text {
namespace {

Time time_of(std::string_view digits) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  constexpr std::int64_t kLatest = 253'402'300'799;  // 9999
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || seconds < 0 ||
      seconds > kLatest)
    return Time::unknown();
  return from_unix(seconds);
}

/// The text up to the line feed, which is taken off with it.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void append_lines(std::string& out, std::string_view rest) {
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    out.append(line);
    if (!rest.empty()) out += '\n';
  }
}

/// The lines without the marks at their ends.
void append_marked_lines(std::string& out, std::string_view rest, char mark) {
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (!rest.empty() && line.ends_with(mark)) line.remove_suffix(1);
    out.append(line);
    if (!rest.empty()) out += '\n';
  }
}

HistoryEntry read_bash(std::string_view text) {
  HistoryEntry entry;
  std::string_view rest = text;
  if (is_bash_stamp(take_line(rest))) {
    std::string_view stamp = text;
    stamp.remove_prefix(stamp.starts_with("#+") ? 2 : 1);
    entry.time = time_of(take_line(stamp));
    append_lines(entry.command, rest);
  } else {
    append_lines(entry.command, text);
  }
  return entry;
}

HistoryEntry read_zsh(std::string_view text) {
  HistoryEntry entry;
  // ": begin:elapsed;command"
  const std::size_t colon = text.find(':', 2), semicolon = text.find(';');
  if (text.starts_with(": ") && colon < semicolon && semicolon != text.npos) {
    const std::string_view elapsed = text.substr(colon + 1, semicolon - colon - 1);
    std::string_view begin = text.substr(2, colon - 2);
    while (begin.starts_with(' ')) begin.remove_prefix(1);
    const Time time = time_of(begin);
    if (time.known() && time_of(elapsed).known()) {
      entry.time = time;
      text.remove_prefix(semicolon + 1);
    }
  }
  std::string lines;
  append_marked_lines(lines, text, '\\');
  // zsh writes some bytes as 0x83 and the byte with one bit turned.
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == '\x83' && i + 1 < lines.size()) {
      entry.command += static_cast<char>(lines[++i] ^ 0x20);
    } else {
      entry.command += lines[i];
    }
  }
  return entry;
}

HistoryEntry read_fish(std::string_view text) {
  HistoryEntry entry;
  std::string_view rest = text;
  std::string_view command = take_line(rest);
  if (command.starts_with("- cmd:")) command.remove_prefix(6);
  if (command.starts_with(' ')) command.remove_prefix(1);
  for (std::size_t i = 0; i < command.size(); ++i) {
    const bool escape =
        command[i] == '\\' && i + 1 < command.size() && (command[i + 1] == 'n' || command[i + 1] == '\\');
    if (!escape) {
      entry.command += command[i];
      continue;
    }
    entry.command += command[++i] == 'n' ? '\n' : '\\';
  }
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (line.starts_with("  when: ")) entry.time = time_of(line.substr(8));
  }
  return entry;
}

std::string user_below(std::string_view path, std::string_view folder) {
  const std::size_t at = path.find(folder);
  if (at == path.npos) return {};
  path.remove_prefix(at + folder.size());
  const std::size_t end = path.find('/');
  return end == path.npos ? std::string() : std::string(path.substr(0, end));
}

}  // namespace

std::optional<HistoryEntry> read_history_entry(const std::string& form, std::string_view text) {
  HistoryEntry entry;
  if (form == "bash") entry = read_bash(text);
  if (form == "zsh") entry = read_zsh(text);
  if (form == "fish") entry = read_fish(text);
  if (form == "powershell") append_marked_lines(entry.command, text, '`');
  if (entry.command.find_first_not_of(" \t\r\n") == entry.command.npos) return std::nullopt;
  return entry;
}

std::optional<TextSource> history_of(const HistoryTable& table, std::string_view name) {
  std::string path(name);
  std::replace(path.begin(), path.end(), '\\', '/');
  const std::string last = landwarden::text::folded(std::string_view(path).substr(path.rfind('/') + 1));
  for (const auto& [pattern, form] : table.names) {
    if (!glob(pattern, last)) continue;
    TextSource source;
    source.history = form;
    source.product = form == "powershell" ? "windows" : "linux";
    for (const HistoryTable::Folder& folder : table.users) {
      if (!path.contains(folder.path)) continue;
      source.user = folder.user.empty() ? user_below(path, folder.path) : folder.user;
      // C:\Users\NAME\AppData is Windows', whatever it was collected on.
      const bool windows = form == "powershell" && folder.product == "macos" && !path.contains("/.local/");
      if (!windows) source.product = folder.product;
      break;
    }
    return source;
  }
  return std::nullopt;
}

}  // namespace landwarden::decode::text
