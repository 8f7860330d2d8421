#include "assess/settings.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/content.h"
#include "base/text.h"

namespace landwarden::assess {
namespace {

constexpr std::string_view kFolder = "coverage/";
constexpr std::string_view kSettings = "coverage/settings.yaml";
constexpr std::string_view kQuality = "coverage/quality.yaml";
constexpr std::string_view kWays[] = {"gpo",    "auditpol", "registry", "command",
                                      "sysmon", "auditd",   "macos",    "other"};

bool is_one_of(const std::vector<std::string>& list, std::string_view text) {
  return list.empty() ||
         std::ranges::any_of(list, [&](const std::string& one) { return text::equal_folded(one, text); });
}

}  // namespace

bool RecordKind::has_channel(std::string_view channel) const {
  return is_one_of(channels, channel);
}

bool RecordKind::covers(const triage::Arrival& arrival) const {
  if (!product.empty() && product != arrival.product) return false;
  if (!event_ids.empty() &&
      (!arrival.has_event_id || std::ranges::find(event_ids, arrival.event_id) == event_ids.end()))
    return false;
  return has_channel(arrival.channel) && is_one_of(providers, arrival.provider);
}

RecordKind read_kind(TableReader& reader, const std::string& product) {
  return {.product = product,
          .channels = reader.texts("channel"),
          .providers = reader.texts("provider"),
          .event_ids = reader.numbers("event_id")};
}

/// What settings.yaml says of each setting; an arrival takes its own.
struct SettingTable::Names {
  std::map<std::string, Setting, std::less<>> settings;
  std::set<std::string> used;
};

namespace {

Result<std::map<std::string, Setting, std::less<>>> read_names(const NamedText& file) {
  const auto documents = read_maps(file.bytes, file.name);
  if (!documents) return std::unexpected(documents.error());
  std::map<std::string, Setting, std::less<>> out;
  TableReader table(documents->front(), file.name, "the table");
  for (const yaml::Node* node : table.maps("settings")) {
    TableReader reader(*node, file.name, "a setting");
    Setting setting;
    setting.id = reader.text("id");
    setting.name = reader.both("name");
    setting.note = reader.both_or_none("note");
    setting.effort = static_cast<Effort>(reader.one_of("effort", {"policy", "install", "service"}));
    constexpr std::string_view kVolumes[] = {"small", "some", "much"};
    setting.volume = kVolumes[reader.one_of("volume", {"small", "some", "much"})];
    if (const yaml::Node* remedies = reader.maybe("remedies"); remedies != nullptr) {
      for (const yaml::Entry& entry : remedies->entries) {
        if (std::ranges::find(kWays, entry.first.text) == std::end(kWays) || entry.second.text.empty())
          reader.wrong("remedies", "there is no way '" + entry.first.text + "' to switch a setting on",
                       "the head of the file lists the ways");
        setting.remedies.push_back({entry.first.text, entry.second.text});
      }
    }
    if (setting.remedies.empty())
      reader.wrong("remedies", "a setting has no remedy", "say how it is switched on");
    if (out.contains(setting.id)) reader.wrong("id", "the setting '" + setting.id + "' is there twice");
    if (auto done = reader.done(); !done) return std::unexpected(done.error());
    out.emplace(setting.id, std::move(setting));
  }
  if (auto done = table.done(); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace

Result<SettingTable> SettingTable::built_in() {
  const auto settings = content::find(kSettings), quality = content::find(kQuality);
  if (!settings || !quality)
    return fail(ErrorCode::invalid, "the tables of logging settings are not built in");
  std::vector<NamedText> arrivals;
  for (const content::BuiltIn& file : content::built_in()) {
    const std::string_view name = file.name;
    if (name.starts_with(kFolder) && name != kSettings && name != kQuality)
      arrivals.push_back({std::string(name), file.bytes()});
  }
  // Windows before the rest: its settings are preferred.
  std::ranges::stable_sort(arrivals, {},
                           [](const NamedText& file) { return !file.name.ends_with("windows.yaml"); });
  return parse({std::string(kSettings), *settings}, {std::string(kQuality), *quality}, arrivals);
}

Result<SettingTable> SettingTable::parse(const NamedText& settings, const NamedText& quality,
                                         const std::vector<NamedText>& arrivals) {
  SettingTable out;
  if (auto done = out.add_watches(quality); !done) return std::unexpected(done.error());
  auto named = read_names(settings);
  if (!named) return std::unexpected(named.error());
  Names names{.settings = std::move(*named), .used = {}};
  for (const NamedText& file : arrivals) {
    const auto documents = read_maps(file.bytes, file.name);
    if (!documents) return std::unexpected(documents.error());
    for (const yaml::Node& document : *documents) {
      if (auto done = out.add_arrivals(document, file.name, names); !done)
        return std::unexpected(done.error());
    }
  }
  for (const auto& [id, setting] : names.settings) {
    if (!names.used.contains(id))
      return fail(ErrorCode::invalid, "the setting '" + id + "' gives no records", {settings.name, 0, 0, {}},
                  "name it under 'arrivals' of one of the other tables");
  }
  return out;
}

Result<void> SettingTable::add_watches(const NamedText& quality) {
  const auto documents = read_maps(quality.bytes, quality.name);
  if (!documents) return std::unexpected(documents.error());
  TableReader table(documents->front(), quality.name, "the table");
  for (const yaml::Node* node : table.maps("watches")) {
    TableReader reader(*node, quality.name, "a watch");
    watches_.push_back({.name = reader.text("name"), .fields = reader.texts("fields")});
    watch_titles_.push_back(reader.both("title"));
    if (watches_.back().fields.empty()) reader.wrong("fields", "a watch has no fields");
    if (watches_.size() > triage::kWatches)
      reader.wrong("name", fmt::format("there are more than {} watches", triage::kWatches));
    if (auto done = reader.done(); !done) return done;
  }
  return table.done();
}

Result<void> SettingTable::add_arrivals(const yaml::Node& document, const std::string& file, Names& names) {
  TableReader table(document, file, "the table");
  const std::string product = table.text("product");
  const std::size_t first = settings_.size();
  const bool missed = table.one_of("missed", {"false", "true"}, 0) == 1;
  for (const std::string& channel : table.texts("steady"))
    steady_.push_back({.product = product, .channels = {channel}, .providers = {}, .event_ids = {}});
  for (const yaml::Node* node : table.maps("signs")) {
    TableReader reader(*node, file, "a sign");
    signs_.push_back({read_kind(reader, product), reader.both("title")});
    if (auto done = reader.done(); !done) return done;
  }
  if (const yaml::Node* roles = table.maybe("roles"); roles != nullptr) {
    for (const yaml::Entry& entry : roles->entries) {
      for (const yaml::Node& item : entry.second.items) {
        TableReader reader(item, file, "a role");
        roles_[entry.first.text].push_back(read_kind(reader, product));
        if (auto done = reader.done(); !done) return done;
      }
    }
  }
  for (const yaml::Node* node : table.maps("arrivals")) {
    if (auto done = add_arrival(*node, file, product, names); !done) return done;
  }
  for (std::size_t i = first; i < settings_.size(); ++i) settings_[i].missed = missed;
  return table.done();
}

Result<void> SettingTable::add_arrival(const yaml::Node& node, const std::string& file,
                                       const std::string& product, Names& names) {
  TableReader reader(node, file, "an arrival");
  const std::string id = reader.text("setting");
  const auto named = names.settings.find(id);
  if (named == names.settings.end() || !names.used.insert(id).second) {
    reader.wrong("setting",
                 named == names.settings.end() ? "there is no setting '" + id + "'"
                                               : "the setting '" + id + "' gives records already",
                 "settings.yaml lists them");
    return reader.so_far();
  }
  Setting setting = named->second;
  setting.records = read_kind(reader, product);
  setting.rhythm = static_cast<Rhythm>(reader.one_of("rhythm", {"always", "steady", "rare"}));
  setting.role = reader.text_or("role");
  setting.estate = reader.one_of("scope", {"host", "estate"}, 0) == 1;
  if (setting.records.channels.empty()) reader.wrong("channel", "an arrival has no channel");
  if (const yaml::Node* witness = reader.maybe("witness"); witness != nullptr) {
    TableReader inner(*witness, file, "a witness");
    setting.witness = read_kind(inner, product);
    if (auto done = inner.done(); !done) return done;
  }
  if (const std::string watch = reader.text_or("filled"); !watch.empty()) {
    setting.filled = find_watch(watch);
    if (!setting.filled)
      reader.wrong("filled", "there is no watch '" + watch + "'", "quality.yaml lists them");
  }
  for (const std::string& other : reader.texts("needs")) {
    const auto at = find(other);
    if (at) setting.needs.push_back(*at);
    if (!at) reader.wrong("needs", "there is no setting '" + other + "' before this one");
  }
  settings_.push_back(std::move(setting));
  return reader.done();
}

bool SettingTable::is_steady_channel(std::string_view product, std::string_view channel) const {
  return std::ranges::any_of(
      steady_, [&](const RecordKind& kind) { return kind.product == product && kind.has_channel(channel); });
}

std::optional<std::size_t> SettingTable::find(std::string_view id) const {
  const auto found = std::ranges::find(settings_, id, &Setting::id);
  if (found == settings_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - settings_.begin());
}

std::optional<std::size_t> SettingTable::find_watch(std::string_view name) const {
  const auto found = std::ranges::find(watches_, name, &triage::Watch::name);
  if (found == watches_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - watches_.begin());
}

std::vector<std::size_t> SettingTable::with_needs(std::size_t setting) const {
  std::set<std::size_t> out;
  std::vector<std::size_t> waiting{setting};
  while (!waiting.empty()) {
    const std::size_t at = waiting.back();
    waiting.pop_back();
    if (!out.insert(at).second) continue;
    std::ranges::copy(settings_[at].needs, std::back_inserter(waiting));
  }
  return {out.begin(), out.end()};
}

std::size_t SettingTable::add(Setting setting) {
  if (const auto there = find(setting.id)) return *there;
  settings_.push_back(std::move(setting));
  return settings_.size() - 1;
}

}  // namespace landwarden::assess
