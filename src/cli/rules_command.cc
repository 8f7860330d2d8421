// landwarden rules: list what is loaded, run the tests that rules carry. The other subcommands have files of
// their own.

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/diagnostics.h"
#include "cli/hunt_options.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "cli/rules_commands.h"
#include "cli/usual_options.h"
#include "sigma/matcher.h"

namespace landwarden::cli {
namespace {

/// Rules, compiled, with everything that is wrong with them.
struct Compiled {
  std::vector<sigma::Diagnostic> diagnostics;
  std::unique_ptr<RuleSettings> settings;  ///< the rule set points into both
  std::unique_ptr<event::Catalogue> catalogue;
  std::unique_ptr<sigma::RuleSet> rules;
};

Result<Compiled> compile(const RuleChoice& choice, const RuleSettingsWords& words) {
  auto settings = read_rule_settings(words);
  if (!settings) return std::unexpected(settings.error());
  auto chosen = choose_rules(choice, settings->loading());
  if (!chosen) return std::unexpected(chosen.error());
  Compiled out{.diagnostics = std::move(chosen->diagnostics),
               .settings = std::make_unique<RuleSettings>(std::move(*settings)),
               .catalogue = std::make_unique<event::Catalogue>(),
               .rules = nullptr};
  out.rules = std::make_unique<sigma::RuleSet>(sigma::RuleSet::compile(
      std::move(chosen->rules), out.settings->sources, *out.catalogue, out.diagnostics));
  sort_by_place(out.diagnostics);
  return out;
}

/// What people call rules: those that a `| count()` implies stand in no file.
std::uint64_t rules_shown(const sigma::RuleTable& rules) {
  return static_cast<std::uint64_t>(std::ranges::count(rules, false, &sigma::Rule::implied));
}

int failed(const Error& error) {
  say_error(error);
  return kUnusable;
}

struct RuleWords {
  RuleChoice choice;
  RuleSettingsWords settings;
  std::string min_level;
};

int list_rules(const RuleWords& words) {
  const auto compiled = compile(words.choice, words.settings);
  if (!compiled) return failed(compiled.error());
  const report::ScreenOptions screen = screen_for(STDOUT_FILENO, ColourChoice::never);
  std::string text;
  for (const sigma::Rule& rule : compiled->rules->rules()) {
    if (rule.implied) continue;
    const std::string place = rule.file + ":" + std::to_string(rule.place.line);
    text += fmt::format("{:13}  {:36}  {}  ({})\n", rule.level ? sigma::to_text(*rule.level) : "-", rule.id,
                        report::visible(rule.title, screen.unicode), report::visible(place, screen.unicode));
  }
  text += report::counted(rules_shown(compiled->rules->rules()), "rule", "rules");
  if (const auto broken = failed_rules(compiled->diagnostics); broken > 0) {
    text += fmt::format("; {} cannot run here, landwarden rules check names them", report::grouped(broken));
  }
  return answer(text + "\n");
}

int test_rules(const RuleWords& words) {
  auto compiled = compile(words.choice, words.settings);
  if (!compiled) return failed(compiled.error());
  std::uint64_t passed = 0, wrong = 0, untested = 0;
  std::string text;
  const auto& rules = compiled->rules->rules();
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    untested += rules[i].examples.empty() && !rules[i].implied ? 1 : 0;
    for (const sigma::Example& example : rules[i].examples) {
      if (sigma::matches_example(*compiled->rules, *compiled->catalogue, i, example) == example.match) {
        ++passed;
        continue;
      }
      ++wrong;
      const std::string line = fmt::format(
          "{}: {}: the rule {} \"{}\" and should{}", example.place.to_string(), rules[i].title,
          example.match ? "does not match" : "matches", example.name, example.match ? "" : " not");
      text += report::visible(line, true) + "\n";
    }
  }
  const std::uint64_t broken = failed_rules(compiled->diagnostics);
  say_diagnostics(compiled->diagnostics, false, "landwarden rules check");
  text += fmt::format("{}: {} passed, {} failed; {} without tests, {} cannot run\n",
                      report::counted(rules_shown(rules), "rule", "rules"), report::grouped(passed),
                      report::grouped(wrong), report::grouped(untested), report::grouped(broken));
  const int code = answer(text);
  if (code != kDone) return code;
  if (broken > 0) return kUnusable;
  return wrong > 0 ? kFound : kDone;
}

void add_list(Command parent) {
  const Command command =
      parent.command("list", "List the rules that can run, with level, id, title and place");
  const auto words = std::make_shared<RuleWords>();
  add_rules_argument(command, words->choice.paths);
  command.option("--rules", words->choice.paths, "PATH", "The same, as hunt takes it");
  command.option("--min-level", words->min_level, "LEVEL", "Only rules of this level or above");
  command.option("--tag", words->choice.tags, "TAG", "Only rules with this tag");
  add_rule_settings(command, words->settings);
  command.footer(
      "Examples:\n  landwarden rules list\n  landwarden rules list sigma/rules --tag t1003 --min-level high");
  command.runs([words]() -> int {
    if (!words->min_level.empty()) {
      const auto level = level_named("--min-level", words->min_level);
      if (!level) return failed(level.error());
      words->choice.min_level = *level;
    }
    return list_rules(*words);
  });
}

void add_test(Command parent) {
  const Command command = parent.command(
      "test", "Run the tests that rules carry under their key \"tests\". Exits with 1 if one fails");
  const auto words = std::make_shared<RuleWords>();
  add_rules_argument(command, words->choice.paths);
  add_rule_settings(command, words->settings);
  command.footer("Examples:\n  landwarden rules test\n  landwarden rules test my-rules/ntdsutil.yml");
  command.runs([words] { return test_rules(*words); });
}

}  // namespace

void add_rules(Command program) {
  const Command command = program.command("rules", "List, check, test, explain and compare Sigma rules");
  command.needs_command();
  command.footer(
      "Examples:\n  landwarden rules list --tag t1003            the built-in rules for one technique\n"
      "  landwarden rules check sigma/rules           what is wrong with these, and which cannot run here\n"
      "  landwarden rules test                        the built-in rules' own tests");
  add_list(command);
  add_rules_check(command);
  add_test(command);
  add_rules_fields(command);
  add_rules_explain(command);
  add_rules_coverage(command);
  add_rules_diff(command);
}

}  // namespace landwarden::cli
