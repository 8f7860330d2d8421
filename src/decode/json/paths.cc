#include "decode/json/paths.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "base/sorted.h"

namespace landwarden::decode::json {
namespace {

/// In PathEntry::meets: a need asks for the path's value.
constexpr Needs kAsked = Needs{1} << kNeeds;

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

/// The path without the key that the whole event lies in.
std::string_view unwrapped(std::string_view full, const Layout& layout) {
  for (const std::string& inside : layout.inside) {
    if (const std::string_view rest = below(full, inside); !rest.empty()) return rest;
  }
  return full;
}

/// Whether a rule of the layout gives a field of this name.
bool fills(const Layout& layout, std::string_view name) {
  const auto is = [&](const auto& rule) { return rule.field == name; };
  return std::any_of(layout.fields.begin(), layout.fields.end(), is) ||
         std::any_of(layout.made.begin(), layout.made.end(), is);
}

std::vector<std::string> watched_by(const Layout& layout) {
  std::vector<std::string> paths;
  for (const auto& one : layout.cases) {
    for (const Need& need : one.when) paths.push_back(need.path);
  }
  for (const MadeField& made : layout.made) {
    for (const auto& part : made.parts) paths.insert(paths.end(), part.paths.begin(), part.paths.end());
  }
  sort_and_unite(paths);
  return paths;
}

}  // namespace

Paths::Paths(std::span<const Layout> layouts) : layouts_(layouts) {
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    Needs mask = 0;
    for (const auto& any_of : layouts[i].needs) {
      LW_ASSERT(needs_.size() < kNeeds);  // a test holds the tables to it
      mask |= Needs{1} << needs_.size();
      for (const Need& need : any_of) {
        const Asks asks{needs_.size(), need.asks_value()};
        const std::string_view asked = need.path;
        if (asked.ends_with(".*")) {
          asked_below_.emplace_back(asked.substr(0, asked.size() - 2), asks);
        } else {
          asked_paths_[asked].push_back(asks);
        }
      }
      needs_.push_back({i, &any_of});
    }
    masks_.push_back(mask);
    watched_.push_back(watched_by(layouts[i]));
  }
  make_rule_targets();
}

void Paths::make_rule_targets() {
  rule_targets_.assign(layouts_.size(), {});
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    for (const FieldRule& rule : layouts_[i].fields) rule_targets_[i].push_back(target(rule.field));
    for (const MadeField& made : layouts_[i].made) rule_targets_[i].push_back(target(made.field));
  }
}

Paths::Asking Paths::asking(const PathEntry& entry) const {
  Asking out;
  const std::string full = dotted(entry.path);
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    for (const Need& need : *needs_[i].any_of) {
      if (!need.asks_value()) continue;
      if (!meets(full, need.path) && !meets(unwrapped(full, layouts_[needs_[i].layout]), need.path)) continue;
      out.needs |= Needs{1} << i;
      out.begins.emplace_back(Needs{1} << i, need.begins);
      out.fronts = out.fronts && need.is.empty() && need.begins.size() <= kFrontBytes;
    }
  }
  return out;
}

Needs Paths::met_by_values(std::span<const Item> items) const {
  Needs met = 0;
  for (const Item& item : items) {
    if (!item.path->asked || item.null) continue;
    const std::string full = dotted(item.path->path);
    for (std::size_t i = 0; i < needs_.size(); ++i) {
      for (const Need& need : *needs_[i].any_of) {
        if (!need.asks_value() || !need.met_by(item.text)) continue;
        if (meets(full, need.path) || meets(unwrapped(full, layouts_[needs_[i].layout]), need.path)) {
          met |= Needs{1} << i;
        }
      }
    }
  }
  return met;
}

std::size_t Paths::recognise(std::span<const Item> items, Needs met) {
  if ((met & kAsked) != 0) met |= met_by_values(items);
  for (std::size_t i = 0; i < masks_.size() && !layouts_[i].is_case; ++i) {
    if ((met & masks_[i]) == masks_[i]) return layouts_[i].cases.empty() ? i : case_of(items, i);
  }
  return masks_.size();
}

/// The first case of the layout whose needs the record's values meet; the layout itself if none does.
std::size_t Paths::case_of(std::span<const Item> items, std::size_t layout) {
  const std::vector<std::string>& paths = watched_[layout];
  std::vector<std::pair<std::int32_t, std::string_view>> values;
  for (const Item& item : items) {
    const std::int32_t watched = mapping(*item.path, layout).watched;
    if (watched >= 0 && !item.null) values.emplace_back(watched, item.text);
  }
  const auto met = [&](const Need& need) {
    return std::any_of(values.begin(), values.end(), [&](const auto& value) {
      return paths[static_cast<std::size_t>(value.first)] == need.path && need.met_by(value.second);
    });
  };
  for (const Layout::Case& one : layouts_[layout].cases) {
    if (std::all_of(one.when.begin(), one.when.end(), met)) return one.layout;
  }
  return layout;
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
  note_needs(*entry, full, nullptr);
  for (const Layout& layout : layouts_) {
    const std::string_view inner = unwrapped(full, layout);
    if (inner.size() != full.size()) note_needs(*entry, inner, &layout);
  }
  entry->by_layout.resize(layouts_.size() + 1);
  return entry;
}

/// The needs that ask for a path with dots: of all layouts, or of that in which it is another's inside.
void Paths::note_needs(PathEntry& entry, std::string_view full, const Layout* wrapped) const {
  const auto note = [&](const Asks& asks) {
    if (wrapped != nullptr && &layouts_[needs_[asks.need].layout] != wrapped) return;
    entry.meets |= asks.value ? kAsked : Needs{1} << asks.need;
    entry.asked = entry.asked || asks.value;
  };
  if (const auto found = asked_paths_.find(full); found != asked_paths_.end()) {
    for (const Asks& asks : found->second) note(asks);
  }
  for (const auto& [above, asks] : asked_below_) {
    if (!below(full, above).empty()) note(asks);
  }
}

void Paths::fill(Mapping& mapping, std::string_view path, std::size_t layout) {
  if (layout < layouts_.size()) {
    map(mapping, layouts_[layout], path);
    const std::string full = dotted(path);
    const auto& watched = watched_[layout];
    const auto at = std::find(watched.begin(), watched.end(), unwrapped(full, layouts_[layout]));
    if (at != watched.end()) mapping.watched = static_cast<std::int32_t>(at - watched.begin());
  } else {
    mapping.own = target(dotted(path));
  }
  mapping.known = true;
}

void Paths::map(Mapping& mapping, const Layout& layout, std::string_view path) {
  std::string full = dotted(path);
  const std::string_view inner = unwrapped(full, layout);
  path.remove_prefix(full.size() - inner.size());
  full = std::string(inner);
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    const auto& paths = layout.fields[i].paths;
    const auto at = std::find(paths.begin(), paths.end(), full);
    if (at == paths.end()) continue;
    mapping.rule = static_cast<std::int32_t>(i);
    mapping.priority = static_cast<std::uint32_t>(at - paths.begin());
  }
  const auto& from = layout.embedded_from;
  if (std::find(from.begin(), from.end(), full) != from.end()) mapping.mark = Mapping::embedded;
  if (layout.positions.ends_with(".*")
          ? full.starts_with(std::string_view(layout.positions).substr(0, layout.positions.size() - 1))
          : !layout.positions.empty() && full == layout.positions) {
    mapping.mark = Mapping::positions;
  }
  if (full == layout.zone_local) mapping.mark = Mapping::zone_local;
  if (full == layout.zone_utc) mapping.mark = Mapping::zone_utc;
  if (!layout.xml.empty()) {
    std::vector<std::string_view> keys = split(path);
    if (keys.front() == layout.xml) {
      keys.erase(keys.begin());
      XmlName name = name_of_xml(keys);
      mapping.null_as = name.null_as;
      if (!name.field.empty()) mapping.own = target(name.field);
      return;
    }
    if (keys.front() == layout.xml + "_attributes") return;  // namespaces of the root
  }
  std::string name = own_name(layout, path, std::move(full));
  if (name.starts_with("System.")) name.insert(0, "EventData.");  // nobody passes for the System part
  // Another value of the same name is not the field that the table fills.
  if (fills(layout, name)) name.insert(0, "Own.");
  mapping.own = target(name);
}

/// What a path is called that no rule names. `full`: with dots.
std::string Paths::own_name(const Layout& layout, std::string_view path, std::string full) const {
  const auto cased = [&](std::string name) {
    if (layout.capital && !name.empty() && !name.starts_with("param")) {
      name[0] = name[0] >= 'a' && name[0] <= 'z' ? static_cast<char>(name[0] - 'a' + 'A') : name[0];
    }
    return name;
  };
  for (const std::string& data : layout.data) {
    if (const std::string_view name = below(full, data); !name.empty()) return cased(std::string(name));
  }
  for (const std::string& above : layout.leaves) {
    if (below(full, above).empty()) continue;
    const char between = path.find(kKeySeparator) != path.npos ? kKeySeparator : '.';
    return cased(std::string(path.substr(path.rfind(between) + 1)));
  }
  return layout.rest.empty() ? full : layout.rest + '.' + full;
}

bool Paths::trim() {
  if (entries_.size() <= limits::kJsonPaths) return false;
  ++epoch_;
  entries_.clear();
  first_ = nullptr;
  target_numbers_.clear();
  target_names_.clear();
  make_rule_targets();
  return true;
}

}  // namespace landwarden::decode::json
