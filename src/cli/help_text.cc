#include "cli/help_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

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

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
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

void manual_options(std::string& page, const CLI::App& app) {
  for (const OptionHelp& option : options_of(app)) {
    page += fmt::format(".TP\n.B {}\n{}\n", roff(option.names), roff(option.text));
  }
}

void manual_examples(std::string& page, const CLI::App& app) {
  if (app.get_footer().empty()) return;
  page += ".PP\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
}

void manual_command(std::string& page, const CLI::App& app) {
  page += fmt::format(".SS {}\n.B {}\n.PP\n{}\n", roff(full_name(app)), roff(usage_of(app)),
                      roff(app.get_description()));
  manual_options(page, app);
  manual_examples(page, app);
  for (const CLI::App* command : commands_of(app)) manual_command(page, *command);
}

}  // namespace

std::vector<OptionHelp> options_of(const CLI::App& app) {
  std::vector<OptionHelp> out;
  for (const CLI::Option* option : app.get_options()) {
    const bool positional = option->nonpositional() == false;
    std::string names;
    for (const std::string& name : option->get_snames()) names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option->get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    const std::string value = option->get_type_size() == 0 ? "" : option->get_type_name();
    if (positional) {
      names = value + (option->get_expected_max() > 1 ? "..." : "");
    } else if (!value.empty()) {
      names += " " + value;
    }
    out.push_back({.names = names,
                   .text = option->get_description(),
                   .positional = positional,
                   .required = option->get_required()});
  }
  std::ranges::stable_partition(out, [](const OptionHelp& option) { return option.positional; });
  return out;
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

std::string usage_of(const CLI::App& app) {
  std::string usage = full_name(app);
  if (!commands_of(app).empty()) return usage + " COMMAND";
  const auto options = options_of(app);
  if (std::ranges::any_of(options, [](const auto& option) { return !option.positional; }))
    usage += " [OPTIONS]";
  for (const OptionHelp& option : options) {
    if (option.positional) usage += option.required ? " " + option.names : " [" + option.names + "]";
  }
  return usage;
}

std::string help_text(const CLI::App& app, std::size_t columns) {
  report::Screen screen({.columns = std::min<std::size_t>(columns, 110), .unicode = false, .colour = false});
  screen.paragraph("", app.get_description());
  screen.line();
  screen.line("Usage: " + usage_of(app));
  if (const auto commands = commands_of(app); !commands.empty()) {
    screen.line();
    screen.line("Commands:");
    for (const CLI::App* command : commands) {
      const std::string text = command->get_description();
      definition(screen, command->get_name(), text.substr(0, text.find(". ")));
    }
  }
  const auto options = options_of(app);
  bool positional = true;
  for (const OptionHelp& option : options) {
    if (&option == &options.front() || option.positional != positional) {
      screen.line();
      screen.line(option.positional ? "Arguments:" : "Options:");
    }
    positional = option.positional;
    definition(screen, option.names, option.text);
  }
  if (!app.get_footer().empty()) screen.line("\n" + app.get_footer());
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

std::string manual_page(const CLI::App& program, const std::string& version) {
  std::string page =
      fmt::format(".TH LANDWARDEN 1 \"\" \"Landwarden {}\" \"User Commands\"\n", roff(version));
  page += ".SH NAME\nlandwarden \\- finds attackers who live off the land\n.SH SYNOPSIS\n";
  for (const CLI::App* command : commands_of(program))
    page += fmt::format(".B {}\n.br\n", roff(usage_of(*command)));
  page += fmt::format(".SH DESCRIPTION\n{}\n", roff(program.get_description()));
  manual_examples(page, program);
  page += ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(program)) manual_command(page, *command);
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
