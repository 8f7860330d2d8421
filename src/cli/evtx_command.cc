// landwarden evtx dump: event logs as JSON lines or XML.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/evidence_options.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/spare_evidence.h"
#include "engine/evtx_dump.h"
#include "report/output_file.h"

namespace landwarden::cli {
namespace {

constexpr unsigned kThreads = 1024;         // more than any machine we know of; a typing mistake beyond
constexpr std::size_t kProblemsShown = 20;  // lines about single files; who sees these mends them first

struct DumpWords {
  engine::DumpOptions options;
  decode::DecodeOptions decoding;
  std::string output = "-", format, since, until;
  bool quiet = false;
};

Result<Time> time_named(const std::string& option, const std::string& text) {
  if (text.empty()) return Time::unknown();
  if (const auto time = parse_time(text)) return *time;
  return fail(
      ErrorCode::invalid, option + ": not a time: " + text, {},
      "write 2026-03-02, 2026-03-02T07:15:00Z or 2026-03-02T16:15:00+09:00; without a zone it is UTC");
}

Result<void> understand_times(DumpWords& words) {
  const auto since = time_named("--since", words.since), until = time_named("--until", words.until);
  if (!since) return std::unexpected(since.error());
  if (!until) return std::unexpected(until.error());
  words.options.since = *since;
  words.options.until = *until;
  if (!since->known() || !until->known() || *until > *since) return {};
  return fail(ErrorCode::invalid, "--until is not after --since, so no event can be between them", {},
              "--since is included, --until is not; a date alone means its first moment");
}

Result<void> understand(DumpWords& words) {
  engine::DumpOptions& options = words.options;
  if (options.threads > kThreads)
    return fail(ErrorCode::invalid, "--threads: too many: " + std::to_string(options.threads), {},
                "1024 is the most");
  if (std::ranges::find(options.evidence, "") != options.evidence.end())
    return fail(ErrorCode::invalid, "an evidence path is empty", {},
                "name a file, a folder, or - for standard input");
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
  return understand_times(words);
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
    for (Error error : receipt.errors) {
      if (error.place.file.empty()) error.place.file = receipt.source;
      tell(error);
    }
    if (receipt.records_quarantined == 0) continue;
    Error lost{ErrorCode::damaged,
               report::counted(receipt.records_quarantined, "event", "events") + " too damaged to decode",
               {receipt.source, 0, 0, {}},
               "they are left where they are; landwarden evidence says more"};
    if (!receipt.quarantined.empty()) {
      lost.place.offset = receipt.quarantined.front().offset;
      lost.message += ", the first here: " + receipt.quarantined.front().reason;
    }
    tell(lost);
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
  command.option("--since", words.since, "TIME", "Only events at or after this time: a date, or RFC 3339");
  command.option("--until", words.until, "TIME", "Only events before this time");
  command.option("--host", words.options.host, "HOST", "Only events of this host (* and ? allowed)");
  add_evidence_options(command, words.decoding);
  command.flag("-q,--quiet", words.quiet, "No receipt and no progress; errors and losses only");
  command.option("--threads", words.options.threads, "N",
                 "Worker threads; by default one a processor. The output is the same with any number");
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
  command.runs([words]() -> int {
    const auto code = try_run(*words);
    if (code) return *code;
    say_error(code.error());
    return code.error().code == ErrorCode::interrupted ? kInterrupted : kUnusable;
  });
}

}  // namespace landwarden::cli
