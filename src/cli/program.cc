#include "cli/program.h"

#include <algorithm>

#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/help_text.h"
#include "cli/interrupt.h"

namespace landwarden::cli {
namespace {

constexpr const char* kExamples =
    R"(Examples:
  landwarden hunt /evidence                    every event log below a folder, with the built-in rules
  landwarden hunt dc01.zip --rules my-rules/   hunt with other Sigma rules
  landwarden hunt /evidence -o timeline.csv    also write every match, one a line
  landwarden evidence /evidence                what is there, before any hunt
  landwarden coverage /evidence                what could have been seen at all
  landwarden assess /evidence                  has the actor of AA24-038A been here
  landwarden databases /evidence               which copies of NTDS.dit were made, and where they went
  landwarden search mimikatz /evidence         events with a text, a pattern, or a value of a field
  landwarden explain-command 'LINE'            what a command line means, unwrapped layer by layer
  landwarden range write estate && landwarden hunt estate
                                               try it on a small estate with an intrusion in it
  landwarden hunt --help                       everything about a command

Exit codes: 0 ran to the end, 1 matches at or above --fail-on, 2 usage, rules or output unusable,
3 part of the evidence could not be read, 130 interrupted.)";

/// The first word that stands where a command should and is none; nullptr if all are.
const char* unknown_command(Command at, int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const auto commands = at.commands();
    if (commands.empty() || arguments[i][0] == '-') return nullptr;
    const auto found = std::ranges::find(commands, std::string(arguments[i]), &Command::name);
    if (found == commands.end()) return arguments[i];
    at = *found;
  }
  return nullptr;
}

void add_commands(Command program) {
  program.footer(kExamples);
  program.needs_command();
  add_hunt(program);
  add_evidence(program);
  add_coverage(program);
  add_assess(program);
  add_evtx(program);
  add_search(program);
  add_databases(program);
  add_rules(program);
  add_catalogue(program);
  add_explain_command(program);
  add_indicators(program);
  add_range(program);
  add_completion(program);
  add_man(program);
  add_version(program);
}

int answer_help(Command command) {
  return answer(help_text(command, screen_for(STDOUT_FILENO, ColourChoice::never).columns));
}

int answer_version() {
  return answer("landwarden " LW_VERSION "\n");
}

}  // namespace

int run_program(int count, char** arguments) {
  let_writes_fail();
  CommandTree tree(
      "landwarden",
      "Landwarden finds attackers who live off the land: it reads Windows event logs, runs Sigma "
      "rules over every event, and says what it found.");
  const Command program = tree.program();
  add_commands(program);
  if (count <= 1) return answer_help(program);
  if (const char* word = unknown_command(program, count, arguments)) {
    say_error(std::string("there is no command '") + word + "'", "landwarden --help shows what there is");
    return kUnusable;
  }
  const Asked asked = tree.read(count, arguments);
  switch (asked.what) {
    case Asked::What::help:
      return answer_help(asked.command);
    case Asked::What::version:
      return answer_version();
    case Asked::What::wrong:
      say_error(asked.wrong, asked.command.full_name() + " --help shows what there is");
      return kUnusable;
    case Asked::What::run:
      break;
  }
  return asked.run ? asked.run() : kDone;
}

void add_version(Command program) {
  program.command("version", "Print the version").runs(answer_version);
}

void add_man(Command program) {
  const Command command = program.command("man", "Print the manual page, in the format that man(1) reads");
  command.footer(
      "Examples:\n  landwarden man | man -l -\n  landwarden man > ~/.local/share/man/man1/landwarden.1");
  command.runs([program] { return answer(manual_page(program, LW_VERSION)); });
}

}  // namespace landwarden::cli
