#include "assess/advisory.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/content.h"
#include "base/text.h"

namespace landwarden::assess {
namespace {

constexpr std::string_view kFolder = "advisories/", kSuffix = ".yaml", kRules = "rules/",
                           kRuleSuffix = ".yml";
constexpr std::string_view kForm = "docs/advisories.md has the form";
constexpr std::string_view kPhases[] = {
    "reconnaissance",       "resource-development", "initial-access",    "execution", "persistence",
    "privilege-escalation", "defense-evasion",      "credential-access", "discovery", "lateral-movement",
    "collection",           "command-and-control",  "exfiltration",      "impact"};

/// "credential-access/ntdsutil_ifm", however the rule's file is called from here.
std::string path_of(std::string_view file) {
  const auto at = file.rfind(kRules);
  if (at != std::string_view::npos && (at == 0 || file[at - 1] == '/'))
    file.remove_prefix(at + kRules.size());
  if (file.ends_with(kRuleSuffix)) file.remove_suffix(kRuleSuffix.size());
  return std::string(file);
}

std::string normal_tag(std::string_view tag) {
  std::string out = text::folded(tag);
  std::ranges::replace(out, '_', '-');
  return out.starts_with("attack.") ? out : "attack." + out;
}

class AdvisoryReader {
 public:
  AdvisoryReader(const std::string& file, const sigma::RuleTable& rules,
                 const std::vector<RuleReach>& reaches, SettingTable& table)
      : file_(file), rules_(rules), reaches_(reaches), table_(table), known_(table.settings().size()) {
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
      paths_[path_of(rules[i].file)].push_back(i);
      for (const std::string& tag : rules[i].tags) tags_[normal_tag(tag)].insert(i);
    }
  }

  [[nodiscard]] Result<Advisory> read(const yaml::Node& document) {
    TableReader reader(document, file_, "an advisory");
    Advisory out;
    out.id = reader.text("id");
    out.title = reader.both("title");
    out.source = reader.text("source");
    if (const yaml::Node* ways = reader.maybe("ways"); ways != nullptr) {
      for (const yaml::Entry& entry : ways->entries) {
        auto list = read_ways(entry.second);
        if (!list) return std::unexpected(list.error());
        named_.emplace(entry.first.text, std::move(*list));
      }
    }
    std::set<std::string> ids;
    for (const yaml::Node* node : reader.maps("steps")) {
      auto step = read_step(*node);
      if (!step) return std::unexpected(step.error());
      if (!ids.insert(step->id).second)
        return fail(ErrorCode::invalid, "the step '" + step->id + "' is there twice", node->place(file_),
                    "every step has an id of its own");
      out.steps.push_back(std::move(*step));
    }
    if (out.steps.empty()) reader.wrong("steps", "an advisory has no steps", std::string(kForm));
    if (auto done = reader.done(); !done) return std::unexpected(done.error());
    return out;
  }

 private:
  [[nodiscard]] Result<Step> read_step(const yaml::Node& node) {
    TableReader reader(node, file_, "a step");
    Step step;
    step.id = reader.text("id");
    step.title = reader.both("title");
    step.text = reader.both_or_none("text");
    step.phase = reader.text("phase");
    if (!step.phase.empty() && std::ranges::find(kPhases, step.phase) == std::end(kPhases))
      reader.wrong("phase", "there is no phase '" + step.phase + "'",
                   fmt::format("there are {}", fmt::join(kPhases, ", ")));
    step.techniques = reader.texts("techniques");
    step.hosts = reader.text_or("hosts");
    if (!step.hosts.empty() && step.hosts != "estate" && !table_.roles().contains(step.hosts))
      reader.wrong("hosts", "there is no kind of host '" + step.hosts + "'", roles_text());
    step.unseen = reader.both_or_none("unseen");
    if (const std::string level = reader.text_or("level"); !level.empty()) {
      const auto parsed = sigma::parse_level(level);
      if (!parsed)
        reader.wrong("level", "there is no level '" + level + "'", "there are low, medium, high, critical");
      step.level = parsed.value_or(step.level);
    }
    if (auto done = read_rules(reader, step); !done) return std::unexpected(done.error());
    if (const yaml::Node* seen = reader.maybe("seen_by"); seen != nullptr) {
      if (auto valid = reader.so_far(); !valid) return std::unexpected(valid.error());
      if (auto valid = check_list(*seen); !valid) return std::unexpected(valid.error());
      auto ways = usable_ways(*seen, step);
      if (!ways) return std::unexpected(ways.error());
      step.seen_by = std::move(*ways);
    }
    const bool seen = !step.shown_by.empty() && !step.seen_by.empty();
    const bool none = step.rules.empty() && step.shown_by.empty() && step.seen_by.empty();
    if (step.unseen.en.empty() ? !seen : !none)
      reader.wrong("id",
                   step.unseen.en.empty() ? "the step needs rules (or tags) and seen_by"
                                          : "a step that is unseen has neither rules, tags nor seen_by",
                   "or say under unseen why no log shows it; " + std::string(kForm));
    if (auto done = reader.done(); !done) return std::unexpected(done.error());
    return step;
  }

  [[nodiscard]] Result<void> read_rules(TableReader& reader, Step& step) {
    std::set<std::uint32_t> shown_by;
    step.rules = reader.texts("rules");
    for (const std::string& name : step.rules) {
      const auto found = paths_.find(name);
      if (found == paths_.end())
        reader.wrong("rules", "there is no rule '" + name + "'",
                     "rules are named by their path below content/rules, without .yml");
      else
        shown_by.insert(found->second.begin(), found->second.end());
    }
    for (const std::string& tag : reader.texts("tags")) {
      const auto found = tags_.find(normal_tag(tag));
      if (found == tags_.end())
        reader.wrong("tags", "no rule has the tag '" + tag + "'", "landwarden rules list shows the rules");
      else
        shown_by.insert(found->second.begin(), found->second.end());
    }
    step.shown_by.assign(shown_by.begin(), shown_by.end());
    return {};
  }

  /// A list of ways.
  [[nodiscard]] Result<std::vector<Way>> read_ways(const yaml::Node& list) {
    if (auto valid = check_list(list); !valid) return std::unexpected(valid.error());
    std::vector<Way> out;
    for (const yaml::Node& item : list.items) {
      auto ways = read_item(item);
      if (!ways) return std::unexpected(ways.error());
      std::ranges::move(*ways, std::back_inserter(out));
    }
    return out;
  }
  [[nodiscard]] Result<void> check_list(const yaml::Node& list) const {
    if (list.kind == yaml::Node::Kind::list) return {};
    return fail(ErrorCode::invalid, "ways are a list", list.place(file_), std::string(kForm));
  }
  /// The name of a list of ways, or a way itself.
  [[nodiscard]] Result<std::vector<Way>> read_item(const yaml::Node& item) {
    if (!item.is_scalar()) {
      auto way = read_way(item);
      if (!way) return std::unexpected(way.error());
      return std::vector<Way>{std::move(*way)};
    }
    const auto found = named_.find(item.text);
    if (found != named_.end()) return found->second;
    return fail(ErrorCode::invalid, "there is no way '" + item.text + "'", item.place(file_),
                named_.empty() ? "name it under 'ways', before the steps"
                               : fmt::format("there are {}", names_text()));
  }

  [[nodiscard]] Result<Way> read_way(const yaml::Node& node) {
    TableReader reader(node, file_, "a way");
    std::set<std::size_t> out;
    const std::vector<std::string> settings = reader.texts("settings");
    for (const std::string& id : settings) {
      const auto found = table_.find(id);
      if (!found) {
        reader.wrong("settings", "there is no setting '" + id + "'",
                     "content/coverage/settings.yaml lists them");
        continue;
      }
      for (const std::size_t need : table_.with_needs(*found)) out.insert(need);
    }
    if (settings.empty()) out.insert(read_own_kind(reader));
    if (auto done = reader.done(); !done) return std::unexpected(done.error());
    return Way(out.begin(), out.end());
  }

  /// Records that no setting of the table is about.
  [[nodiscard]] std::size_t read_own_kind(TableReader& reader) {
    Setting setting;
    setting.name = reader.both("name");
    setting.id = "advisory:" + text::folded(setting.name.en);
    setting.volume = "some";
    setting.records = read_kind(reader, reader.text("product"));
    setting.rhythm = static_cast<Rhythm>(reader.one_of("rhythm", {"always", "steady", "rare"}));
    setting.role = reader.text_or("role");
    setting.estate = reader.one_of("scope", {"host", "estate"}, 0) == 1;
    setting.missed = setting.estate;
    setting.remedies = {{"other", reader.text("remedy")}};
    if (const std::string watch = reader.text_or("filled"); !watch.empty()) {
      setting.filled = table_.find_watch(watch);
      if (!setting.filled)
        reader.wrong("filled", "there is no watch '" + watch + "'",
                     "content/coverage/quality.yaml lists them");
    }
    if (setting.records.channels.empty())
      reader.wrong("channel", "a way names settings, or a channel of its own", std::string(kForm));
    return table_.add(std::move(setting));
  }

  [[nodiscard]] std::string names_text() const {
    std::vector<std::string> names;
    for (const auto& [name, ways] : named_) names.push_back(name);
    return fmt::format("{}", fmt::join(names, ", "));
  }
  [[nodiscard]] std::string roles_text() const {
    std::vector<std::string> names{"estate"};
    for (const auto& [name, kinds] : table_.roles()) names.push_back(name);
    return fmt::format("there are {}; without the key it is every machine", fmt::join(names, ", "));
  }

  /// Whether some rule of the step, that counts, can fire on what the way makes arrive. Of kinds of records
  /// that the advisory describes itself nobody knows.
  [[nodiscard]] bool is_usable(const Way& way, const Step& step) const {
    std::vector<bool> on(table_.settings().size());
    for (const std::size_t setting : way) {
      if (setting >= known_) return true;
      on[setting] = true;
    }
    return std::ranges::any_of(step.shown_by, [&](std::uint32_t rule) {
      return rules_[rule].level.value_or(sigma::Level::informational) >= step.level &&
             reaches(reaches_, rule, on);
    });
  }
  [[nodiscard]] Result<std::vector<Way>> usable_ways(const yaml::Node& list, const Step& step) {
    std::vector<Way> out;
    for (const yaml::Node& item : list.items) {
      const auto ways = read_item(item);
      if (!ways) return std::unexpected(ways.error());
      bool any = false;
      for (const Way& way : *ways) {
        if (!is_usable(way, step)) continue;
        any = true;
        out.push_back(way);
      }
      if (!any)
        return fail(
            ErrorCode::invalid, "no rule of the step '" + step.id + "' can use this way", item.place(file_),
            "what it makes arrive would not show the step: leave it out, or name a rule that looks at it "
            "(at the step's level)");
    }
    return out;
  }

  const std::string& file_;
  const sigma::RuleTable& rules_;
  const std::vector<RuleReach>& reaches_;
  SettingTable& table_;
  std::size_t known_;  ///< settings that the rules were held against
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> paths_;
  std::map<std::string, std::set<std::uint32_t>, std::less<>> tags_;
  std::map<std::string, std::vector<Way>, std::less<>> named_;
};

}  // namespace

std::vector<std::string> built_in_advisories() {
  std::vector<std::string> out;
  for (const content::BuiltIn& file : content::built_in()) {
    std::string_view name = file.name;
    if (!name.starts_with(kFolder) || !name.ends_with(kSuffix)) continue;
    name.remove_prefix(kFolder.size());
    name.remove_suffix(kSuffix.size());
    out.emplace_back(name);
  }
  return out;
}

std::optional<std::string_view> find_advisory(std::string_view id) {
  return content::find(fmt::format("{}{}{}", kFolder, text::folded(id), kSuffix));
}

Result<Advisory> read_advisory(std::string_view bytes, const std::string& file, const sigma::RuleTable& rules,
                               const std::vector<RuleReach>& reaches, SettingTable& table) {
  const auto documents = read_maps(bytes, file);
  if (!documents) return std::unexpected(documents.error());
  if (documents->size() > 1)
    return fail(ErrorCode::invalid, "there is more than one advisory in the file",
                (*documents)[1].place(file), "put each into a file of its own");
  return AdvisoryReader(file, rules, reaches, table).read(documents->front());
}

}  // namespace landwarden::assess
