// landwarden evidence: binds rules, survey, screen and JSON.

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

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
#include "report/evidence_json.h"
#include "report/evidence_screen.h"
#include "report/output_file.h"

namespace landwarden::cli {
namespace {

struct EvidenceWords {
  std::vector<std::string> evidence;
  RuleChoice rules;
  RuleSettingsWords rule_settings;
  std::string output, format, colour = "auto";
  unsigned threads = 0;
  bool quiet = false, all = false, strict_sources = false;
  decode::DecodeOptions decoding;
};

Result<ColourChoice> understand(EvidenceWords& words) {
  if (auto done = understand_threads(words.threads); !done) return std::unexpected(done.error());
  if (auto done = understand_evidence(words.evidence); !done) return std::unexpected(done.error());
  if (auto done = cli::understand(words.decoding); !done) return std::unexpected(done.error());
  if (!words.format.empty() && words.format != "json")
    return fail(ErrorCode::invalid, "--format: no such format: " + words.format, {}, "there is json");
  if (!words.format.empty() && words.output.empty()) words.output = std::string("-");
  return understand_colour(words.colour);
}

struct LoadedRules {
  sigma::RuleSet set;
  std::uint64_t failed = 0;
};

/// Rules only say what is of use here, so a set in which none can run is no failure.
Result<LoadedRules> load_rules(const EvidenceWords& words, const RuleSettings& settings,
                               event::Catalogue& catalogue) {
  auto chosen = choose_rules(words.rules, settings.loading());
  if (!chosen) return std::unexpected(chosen.error());
  std::vector<sigma::Diagnostic> diagnostics = std::move(chosen->diagnostics);
  auto set = sigma::RuleSet::compile(std::move(chosen->rules), settings.sources, catalogue, diagnostics,
                                     {.all_fields = false, .strict_sources = words.strict_sources});
  return LoadedRules{std::move(set), failed_rules(diagnostics)};
}

Result<void> write_json(report::OutputFile& file, const triage::Survey& survey) {
  if (auto done = file.write(report::evidence_json(survey)); !done) return done;
  return file.commit();
}

int show(const EvidenceWords& words, ColourChoice colour, const triage::Survey& survey) {
  const int descriptor = words.output == "-" ? STDERR_FILENO : STDOUT_FILENO;
  const std::string text = report::evidence_screen(
      survey,
      {.screen = screen_for(descriptor, colour), .all = words.all, .own_rules = !words.rules.paths.empty()});
  if (descriptor == STDOUT_FILENO) return answer(text);
  static_cast<void>(write_all(descriptor, text));
  return kDone;
}

Result<int> try_run(EvidenceWords& words) {
  const auto colour = understand(words);
  if (!colour) return std::unexpected(colour.error());
  const auto settings = read_rule_settings(words.rule_settings);
  if (!settings) return std::unexpected(settings.error());
  event::Catalogue catalogue;
  const auto rules = load_rules(words, *settings, catalogue);
  if (!rules) return std::unexpected(rules.error());
  auto file = open_answer(words.output, words.evidence);
  if (!file) return std::unexpected(file.error());
  engine::Progress progress;
  Result<triage::Survey> survey = [&] {
    const std::atomic<bool>& stop = watch_for_interrupt();
    const ProgressLine line(progress, !words.quiet && ::isatty(STDERR_FILENO) != 0,
                            screen_for(STDERR_FILENO, ColourChoice::never));
    return engine::survey({.evidence = words.evidence,
                           .threads = words.threads,
                           .strict_sources = words.strict_sources,
                           .decoding = words.decoding},
                          rules->set, settings->sources, catalogue, progress, stop);
  }();
  if (!survey) return std::unexpected(survey.error());
  survey->rules_failed = rules->failed;
  std::optional<Error> failure;
  if (*file) {
    if (auto written = write_json(**file, *survey); !written) failure = std::move(written.error());
  }
  if (failure && !((*file)->reader_gone() && words.quiet)) say_error(*failure);
  int code = kDone;
  if (words.quiet) {
    say_unreadable(*survey);
  } else {
    code = show(words, *colour, *survey);
  }
  if (failure || code != kDone) return kUnusable;
  if (survey->interrupted) return kInterrupted;
  return survey->incomplete() ? kIncomplete : kDone;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden evidence /evidence
      what is there: hosts, channels, event ids, logons; cleared logs, missing records, copies
  landwarden evidence dc01.zip fs01/ --rules sigma/rules
      how much of it other rules can use
  landwarden evidence /evidence --format json -o evidence.json
      all of it for programs, file by file
  landwarden evidence /evidence --format json --quiet | jq '.logs_cleared'

Exit codes: 0 ran to the end, 2 usage, rules or output unusable, 3 part of the evidence could not be
read, 130 interrupted.)";

}  // namespace

void add_evidence(Command program) {
  const Command command = program.command(
      "evidence",
      "Say what evidence there is before any hunt: hosts, channels, event ids, logons, and what is missing");
  const auto words = std::make_shared<EvidenceWords>();
  add_evidence_argument(command, words->evidence);
  add_rules_option(command, words->rules.paths, "says what these could use");
  add_strict_sources_flag(command, words->strict_sources);
  command.option("-o,--output", words->output, "FILE",
                 "Write everything as JSON; the file is replaced whole, or not at all. - is standard output, "
                 "the summary then goes to standard error");
  command.option("--format", words->format, "FORMAT", "json; without -o it goes to standard output");
  add_rule_settings(command, words->rule_settings);
  add_evidence_options(command, words->decoding);
  add_all_flag(command, words->all);
  add_quiet_flag(command, words->quiet);
  add_colour_option(command, words->colour);
  add_threads_option(command, words->threads);
  command.footer(kExamples);
  command.runs([words] { return exit_code_of(try_run(*words)); });
}

}  // namespace landwarden::cli
