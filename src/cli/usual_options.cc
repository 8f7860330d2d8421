#include "cli/usual_options.h"

#include <algorithm>

namespace landwarden::cli {
namespace {

constexpr unsigned kThreads = 1024;  // more than any machine we know of; a typing mistake beyond

Result<Time> time_named(const std::string& option, const std::string& text) {
  if (text.empty()) return Time::unknown();
  if (const auto time = parse_time(text)) return *time;
  return fail(
      ErrorCode::invalid, option + ": not a time: " + text, {},
      "write 2026-03-02, 2026-03-02T07:15:00Z or 2026-03-02T16:15:00+09:00; without a zone it is UTC");
}

}  // namespace

void add_evidence_argument(Command command, std::vector<std::string>& evidence) {
  command
      .option("evidence", evidence, "EVIDENCE",
              "Files, folders, archives, or - for standard input, as for hunt")
      .required();
}

Result<void> understand_evidence(const std::vector<std::string>& evidence) {
  if (std::ranges::find(evidence, "") == evidence.end()) return {};
  return fail(ErrorCode::invalid, "an evidence path is empty", {},
              "name a file, a folder, or - for standard input");
}

void add_rules_argument(Command command, std::vector<std::string>& paths) {
  command.option("path", paths, "PATH", "Rule files, folders or zips; without it the built-in rules");
}

void add_rules_option(Command command, std::vector<std::string>& paths, const std::string& which) {
  command
      .option("--rules", paths, "PATH",
              "Sigma rules instead of the built-in ones: " + which + ". May be repeated")
      .repeated();
}

void add_strict_sources_flag(Command command, bool& strict) {
  command.flag("--strict-sources", strict,
               "Only the log sources that Sigma's taxonomy names, and Security 4688 as process creation");
}

void add_event_options(Command command, std::string& since, std::string& until, std::string& host) {
  command.option("--since", since, "TIME", "Only events at or after this time: a date, or RFC 3339");
  command.option("--until", until, "TIME", "Only events before this time");
  command.option("--host", host, "HOST", "Only events of this host (* and ? allowed)");
}

Result<TimeSpan> understand_times(const std::string& since, const std::string& until) {
  const auto from = time_named("--since", since), to = time_named("--until", until);
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  if (from->known() && to->known() && *to <= *from)
    return fail(ErrorCode::invalid, "--until is not after --since, so no event can be between them", {},
                "--since is included, --until is not; a date alone means its first moment");
  return TimeSpan{.since = *from, .until = *to};
}

void add_text_or_json_option(Command command, std::string& format) {
  command.option("--format", format, "FORMAT", "text (default) or json").one_of({"text", "json"});
}

void add_all_flag(Command command, bool& all) {
  command.flag("--all", all, "Show every entry of every list, however many");
}

void add_quiet_flag(Command command, bool& quiet) {
  command.flag("-q,--quiet", quiet, "No summary and no progress; errors only");
}

Option add_colour_option(Command command, std::string& colour) {
  return command.option("--color", colour, "WHEN", "auto (default), always, never; NO_COLOR is respected");
}

Result<ColourChoice> understand_colour(const std::string& colour) {
  if (colour == "auto") return ColourChoice::automatic;
  if (colour == "always") return ColourChoice::always;
  if (colour == "never") return ColourChoice::never;
  return fail(ErrorCode::invalid, "--color: no such choice: " + colour, {},
              "there are auto, always and never");
}

Option add_threads_option(Command command, unsigned& threads, const std::string& same) {
  return command.option("--threads", threads, "N",
                        "Worker threads; by default one a processor" +
                            (same.empty() ? "" : ". " + same + " is the same with any number"));
}

Result<void> understand_threads(unsigned threads) {
  if (threads <= kThreads) return {};
  return fail(ErrorCode::invalid, "--threads: too many: " + std::to_string(threads), {}, "1024 is the most");
}

}  // namespace landwarden::cli
