// The register that the commands of `landwarden catalogue` ask: built-in catalogues, those that the user
// adds, and the user's decisions.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "intel/register.h"

namespace landwarden::cli {

class Command;

/// As the words on the command line are.
struct RegisterWords {
  std::vector<std::string> catalogues;  ///< files in our form
  std::string decisions;                ///< a file; empty: the one that is read without being named
  bool no_decisions = false, no_built_in = false;
  std::string on;             ///< a date; empty: today
  std::string host, account;  ///< for whom; empty: for all
};

/// Adds --host, --account, --catalogue, --decisions, --no-decisions, --no-built-in and --on; `words` must
/// live until the command has run.
void add_register_options(Command command, RegisterWords& words);

struct ReadRegister {
  intel::Register things;
  Time today;
};
/// Nothing if something is wrong, which was said on standard error. Says which decisions are over.
[[nodiscard]] bool read_register(const RegisterWords& words, ReadRegister& out);

/// The day as a date: the one that was given, or today's in UTC.
[[nodiscard]] Result<Time> day_of(const std::string& option, const std::string& given);
/// "2027-03-31".
[[nodiscard]] std::string date_text(Time time);

}  // namespace landwarden::cli
