#include "cli/coverage_words.h"

#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/evidence_problems.h"
#include "report/screen.h"
#include "sigma/lint_tables.h"
#include "triage/attack.h"

namespace landwarden::cli {

void add_period_options(Command command, PeriodWords& words) {
  command.option(
      "--since", words.since, "TIME",
      "The period begins here: a date, or RFC 3339. What no log reaches back to is blind. By default it "
      "begins with the first event");
  command.option("--until", words.until, "TIME", "The period ends here; by default with the last event");
  command
      .option("--domain-controller", words.controllers, "HOST",
              "A host that is a domain controller although its logs do not show it. May be repeated")
      .repeated();
}

Result<Period> understand(const PeriodWords& words) {
  Period out;
  const auto read = [](const char* option, const std::string& text, Time& time) -> Result<void> {
    if (text.empty()) return {};
    const auto parsed = parse_time(text);
    if (!parsed)
      return fail(ErrorCode::invalid, std::string(option) + ": no time: " + text, {},
                  "a date such as 2026-03-02, or 2026-03-02T14:00:00Z");
    time = *parsed;
    return {};
  };
  if (auto done = read("--since", words.since, out.since); !done) return std::unexpected(done.error());
  if (auto done = read("--until", words.until, out.until); !done) return std::unexpected(done.error());
  if (out.since.known() && out.until.known() && out.until <= out.since)
    return fail(ErrorCode::invalid, "--until is not after --since");
  for (const std::string& host : words.controllers) out.roles.emplace_back(host, "domain_controller");
  return out;
}

Result<CoverageTables> coverage_tables(const sigma::RuleSet& rules, const view::LogSources& sources) {
  auto settings = assess::SettingTable::built_in();
  if (!settings) return std::unexpected(settings.error());
  const auto lint = sigma::LintTables::built_in();
  if (!lint) return std::unexpected(lint.error());
  const auto attack = triage::AttackTable::built_in();
  if (!attack) return std::unexpected(attack.error());
  CoverageTables out{.settings = std::move(*settings), .reaches = {}};
  out.reaches = assess::reach_of(rules.rules(), sources, lint->fields, *attack, out.settings);
  return out;
}

void say_unreadable(const triage::Survey& survey) {
  for (const triage::SourceSurvey& source : survey.sources) {
    const auto problems =
        problems_of(source.receipt, "they are left where they are; without --quiet the answer says more");
    for (const Error& error : problems) say_error(error);
  }
}

}  // namespace landwarden::cli
