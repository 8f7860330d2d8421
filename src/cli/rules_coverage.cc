// landwarden rules coverage: which ATT&CK techniques rules could find on this evidence, as a layer for ATT&CK
// Navigator.
//
// A rule can fire where there is a record of its log source, of an event that it asks for, which has the
// fields that it demands. The records are counted on the evidence; which fields they have is known from
// content/fields, and what that does not judge is taken to be there.

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "assess/rule_reach.h"
#include "cli/console.h"
#include "cli/diagnostics.h"
#include "cli/interrupt.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "cli/rules_commands.h"
#include "cli/usual_options.h"
#include "engine/survey.h"
#include "report/json.h"
#include "report/screen.h"
#include "sigma/lint_tables.h"
#include "triage/attack.h"

namespace landwarden::cli {
namespace {

struct CoverageWords {
  RuleSettingsWords settings;
  std::string rules;
  std::vector<std::string> evidence;
  std::string format = "text";
  unsigned threads = 0;
};

/// The rules for one technique.
struct TechniqueRules {
  std::set<std::string> can, cannot;  ///< titles
};

struct CoverageFound {
  std::map<std::string, TechniqueRules> techniques;
  std::uint64_t rules = 0, can = 0, untagged = 0;
  bool incomplete = false, interrupted = false;
};

bool can_fire(const sigma::Rule& rule, const view::LogSources& sources, const sigma::FieldTable& fields,
              const std::vector<event::Shape>& seen) {
  const std::set<std::uint32_t> ids = assess::demanded_ids(rule);
  const auto resolution =
      sources.resolve(rule.logsource.category, rule.logsource.product, rule.logsource.service);
  return std::ranges::any_of(resolution.sources, [&](const view::Source& source) {
    const bool there = std::ranges::any_of(seen, [&](const event::Shape& shape) {
      return source.covers(shape) && (ids.empty() || (shape.event_id && ids.contains(*shape.event_id)));
    });
    if (!there) return false;
    const sigma::FieldNames known = fields.of({.sources = {source}, .reason = {}});
    const auto lacking = [&](const std::string& field) {
      return known.complete && !fields.is_always(field) && !known.names.contains(field);
    };
    return assess::can_hold(rule, lacking);
  });
}

std::vector<event::Shape> shapes_of(const triage::Survey& survey) {
  std::vector<event::Shape> out;
  for (const triage::EventCount& count : survey.events) {
    out.push_back({.product = count.product,
                   .channel = count.channel,
                   .provider = count.provider,
                   .event_id = count.has_event_id ? std::optional(count.event_id) : std::nullopt,
                   .version = 0});
  }
  return out;
}

Result<CoverageFound> cover(const CoverageWords& words) {
  const auto settings = read_rule_settings(words.settings);
  if (!settings) return std::unexpected(settings.error());
  const view::LogSources& sources = settings->sources;
  const auto tables = sigma::LintTables::built_in();
  if (!tables) return std::unexpected(tables.error());
  const auto attack = triage::AttackTable::built_in();
  if (!attack) return std::unexpected(attack.error());
  RuleChoice choice;
  choice.paths = {words.rules};
  auto chosen = choose_rules(choice, settings->loading());
  if (!chosen) return std::unexpected(chosen.error());
  event::Catalogue catalogue;
  std::vector<sigma::Diagnostic> diagnostics = std::move(chosen->diagnostics);
  const auto rules = sigma::RuleSet::compile(std::move(chosen->rules), sources, catalogue, diagnostics);
  sort_by_place(diagnostics);
  say_diagnostics(diagnostics, true, "landwarden rules check " + words.rules);
  engine::SurveyOptions options;
  options.evidence = words.evidence;
  options.threads = words.threads;
  engine::Progress progress;
  const auto survey = engine::survey(options, rules, sources, catalogue, progress, watch_for_interrupt());
  if (!survey) return std::unexpected(survey.error());
  CoverageFound out;
  out.incomplete = survey->incomplete();
  out.interrupted = survey->interrupted;
  const std::vector<event::Shape> seen = shapes_of(*survey);
  for (const sigma::Rule& rule : rules.rules()) {
    if (rule.tests.empty()) continue;
    const bool can = can_fire(rule, sources, tables->fields, seen);
    ++out.rules;
    out.can += can ? 1 : 0;
    bool tagged = false;
    for (const std::string& tag : rule.tags) {
      const std::string technique = attack->read_tag(tag).technique;
      if (technique.empty()) continue;
      tagged = true;
      TechniqueRules& found = out.techniques[technique];
      (can ? found.can : found.cannot).insert(rule.title);
    }
    out.untagged += tagged ? 0 : 1;
  }
  return out;
}

std::string text_of(const CoverageFound& found) {
  std::string out;
  std::uint64_t covered = 0;
  for (const auto& [technique, rules] : found.techniques) {
    covered += rules.can.empty() ? 0 : 1;
    out += fmt::format("{:10} {:>6} of {}\n", technique, rules.can.size(),
                       rules.can.size() + rules.cannot.size());
  }
  out += fmt::format(
      "{} of {} can fire on this evidence; {} of {} with a rule are covered; {} without a technique\n",
      report::grouped(found.can), report::counted(found.rules, "rule", "rules"), report::grouped(covered),
      report::counted(found.techniques.size(), "technique", "techniques"),
      report::counted(found.untagged, "rule", "rules"));
  return out;
}

/// Titles for a cell's remark: a few, and how many more.
std::string remark(const TechniqueRules& rules) {
  constexpr std::size_t kTitles = 10;
  std::string out = fmt::format("{} can fire, {} cannot", report::counted(rules.can.size(), "rule", "rules"),
                                rules.cannot.size());
  std::size_t said = 0;
  for (const std::string& title : rules.can) {
    if (said++ == kTitles) break;
    out += (said == 1 ? ": " : "; ") + title;
  }
  return rules.can.size() > kTitles ? out + fmt::format("; and {} more", rules.can.size() - kTitles) : out;
}

/// A layer of ATT&CK Navigator 5, format 4.5.
std::string layer_of(const CoverageFound& found) {
  std::size_t most = 1;
  for (const auto& [technique, rules] : found.techniques) most = std::max(most, rules.can.size());
  std::string out =
      "{\n  \"name\": \"Landwarden: rules that can fire\",\n"
      "  \"versions\": {\"attack\": \"18\", \"navigator\": \"5.1.0\", \"layer\": \"4.5\"},\n"
      "  \"domain\": \"enterprise-attack\",\n"
      "  \"description\": \"Score: rules for the technique whose records are in the evidence\",\n"
      "  \"sorting\": 3,\n  \"hideDisabled\": false,\n  \"techniques\": [";
  bool first = true;
  for (const auto& [technique, rules] : found.techniques) {
    out += first ? "\n    {\"techniqueID\": " : ",\n    {\"techniqueID\": ";
    first = false;
    report::append_json_string(out, technique);
    out += fmt::format(", \"score\": {}, \"enabled\": true, \"comment\": ", rules.can.size());
    report::append_json_string(out, remark(rules));
    out += '}';
  }
  return out + (first ? "]" : "\n  ]") +
         fmt::format(
             ",\n  \"gradient\": {{\"colors\": [\"#ffffff\", \"#2e7d32\"], \"minValue\": 0, \"maxValue\": "
             "{}}}\n}}\n",
             most);
}

int run_coverage(const CoverageWords& words) {
  const auto found = cover(words);
  if (!found) {
    say_error(found.error());
    return found.error().code == ErrorCode::interrupted ? kInterrupted : kUnusable;
  }
  const int code = answer(words.format == "navigator" ? layer_of(*found) : text_of(*found));
  if (code != kDone) return code;
  if (found->interrupted) return kInterrupted;
  return found->incomplete ? kIncomplete : kDone;
}

}  // namespace

void add_rules_coverage(Command rules) {
  const Command command = rules.command(
      "coverage",
      "Say which ATT&CK techniques the rules could find on this evidence: those whose records are there");
  const auto words = std::make_shared<CoverageWords>();
  command.option("rules", words->rules, "RULES", "Rules: a file, folder or zip").required();
  command.option("evidence", words->evidence, "EVIDENCE", "Evidence, as for hunt").required();
  command
      .option("--format", words->format, "FORMAT",
              "text (default), or navigator: a layer for ATT&CK Navigator")
      .one_of({"text", "navigator"});
  add_rule_settings(command, words->settings);
  add_threads_option(command, words->threads, "");
  command.footer(
      "Examples:\n  landwarden rules coverage sigma/rules /evidence\n"
      "  landwarden rules coverage sigma/rules /evidence --format navigator > layer.json");
  command.runs([words] { return run_coverage(*words); });
}

}  // namespace landwarden::cli
