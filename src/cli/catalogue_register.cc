#include "cli/catalogue_register.h"

#include <ctime>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/rule_settings.h"
#include "intel/files.h"
#include "report/screen.h"

namespace landwarden::cli {
namespace {

/// decisions.yaml beside the settings, where there is one.
std::string decisions_file(const RegisterWords& words) {
  if (words.no_decisions || !words.decisions.empty()) return words.decisions;
  const std::string settings = default_settings();
  if (settings.empty()) return {};
  const auto file = std::filesystem::path(settings).parent_path() / "decisions.yaml";
  std::error_code unknown;
  return std::filesystem::is_regular_file(file, unknown) ? file.string() : std::string();
}

bool add_catalogues(const RegisterWords& words, intel::Register& to) {
  bool good = true;
  if (!words.no_built_in) {
    for (const intel::Catalogue& catalogue : intel::built_in_catalogues()) to.add(catalogue);
  }
  for (const std::string& file : words.catalogues) {
    auto text = intel::read_whole(file, limits::kYamlBytes);
    auto catalogue = text ? intel::read_catalogue(*text, file)
                          : Result<intel::Catalogue>(std::unexpected(std::move(text.error())));
    if (catalogue) {
      to.add(std::move(*catalogue));
    } else {
      say_error(catalogue.error());
      good = false;
    }
  }
  if (!words.no_built_in) to.add_defaults(intel::built_in_decisions());
  return good;
}

bool add_decisions(const RegisterWords& words, intel::Register& to) {
  const std::string file = decisions_file(words);
  if (file.empty()) return true;
  const auto text = intel::read_whole(file, limits::kYamlBytes);
  if (!text) {
    say_error(text.error());
    return false;
  }
  auto read = intel::read_decisions(*text, file);
  for (const Error& error : read.errors) say_error(error);
  if (!read.errors.empty()) return false;
  to.add(std::move(read.decisions));
  return true;
}

}  // namespace

void add_register_options(Command command, RegisterWords& words) {
  command.option("--host", words.host, "HOST", "What holds on this host");
  command.option("--account", words.account, "ACCOUNT", "What holds for this account");
  command
      .option("--catalogue", words.catalogues, "FILE",
              "Adds a catalogue, such as `catalogue import` writes. May be repeated")
      .repeated();
  command.option("--decisions", words.decisions, "FILE",
                 "Your decisions, instead of ~/.config/landwarden/decisions.yaml, which is read if it is "
                 "there");
  command.flag("--no-decisions", words.no_decisions, "No decisions but those of catalogues");
  command.flag("--no-built-in", words.no_built_in, "No built-in catalogues and decisions");
  command.option("--on", words.on, "DATE", "What holds on this day; by default today, UTC");
}

Result<Time> day_of(const std::string& option, const std::string& given) {
  if (given.empty()) return from_unix(static_cast<std::int64_t>(std::time(nullptr)) / 86'400 * 86'400);
  if (const auto time = parse_time(given)) return *time;
  return fail(ErrorCode::invalid, option + ": '" + given + "' is no date", {}, "such as 2027-03-31");
}

std::string date_text(Time time) {
  return to_rfc3339(time).substr(0, 10);
}

bool read_register(const RegisterWords& words, ReadRegister& out) {
  const auto today = day_of("--on", words.on);
  if (!today) {
    say_error(today.error());
    return false;
  }
  out.today = *today;
  const bool catalogues = add_catalogues(words, out.things), decisions = add_decisions(words, out.things);
  if (!catalogues || !decisions) return false;
  for (const intel::UserDecision* over : out.things.expired(out.today)) {
    say(fmt::format("landwarden: {}: the decision about {} ended on {} and is ignored",
                    over->decision.place.to_string(), report::visible(over->names.front(), true),
                    date_text(over->decision.expires)));
  }
  return true;
}

}  // namespace landwarden::cli
