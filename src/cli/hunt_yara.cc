#include "cli/hunt_yara.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/console.h"
#include "report/screen_text.h"
#include "report/yara_foreign.h"

namespace landwarden::cli {

void add_hunt_yara(Command command, std::vector<std::string>& paths) {
  command
      .option("--yara", paths, "PATH",
              "Also run YARA rules over the scripts that PowerShell logged, and over files of the evidence "
              "that are no "
              "event logs: a file, a folder of .yar and .yara, or the word built-in, for our own. May be "
              "repeated")
      .repeated();
}

Result<void> HuntYara::read(const std::vector<std::string>& paths, std::optional<sigma::Level> least) {
  if (paths.empty()) return {};
  auto loaded = intel::YaraRules::load(paths);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  rules_.emplace(std::move(*loaded));
  for (const Error& error : rules_->errors()) say_error(error);
  for (const intel::YaraRule& rule : rules_->rules()) {
    foreign_.push_back(report::foreign_of(rule));
    left_out_.push_back(least && *foreign_.back().rule.level < *least);
  }
  return {};
}

std::optional<engine::HuntedYara> HuntYara::hunted(const std::vector<view::CutText>& texts) {
  if (!rules_) return std::nullopt;
  return engine::HuntedYara{
      *rules_, texts, [this](std::uint32_t rule) -> const triage::ForeignRule& { return foreign_[rule]; },
      left_out_, report_};
}

bool HuntYara::say_problems() const {
  std::vector<Error> problems = report_.problems;
  std::ranges::sort(problems, {},
                    [](const Error& error) { return std::pair(error.place.file, error.message); });
  for (const Error& error : problems) say_error(error);
  if (report_.texts_given_up > 0) {
    say_error(Error{ErrorCode::limit,
                    "YARA was not done in time with the scripts of " +
                        report::counted(report_.texts_given_up, "event", "events"),
                    {},
                    "a rule of --yara is slow"});
  }
  return !problems.empty() || report_.texts_given_up > 0 || (rules_ && !rules_->errors().empty());
}

std::string HuntYara::told(std::uint64_t matched) const {
  if (!rules_) return {};
  std::string out = fmt::format(
      "{} looked at {} and {}, {} matched", report::counted(rules_->rules().size(), "rule", "rules"),
      report::counted(report_.texts, "script text", "script texts"),
      report::counted(report_.files, "other file", "other files"), report::grouped(matched));
  if (report_.texts_given_up > 0 || report_.files_given_up > 0) {
    out += fmt::format("; of these it was not done with {} and {}",
                       report::counted(report_.texts_given_up, "script text", "script texts"),
                       report::counted(report_.files_given_up, "file", "files"));
  }
  if (!rules_->errors().empty())
    out += fmt::format("; {} left out", report::counted(rules_->errors().size(), "file", "files"));
  return out;
}

}  // namespace landwarden::cli
