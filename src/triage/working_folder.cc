#include "triage/working_folder.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/text.h"

namespace landwarden::triage {
namespace {

constexpr std::string_view kSeparators = "\\/";

bool has_drive(std::string_view path) {
  return path.size() >= 2 && path[1] == ':' && std::isalpha(static_cast<unsigned char>(path[0])) != 0;
}

/// Without "." and "..", which never lead above the drive or the share.
std::string plain(std::string_view path) {
  const bool share = path.starts_with("\\\\");
  std::vector<std::string_view> parts;
  const std::size_t kept = share ? 2 : 1;  // host and share, or the drive
  for (std::size_t at = share ? 2 : 0; at <= path.size();) {
    const std::size_t end = std::min(path.find_first_of(kSeparators, at), path.size());
    const std::string_view part = path.substr(at, end - at);
    if (part == "..") {
      if (parts.size() > kept) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string out = share ? "\\\\" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i > 0 ? "\\" : "") + std::string(parts[i]);
  if (parts.size() == 1 && !share) out += '\\';
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string path_from(std::string_view folder, std::string_view path) {
  const bool rooted = path.starts_with('\\') && !path.starts_with("\\\\");
  if (path.empty() || has_drive(path) || path.starts_with("\\\\") || path.starts_with('/') ||
      std::string_view("%$~@").contains(path.front()) || path.contains("://"))
    return std::string(path);
  if (!has_drive(folder) && !folder.starts_with("\\\\")) return std::string(path);
  if (rooted && has_drive(folder)) return plain(std::string(folder.substr(0, 2)) + std::string(path));
  return plain(std::string(folder) + "\\" + std::string(path));
}

std::optional<std::string> folder_gone_to(std::string_view program, std::string_view line) {
  constexpr std::array<std::string_view, 6> kGoes = {"cd", "chdir",        "pushd",
                                                     "sl", "set-location", "push-location"};
  if (std::ranges::find(kGoes, program) == kGoes.end()) return std::nullopt;
  line = trimmed(line);
  std::string_view rest = trimmed(line.substr(std::min(line.size(), program.size())));
  for (const std::string_view option : {"/d ", "-path ", "-literalpath "}) {
    if (rest.size() > option.size() && text::equal_folded(rest.substr(0, option.size()), option))
      rest = trimmed(rest.substr(option.size()));
  }
  if (rest.size() >= 2 && (rest.front() == '"' || rest.front() == '\'') && rest.back() == rest.front())
    rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return std::nullopt;
  return std::string(rest);
}

}  // namespace landwarden::triage
