#include "cli/program.h"

#include <unistd.h>
#include <algorithm>

#include <CLI/CLI.hpp>

#include "cli/console.h"
#include "cli/help_text.h"
#include "cli/indicator_commands.h"
#include "cli/interrupt.h"

namespace landwarden::cli {
namespace {

class Help : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    return help_text(*app, screen_for(STDOUT_FILENO, ColourChoice::never).columns);
  }
};

constexpr const char* kExamples =
    R"(Examples:
  landwarden hunt /evidence                    every event log below a folder, with the built-in rules
  landwarden hunt dc01.zip --rules my-rules/   hunt with other Sigma rules
  landwarden hunt /evidence -o timeline.csv    also write every match, one a line
  landwarden evidence /evidence                what is there, before any hunt
  landwarden coverage /evidence                what could have been seen at all
  landwarden assess /evidence                  has the actor of AA24-038A been here
  landwarden search mimikatz /evidence         events with a text, a pattern, or a value of a field
  landwarden explain-command 'LINE'            what a command line means, unwrapped layer by layer
  landwarden range write estate && landwarden hunt estate
                                               try it on a small estate with an intrusion in it
  landwarden hunt --help                       everything about a command

Exit codes: 0 ran to the end, 1 matches at or above --fail-on, 2 usage, rules or output unusable,
3 part of the evidence could not be read, 130 interrupted.)";

/// The innermost command that was named before parsing failed: its help is the one to point at.
std::string command_in_question(const CLI::App& program) {
  const CLI::App* at = &program;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return full_name(*at);
}

/// The first word that stands where a command should and is none; nullptr if all are.
const char* unknown_command(const CLI::App& program, int count, char** arguments) {
  const CLI::App* at = &program;
  for (int i = 1; i < count; ++i) {
    const auto commands = at->get_subcommands([](const CLI::App*) { return true; });
    if (commands.empty() || arguments[i][0] == '-') return nullptr;
    const auto named = [&](const CLI::App* command) { return command->get_name() == arguments[i]; };
    const auto found = std::ranges::find_if(commands, named);
    if (found == commands.end()) return arguments[i];
    at = *found;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<CLI::App> make_program(Run& run) {
  auto program = std::make_unique<CLI::App>(
      "Landwarden finds attackers who live off the land: it reads Windows event logs, runs Sigma rules over "
      "every event, and "
      "says what it found.",
      "landwarden");
  program->formatter(std::make_shared<Help>());
  program->set_help_flag("-h,--help", "Show this help");
  program->set_version_flag("--version", "landwarden " LW_VERSION, "Show the version");
  program->footer(kExamples);
  program->require_subcommand(1);
  add_hunt(*program, run);
  add_evidence(*program, run);
  add_coverage(*program, run);
  add_assess(*program, run);
  add_evtx(*program, run);
  add_search(*program, run);
  add_rules(*program, run);
  add_catalogue(*program, run);
  add_explain_command(*program, run);
  add_indicators(*program, run);
  add_range(*program, run);
  add_completion(*program, run);
  add_man(*program, run);
  add_version(*program, run);
  return program;
}

int run_program(int count, char** arguments) {
  let_writes_fail();
  Run run;
  const auto program = make_program(run);
  try {
    if (count <= 1) return answer(program->help());
    if (const char* word = unknown_command(*program, count, arguments)) {
      say_error(std::string("there is no command '") + word + "'", "landwarden --help shows what there is");
      return kUnusable;
    }
    program->parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* at = program.get();
    while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
    return answer(at->help());
  } catch (const CLI::CallForVersion&) {
    return answer("landwarden " LW_VERSION "\n");
  } catch (const CLI::Error& error) {
    say_error(error.what(), command_in_question(*program) + " --help shows what there is");
    return kUnusable;
  }
  return run ? run() : kDone;
}

void add_version(CLI::App& program, Run& run) {
  CLI::App* command = program.add_subcommand("version", "Print the version");
  command->callback([&run] { run = [] { return answer("landwarden " LW_VERSION "\n"); }; });
}

void add_man(CLI::App& program, Run& run) {
  CLI::App* command = program.add_subcommand("man", "Print the manual page, in the format that man(1) reads");
  command->footer(
      "Examples:\n  landwarden man | man -l -\n  landwarden man > ~/.local/share/man/man1/landwarden.1");
  command->callback(
      [&run, &program] { run = [&program] { return answer(manual_page(program, LW_VERSION)); }; });
}

}  // namespace landwarden::cli
