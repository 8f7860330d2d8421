// The options of `landwarden hunt`, as typed values.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/console.h"
#include "cli/evidence_options.h"
#include "cli/indicator_commands.h"
#include "cli/rule_choice.h"
#include "cli/rule_settings.h"
#include "report/timeline.h"

namespace landwarden::cli {

/// As the words on the command line are.
struct HuntWords {
  std::vector<std::string> evidence;
  RuleChoice rules;
  RuleSettingsWords rule_settings;
  std::vector<std::string> yara;
  IndicatorWords indicators{.files = {}, .no_built_in = true, .on = {}};
  std::string min_level, since, until, host, output, format, fields = "matched", colour = "auto", fail_on,
                                                             rule_cache;
  unsigned threads = 0;
  bool quiet = false, all = false, strict_sources = false, no_rule_cache = false;
  decode::DecodeOptions decoding;
};

/// After all words were understood.
struct HuntSettings {
  std::vector<std::string> evidence;
  RuleChoice rules;
  RuleSettingsWords rule_settings;
  std::vector<std::string> yara;  ///< files and folders of rules
  IndicatorWords indicators;      ///< only those that are named
  Time since = Time::unknown(), until = Time::unknown();
  std::string host, output;
  std::string rule_cache;  ///< folder; empty: none
  report::TimelineFormat format = report::TimelineFormat::jsonl;
  ColourChoice colour = ColourChoice::automatic;
  std::optional<sigma::Level> fail_on;
  unsigned threads = 0;
  bool all_fields = false, quiet = false, all = false, strict_sources = false;
  decode::DecodeOptions decoding;
};

[[nodiscard]] Result<HuntSettings> understand(const HuntWords& words);
/// Levels by name; the error names those that there are.
[[nodiscard]] Result<sigma::Level> level_named(const std::string& option, const std::string& name);

}  // namespace landwarden::cli
