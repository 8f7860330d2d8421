#include "intel/register.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/content.h"
#include "base/glob.h"
#include "base/text.h"

namespace landwarden::intel {
namespace {

constexpr std::string_view kHint = "docs/catalogues.md has the format of decisions";
constexpr std::string_view kNever = "never";

/// The end of a decision: a date, or the word that says that it has none.
Time read_expiry(MapReader& reader, const yaml::Node& node, Verdict verdict) {
  if (reader.text("expires") == kNever) return Time::unknown();
  const Time out = reader.date("expires");
  if (!out.known() && verdict == Verdict::allowed && node.find("expires") == nullptr) {
    reader.wrong(node, "what is allowed needs 'expires': the last day, or never");
  }
  return out;
}

Result<UserDecision> read_one(const yaml::Node& node, const std::string& file) {
  MapReader reader(node, file, "a decision", kHint,
                   {"name", "kind", "verdict", "hosts", "accounts", "owner", "expires", "reason"});
  UserDecision out;
  out.names = reader.texts("name", true);
  const std::string verdict = reader.text("verdict", true), kind = reader.text("kind");
  out.decision.hosts = reader.texts("hosts");
  out.decision.accounts = reader.texts("accounts");
  out.decision.reason = reader.words("reason", true);
  if (const auto known = verdict_named(verdict)) {
    out.decision.verdict = *known;
  } else if (!verdict.empty()) {
    reader.wrong(*node.find("verdict"), "a verdict is allowed, watch or block, not '" + verdict + "'");
  }
  out.decision.owner = reader.text("owner", out.decision.verdict == Verdict::allowed);
  out.decision.expires = read_expiry(reader, node, out.decision.verdict);
  if (!kind.empty()) {
    out.kind = thing_kind_named(kind);
    if (!out.kind) reader.wrong(*node.find("kind"), "unknown kind '" + kind + "'");
  }
  out.decision.place = node.place(file);
  if (reader.error()) return std::unexpected(*reader.error());
  return out;
}

bool is_pattern(std::string_view name) {
  return name.find_first_of("*?") != std::string_view::npos;
}

ThingKind kind_of_name(std::string_view name) {
  const std::string folded = text::folded(name);
  if (folded.ends_with(".dll") || folded.ends_with(".cpl")) return ThingKind::library;
  for (const std::string_view ending : {".ps1", ".vbs", ".wsf", ".bat"}) {
    if (folded.ends_with(ending)) return ThingKind::script;
  }
  return ThingKind::binary;
}

bool over(const Decision& decision, Time today) {
  constexpr std::int64_t kDay = 86'400 * kTicksPerSecond;
  return decision.expires.known() && today.known() && today.ticks >= decision.expires.ticks + kDay;
}

/// Whether the decision holds for whom was asked about.
bool reaches(const Decision& decision, const Register::Whom& whom) {
  const auto one_of = [](const std::vector<std::string>& patterns, const std::string& text) {
    return patterns.empty() ||
           std::ranges::any_of(patterns, [&](const std::string& pattern) { return fits(pattern, text); });
  };
  if ((!decision.hosts.empty() && whom.host.empty()) ||
      (!decision.accounts.empty() && whom.account.empty())) {
    return false;
  }
  return one_of(decision.hosts, whom.host) && one_of(decision.accounts, whom.account);
}

}  // namespace

ReadDecisions read_decisions(std::string_view text, const std::string& file) {
  ReadDecisions out;
  auto documents = yaml::parse(text, file);
  if (!documents) {
    out.errors.push_back(std::move(documents.error()));
    return out;
  }
  for (const yaml::Node& document : *documents) {
    MapReader reader(document, file, "a file of decisions", kHint, {"decisions"});
    for (const yaml::Node& node : reader.list("decisions", true)) {
      auto decision = read_one(node, file);
      if (decision) {
        out.decisions.push_back(std::move(*decision));
      } else {
        out.errors.push_back(std::move(decision.error()));
      }
    }
    if (reader.error()) out.errors.push_back(*reader.error());
  }
  return out;
}

const std::vector<UserDecision>& built_in_decisions() {
  static const std::vector<UserDecision> decisions = [] {
    constexpr std::string_view kFile = "decisions.yaml";
    const auto text = content::find(kFile);
    LW_ASSERT(text.has_value());
    ReadDecisions read = read_decisions(*text, "content/" + std::string(kFile));
    LW_ASSERT(read.errors.empty());  // held by a test
    return std::move(read.decisions);
  }();
  return decisions;
}

bool fits(std::string_view pattern, std::string_view text) {
  return glob(text::folded(pattern), text::folded(text));
}

bool Register::Item::has_platform(std::string_view platform) const {
  return std::ranges::any_of(entries, [&](const Thing& entry) {
    return std::ranges::find(entry.platforms, platform) != entry.platforms.end();
  });
}

void Register::add(Catalogue catalogue) {
  for (Thing& thing : catalogue.things) {
    const std::string key = name_key(thing.name);
    Item& item = items_[key];
    if (item.entries.empty()) {
      item.name = thing.name;
      item.kind = thing.kind;
    }
    for (const std::string& alias : thing.aliases) aliases_.try_emplace(name_key(alias), key);
    item.entries.push_back(std::move(thing));
  }
}

/// What no catalogue has is in the register from now on.
void Register::name_items(const UserDecision& decision) {
  for (const std::string& name : decision.names) {
    if (is_pattern(name) || find(name) != nullptr) continue;
    Item& item = items_[name_key(name)];
    item.name = name;
    item.kind = decision.kind.value_or(kind_of_name(name));
  }
}

void Register::add(std::vector<UserDecision> decisions) {
  for (UserDecision& decision : decisions) {
    name_items(decision);
    decisions_.push_back(std::move(decision));
  }
}

void Register::add_defaults(const std::vector<UserDecision>& decisions) {
  for (const UserDecision& decision : decisions) {
    name_items(decision);
    defaults_.push_back(decision);
  }
}

std::vector<const Register::Item*> Register::items() const {
  std::vector<const Item*> out;
  for (const auto& [key, item] : items_) out.push_back(&item);
  return out;
}

const Register::Item* Register::find(std::string_view name) const {
  const std::string key = name_key(name);
  auto found = items_.find(key);
  if (found == items_.end()) {
    if (const auto alias = aliases_.find(key); alias != aliases_.end()) found = items_.find(alias->second);
  }
  return found == items_.end() ? nullptr : &found->second;
}

bool Register::is_about(const UserDecision& decision, const Item& item) const {
  if (decision.kind && *decision.kind != item.kind) return false;
  return std::ranges::any_of(decision.names, [&](const std::string& name) {
    if (!is_pattern(name)) return find(name) == &item;
    return fits(name, item.name) || fits(name, name_key(item.name));
  });
}

std::vector<Register::Standing> Register::standings(const Item& item, const Whom& whom, Time today) const {
  std::vector<Standing> out;
  bool decided = false, of_catalogue = false;
  const auto add = [&](const Decision& decision, bool from_user) {
    using enum Standing::State;
    Standing standing{.decision = &decision, .from_user = from_user};
    if (over(decision, today)) {
      standing.state = expired;
    } else if (!reaches(decision, whom)) {
      standing.state = elsewhere;
    } else {
      standing.state = decided ? overruled : in_force;
      decided = true;
    }
    out.push_back(standing);
  };
  for (const UserDecision& decision : decisions_) {
    if (is_about(decision, item)) add(decision.decision, true);
  }
  for (const Thing& entry : item.entries) {
    if (entry.decision.verdict == Verdict::undecided) continue;
    add(entry.decision, false);
    of_catalogue = true;
  }
  for (const UserDecision& decision : defaults_) {
    if (!of_catalogue && is_about(decision, item)) add(decision.decision, false);
  }
  return out;
}

Verdict Register::verdict(const Item& item, const Whom& whom, Time today) const {
  for (const Standing& standing : standings(item, whom, today)) {
    if (standing.state == Standing::State::in_force) return standing.decision->verdict;
  }
  return Verdict::undecided;
}

std::vector<const UserDecision*> Register::expired(Time today) const {
  std::vector<const UserDecision*> out;
  for (const UserDecision& decision : decisions_) {
    if (over(decision.decision, today)) out.push_back(&decision);
  }
  return out;
}

}  // namespace landwarden::intel
