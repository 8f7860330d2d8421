// landwarden databases: which copy of the directory's database went where.

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/evidence_options.h"
#include "cli/evidence_problems.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/usual_options.h"
#include "engine/databases.h"
#include "report/databases_text.h"

namespace landwarden::cli {
namespace {

struct DatabaseWords {
  std::vector<std::string> evidence;
  std::string since, until, host, format = "text", colour = "auto";
  unsigned threads = 0;
  decode::DecodeOptions decoding;
};

Result<engine::DatabaseOptions> understand_words(const DatabaseWords& words) {
  if (auto good = understand(words.decoding); !good) return std::unexpected(std::move(good.error()));
  const auto span = understand_times(words.since, words.until);
  if (!span) return std::unexpected(span.error());
  return engine::DatabaseOptions{.evidence = words.evidence,
                                 .threads = words.threads,
                                 .decoding = words.decoding,
                                 .since = span->since,
                                 .until = span->until,
                                 .host = words.host};
}

/// On standard error: what was looked at, and what could not be.
void say_result(const engine::DatabaseResult& result) {
  say_problems(result.receipts, "they were not looked at; landwarden evidence says where they are");
  if (result.engine_unread > 0)
    say_error(report::counted(result.engine_unread, "event", "events") +
              " of the database engine were in no form that is known: their values are not looked at");
  if (result.found.records_left_out > 0)
    say_error(report::counted(result.found.records_left_out, "event", "events") +
              " were left out: without a time, or more than can be held at once");
  std::string told =
      fmt::format("{} in {}: {} of the database engine, {} with a command line",
                  report::counted(result.found.copies.size(), "copy", "copies"),
                  report::counted(result.records, "event", "events"), report::grouped(result.engine_records),
                  report::grouped(result.command_records));
  if (result.engine_records == 0) told += "; without the Application log only commands could be seen";
  if (result.interrupted) told += "; interrupted, the rest was not read";
  say(told);
}

Result<int> follow(const DatabaseWords& words) {
  auto options = understand_words(words);
  if (!options) return std::unexpected(options.error());
  const auto sources = view::LogSources::built_in();
  if (!sources) return std::unexpected(sources.error());
  const auto grammar = command::Grammar::built_in();
  if (!grammar) return std::unexpected(grammar.error());
  event::Catalogue catalogue;
  engine::Progress progress;
  const std::atomic<bool>& stop = watch_for_interrupt();
  const auto result = [&] {
    const ProgressLine line(progress, ::isatty(STDERR_FILENO) != 0,
                            screen_for(STDERR_FILENO, ColourChoice::never));
    return engine::follow_databases(*options, *sources, *grammar, catalogue, progress, stop);
  }();
  if (!result) return std::unexpected(result.error());
  const ColourChoice choice = understand_colour(words.colour).value_or(ColourChoice::automatic);
  const int code = answer(words.format == "json"
                              ? report::databases_json(result->found)
                              : report::databases_text(result->found, screen_for(STDOUT_FILENO, choice)));
  say_result(*result);
  if (code != kDone) return code;
  if (result->interrupted) return kInterrupted;
  if (result->incomplete()) return kIncomplete;
  return result->found.copies.empty() ? kFound : kDone;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden databases /evidence
      copies of NTDS.dit that the Application log and the commands tell of, however old, and where they went
  landwarden databases dc*/ fs01/ --format json | jq '.copies[] | {host, created, to}'

A copy is a file ntds.dit that a program made outside the directory's own folder, or that a command names. Install media
for a new domain controller are such a copy too: ask who made them. Where the copy went is followed for 30 days through
commands, from host to host where a path names one. Relative paths are followed where the record says in which folder the
command was started (Sysmon), or the line goes there with cd.
Exit codes: 0 a copy was found, 1 none, 2 usage, 3 part of the evidence could not be read (wins over 0 and 1),
130 interrupted.)";

}  // namespace

void add_databases(Command program) {
  const Command command = program.command(
      "databases",
      "Say which copies of the directory's database NTDS.dit were made, when, by what, and where they went");
  const auto words = std::make_shared<DatabaseWords>();
  add_evidence_argument(command, words->evidence);
  add_event_options(command, words->since, words->until, words->host);
  add_evidence_options(command, words->decoding);
  add_text_or_json_option(command, words->format);
  add_colour_option(command, words->colour).one_of({"auto", "always", "never"});
  add_threads_option(command, words->threads);
  command.footer(kExamples);
  command.runs([words]() -> int {
    const auto code = follow(*words);
    if (code) return *code;
    say_error(code.error());
    return kUnusable;
  });
}

}  // namespace landwarden::cli
