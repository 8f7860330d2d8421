#include "decode/json/paths.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"

namespace landwarden::decode::json {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> keys;
  for (std::size_t begin = 0;;) {
    const std::size_t end = path.find(kKeySeparator, begin);
    keys.push_back(path.substr(begin, end - begin));
    if (end == path.npos) return keys;
    begin = end + 1;
  }
}

std::string dotted(std::string_view path) {
  std::string out(path);
  std::replace(out.begin(), out.end(), kKeySeparator, '.');
  return out;
}

/// What follows `above` and a dot; empty if the path does not lie below it.
std::string_view below(std::string_view path, std::string_view above) {
  if (above.empty() || path.size() <= above.size() + 1 || !path.starts_with(above) ||
      path[above.size()] != '.')
    return {};
  return path.substr(above.size() + 1);
}

bool meets(std::string_view path, std::string_view pattern) {
  if (!pattern.ends_with(".*")) return path == pattern;
  return !below(path, pattern.substr(0, pattern.size() - 2)).empty();
}

}  // namespace

Paths::Paths(std::span<const Layout> layouts) : layouts_(layouts) {
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    std::uint64_t mask = 0;
    for (const auto& any_of : layouts[i].needs) {
      LW_ASSERT(needs_.size() < 64);  // a test holds the tables to it
      mask |= std::uint64_t{1} << needs_.size();
      needs_.push_back({i, &any_of});
    }
    masks_.push_back(mask);
  }
  make_rule_targets();
}

void Paths::make_rule_targets() {
  rule_targets_.assign(layouts_.size(), {});
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    for (const FieldRule& rule : layouts_[i].fields) rule_targets_[i].push_back(target(rule.field));
  }
}

std::size_t Paths::recognise(std::uint64_t met) const {
  for (std::size_t i = 0; i < masks_.size(); ++i) {
    if ((met & masks_[i]) == masks_[i]) return i;
  }
  return masks_.size();
}

std::uint32_t Paths::target(std::string_view field) {
  if (const auto found = target_numbers_.find(field); found != target_numbers_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(target_names_.size());
  const auto [at, added] = target_numbers_.emplace(std::string(field), number);
  target_names_.push_back(&at->first);
  return number;
}

PathEntry& Paths::find(std::string_view path, PathEntry* before) {
  PathEntry*& guess = before == nullptr ? first_ : before->follows;
  if (guess != nullptr && guess->path == path) return *guess;
  auto found = entries_.find(path);
  if (found == entries_.end()) {
    auto entry = make(path);
    const std::string_view key = entry->path;
    found = entries_.emplace(key, std::move(entry)).first;
  }
  guess = found->second.get();
  return *guess;
}

std::unique_ptr<PathEntry> Paths::make(std::string_view path) {
  auto entry = std::make_unique<PathEntry>();
  entry->path = path;
  const std::string full = dotted(path);
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    const std::string& inside = layouts_[needs_[i].layout].inside;
    const std::string_view unwrapped = below(full, inside);
    const bool met =
        std::any_of(needs_[i].any_of->begin(), needs_[i].any_of->end(), [&](const std::string& pattern) {
          return meets(full, pattern) || (!unwrapped.empty() && meets(unwrapped, pattern));
        });
    if (met) entry->meets |= std::uint64_t{1} << i;
  }
  for (const Layout& layout : layouts_) entry->by_layout.push_back(map(layout, path));
  entry->by_layout.push_back({.own = target(full)});
  return entry;
}

Mapping Paths::map(const Layout& layout, std::string_view path) {
  std::string full = dotted(path);
  if (const std::string_view unwrapped = below(full, layout.inside); !unwrapped.empty()) {
    path.remove_prefix(full.size() - unwrapped.size());
    full = std::string(unwrapped);
  }
  Mapping mapping;
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    const auto& paths = layout.fields[i].paths;
    const auto at = std::find(paths.begin(), paths.end(), full);
    if (at == paths.end()) continue;
    mapping.rule = static_cast<std::int32_t>(i);
    mapping.priority = static_cast<std::uint32_t>(at - paths.begin());
  }
  if (full == layout.embedded_from) mapping.mark = Mapping::embedded;
  if (full == layout.zone_local) mapping.mark = Mapping::zone_local;
  if (full == layout.zone_utc) mapping.mark = Mapping::zone_utc;
  if (!layout.xml.empty()) {
    std::vector<std::string_view> keys = split(path);
    if (keys.front() == layout.xml) {
      keys.erase(keys.begin());
      XmlName name = name_of_xml(keys);
      mapping.null_as = name.null_as;
      if (!name.field.empty()) mapping.own = target(name.field);
      return mapping;
    }
    if (keys.front() == layout.xml + "_attributes") return mapping;  // namespaces of the root
  }
  for (const std::string& data : layout.data) {
    if (const std::string_view name = below(full, data); !name.empty()) {
      full = std::string(name);
      break;
    }
  }
  if (!layout.rest.empty()) full = layout.rest + '.' + full;
  if (full.starts_with("System.")) full.insert(0, "EventData.");  // nobody passes for the System part
  mapping.own = target(full);
  return mapping;
}

bool Paths::trim() {
  if (entries_.size() <= limits::kJsonPaths) return false;
  entries_.clear();
  first_ = nullptr;
  target_numbers_.clear();
  target_names_.clear();
  make_rule_targets();
  return true;
}

}  // namespace landwarden::decode::json
