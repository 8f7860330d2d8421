// landwarden hunt: binds rules, engine, timeline and summary.

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/evidence_problems.h"
#include "cli/hunt_indicators.h"
#include "cli/hunt_options.h"
#include "cli/hunt_rules.h"
#include "cli/hunt_yara.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/spare_evidence.h"
#include "cli/usual_options.h"
#include "engine/hunt.h"
#include "report/output_file.h"
#include "report/terminal.h"
#include "report/timeline.h"
#include "report/yara_foreign.h"

namespace landwarden::cli {
namespace {

/// The timeline and the file it goes into. After a failure nothing more is written and the failure is kept.
class TimelineOutput {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TimelineOutput>> open(const HuntSettings& settings,
                                                                    const sigma::RuleSet& rules) {
    if (settings.output.empty()) return std::unique_ptr<TimelineOutput>();
    if (auto spared = spare_evidence(settings.output, settings.evidence, "the timeline"); !spared)
      return std::unexpected(spared.error());
    auto file = report::OutputFile::open(settings.output);
    if (!file) return std::unexpected(file.error());
    return std::unique_ptr<TimelineOutput>(new TimelineOutput(std::move(*file), settings, rules));
  }

  void write(const engine::MatchView& view) {
    if (failure_) return;
    note(timeline_.write(view.match, view.rule, view.source, view.foreign));
    if (as_it_comes_ && !failure_) note(file_.flush());
  }
  void finish() {
    if (!failure_) note(timeline_.finish());
    if (!failure_) note(file_.commit());
  }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] bool reader_gone() const { return file_.reader_gone(); }
  [[nodiscard]] bool as_it_comes() const { return as_it_comes_; }

 private:
  TimelineOutput(report::OutputFile file, const HuntSettings& settings, const sigma::RuleSet& rules)
      : file_(std::move(file)),
        timeline_(file_, settings.format, settings.all_fields,
                  rules.has_correlations() ? &rules.rules() : nullptr,
                  !settings.indicators.files.empty() || !settings.yara.empty()),
        as_it_comes_(file_.in_place() &&
                     std::ranges::find(settings.evidence, "-") != settings.evidence.end()) {}
  void note(Result<void> result) {
    if (!result) failure_ = std::move(result.error());
  }

  report::OutputFile file_;
  report::Timeline timeline_;
  bool as_it_comes_;
  std::optional<Error> failure_;
};

std::vector<event::Shape> shapes_seen(const engine::HuntResult& result) {
  std::vector<event::Shape> out;
  for (const engine::ShapeCount& count : result.shapes) {
    if (count.records == 0) continue;
    out.push_back({.product = count.product,
                   .channel = count.channel,
                   .provider = count.provider,
                   .event_id = count.has_event_id ? std::optional(count.event_id) : std::nullopt,
                   .version = 0});
  }
  return out;
}

/// Names with counts, most first; the same count by name.
std::vector<std::pair<std::string, std::uint64_t>> most_first(
    const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> out(counts.begin(), counts.end());
  std::ranges::stable_sort(out, std::greater{}, [](const auto& entry) { return entry.second; });
  return out;
}

report::Coverage coverage_of(const engine::HuntResult& result) {
  report::Coverage coverage;
  coverage.receipts = result.receipts;
  std::map<std::string, std::uint64_t> channels;
  for (const engine::ShapeCount& count : result.shapes) channels[count.channel] += count.records;
  coverage.channels = most_first(channels);
  for (auto& [host, records] : most_first(result.hosts)) coverage.hosts.push_back(host);
  coverage.first = result.first;
  coverage.last = result.last;
  coverage.records = result.records;
  coverage.records_matched = result.records_matched;
  coverage.records_left_out = result.records_left_out;
  coverage.only_fuller = result.only_fuller;
  coverage.put_together = result.assembled.texts;
  coverage.not_whole = result.assembled.incomplete;
  coverage.bytes = result.bytes;
  coverage.interrupted = result.interrupted;
  return coverage;
}

/// All that a hunt needs besides its evidence, made before the first byte is read.
struct Prepared {
  RuleSettings settings;
  triage::AttackTable attack;
  report::NextSteps steps;
};

Result<Prepared> prepare(const RuleSettingsWords& words) {
  auto settings = read_rule_settings(words);
  if (!settings) return std::unexpected(settings.error());
  auto attack = triage::AttackTable::built_in();
  if (!attack) return std::unexpected(attack.error());
  auto steps = report::NextSteps::built_in();
  if (!steps) return std::unexpected(steps.error());
  return Prepared{std::move(*settings), std::move(*attack), std::move(*steps)};
}

class Hunt {
 public:
  explicit Hunt(HuntSettings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] int run();

 private:
  [[nodiscard]] Result<int> try_run();
  [[nodiscard]] Result<engine::HuntResult> read(const Prepared& prepared, const sigma::RuleSet& rules,
                                                triage::Summary& summary, TimelineOutput* timeline);
  [[nodiscard]] int summarise(const Prepared& prepared, const triage::Summary& summary,
                              const engine::HuntResult& result, bool timeline_whole) const;
  [[nodiscard]] int exit_code(const triage::Summary& summary, const engine::HuntResult& result) const;

  HuntSettings settings_;
  event::Catalogue catalogue_;
  HuntIndicators indicators_;
  HuntYara yara_;
  std::uint64_t rules_failed_ = 0;
  bool yara_partly_ = false;
};

int Hunt::run() {
  return exit_code_of(try_run());
}

Result<engine::HuntResult> Hunt::read(const Prepared& prepared, const sigma::RuleSet& rules,
                                      triage::Summary& summary, TimelineOutput* timeline) {
  engine::Progress progress;
  engine::HuntOptions options;
  options.evidence = settings_.evidence;
  options.threads = settings_.threads;
  options.decoding = settings_.decoding;
  options.since = settings_.since;
  options.until = settings_.until;
  options.host = settings_.host;
  if (!settings_.strict_sources) options.cut_texts = prepared.settings.sources.cut_texts();
  const engine::Beside beside{.indicators = indicators_.hunted(),
                              .yara = yara_.hunted(prepared.settings.sources.cut_texts()),
                              .all_fields = settings_.all_fields};
  if (beside.indicators || beside.yara) options.beside = &beside;
  options.as_it_comes = timeline != nullptr && timeline->as_it_comes();
  const std::atomic<bool>& stop = watch_for_interrupt();
  // Lines that come as they are found would be torn by a progress line on the same terminal.
  const bool timeline_on_terminal = settings_.output == "-" && ::isatty(STDOUT_FILENO) != 0;
  const ProgressLine line(progress, !settings_.quiet && !timeline_on_terminal && ::isatty(STDERR_FILENO) != 0,
                          screen_for(STDERR_FILENO, ColourChoice::never));
  return engine::hunt(options, rules, catalogue_, progress, stop,
                      [&](const engine::MatchView& view) -> Result<void> {
                        if (view.foreign != nullptr) {
                          summary.add(view.match, *view.foreign, view.source);
                        } else {
                          summary.add(view.match, view.source);
                        }
                        if (timeline == nullptr) return {};
                        timeline->write(view);
                        // The rest of the evidence is still hunted for the summary; without one there is
                        // nothing left to do.
                        if (timeline->failure() && settings_.quiet)
                          return std::unexpected(*timeline->failure());
                        return {};
                      });
}

int Hunt::summarise(const Prepared& prepared, const triage::Summary& summary,
                    const engine::HuntResult& result, bool timeline_whole) const {
  report::Coverage coverage = coverage_of(result);
  coverage.rules_loaded = summary.rules().size();
  coverage.rules_failed = rules_failed_;
  coverage.indicators = indicators_.size();
  coverage.yara = yara_.told(summary.of_ruleset(report::kYaraRuleset).rules);
  coverage.rules = triage::rule_evidence(summary.rules(), prepared.settings.sources, shapes_seen(result),
                                         settings_.strict_sources);
  const bool timeline_to_stdout = settings_.output == "-";
  const int descriptor = timeline_to_stdout ? STDERR_FILENO : STDOUT_FILENO;
  report::TerminalOptions options{.screen = screen_for(descriptor, settings_.colour),
                                  .all = settings_.all,
                                  .timeline = {},
                                  .own_rules = !settings_.rules.paths.empty()};
  if (timeline_whole) options.timeline = timeline_to_stdout ? "standard output" : settings_.output;
  const std::string text = report::terminal_summary(summary, coverage, prepared.steps, options);
  if (descriptor == STDOUT_FILENO) return answer(text);
  static_cast<void>(write_all(descriptor, text));
  return kDone;
}

int Hunt::exit_code(const triage::Summary& summary, const engine::HuntResult& result) const {
  if (result.interrupted) return kInterrupted;
  if (result.incomplete() || indicators_.partly() || yara_partly_) return kIncomplete;
  if (!settings_.fail_on) return kDone;
  for (int level = static_cast<int>(*settings_.fail_on); level < static_cast<int>(triage::kLevels); ++level) {
    if (summary.of(static_cast<sigma::Level>(level)).matches > 0) return kFound;
  }
  return kDone;
}

/// Correlations that may have missed something say so.
void say_correlation_losses(const engine::CorrelationReport& report) {
  const auto lost = [](std::uint64_t count, const char* what, const char* hint) {
    if (count == 0) return;
    say_error(Error{ErrorCode::limit, report::counted(count, "event", "events") + what, {}, hint});
  };
  lost(report.forgotten, " were let go by correlations before their time: too many groups at once",
       "correlate over fewer fields, a shorter time span, or one host at a time");
  lost(report.late, " came too late for correlations", "give whole files instead of a stream");
  lost(report.without_time, " without a time were not correlated", "");
}

/// What was read of the cache when the hunt had begun is verified then.
Error rules_changed() {
  return {ErrorCode::damaged,
          "the cache of compiled rules was changed while it was used: what was found is not all that the "
          "rules find",
          {},
          "run again with --no-rule-cache, and see who writes there"};
}

Result<int> Hunt::try_run() {
  HuntRules rules(settings_);
  const auto prepared = prepare(settings_.rule_settings);
  if (!prepared) return std::unexpected(prepared.error());
  if (!indicators_.read(settings_.indicators, settings_.rules.min_level)) return kUnusable;
  if (auto read = yara_.read(settings_.yara, settings_.rules.min_level); !read)
    return std::unexpected(std::move(read.error()));
  // Lives as long as the process: to take thousands of rules apart at the end is work for nothing.
  static const auto& compiled = *new Result<sigma::CompiledRules>(rules.get(prepared->settings, catalogue_));
  if (!compiled) return std::unexpected(compiled.error());
  const sigma::RuleSet* rule_set = &compiled->rules;
  rules_failed_ = rules.failed();
  rules.keep(*compiled);
  const auto timeline = TimelineOutput::open(settings_, *rule_set);
  if (!timeline) return std::unexpected(timeline.error());
  triage::Summary summary(rule_set->rules(), prepared->attack);
  const auto result = read(*prepared, *rule_set, summary, timeline->get());
  if (result && rule_set->damaged()) return std::unexpected(rules_changed());
  std::optional<Error> failure;
  if (*timeline) {
    if (result) (*timeline)->finish();
    failure = (*timeline)->failure();
  }
  if (failure && (*timeline)->reader_gone() && settings_.quiet) return kUnusable;
  if (!result) return std::unexpected(result.error());
  if (failure) say_error(*failure);
  say_correlation_losses(result->correlation);
  say_assembly_losses(result->assembled);
  yara_partly_ = yara_.say_problems();
  rules.finish(*rule_set);
  int summary_code = kDone;
  if (settings_.quiet) {
    say_problems(result->receipts, "they are left where they are; without --quiet the summary says more",
                 true);
  } else {
    summary_code = summarise(*prepared, summary, *result, *timeline && !failure);
  }
  if (rule_set->damaged()) return std::unexpected(rules_changed());
  if (failure || summary_code != kDone) return kUnusable;
  return exit_code(summary, *result);
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden hunt /evidence
      every event log in the folder, whatever the files are called, with the built-in rules
  landwarden hunt dc01.zip fs01/ --rules sigma/rules --rules my-rules.yml
      archives are looked into; only the named rules run
  landwarden hunt /evidence -o timeline.csv
      every match, one a line; .csv, .json or anything else for JSON lines (or say --format)
  landwarden hunt /evidence --since 2026-03-02 --until 2026-03-03T12:00:00Z --host 'DC*'
  landwarden hunt pagefile.sys disk.dd logs/ --carve -o timeline.csv
      also records in slack space, disk images and memory; they are marked as carved
  landwarden hunt /evidence --tag t1003 --min-level high
      only rules for one ATT&CK technique (its sub-techniques too), of these levels
  ssh dc01 tail -F /var/log/winlogbeat.jsonl | landwarden hunt - -o - --quiet
      standard input is answered as it comes
  landwarden hunt /evidence --indicators built-in --indicators feed.json -o timeline.jsonl
      also indicators of compromise, in the same reading; they are leads and attribute nothing
  landwarden hunt logs/ scripts.zip --yara rules/
      YARA over scripts that PowerShell logged, and over files that are no event logs
  landwarden hunt /evidence --quiet --fail-on high || echo "look at this"

Exit codes: 0 ran to the end, 1 matches at or above --fail-on, 2 usage, rules or output unusable,
3 part of the evidence, indicators or YARA rules could not be read (wins over 1), 130 interrupted.)";

void add_hunt_options(Command command, HuntWords& words) {
  command
      .option(
          "evidence", words.evidence, "EVIDENCE",
          "Files, folders, archives (.zip, .tar, .gz, .zst), or - for standard input. What a file is, is "
          "decided by its content: Windows event logs (.evtx), and their events as JSON, XML or CSV of other "
          "tools")
      .required();
  const auto list = [&](const char* name, std::vector<std::string>& target, const char* type,
                        const char* text) { command.option(name, target, type, text).repeated(); };
  add_rules_option(command, words.rules.paths, "a file, folder or zip");
  list("--exclude-rule", words.rules.exclude, "ID|FILE",
       "Leave out a rule by its id, or all that a file lists, one id a line. May be repeated");
  list("--rule", words.rules.only, "ID|TITLE",
       "Only this rule, by id or title (* and ? allowed). May be repeated");
  list("--tag", words.rules.tags, "TAG",
       "Only rules with this tag: t1003, attack.execution, cve.2021-44228. May be repeated");
  command
      .option("--status", words.rules.status, "STATUS",
              "Only rules of these states: stable, test, experimental, deprecated, unsupported")
      .with_commas()
      .repeated();
  command.option("--min-level", words.min_level, "LEVEL",
                 "Only rules of this level or above: informational, low, medium, high, critical");
  add_hunt_indicators(command, words.indicators);
  add_hunt_yara(command, words.yara);
  add_event_options(command, words.since, words.until, words.host);
  add_rule_settings(command, words.rule_settings);
  command.option("--rule-cache", words.rule_cache, "FOLDER",
                 "Where compiled rules are kept for the next time; by default "
                 "~/.cache/landwarden/rules, or under XDG_CACHE_HOME");
  command.flag("--no-rule-cache", words.no_rule_cache, "Read and compile the rules, and keep nothing");
  add_strict_sources_flag(command, words.strict_sources);
  command.option("-o,--output", words.output, "FILE",
                 "Write a timeline, one line a match; the file is replaced whole, or not at all. - is "
                 "standard output, "
                 "the summary then goes to standard error");
  command.option("--format", words.format, "FORMAT",
                 "Of the timeline: jsonl, csv, json; by default from the file's ending");
  command.option("--fields", words.fields, "FIELDS",
                 "matched (default), or all: adds the column event, the whole record");
  command.option("--fail-on", words.fail_on, "LEVEL",
                 "Exit with 1 if there is a match of this level or above");
  add_evidence_options(command, words.decoding);
  command.flag("--all", words.all, "Show every finding and every problem in the summary, however many");
  add_quiet_flag(command, words.quiet);
  add_colour_option(command, words.colour);
  add_threads_option(command, words.threads);
}

}  // namespace

void add_hunt(Command program) {
  const Command command = program.command(
      "hunt",
      "Find signs of intruders in event logs. Runs Sigma rules over every event and sums up what they saw");
  const auto words = std::make_shared<HuntWords>();
  add_hunt_options(command, *words);
  command.footer(kExamples);
  command.runs([words]() -> int {
    auto settings = understand(*words);
    if (settings) return Hunt(std::move(*settings)).run();
    say_error(settings.error());
    return kUnusable;
  });
}

}  // namespace landwarden::cli
