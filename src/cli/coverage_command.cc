// landwarden coverage: binds rules, survey, coverage and its three forms.

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "assess/coverage.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/coverage_words.h"
#include "cli/diagnostics.h"
#include "cli/evidence_options.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "cli/spare_evidence.h"
#include "cli/usual_options.h"
#include "engine/survey.h"
#include "report/coverage_report.h"
#include "report/output_file.h"

namespace landwarden::cli {
namespace {

struct CoverageWords {
  std::vector<std::string> evidence;
  RuleChoice rules;
  RuleSettingsWords rule_settings;
  PeriodWords period;
  std::string output, format, colour = "auto";
  unsigned threads = 0;
  bool quiet = false, all = false;
  decode::DecodeOptions decoding;
};

Result<ColourChoice> understand(CoverageWords& words) {
  if (auto done = understand_evidence(words.evidence); !done) return std::unexpected(done.error());
  if (auto done = cli::understand(words.decoding); !done) return std::unexpected(done.error());
  if (words.format.empty() && !words.output.empty())
    words.format = words.output.ends_with(".json") ? "json" : "html";
  if (!words.format.empty() && words.output.empty()) words.output = "-";
  return understand_colour(words.colour);
}

struct Answer {
  assess::Coverage coverage;
  assess::SettingTable table;
  triage::Survey survey;
};

Result<Answer> cover(const CoverageWords& words) {
  const auto period = understand(words.period);
  if (!period) return std::unexpected(period.error());
  const auto settings = read_rule_settings(words.rule_settings);
  if (!settings) return std::unexpected(settings.error());
  auto chosen = choose_rules(words.rules, settings->loading());
  if (!chosen) return std::unexpected(chosen.error());
  event::Catalogue catalogue;
  std::vector<sigma::Diagnostic> diagnostics = std::move(chosen->diagnostics);
  const auto rules =
      sigma::RuleSet::compile(std::move(chosen->rules), settings->sources, catalogue, diagnostics);
  auto tables = coverage_tables(rules, settings->sources);
  if (!tables) return std::unexpected(tables.error());
  engine::Progress progress;
  const std::atomic<bool>& stop = watch_for_interrupt();
  auto survey = [&] {
    const ProgressLine line(progress, !words.quiet && ::isatty(STDERR_FILENO) != 0,
                            screen_for(STDERR_FILENO, ColourChoice::never));
    return engine::survey({.evidence = words.evidence,
                           .threads = words.threads,
                           .strict_sources = false,
                           .decoding = words.decoding,
                           .watches = tables->settings.watches()},
                          rules, settings->sources, catalogue, progress, stop);
  }();
  if (!survey) return std::unexpected(survey.error());
  survey->rules_failed = failed_rules(diagnostics);
  assess::Coverage coverage =
      assess::coverage_of(*survey, tables->reaches, tables->settings,
                          {.since = period->since, .until = period->until, .roles = period->roles});
  return Answer{std::move(coverage), std::move(tables->settings), std::move(*survey)};
}

Result<void> write(report::OutputFile& file, std::string_view bytes) {
  if (auto done = file.write(bytes); !done) return done;
  return file.commit();
}

int show(const CoverageWords& words, ColourChoice colour, const Answer& found) {
  const int descriptor = words.output == "-" ? STDERR_FILENO : STDOUT_FILENO;
  const std::string text =
      report::coverage_screen(found.coverage, found.table, found.survey,
                              {.screen = screen_for(descriptor, colour), .all = words.all});
  if (descriptor == STDOUT_FILENO) return answer(text);
  static_cast<void>(write_all(descriptor, text));
  return kDone;
}

Result<int> try_run(CoverageWords& words) {
  const auto colour = understand(words);
  if (!colour) return std::unexpected(colour.error());
  auto file = open_answer(words.output, words.evidence);
  if (!file) return std::unexpected(file.error());
  const auto found = cover(words);
  if (!found) return std::unexpected(found.error());
  bool failed = false;
  if (*file) {
    const std::string text = words.format == "json"
                                 ? report::coverage_json(found->coverage, found->table, found->survey)
                                 : report::coverage_html(found->coverage, found->table, found->survey);
    if (auto written = write(**file, text); !written) {
      failed = true;
      if (!((*file)->reader_gone() && words.quiet)) say_error(written.error());
    }
  }
  say_unreadable(found->survey);
  const int code = words.quiet ? static_cast<int>(kDone) : show(words, *colour, *found);
  if (failed || code != kDone) return kUnusable;
  if (found->survey.interrupted) return kInterrupted;
  return found->survey.incomplete() ? kIncomplete : kDone;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden coverage /evidence
      which settings of logging the events show to be on, host by host, what the gaps cost, what to switch on
  landwarden coverage /evidence --since 2026-01-01
      the same for a period: what no log reaches back to is blind
  landwarden coverage /evidence -o coverage.html
      one page with everything, the settings to copy among it
  landwarden coverage /evidence --format json --quiet | jq '.plan[0].settings[].remedies'

Exit codes: 0 ran to the end, 2 usage, rules or output unusable, 3 part of the evidence could not be
read, 130 interrupted.)";

}  // namespace

void add_coverage(Command program) {
  const Command command = program.command(
      "coverage",
      "Say what could have been seen: which logging is on, what its gaps cost in rules and techniques, and "
      "which settings buy most");
  const auto words = std::make_shared<CoverageWords>();
  add_evidence_argument(command, words->evidence);
  add_rules_option(command, words->rules.paths, "says what these need");
  add_period_options(command, words->period);
  command.option(
      "-o,--output,--out", words->output, "FILE",
      "Write everything as an HTML page, or as JSON if the name ends so; the file is replaced whole, "
      "or not at all. - is standard output, the summary then goes to standard error");
  command.option("--format", words->format, "FORMAT", "html or json; without -o it goes to standard output")
      .one_of({"html", "json"});
  add_rule_settings(command, words->rule_settings);
  add_evidence_options(command, words->decoding);
  add_all_flag(command, words->all);
  add_quiet_flag(command, words->quiet);
  add_colour_option(command, words->colour).one_of({"auto", "always", "never"});
  add_threads_option(command, words->threads).within(0, 1024);
  command.footer(kExamples);
  command.runs([words] { return exit_code_of(try_run(*words)); });
}

}  // namespace landwarden::cli
