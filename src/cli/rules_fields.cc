// landwarden rules fields: which fields rules ask for, by log source.

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/console.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "cli/rules_commands.h"
#include "cli/usual_options.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"

namespace landwarden::cli {
namespace {

struct FieldsWords {
  RuleChoice choice;
  RuleSettingsWords settings;
  std::string format = "text";
};

/// What the rules of one log source ask for.
struct SourceFields {
  std::uint64_t rules = 0, keyword_rules = 0;
  std::map<std::string, std::uint64_t> fields;  ///< rules that ask for it
};
using BySource = std::map<std::string, SourceFields>;

std::string name_of(const sigma::LogSource& source) {
  std::string out;
  for (const std::string* part : {&source.product, &source.category, &source.service}) {
    if (!part->empty()) out += (out.empty() ? "" : "/") + *part;
  }
  return out;
}

BySource fields_of(const std::vector<sigma::Rule>& rules) {
  BySource out;
  for (const sigma::Rule& rule : rules) {
    if (rule.tests.empty()) continue;
    SourceFields& source = out[name_of(rule.logsource)];
    ++source.rules;
    std::set<std::string> names;
    for (const sigma::Test& test : rule.tests) {
      names.insert(test.field);
      if (test.predicate.kind == sigma::Predicate::Kind::field) names.insert(test.predicate.text);
    }
    source.keyword_rules += names.erase("");
    for (const std::string& name : names) ++source.fields[name];
  }
  return out;
}

/// Most rules first, then by name.
std::vector<std::pair<std::string, std::uint64_t>> most_first(const SourceFields& source) {
  std::vector<std::pair<std::string, std::uint64_t>> out(source.fields.begin(), source.fields.end());
  std::ranges::stable_sort(out, std::greater{}, [](const auto& entry) { return entry.second; });
  return out;
}

std::string text_of(const BySource& sources, bool unicode) {
  std::string out;
  for (const auto& [name, source] : sources) {
    out += fmt::format("{}  ({})\n", report::visible(name, unicode),
                       report::counted(source.rules, "rule", "rules"));
    for (const auto& [field, rules] : most_first(source))
      out += fmt::format("  {:>6}  {}\n", rules, report::visible(field, unicode));
    if (source.keyword_rules > 0) out += fmt::format("  {:>6}  any field (keywords)\n", source.keyword_rules);
  }
  return out;
}

std::string json_of(const BySource& sources) {
  std::string out = "{\n  \"log_sources\": [";
  bool first = true;
  for (const auto& [name, source] : sources) {
    out += first ? "\n    {\"log_source\": " : ",\n    {\"log_source\": ";
    first = false;
    report::append_json_string(out, name);
    out += fmt::format(", \"rules\": {}, \"keyword_rules\": {}, \"fields\": {{", source.rules,
                       source.keyword_rules);
    bool first_field = true;
    for (const auto& [field, rules] : most_first(source)) {
      if (!first_field) out += ", ";
      first_field = false;
      report::append_json_string(out, field);
      out += fmt::format(": {}", rules);
    }
    out += "}}";
  }
  return out + (first ? "]\n}\n" : "\n  ]\n}\n");
}

int run_fields(const FieldsWords& words) {
  const auto settings = read_rule_settings(words.settings);
  if (!settings) {
    say_error(settings.error());
    return kUnusable;
  }
  const auto chosen = choose_rules(words.choice, settings->loading());
  if (!chosen) {
    say_error(chosen.error());
    return kUnusable;
  }
  const BySource sources = fields_of(chosen->rules);
  const bool unicode = screen_for(STDOUT_FILENO, ColourChoice::never).unicode;
  return answer(words.format == "json" ? json_of(sources) : text_of(sources, unicode));
}

}  // namespace

void add_rules_fields(Command rules) {
  const Command command = rules.command(
      "fields", "Say which fields the rules of each log source ask for, and how many rules ask for each");
  const auto words = std::make_shared<FieldsWords>();
  add_rules_argument(command, words->choice.paths);
  add_text_or_json_option(command, words->format);
  add_rule_settings(command, words->settings);
  command.footer(
      "Examples:\n  landwarden rules fields sigma/rules\n"
      "  landwarden rules fields my-rules/ --format json | jq '.log_sources[].fields'");
  command.runs([words] { return run_fields(*words); });
}

}  // namespace landwarden::cli
