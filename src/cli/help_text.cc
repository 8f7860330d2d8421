#include "cli/help_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/screen.h"

namespace landwarden::cli {
namespace {

constexpr std::size_t kNameColumns = 26;

void definition(report::Screen& screen, const std::string& name, const std::string& text) {
  const std::string first = "  " + report::padded(name, kNameColumns);
  if (report::width_of(name) < kNameColumns) return screen.paragraph(first, text);
  screen.line("  " + name);
  screen.paragraph(std::string(first.size(), ' '), text);
}

/// Text for roff: backslashes, and dots and quotes at the start of a line.
std::string roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

void manual_options(std::string& page, Command command) {
  for (const OptionHelp& option : options_of(command)) {
    page += fmt::format(".TP\n.B {}\n{}\n", roff(option.names), roff(option.text));
  }
}

void manual_examples(std::string& page, Command command) {
  if (command.footer().empty()) return;
  page += ".PP\n.nf\n" + roff(command.footer()) + "\n.fi\n";
}

void manual_command(std::string& page, Command command) {
  page += fmt::format(".SS {}\n.B {}\n.PP\n{}\n", roff(command.full_name()), roff(usage_of(command)),
                      roff(command.text()));
  manual_options(page, command);
  manual_examples(page, command);
  for (const Command below : command.commands()) manual_command(page, below);
}

}  // namespace

std::vector<OptionHelp> options_of(Command command) {
  std::vector<OptionHelp> out;
  for (const OptionText& option : command.options()) {
    std::string names;
    for (const std::string& name : option.short_names) names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option.long_names) names += (names.empty() ? "--" : ", --") + name;
    if (option.positional()) {
      names = option.value + (option.many ? "..." : "");
    } else if (!option.value.empty()) {
      names += " " + option.value;
    }
    out.push_back({.names = names,
                   .text = option.text,
                   .positional = option.positional(),
                   .required = option.required});
  }
  std::ranges::stable_partition(out, [](const OptionHelp& option) { return option.positional; });
  return out;
}

std::string usage_of(Command command) {
  std::string usage = command.full_name();
  if (!command.commands().empty()) return usage + " COMMAND";
  const auto options = options_of(command);
  if (std::ranges::any_of(options, [](const auto& option) { return !option.positional; }))
    usage += " [OPTIONS]";
  for (const OptionHelp& option : options) {
    if (option.positional) usage += option.required ? " " + option.names : " [" + option.names + "]";
  }
  return usage;
}

std::string help_text(Command command, std::size_t columns) {
  report::Screen screen({.columns = std::min<std::size_t>(columns, 110), .unicode = false, .colour = false});
  screen.paragraph("", command.text());
  screen.line();
  screen.line("Usage: " + usage_of(command));
  if (const auto commands = command.commands(); !commands.empty()) {
    screen.line();
    screen.line("Commands:");
    for (const Command below : commands) {
      const std::string text = below.text();
      definition(screen, below.name(), text.substr(0, text.find(". ")));
    }
  }
  const auto options = options_of(command);
  bool positional = true;
  for (const OptionHelp& option : options) {
    if (&option == &options.front() || option.positional != positional) {
      screen.line();
      screen.line(option.positional ? "Arguments:" : "Options:");
    }
    positional = option.positional;
    definition(screen, option.names, option.text);
  }
  if (!command.footer().empty()) screen.line("\n" + command.footer());
  return screen.text();
}

const std::vector<std::pair<std::string, std::string>>& exit_codes() {
  static const std::vector<std::pair<std::string, std::string>> kCodes = {
      {"0", "ran to the end"},
      {"1", "there were matches at or above the level given with --fail-on; or a rule failed its own tests"},
      {"2", "the usage, the rules or the output cannot be used"},
      {"3", "part of the evidence could not be read (wins over 1)"},
      {"130", "interrupted; what was written up to then is valid"},
  };
  return kCodes;
}

std::string manual_page(Command program, const std::string& version) {
  std::string page =
      fmt::format(".TH LANDWARDEN 1 \"\" \"Landwarden {}\" \"User Commands\"\n", roff(version));
  page += ".SH NAME\nlandwarden \\- finds attackers who live off the land\n.SH SYNOPSIS\n";
  for (const Command command : program.commands())
    page += fmt::format(".B {}\n.br\n", roff(usage_of(command)));
  page += fmt::format(".SH DESCRIPTION\n{}\n", roff(program.text()));
  manual_examples(page, program);
  page += ".SH COMMANDS\n";
  for (const Command command : program.commands()) manual_command(page, command);
  page += ".SH EXIT STATUS\n";
  for (const auto& [code, text] : exit_codes()) page += fmt::format(".TP\n.B {}\n{}\n", code, roff(text));
  page +=
      ".SH ENVIRONMENT\n"
      ".TP\n.B NO_COLOR\nif set to anything, no colours unless \\-\\-color=always\n"
      ".TP\n.B LC_ALL, LC_CTYPE, LANG\na UTF\\-8 locale allows signs beyond ASCII\n"
      ".TP\n.B COLUMNS\nwidth of the summary where the output is no terminal\n"
      ".TP\n.B TMPDIR\nwhere matches go that do not fit into memory\n";
  return page;
}

}  // namespace landwarden::cli
