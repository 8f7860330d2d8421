#include "command/process_line.h"

#include <array>

#include "base/text.h"
#include "command/char_set.h"

namespace landwarden::command {
namespace {

constexpr CharSet kEnds(" \t\n\r\"");

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_blanks_before(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && blank(text[i])) ++i;
  return text.substr(i);
}

constexpr std::array<std::string_view, 4> kEndings = {".exe", ".com", ".cmd", ".bat"};

bool ends_folded(std::string_view text, std::string_view ending) {
  if (text.size() < ending.size()) return false;
  for (std::size_t i = 0; i < ending.size(); ++i) {
    if (text::ascii_lower(text[text.size() - ending.size() + i]) != ending[i]) return false;
  }
  return true;
}

bool names_program(std::string_view word) {
  for (const std::string_view ending : kEndings) {
    if (ends_folded(word, ending)) return true;
  }
  return false;
}

/// Where an unquoted path with blanks ends: behind the first part that ends as a program does, if the line
/// begins as a path does. npos: the first word is all.
std::size_t end_of_path_with_blanks(std::string_view line, std::size_t first_end) {
  const bool path = line.size() > 2 && ((line[1] == ':' && line[2] == '\\') || line.starts_with("\\\\"));
  if (!path || names_program(line.substr(0, first_end))) return std::string_view::npos;
  for (std::size_t end = first_end; end < line.size() && line[end] != '"';) {
    const std::size_t next = std::min(line.find_first_of(" \t", end + 1), line.size());
    if (names_program(line.substr(0, next))) return next;
    end = next;
  }
  return std::string_view::npos;
}

}  // namespace

ProgramAndRest split_program(std::string_view line) {
  line = without_blanks_before(line);
  if (line.starts_with('"')) {
    const std::size_t end = std::min(line.find('"', 1), line.size());
    const std::string_view rest = line.substr(std::min(end + 1, line.size()));
    return {line.substr(1, end - 1), without_blanks_before(rest)};
  }
  std::size_t end = 0;
  while (end < line.size() && !blank(line[end])) {
    // cmd takes a switch as the end of a program's name; so does what follows ".exe" directly.
    if (line[end] == '/' && end > 4 && names_program(line.substr(0, end))) break;
    if (line[end] == '"' && end > 4 && names_program(line.substr(0, end))) break;
    ++end;
  }
  const std::size_t longer = end_of_path_with_blanks(line, end);
  if (longer != std::string_view::npos) end = longer;
  return {line.substr(0, end), without_blanks_before(line.substr(end))};
}

void split_arguments(std::string_view rest, TextStore& texts, std::vector<Word>& out) {
  std::size_t i = 0;
  std::string made;
  while (true) {
    while (i < rest.size() && blank(rest[i])) ++i;
    if (i >= rest.size()) return;
    const std::size_t plain_end = kEnds.find(rest, i);
    if (plain_end == rest.size() || rest[plain_end] != '"') {
      out.push_back({rest.substr(i, plain_end - i), false, true, static_cast<std::uint32_t>(i)});
      i = plain_end;
      continue;
    }
    made.clear();
    const auto begin = static_cast<std::uint32_t>(i);
    bool inside = false;
    while (i < rest.size() && (inside || !blank(rest[i]))) {
      std::size_t slashes = 0;
      while (i < rest.size() && rest[i] == '\\') ++slashes, ++i;
      if (i >= rest.size() || rest[i] != '"') {
        made.append(slashes, '\\');
        if (i < rest.size() && (inside || !blank(rest[i]))) made += rest[i++];
        continue;
      }
      made.append(slashes / 2, '\\');
      if (slashes % 2 == 1) {
        made += '"';
      } else if (inside && i + 1 < rest.size() && rest[i + 1] == '"') {
        made += '"';
        ++i;
      } else {
        inside = !inside;
      }
      ++i;
    }
    out.push_back({texts.keep(made), true, true, begin});
  }
}

std::string_view program_name(std::string_view path, std::string& buffer) {
  const std::size_t slash = path.find_last_of("\\/");
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  while (path.ends_with('.') || path.ends_with(' ')) path.remove_suffix(1);  // Windows drops them
  buffer.resize(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) buffer[i] = text::ascii_lower(path[i]);
  std::string_view name = buffer;
  for (const std::string_view ending : kEndings) {
    if (name.size() > ending.size() && name.ends_with(ending))
      return name.substr(0, name.size() - ending.size());
  }
  return name;
}

}  // namespace landwarden::command
