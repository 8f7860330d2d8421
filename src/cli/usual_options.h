// Options that several commands have: each is declared here alone, so that it means the same everywhere and
// is said in the same words. What is declared takes a target that must live until the command has run.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cli/arguments.h"
#include "cli/console.h"

namespace landwarden::cli {

/// Files, folders, archives, or standard input; at least one.
void add_evidence_argument(Command command, std::vector<std::string>& evidence);
/// An empty path is a slip, such as a shell variable that is not set.
[[nodiscard]] Result<void> understand_evidence(const std::vector<std::string>& evidence);

/// Rules as an argument: files, folders or zips; none: the built-in ones.
void add_rules_argument(Command command, std::vector<std::string>& paths);
/// --rules, instead of the built-in ones. `which` says what is done with them.
void add_rules_option(Command command, std::vector<std::string>& paths, const std::string& which);
void add_strict_sources_flag(Command command, bool& strict);

/// --since, --until and --host of the events to look at.
void add_event_options(Command command, std::string& since, std::string& until, std::string& host);
struct TimeSpan {
  Time since = Time::unknown(), until = Time::unknown();
};
[[nodiscard]] Result<TimeSpan> understand_times(const std::string& since, const std::string& until);

/// --format, text or json.
void add_text_or_json_option(Command command, std::string& format);
/// --all of an answer with lists.
void add_all_flag(Command command, bool& all);
/// --quiet of an answer with a summary.
void add_quiet_flag(Command command, bool& quiet);

/// --color.
Option add_colour_option(Command command, std::string& colour);
[[nodiscard]] Result<ColourChoice> understand_colour(const std::string& colour);

/// --threads. `same` is what does not depend on their number: "The answer"; empty: not worth a word.
Option add_threads_option(Command command, unsigned& threads, const std::string& same = "The answer");
[[nodiscard]] Result<void> understand_threads(unsigned threads);

}  // namespace landwarden::cli
