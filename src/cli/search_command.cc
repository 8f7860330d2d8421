// landwarden search: binds the engine's search, its lines, and what is said of it.

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/evidence_options.h"
#include "cli/evidence_problems.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/search_options.h"
#include "cli/spare_evidence.h"
#include "cli/usual_options.h"
#include "report/output_file.h"

namespace landwarden::cli {
namespace {

class Search {
 public:
  explicit Search(SearchSettings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] int run();

 private:
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<engine::SearchResult> read();
  [[nodiscard]] Result<void> take(const engine::SearchLine& line);
  [[nodiscard]] Result<void> write_counts();
  void say_result(const engine::SearchResult& result) const;
  [[nodiscard]] int finish(const Result<engine::SearchResult>& result);

  SearchSettings settings_;
  std::optional<report::OutputFile> file_;
  std::unique_ptr<report::SearchText> text_;
  std::unique_ptr<report::SearchLines> lines_;
  bool flush_ = false;  ///< somebody waits for each line
  std::string source_;  ///< of the line before
  std::uint64_t in_source_ = 0;
  std::uint64_t sources_ = 0, hits_ = 0;
  bool enough_ = false;
};

Result<void> Search::open() {
  if (settings_.answer == SearchAnswer::nothing) return {};
  if (auto spared = spare_evidence(settings_.output, settings_.search.evidence, "what is found"); !spared)
    return spared;
  auto file = report::OutputFile::open(settings_.output);
  if (!file) return std::unexpected(file.error());
  file_ = std::move(*file);
  const bool terminal = settings_.output == "-" && ::isatty(STDOUT_FILENO) != 0;
  const auto& evidence = settings_.search.evidence;
  flush_ = file_->in_place() && (terminal || std::ranges::find(evidence, "-") != evidence.end());
  text_ = std::make_unique<report::SearchText>(
      report::SearchTextOptions{.format = settings_.format,
                                .screen = screen_for(STDOUT_FILENO, settings_.colour),
                                .marks = terminal,
                                .cut = terminal,
                                .whole_record = settings_.search.whole_record,
                                .context = settings_.search.context > 0});
  lines_ = std::make_unique<report::SearchLines>(*file_, *text_);
  return {};
}

Result<void> Search::take(const engine::SearchLine& line) {
  if (sources_ == 0 || source_ != line.source) {
    if (settings_.answer == SearchAnswer::counts) {
      if (auto written = write_counts(); !written) return written;
    }
    source_ = line.source;
    in_source_ = 0;
    ++sources_;
    if (settings_.answer == SearchAnswer::files) {
      if (auto written = file_->write(report::visible(source_, true) + "\n"); !written) return written;
    }
  }
  if (settings_.max_count > 0 && in_source_ >= settings_.max_count) return {};
  if (!line.context) {
    ++in_source_;
    ++hits_;
  }
  if (settings_.answer == SearchAnswer::nothing) {
    enough_ = true;
    return fail(ErrorCode::interrupted, "one hit is enough");
  }
  if (settings_.answer != SearchAnswer::records) return {};
  if (auto written = lines_->write(line.source, line.text, line.gap); !written) return written;
  return flush_ ? file_->flush() : Result<void>{};
}

/// Of the source before, once it is known to be over.
Result<void> Search::write_counts() {
  if (in_source_ == 0) return {};
  return file_->write(fmt::format("{}:{}\n", report::visible(source_, true), in_source_));
}

Result<engine::SearchResult> Search::read() {
  event::Catalogue catalogue;
  engine::Progress progress;
  const std::atomic<bool>& stop = watch_for_interrupt();
  const bool shown = ::isatty(STDERR_FILENO) != 0 && settings_.answer != SearchAnswer::nothing &&
                     (settings_.output != "-" || ::isatty(STDOUT_FILENO) == 0);
  const ProgressLine line(progress, shown, screen_for(STDERR_FILENO, ColourChoice::never));
  engine::RenderHit render;
  if (settings_.answer == SearchAnswer::records) {
    render = [this](const triage::SearchHit& hit, std::string& out) { text_->render(hit, out); };
  }
  return engine::search(settings_.search, catalogue, progress, stop, render,
                        [this](const engine::SearchLine& found) { return take(found); });
}

/// On standard error: what was looked at, and what could not be.
void Search::say_result(const engine::SearchResult& result) const {
  say_problems(result.receipts, "they were not searched; landwarden evidence says where they are");
  if (settings_.answer == SearchAnswer::nothing) return;
  const auto evidence = static_cast<std::uint64_t>(std::ranges::count_if(
      result.receipts, [](const event::Receipt& receipt) { return !receipt.not_evidence; }));
  std::string told = fmt::format("{} found in {} of {}", report::grouped(result.found),
                                 report::counted(result.records, "event", "events"),
                                 report::counted(evidence, "file", "files"));
  if (hits_ < result.found) told += fmt::format(", {} shown", report::grouped(hits_));
  if (result.interrupted) told += "; interrupted, the rest was not read";
  say(told);
}

int Search::finish(const Result<engine::SearchResult>& result) {
  if (enough_) return kDone;
  std::optional<Error> failure;
  if (!result) {
    failure = result.error();
  } else if (file_) {
    auto done = settings_.answer == SearchAnswer::counts    ? write_counts()
                : settings_.answer == SearchAnswer::records ? lines_->finish()
                                                            : Result<void>{};
    if (done) done = file_->commit();
    if (!done) failure = std::move(done.error());
  }
  // Who closes the pipe (… | head) has seen enough.
  if (failure && file_ && file_->reader_gone()) return kDone;
  if (failure) say_error(*failure);
  if (result) say_result(*result);
  if (failure) return kUnusable;
  if (result->interrupted) return kInterrupted;
  if (result->incomplete()) return kIncomplete;
  return result->found > 0 ? kDone : kFound;
}

int Search::run() {
  if (auto opened = open(); !opened) {
    say_error(opened.error());
    return kUnusable;
  }
  return finish(read());
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden search mimikatz /evidence
      every event with this text in one of its values; case does not matter
  landwarden search -r 'enc(odedcommand)? +[A-Za-z0-9+/=]{40}' logs.zip --in CommandLine,ScriptBlockText
      a regular expression (RE2) in some fields
  landwarden search --field 'Image=*\net.exe' --field 'CommandLine=* group *' --all /evidence --full
      whole values with wildcards, as in Sigma; --all: both; the whole event is shown
  landwarden search 10.20.30.40 /evidence --since 2026-03-02 --host 'DC*' --event-id 4624,4625 -C 2
      with two events before and after each
  landwarden search -e psexec -e wmic /evidence --format jsonl | jq .found
  landwarden search -l ransom /evidence

Values are searched, not the names of fields: --field 'NAME=*' finds events that have a field.
Exit codes: 0 found, 1 nothing found, 2 usage or output unusable, 3 part of the evidence could not be read
(wins over 0 and 1), 130 interrupted.)";

void add_pattern_options(Command command, SearchWords& words) {
  const auto list = [&](const char* name, std::vector<std::string>& target, const char* type,
                        const char* text) { return command.option(name, target, type, text).repeated(); };
  command
      .option("evidence", words.words, "[PATTERN] EVIDENCE",
              "The text to look for (unless -e or --field is given); then files, folders, archives, or - for "
              "standard input, as for hunt")
      .required();
  list("-e,--pattern", words.patterns, "PATTERN",
       "A text to look for; all others are evidence then. May be repeated");
  list("--field", words.fields, "NAME=VALUE",
       "A field that has this value as a whole; * and ? allowed in both. System. may be left out. May be "
       "repeated");
  list("--in", words.in, "NAME", "Look for patterns in these fields only (* and ? allowed)").with_commas();
  command.flag("-r,--regex", words.regex,
               "Patterns, and values of --field, are regular expressions (RE2's syntax)");
  command.flag("-s,--case-sensitive", words.case_sensitive, "Case matters");
  command.flag("-i,--ignore-case", words.ignore_case, "Case does not matter; so it is without the option");
  command.flag("--all", words.all, "Only events in which every pattern and field is found, instead of any");
  command.flag("-v,--invert-match", words.invert, "Events in which it is not found");
  command.option("--event-id", words.event_ids, "ID", "Only events with one of these ids")
      .with_commas()
      .repeated();
  list("--channel", words.channels, "NAME", "Only events of this channel (* and ? allowed)").with_commas();
  add_event_options(command, words.since, words.until, words.host);
}

void add_answer_options(Command command, SearchWords& words) {
  command.option("-C,--context", words.context, "N",
                 "Also show N events of the same file before and after each");
  command.flag("--full", words.whole, "Show all fields of the events");
  command.flag("-c,--count", words.count, "Only how many events of each file");
  command.flag("-l,--files-with-matches", words.files, "Only the names of files in which it was found");
  command.option("-m,--max-count", words.max_count, "N", "Show at most N events of each file");
  command.flag("-q,--quiet", words.quiet, "Nothing but the exit code; stops at the first event found");
  command.option("--format", words.format, "FORMAT",
                 "jsonl, csv, json; by default lines for people, or by the ending of -o");
  command.option("-o,--output", words.output, "FILE",
                 "Write what is found; the file is replaced whole, or not at all");
  add_colour_option(command, words.colour);
  add_threads_option(command, words.threads);
}

}  // namespace

void add_search(Command program) {
  const Command command = program.command(
      "search",
      "Find events by a text, a regular expression or the value of a field, and show what was found");
  const auto words = std::make_shared<SearchWords>();
  add_pattern_options(command, *words);
  add_evidence_options(command, words->decoding);
  add_answer_options(command, *words);
  command.footer(kExamples);
  command.runs([words]() -> int {
    auto settings = understand(*words);
    if (settings) return Search(std::move(*settings)).run();
    say_error(settings.error());
    return kUnusable;
  });
}

}  // namespace landwarden::cli
