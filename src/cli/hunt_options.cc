#include "cli/hunt_options.h"

#include "cli/usual_options.h"
#include "sigma/rule_cache.h"

namespace landwarden::cli {
namespace {

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
  settings.indicators = words.indicators;
  settings.yara = words.yara;
  settings.indicators.quiet = words.quiet;
  settings.host = words.host;
  settings.quiet = words.quiet;
  settings.all = words.all;
  settings.strict_sources = words.strict_sources;
  settings.threads = words.threads;
  if (!words.no_rule_cache)
    settings.rule_cache = words.rule_cache.empty() ? sigma::default_rule_cache() : words.rule_cache;
  if (auto done = understand_threads(words.threads); !done) return std::unexpected(done.error());
  if (auto done = understand_evidence(words.evidence); !done) return std::unexpected(done.error());
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
  const auto times = understand_times(words.since, words.until);
  if (!times) return std::unexpected(times.error());
  settings.since = times->since;
  settings.until = times->until;
  const auto colour = understand_colour(words.colour);
  if (!colour) return std::unexpected(colour.error());
  settings.colour = *colour;
  if (auto done = understand_output(words, settings); !done) return std::unexpected(done.error());
  return settings;
}

}  // namespace landwarden::cli
