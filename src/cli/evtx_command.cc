// landwarden evtx dump: event logs as JSON lines or XML.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/evidence_options.h"
#include "cli/evidence_problems.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/spare_evidence.h"
#include "cli/usual_options.h"
#include "engine/evtx_dump.h"
#include "report/output_file.h"

namespace landwarden::cli {
namespace {

constexpr std::size_t kProblemsShown = 20;  // lines about single files; who sees these mends them first

struct DumpWords {
  engine::DumpOptions options;
  decode::DecodeOptions decoding;
  std::string output = "-", format, since, until;
  bool quiet = false;
};

Result<void> understand(DumpWords& words) {
  engine::DumpOptions& options = words.options;
  if (auto done = understand_threads(options.threads); !done) return done;
  if (auto done = understand_evidence(options.evidence); !done) return done;
  const std::string format = !words.format.empty()            ? words.format
                             : words.output.ends_with(".xml") ? "xml"
                                                              : "jsonl";
  if (format != "jsonl" && format != "xml")
    return fail(ErrorCode::invalid, "--format: no such format: " + format, {}, "there are jsonl and xml");
  if (format == "xml") options.format = decode::evtx::ExportFormat::xml;
  if (format == "xml" && options.separate_attributes)
    return fail(ErrorCode::invalid, "--separate-json-attributes says nothing of XML", {}, "leave it out");
  for (const std::string& id : options.event_ids) {
    if (!id.empty() && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; })) continue;
    return fail(ErrorCode::invalid, "--event-id: not a number: " + id, {}, "write --event-id 4624,4625");
  }
  if (auto known = cli::understand(words.decoding); !known) return known;
  options.ansi_codepage = words.decoding.ansi_codepage;
  options.carve = words.decoding.carve;
  const auto times = understand_times(words.since, words.until);
  if (!times) return std::unexpected(times.error());
  options.since = times->since;
  options.until = times->until;
  return {};
}

/// What was lost or not read: the first few, and how many more there are.
void say_problems(const engine::DumpResult& result) {
  std::size_t said = 0, unsaid = 0;
  const auto tell = [&](const Error& error) {
    if (said++ < kProblemsShown) {
      say_error(error);
    } else {
      ++unsaid;
    }
  };
  for (const event::Receipt& receipt : result.receipts) {
    const auto problems =
        problems_of(receipt, "they are left where they are; landwarden evidence says more", true);
    for (const Error& error : problems) tell(error);
  }
  if (unsaid > 0) say("... and " + std::to_string(unsaid) + " more; landwarden evidence says all of them");
}

void say_receipt(const engine::DumpResult& result) {
  std::uint64_t seen = 0, quarantined = 0, others = 0;
  std::map<std::string, std::uint64_t> damage;
  for (const event::Receipt& receipt : result.receipts) {
    seen += receipt.records_seen;
    quarantined += receipt.records_quarantined;
    others += receipt.not_evidence ? 1 : 0;
    for (const event::Counted& counted : receipt.damage) damage[counted.what] += counted.count;
  }
  std::string line = report::counted(result.records, "event", "events") + " of " +
                     report::counted(result.sources, "event log", "event logs") + " written, " +
                     report::bytes_text(result.bytes);
  if (result.records_carved > 0) line += "; " + report::grouped(result.records_carved) + " carved";
  if (result.records_left_out > 0)
    line += "; " + report::grouped(result.records_left_out) + " left out by your options";
  if (quarantined > 0)
    line += "; " + report::grouped(quarantined) + " of " + report::grouped(seen) + " too damaged";
  if (result.sources_left_out > 0)
    line += "; " + report::counted(result.sources_left_out, "file", "files") + " of other evidence left out";
  if (others > 0) line += "; " + report::counted(others, "file is", "files are") + " no evidence";
  say(line);
  for (const auto& [what, count] : damage)
    say("  read across damage: " + report::grouped(count) + " x " + what);
  if (result.interrupted) say("  interrupted: the rest of the evidence was not read");
}

class DumpOutput {
 public:
  DumpOutput(report::OutputFile file, bool as_it_comes) : file_(std::move(file)), as_it_comes_(as_it_comes) {}

  Result<void> write(std::string_view text) {
    auto done = file_.write(text);
    return done && as_it_comes_ ? file_.flush() : done;
  }
  Result<void> finish() { return file_.commit(); }
  [[nodiscard]] bool reader_gone() const { return file_.reader_gone(); }

 private:
  report::OutputFile file_;
  bool as_it_comes_;
};

Result<int> try_run(DumpWords& words) {
  if (auto understood = understand(words); !understood) return std::unexpected(understood.error());
  const std::vector<std::string>& evidence = words.options.evidence;
  if (auto spared = spare_evidence(words.output, evidence, "the dump"); !spared)
    return std::unexpected(spared.error());
  auto file = report::OutputFile::open(words.output);
  if (!file) return std::unexpected(file.error());
  const bool as_it_comes = file->in_place() && std::ranges::find(evidence, "-") != evidence.end();
  DumpOutput output(std::move(*file), as_it_comes);
  engine::Progress progress;
  auto result = [&] {
    const std::atomic<bool>& stop = watch_for_interrupt();
    // Lines on the same terminal would be torn by a progress line.
    const bool to_terminal = words.output == "-" && ::isatty(STDOUT_FILENO) != 0;
    const ProgressLine line(progress, !words.quiet && !to_terminal && ::isatty(STDERR_FILENO) != 0,
                            screen_for(STDERR_FILENO, ColourChoice::never));
    return engine::dump_evtx(words.options, progress, stop,
                             [&](std::string_view text) { return output.write(text); });
  }();
  std::optional<Error> failure;
  if (!result) {
    failure = std::move(result.error());
  } else if (auto finished = output.finish(); !finished) {
    failure = std::move(finished.error());
  }
  // Whoever closes the pipe has seen enough (| head).
  if (failure && output.reader_gone()) return kUnusable;
  if (failure) return std::unexpected(std::move(*failure));
  say_problems(*result);
  if (!words.quiet) say_receipt(*result);
  if (result->interrupted) return kInterrupted;
  return result->incomplete() ? kIncomplete : kDone;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden evtx dump Security.evtx
      every event as one line of JSON, in the form of evtx_dump -o jsonl
  landwarden evtx dump /evidence dc01.zip -o events.jsonl
      all event logs in a folder and in an archive, one behind the other
  landwarden evtx dump Security.evtx --format xml -o security.xml
      one XML document, <Events> around all of them
  landwarden evtx dump Security.evtx --event-id 4624,4625 --since 2026-03-02 | jq .Event.EventData.IpAddress
  landwarden evtx dump - < System.evtx | rg -i psexec
  landwarden evtx dump disk.dd pagefile.sys --carve -o deleted.jsonl
      also records in slack space, disk images and memory, marked "lw.carved":true

Exit codes: 0 ran to the end, 2 usage or output unusable, 3 part of the evidence could not be read, or
some events were too damaged to decode, 130 interrupted.)";

void add_dump_options(Command command, DumpWords& words) {
  command
      .option("evidence", words.options.evidence, "EVIDENCE",
              "Event log files (.evtx), folders, archives, or - for standard input, as for hunt")
      .required();
  command.option("-o,--output", words.output, "FILE",
                 "Write here; the file is replaced whole, or not at all. - is standard output (default)");
  command.option("--format", words.format, "FORMAT",
                 "jsonl or xml; by default from the file's ending, else jsonl");
  command.flag("--separate-json-attributes", words.options.separate_attributes,
               "Attributes in a key of their own (Provider_attributes), as evtx_dump's option does");
  const auto list = [&](const char* name, std::vector<std::string>& target, const char* type,
                        const char* text) {
    command.option(name, target, type, text).with_commas().repeated();
  };
  list("--event-id", words.options.event_ids, "ID", "Only events with one of these ids: 4624,4625");
  list("--channel", words.options.channels, "CHANNEL", "Only events of these channels (* and ? allowed)");
  add_event_options(command, words.since, words.until, words.options.host);
  add_evidence_options(command, words.decoding);
  command.flag("-q,--quiet", words.quiet, "No receipt and no progress; errors and losses only");
  add_threads_option(command, words.options.threads, "The output");
}

}  // namespace

void add_evtx(Command program) {
  const Command evtx = program.command("evtx", "Look into Windows event logs (.evtx)");
  evtx.needs_command();
  const Command command = evtx.command(
      "dump", "Write the events of Windows event logs as JSON lines, in the form of evtx_dump, or as XML");
  const auto words = std::make_shared<DumpWords>();
  add_dump_options(command, *words);
  command.footer(kExamples);
  command.runs([words] { return exit_code_of(try_run(*words)); });
}

}  // namespace landwarden::cli
