#include "assess/rule_reach.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "base/sorted.h"
#include "base/text.h"
#include "sigma/correlation.h"

namespace landwarden::assess {
namespace {

/// Correlations of correlations: rules that go round in circles are refused when they are compiled.
constexpr int kDepth = 16;

void collect_ids(const sigma::Rule& rule, const sigma::Expression& at, std::set<std::uint32_t>& out) {
  using Kind = sigma::Expression::Kind;
  if (at.kind == Kind::all) {
    for (const sigma::Expression& child : at.children) collect_ids(rule, child, out);
    return;
  }
  const std::span<const sigma::Expression> tests =
      at.kind == Kind::any ? std::span(at.children) : std::span(&at, at.kind == Kind::test ? 1U : 0U);
  std::set<std::uint32_t> ids;
  for (const sigma::Expression& child : tests) {
    if (child.kind != Kind::test) return;
    const sigma::Test& test = rule.tests[child.test];
    const double number = test.predicate.number;
    if (test.field != "EventID" || test.predicate.kind != sigma::Predicate::Kind::number || number < 0)
      return;
    ids.insert(static_cast<std::uint32_t>(number));
  }
  out.merge(ids);
}

bool holds(const sigma::Rule& rule, const sigma::Expression& e,
           const std::function<bool(const std::string&)>& lacking) {
  using Kind = sigma::Expression::Kind;
  const auto can = [&](const sigma::Expression& child) { return holds(rule, child, lacking); };
  switch (e.kind) {
    case Kind::test: {
      const sigma::Test& test = rule.tests[e.test];
      const bool of_absence = test.predicate.kind == sigma::Predicate::Kind::null ||
                              (test.predicate.kind == sigma::Predicate::Kind::exists && !test.predicate.flag);
      return test.field.empty() || of_absence || !lacking(test.field);
    }
    case Kind::negate:
      return true;
    case Kind::any:
      return std::ranges::any_of(e.children, can);
    case Kind::all:
      return std::ranges::all_of(e.children, can);
  }
  return true;
}

bool share_one(const std::vector<std::uint32_t>& some, const std::set<std::uint32_t>& others) {
  return some.empty() || others.empty() ||
         std::ranges::any_of(some, [&](std::uint32_t id) { return others.contains(id); });
}

class Reacher {
 public:
  Reacher(const view::LogSources& sources, const sigma::FieldTable& fields, const triage::AttackTable& attack,
          SettingTable& table)
      : sources_(sources), fields_(fields), attack_(attack), table_(table) {}

  [[nodiscard]] RuleReach of_detection(const sigma::Rule& rule, std::uint32_t index) {
    RuleReach out{.rule = index, .ways = {}, .parts = {}, .all_parts = true, .techniques = techniques(rule)};
    const std::set<std::uint32_t> demanded = demanded_ids(rule);
    const auto resolution =
        sources_.resolve(rule.logsource.category, rule.logsource.product, rule.logsource.service);
    for (const view::Source& source : resolution.sources) {
      if (!source.readable || !source.fuller) continue;
      std::set<std::uint32_t> ids(source.event_ids.begin(), source.event_ids.end());
      if (!ids.empty() && !demanded.empty()) {
        std::erase_if(ids, [&](std::uint32_t id) { return !demanded.contains(id); });
        if (ids.empty()) continue;
      }
      if (ids.empty()) ids = demanded;
      add_ways(rule, source, ids, out.ways);
    }
    sort_and_unite(out.ways);
    return out;
  }
  [[nodiscard]] std::vector<std::string> techniques(const sigma::Rule& rule) const {
    std::set<std::string> out;
    for (const std::string& tag : rule.tags) {
      std::string technique = attack_.read_tag(tag).technique;
      if (!technique.empty()) out.insert(std::move(technique));
    }
    return {out.begin(), out.end()};
  }

 private:
  void add_ways(const sigma::Rule& rule, const view::Source& source, const std::set<std::uint32_t>& ids,
                std::vector<Way>& ways) {
    const sigma::FieldNames known = fields_.of({.sources = {source}, .reason = {}});
    const auto lacking = [&](const std::string& field) {
      if (is_meaning(field)) return line_field(source, ids).empty();
      return known.complete && !fields_.is_always(field) && !known.names.contains(field);
    };
    if (!can_hold(rule, lacking)) return;
    bool mapped = false;
    const std::size_t settings = table_.settings().size();
    for (std::size_t i = 0; i < settings; ++i) {
      const Setting& setting = table_.settings()[i];
      if (setting.filled || !overlap(setting.records, source, ids)) continue;
      mapped = true;
      ways.push_back(way_through(rule, source, ids, i));
    }
    if (!mapped) ways.push_back({unknown_log(source)});
  }
  /// Fields that say what a command line means are there where the line is.
  [[nodiscard]] static bool is_meaning(std::string_view field) { return field.starts_with("lw."); }
  /// The field with the command line in records of a source; empty: they have none.
  [[nodiscard]] std::string line_field(const view::Source& source, const std::set<std::uint32_t>& ids) const {
    for (const view::CommandLines& lines : sources_.command_lines()) {
      if (!source.product.empty() && source.product != lines.product) continue;
      const bool channel = source.channels.empty() ||
                           std::ranges::find(source.channels, lines.channel) != source.channels.end();
      if (channel && share_one(lines.event_ids, ids)) return lines.line;
    }
    return {};
  }
  [[nodiscard]] static bool overlap(const RecordKind& kind, const view::Source& source,
                                    const std::set<std::uint32_t>& ids) {
    if (!source.product.empty() && source.product != kind.product) return false;
    const bool channel =
        source.channels.empty() ||
        std::ranges::any_of(source.channels, [&](const std::string& name) { return kind.has_channel(name); });
    return channel && share_one(kind.event_ids, ids);
  }
  /// The setting, and those that fill a field of its records which the rule cannot do without.
  [[nodiscard]] Way way_through(const sigma::Rule& rule, const view::Source& source,
                                const std::set<std::uint32_t>& ids, std::size_t setting) const {
    const std::string line = line_field(source, ids);
    std::set<std::size_t> way;
    for (const std::size_t need : table_.with_needs(setting)) way.insert(need);
    for (std::size_t i = 0; i < table_.settings().size(); ++i) {
      const Setting& filler = table_.settings()[i];
      if (!filler.filled || std::ranges::find(filler.needs, setting) == filler.needs.end()) continue;
      const std::vector<std::string>& fields = table_.watches()[*filler.filled].fields;
      const auto unfilled = [&](const std::string& field) {
        std::string_view own = field;
        if (is_meaning(field)) {
          own = line;
        } else if (source.view != nullptr) {
          const auto seen = source.view->fields.find(field);
          if (seen != source.view->fields.end()) own = seen->second.field;
        }
        return std::ranges::find(fields, own) != fields.end();
      };
      if (!can_hold(rule, unfilled)) {
        for (const std::size_t need : table_.with_needs(i)) way.insert(need);
      }
    }
    return {way.begin(), way.end()};
  }
  std::size_t unknown_log(const view::Source& source) {
    const std::string name = source.channels.empty() ? source.product : source.channels.front();
    Setting setting;
    setting.id = "log:" + source.product + "/" + name;
    setting.name = {name + " log collected", name + " ログの収集"};
    setting.volume = "some";
    setting.remedies = {{"other", "Collect " + name}};
    setting.records = {
        .product = source.product, .channels = source.channels, .providers = {}, .event_ids = {}};
    setting.estate = source.product != "windows" && source.product != "linux" && source.product != "macos";
    return table_.add(std::move(setting));
  }

  const view::LogSources& sources_;
  const sigma::FieldTable& fields_;
  const triage::AttackTable& attack_;
  SettingTable& table_;
};

/// Rules by id and name, as correlations refer to them.
std::map<std::string, std::uint32_t, std::less<>> by_name(const sigma::RuleTable& rules) {
  std::map<std::string, std::uint32_t, std::less<>> out;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].id.empty()) out.emplace(rules[i].id, i);
    if (!rules[i].name.empty()) out.emplace(rules[i].name, i);
  }
  return out;
}

bool reaches_at(const std::vector<RuleReach>& all, std::size_t rule, const std::vector<bool>& on, int depth) {
  const RuleReach& reach = all[rule];
  if (!reach.parts.empty()) {
    if (depth == 0) return false;
    const auto can = [&](std::uint32_t part) { return reaches_at(all, part, on, depth - 1); };
    return reach.all_parts ? std::ranges::all_of(reach.parts, can) : std::ranges::any_of(reach.parts, can);
  }
  return std::ranges::any_of(reach.ways, [&](const Way& way) {
    return std::ranges::all_of(way, [&](std::size_t setting) { return on[setting]; });
  });
}

}  // namespace

std::set<std::uint32_t> demanded_ids(const sigma::Rule& rule) {
  std::set<std::uint32_t> out;
  collect_ids(rule, rule.condition, out);
  return out;
}

bool can_hold(const sigma::Rule& rule, const std::function<bool(const std::string&)>& lacking) {
  return holds(rule, rule.condition, lacking);
}

std::vector<RuleReach> reach_of(const sigma::RuleTable& rules, const view::LogSources& sources,
                                const sigma::FieldTable& fields, const triage::AttackTable& attack,
                                SettingTable& table) {
  Reacher reacher(sources, fields, attack, table);
  const auto names = by_name(rules);
  std::vector<RuleReach> out;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    const sigma::Rule& rule = rules[i];
    if (rule.correlation == nullptr) {
      out.push_back(reacher.of_detection(rule, i));
      continue;
    }
    RuleReach reach{
        .rule = i, .ways = {}, .parts = {}, .all_parts = true, .techniques = reacher.techniques(rule)};
    using Type = sigma::Correlation::Type;
    reach.all_parts =
        (rule.correlation->type == Type::temporal || rule.correlation->type == Type::temporal_ordered) &&
        !rule.correlation->condition;
    for (const auto& reference : rule.correlation->rules) {
      if (const auto found = names.find(reference.name); found != names.end() && found->second != i)
        reach.parts.push_back(found->second);
    }
    out.push_back(std::move(reach));
  }
  return out;
}

bool reaches(const std::vector<RuleReach>& all, std::size_t rule, const std::vector<bool>& on) {
  return reaches_at(all, rule, on, kDepth);
}

}  // namespace landwarden::assess
