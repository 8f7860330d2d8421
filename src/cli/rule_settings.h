// What users add to how rules are read: log sources of their own, values for placeholders, and processing
// pipelines.
//
// From the options --mapping, --pipeline and --settings, and from a settings file that is read without being
// named (docs/settings.md). What is in it must be right to the last key: a slip would make rules silently
// deaf.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sigma/loader.h"
#include "sigma/processing.h"
#include "view/log_sources.h"

namespace landwarden::cli {

class Command;

/// As the words on the command line are.
struct RuleSettingsWords {
  std::string settings;  ///< a file; empty: the one that is read without being named, if it is there
  bool no_settings = false;
  std::vector<std::string> mappings, pipelines;  ///< files
};

struct RuleSettings {
  using Lists = std::map<std::string, std::vector<std::string>, std::less<>>;

  view::LogSources sources;
  std::shared_ptr<const Lists> placeholders;
  std::shared_ptr<const sigma::Processing> processing;  ///< null: no pipelines
  /// The same words, the same settings: what they say, in a digest.
  std::vector<std::string> words;

  /// How rules are loaded under them; the settings must outlive that.
  [[nodiscard]] sigma::LoadOptions loading() const;
};

/// Adds --mapping, --pipeline, --settings and --no-settings; `words` must live until the command has run.
void add_rule_settings(Command command, RuleSettingsWords& words);

/// XDG_CONFIG_HOME/landwarden/settings.yaml, by default in ~/.config; empty if there is no home.
[[nodiscard]] std::string default_settings();

/// Built-in log sources, and what the words add to them.
[[nodiscard]] Result<RuleSettings> read_rule_settings(const RuleSettingsWords& words);

}  // namespace landwarden::cli
