#include "cli/hunt_rules.h"

#include <algorithm>
#include <iterator>

#include "cli/console.h"
#include "cli/diagnostics.h"
#include "report/terminal.h"

namespace landwarden::cli {
namespace {

std::string shell_word(const std::string& word) {
  const bool plain = std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+:,").contains(c);
  });
  if (plain && !word.empty()) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string rules_option(const HuntSettings& settings) {
  std::string out;
  for (const std::string& path : settings.rules.paths) out += " --rules " + shell_word(path);
  return out;
}

/// Matches stand, but what they matched on could not be shown.
void say_bodies_lost(std::uint64_t lost) {
  if (lost == 0) return;
  say_error(Error{ErrorCode::damaged,
                  "the descriptions and conditions of " + report::counted(lost, "rule", "rules") +
                      " were changed in the cache of compiled rules: the matches are right, but say less",
                  {},
                  "run again with --no-rule-cache, and see who writes there"});
}

}  // namespace

/// A cache that cannot be used costs time and nothing else. That somebody has written in it is told always.
void HuntRules::say_cache_problem(const Error& error) const {
  if (!settings_.quiet || error.code == ErrorCode::damaged) say_error(error);
}

HuntRules::HuntRules(const HuntSettings& settings) : settings_(settings) {
  if (!settings.rule_cache.empty()) cache_.emplace(settings.rule_cache, settings.rules.paths);
}

std::optional<sigma::CompiledRules> HuntRules::cached(const RuleSettings& how, event::Catalogue& catalogue) {
  if (!cache_) return std::nullopt;
  auto words = words_of(settings_.rules);
  if (!words) return std::nullopt;
  if (settings_.all_fields) words->emplace_back("all fields");
  if (settings_.strict_sources) words->emplace_back("strict sources");
  std::ranges::copy(how.words, std::back_inserter(*words));
  auto found = cache_->find(*words, how.sources, catalogue);
  to_be_cached_ = found ? !found->has_value() : found.error().code == ErrorCode::damaged;
  if (found) return std::move(*found);
  say_cache_problem(found.error());
  return std::nullopt;
}

Result<sigma::CompiledRules> HuntRules::compiled(const RuleSettings& how, event::Catalogue& catalogue) {
  auto chosen = choose_rules(settings_.rules, how.loading());
  if (!chosen) return std::unexpected(chosen.error());
  const bool none_loaded = chosen->rules.empty();
  std::vector<sigma::Diagnostic> diagnostics = std::move(chosen->diagnostics);
  auto rules = sigma::RuleSet::compile(
      std::move(chosen->rules), how.sources, catalogue, diagnostics,
      {.all_fields = settings_.all_fields, .strict_sources = settings_.strict_sources});
  sort_by_place(diagnostics);
  return sigma::CompiledRules{std::move(rules), std::move(diagnostics), chosen->left_out, none_loaded};
}

Result<sigma::CompiledRules> HuntRules::get(const RuleSettings& how, event::Catalogue& catalogue) {
  auto known = cached(how, catalogue);
  auto out = known ? Result<sigma::CompiledRules>(std::move(*known)) : compiled(how, catalogue);
  if (!out) return out;
  failed_ = failed_rules(out->diagnostics);
  const bool explicit_rules = !settings_.rules.paths.empty();
  const std::string command = "landwarden rules check" + rules_option(settings_);
  if (!out->diagnostics.empty() && explicit_rules)
    say_diagnostics(out->diagnostics, settings_.quiet, command);
  if (!out->rules.rules().empty()) return out;
  if (out->none_loaded && out->left_out > 0) {
    return fail(ErrorCode::invalid,
                "your options leave none of " + report::counted(out->left_out, "rule", "rules"), {},
                "--min-level, --tag, --rule, --status and --exclude-rule each leave rules out; landwarden "
                "rules list shows all");
  }
  return fail(ErrorCode::invalid, "there is no rule that can run", {}, command + " says why");
}

void HuntRules::keep(const sigma::CompiledRules& rules) {
  if (to_be_cached_) storing_ = std::jthread([this, &rules] { stored_ = cache_->store(rules); });
}

void HuntRules::finish(const sigma::RuleSet& rules) {
  if (storing_.joinable()) storing_.join();
  if (!stored_) say_cache_problem(stored_.error());
  say_bodies_lost(rules.bodies_lost());
}

}  // namespace landwarden::cli
