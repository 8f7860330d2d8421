#include "cli/hunt_options.h"

#include <algorithm>

#include "sigma/rule_cache.h"

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

Result<void> understand_output(const HuntWords& words, HuntSettings& settings) {
  if (words.output.empty() && !words.format.empty()) {
    return fail(ErrorCode::invalid, "--format says how to write a timeline, but not where", {},
                "add -o FILE, or -o - for standard output");
  }
  settings.output = words.output;
  settings.format = report::format_of_file(words.output);
  if (!words.format.empty()) {
    const auto format = report::parse_format(words.format);
    if (!format)
      return fail(ErrorCode::invalid, "--format: no such format: " + words.format, {},
                  "there are jsonl, csv and json");
    settings.format = *format;
  }
  if (words.fields != "matched" && words.fields != "all") {
    return fail(ErrorCode::invalid, "--fields: no such choice: " + words.fields, {},
                "there are matched and all");
  }
  settings.all_fields = words.fields == "all";
  return {};
}

Result<void> understand_colour(const std::string& word, HuntSettings& settings) {
  if (word == "auto") return {};
  if (word != "always" && word != "never") {
    return fail(ErrorCode::invalid, "--color: no such choice: " + word, {},
                "there are auto, always and never");
  }
  settings.colour = word == "always" ? ColourChoice::always : ColourChoice::never;
  return {};
}

Result<void> understand_times(const HuntWords& words, HuntSettings& settings) {
  const auto since = time_named("--since", words.since), until = time_named("--until", words.until);
  if (!since) return std::unexpected(since.error());
  if (!until) return std::unexpected(until.error());
  if (since->known() && until->known() && *until <= *since) {
    return fail(ErrorCode::invalid, "--until is not after --since, so no event can be between them", {},
                "--since is included, --until is not; a date alone means its first moment");
  }
  settings.since = *since;
  settings.until = *until;
  return {};
}

}  // namespace

Result<sigma::Level> level_named(const std::string& option, const std::string& name) {
  if (const auto level = sigma::parse_level(name)) return *level;
  return fail(ErrorCode::invalid, option + ": no such level: " + name, {},
              "there are informational, low, medium, high and critical");
}

Result<HuntSettings> understand(const HuntWords& words) {
  HuntSettings settings;
  settings.evidence = words.evidence;
  settings.rules = words.rules;
  settings.rule_settings = words.rule_settings;
  settings.host = words.host;
  settings.quiet = words.quiet;
  settings.all = words.all;
  settings.strict_sources = words.strict_sources;
  settings.threads = words.threads;
  if (!words.no_rule_cache)
    settings.rule_cache = words.rule_cache.empty() ? sigma::default_rule_cache() : words.rule_cache;
  if (words.threads > kThreads) {
    return fail(ErrorCode::invalid, "--threads: too many: " + std::to_string(words.threads), {},
                "1024 is the most");
  }
  if (std::ranges::find(words.evidence, "") != words.evidence.end()) {
    return fail(ErrorCode::invalid, "an evidence path is empty", {},
                "name a file, a folder, or - for standard input");
  }
  if (!words.min_level.empty()) {
    const auto level = level_named("--min-level", words.min_level);
    if (!level) return std::unexpected(level.error());
    settings.rules.min_level = *level;
  }
  if (!words.fail_on.empty()) {
    const auto level = level_named("--fail-on", words.fail_on);
    if (!level) return std::unexpected(level.error());
    settings.fail_on = *level;
  }
  if (auto done = understand(words.decoding); !done) return std::unexpected(done.error());
  settings.decoding = words.decoding;
  if (auto done = understand_times(words, settings); !done) return std::unexpected(done.error());
  if (auto done = understand_colour(words.colour, settings); !done) return std::unexpected(done.error());
  if (auto done = understand_output(words, settings); !done) return std::unexpected(done.error());
  return settings;
}

}  // namespace landwarden::cli
