// landwarden assess: binds an advisory, rules, the examination of the evidence and its three forms.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "assess/advisory.h"
#include "assess/verdict.h"
#include "base/limits.h"
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
#include "engine/examine.h"
#include "report/assess_report.h"
#include "report/output_file.h"
#include "triage/attack.h"
#include "triage/summary.h"

namespace landwarden::cli {
namespace {

constexpr std::size_t kAdvisoryBytes = 4 << 20;  // the largest of ours has 20 kB

struct AssessWords {
  std::vector<std::string> evidence;
  std::string advisory = "aa24-038a";
  RuleSettingsWords rule_settings;
  std::vector<std::string> more_rules;
  PeriodWords period;
  std::string folder, format, colour = "auto";
  unsigned threads = 0;
  bool quiet = false, all = false;
  decode::DecodeOptions decoding;
};

/// Rules that an advisory may name are the built-in ones; the user's stand beside them for the steps' tags.
Result<ChosenRules> load_rules(const AssessWords& words, const RuleSettings& settings) {
  auto chosen = choose_rules({}, settings.loading());
  if (!chosen || words.more_rules.empty()) return chosen;
  RuleChoice more;
  more.paths = words.more_rules;
  auto theirs = choose_rules(more, settings.loading());
  if (!theirs) return theirs;
  std::ranges::move(theirs->rules, std::back_inserter(chosen->rules));
  std::ranges::move(theirs->diagnostics, std::back_inserter(chosen->diagnostics));
  return chosen;
}

/// A file, if the word is the name of one; else a built-in advisory.
Result<std::string> advisory_bytes(const std::string& word) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(word, error)) {
    if (const auto found = assess::find_advisory(word)) return std::string(*found);
    return fail(ErrorCode::invalid, "there is no advisory '" + word + "'", {},
                fmt::format("there are {}; or name a file of the form in docs/advisories.md",
                            fmt::join(assess::built_in_advisories(), ", ")));
  }
  if (std::filesystem::file_size(word, error) > kAdvisoryBytes || error)
    return fail(ErrorCode::limit, "is too large for an advisory", {word, 0, 0, {}}, "4 MiB is the most");
  std::ifstream file(word, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file) return std::unexpected(io_error("cannot read", word));
  return bytes.str();
}

class Assess {
 public:
  explicit Assess(const AssessWords& words) : words_(words) {}
  [[nodiscard]] Result<int> run();

 private:
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<engine::Examination> read();
  [[nodiscard]] Result<void> write_files(const report::AssessReport& found) const;
  [[nodiscard]] int show(const report::AssessReport& found) const;

  const AssessWords& words_;
  Period period_;
  event::Catalogue catalogue_;
  std::optional<RuleSettings> settings_;
  std::optional<sigma::RuleSet> rules_;
  std::optional<CoverageTables> tables_;
  assess::Advisory advisory_;
  std::optional<triage::AttackTable> attack_;
  std::optional<triage::Summary> summary_;
};

Result<void> Assess::prepare() {
  if (auto done = understand(words_.decoding); !done) return done;
  auto period = understand(words_.period);
  if (!period) return std::unexpected(period.error());
  period_ = std::move(*period);
  auto settings = read_rule_settings(words_.rule_settings);
  if (!settings) return std::unexpected(settings.error());
  settings_ = std::move(*settings);
  auto chosen = load_rules(words_, *settings_);
  if (!chosen) return std::unexpected(chosen.error());
  std::vector<sigma::Diagnostic> diagnostics = std::move(chosen->diagnostics);
  rules_ = sigma::RuleSet::compile(std::move(chosen->rules), settings_->sources, catalogue_, diagnostics);
  sort_by_place(diagnostics);
  if (!words_.more_rules.empty())
    say_diagnostics(diagnostics, words_.quiet, "landwarden rules check " + words_.more_rules.front());
  auto tables = coverage_tables(*rules_, settings_->sources);
  if (!tables) return std::unexpected(tables.error());
  tables_ = std::move(*tables);
  const auto bytes = advisory_bytes(words_.advisory);
  if (!bytes) return std::unexpected(bytes.error());
  auto advisory =
      assess::read_advisory(*bytes, words_.advisory, rules_->rules(), tables_->reaches, tables_->settings);
  if (!advisory) return std::unexpected(advisory.error());
  advisory_ = std::move(*advisory);
  auto attack = triage::AttackTable::built_in();
  if (!attack) return std::unexpected(attack.error());
  attack_ = std::move(*attack);
  summary_.emplace(rules_->rules(), *attack_);
  return {};
}

Result<engine::Examination> Assess::read() {
  engine::HuntOptions options;
  options.evidence = words_.evidence;
  options.threads = words_.threads;
  options.decoding = words_.decoding;
  options.since = period_.since;
  options.until = period_.until;
  options.cut_texts = settings_->sources.cut_texts();
  engine::Progress progress;
  const std::atomic<bool>& stop = watch_for_interrupt();
  const ProgressLine line(progress, !words_.quiet && ::isatty(STDERR_FILENO) != 0,
                          screen_for(STDERR_FILENO, ColourChoice::never));
  return engine::examine(options, tables_->settings.watches(), *rules_, settings_->sources, catalogue_,
                         progress, stop, [&](const engine::MatchView& view) -> Result<void> {
                           summary_->add(view.match, view.source);
                           return {};
                         });
}

Result<void> Assess::write_files(const report::AssessReport& found) const {
  std::error_code error;
  std::filesystem::create_directories(words_.folder, error);
  if (error) return fail(ErrorCode::io, "cannot create: " + error.message(), {words_.folder, 0, 0, {}});
  const auto put = [&](const char* suffix, const std::string& text) -> Result<void> {
    const std::string name = (std::filesystem::path(words_.folder) / (advisory_.id + suffix)).string();
    if (auto spared = spare_evidence(name, words_.evidence, "the answer"); !spared) return spared;
    return report::write_file(name, text);
  };
  if (auto done = put(".html", report::assess_html(found)); !done) return done;
  return put(".json", report::assess_json(found));
}

int Assess::show(const report::AssessReport& found) const {
  if (words_.format == "json") return answer(report::assess_json(found));
  if (words_.format == "html") return answer(report::assess_html(found));
  if (words_.quiet) return kDone;
  const ColourChoice colour = understand_colour(words_.colour).value_or(ColourChoice::automatic);
  report::AssessScreenOptions options{
      .screen = screen_for(STDOUT_FILENO, colour), .all = words_.all, .written = {}};
  if (!words_.folder.empty())
    options.written = (std::filesystem::path(words_.folder) / (advisory_.id + ".html")).string();
  return answer(report::assess_screen(found, options));
}

Result<int> Assess::run() {
  if (auto done = prepare(); !done) return std::unexpected(done.error());
  const auto read_all = read();
  if (!read_all) return std::unexpected(read_all.error());
  const triage::Survey& survey = read_all->survey;
  const assess::Assessment assessment =
      assess::assess(advisory_, survey, *summary_, tables_->settings,
                     {.since = period_.since, .until = period_.until, .roles = period_.roles});
  const report::AssessReport found{advisory_, assessment, tables_->settings, survey, rules_->rules()};
  if (!words_.folder.empty()) {
    if (auto written = write_files(found); !written) return std::unexpected(written.error());
  }
  say_unreadable(survey);
  const int code = show(found);
  if (code != kDone) return code;
  if (survey.interrupted) return kInterrupted;
  return survey.incomplete() ? kIncomplete : kDone;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden assess /evidence
      the steps of AA24-038A: found, looked for and not found, or blind, and what would have shown them
  landwarden assess /evidence --since 2025-06-01 --out report/
      for a period; writes report/aa24-038a.html and .json
  landwarden assess /evidence --advisory lotl-guide
      the hunts of the guide on living off the land; aa23-144a is there too
  landwarden assess /evidence --advisory ours.yaml
      an advisory of your own; docs/advisories.md has the form

Exit codes: 0 ran to the end, 2 usage, rules, advisory or output unusable, 3 part of the evidence could
not be read, 130 interrupted.)";

void add_assess_options(Command command, AssessWords& words) {
  add_evidence_argument(command, words.evidence);
  command.option("--advisory", words.advisory, "ID|FILE",
                 "aa24-038a (default), aa23-144a, lotl-guide, or a file of the form in docs/advisories.md");
  command
      .option("--rules", words.more_rules, "PATH",
              "Sigma rules besides the built-in ones, for steps that name tags. May be repeated")
      .repeated();
  add_period_options(command, words.period);
  command.option(
      "--out", words.folder, "DIR",
      "Write the answer into this folder, as one HTML page and as JSON, called by the advisory's id");
  command.option("--format", words.format, "FORMAT", "json or html on standard output instead of the summary")
      .one_of({"json", "html"});
  add_rule_settings(command, words.rule_settings);
  add_evidence_options(command, words.decoding);
  add_all_flag(command, words.all);
  add_quiet_flag(command, words.quiet);
  add_colour_option(command, words.colour).one_of({"auto", "always", "never"});
  add_threads_option(command, words.threads).within(0, 1024);
}

}  // namespace

void add_assess(Command program) {
  const Command command = program.command(
      "assess",
      "Has this actor been here, and what could we not have seen: a verdict for each step of an advisory");
  const auto words = std::make_shared<AssessWords>();
  add_assess_options(command, *words);
  command.footer(kExamples);
  command.runs([words] { return exit_code_of(Assess(*words).run()); });
}

}  // namespace landwarden::cli
