// landwarden indicators: the command, its subcommands, and what they share.

#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "cli/commands.h"
#include "intel/indicator_import.h"

namespace landwarden::cli {

/// Which indicators a command works with, as the words on the command line are.
struct IndicatorWords {
  std::vector<std::string> files;  ///< "built-in" stands for those that are
  bool no_built_in = false;        ///< unless `files` names them
  bool quiet = false;              ///< only what is wrong is said
  std::string on;                  ///< a date; empty: today
};

/// Adds --indicators, --no-built-in and --on; `words` must live until the command has run.
void add_indicator_options(Command command, IndicatorWords& words);

struct ReadIndicators {
  std::vector<intel::Indicator> indicators;
  Time today;
  bool partly = false;  ///< something was not understood
};
/// Nothing if files cannot be read at all, which was said on standard error.
[[nodiscard]] bool read_indicators(const IndicatorWords& words, ReadIndicators& out);

/// Says what was not understood and, unless `quiet`, how many indicators there were.
void say_import(const intel::ImportedIndicators& read, bool quiet = false);

void add_indicators_list(Command indicators);
void add_indicators_import(Command indicators);
void add_indicators_match(Command indicators);

}  // namespace landwarden::cli
