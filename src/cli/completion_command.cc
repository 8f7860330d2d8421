// Shell completions, made from the tree of commands: a new option is completed as soon as it exists.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/help_text.h"

namespace landwarden::cli {
namespace {

/// What stands behind an option, for shells. Options not listed here take a path if their value is called
/// FILE, DIR or PATH.
struct Choice {
  std::string_view option, words;
};
constexpr std::array kChoices = std::to_array<Choice>({
    {"--format", "jsonl csv json xml text sarif github navigator"},
    {"--fields", "matched all"},
    {"--color", "auto always never"},
    {"--min-level", "informational low medium high critical"},
    {"--fail-on", "informational low medium high critical"},
    {"--status", "stable test experimental deprecated unsupported"},
});

std::string_view words_of(const CLI::Option& option) {
  for (const std::string& name : option.get_lnames()) {
    const auto found = std::ranges::find(kChoices, "--" + name, &Choice::option);
    if (found != kChoices.end()) return found->words;
  }
  return {};
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional()) continue;
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    for (const std::string& name : option->get_snames()) out.push_back("-" + name);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// Every command with its words: "hunt", "rules", "rules check" …
void each_command(const CLI::App& app, const std::string& words, const auto& visit) {
  visit(app, words);
  for (const CLI::App* command : commands_of(app)) {
    each_command(*command, words.empty() ? command->get_name() : words + " " + command->get_name(), visit);
  }
}

bool takes_path(const CLI::App& app) {
  return std::ranges::any_of(app.get_options(),
                             [](const CLI::Option* option) { return !option->nonpositional(); }) &&
         app.get_name() != "completion";
}

std::string bash_script(const CLI::App& program) {
  std::string out =
      "# bash completion of landwarden; made by `landwarden completion bash`\n"
      "_landwarden() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command='' word\n"
      "  COMPREPLY=()\n"
      "  case $previous in\n";
  for (const Choice& choice : kChoices) {
    out += fmt::format("    {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\"); return ;;\n",
                       choice.option, choice.words);
  }
  out += "  esac\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$command $word\" in\n";
  std::string known;
  each_command(program, "", [&](const CLI::App&, const std::string& words) {
    if (words.empty()) return;
    const auto last = words.rfind(' ');
    const std::string parent = last == std::string::npos ? "" : words.substr(0, last);
    known += fmt::format("      '{} {}') command='{}' ;;\n", parent,
                         words.substr(last == std::string::npos ? 0 : last + 1), words);
  });
  out += known + "    esac\n  done\n  case $command in\n";
  each_command(program, "", [&](const CLI::App& app, const std::string& words) {
    std::vector<std::string> offered;
    for (const CLI::App* command : commands_of(app)) offered.push_back(command->get_name());
    if (app.get_name() == "completion") offered = {"bash", "zsh", "fish"};
    const std::string flags = joined(flags_of(app));
    out += fmt::format(
        "    '{}')\n      if [[ $current == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '{}' -- "
        "\"$current\")\n",
        words, flags);
    if (!offered.empty()) {
      out += fmt::format("      else mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\")\n",
                         joined(offered));
    } else if (takes_path(app)) {
      out += "      else compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n";
    }
    out += "      fi ;;\n";
  });
  return out + "  esac\n}\ncomplete -F _landwarden landwarden\n";
}

/// Text inside single quotes of zsh's _arguments: no quotes, brackets and colons.
std::string plain(std::string text) {
  std::erase_if(
      text, [](char c) { return c == '\'' || c == '[' || c == ']' || c == '\\' || c == '`' || c == '"'; });
  std::ranges::replace(text, ':', ',');
  return text.substr(0, text.find(". "));
}

std::string zsh_script(const CLI::App& program) {
  std::string out =
      "#compdef landwarden\n# zsh completion of landwarden; made by `landwarden completion zsh`\n"
      "_landwarden() {\n  local command='' word\n"
      "  for word in ${words[2,CURRENT-1]}; do\n    case \"$command $word\" in\n";
  each_command(program, "", [&](const CLI::App&, const std::string& words) {
    if (words.empty()) return;
    const auto last = words.rfind(' ');
    const std::string parent = last == std::string::npos ? "" : words.substr(0, last);
    out += fmt::format("      '{} {}') command='{}' ;;\n", parent,
                       words.substr(last == std::string::npos ? 0 : last + 1), words);
  });
  out += "    esac\n  done\n  case $command in\n";
  each_command(program, "", [&](const CLI::App& app, const std::string& words) {
    out += fmt::format("    '{}')\n", words);
    const auto commands = commands_of(app);
    if (!commands.empty()) {
      out += "      local -a commands=(\n";
      for (const CLI::App* command : commands) {
        out += fmt::format("        '{}:{}'\n", command->get_name(), plain(command->get_description()));
      }
      out += "      )\n      _describe command commands\n";
    }
    out += "      _arguments";
    for (const CLI::Option* option : app.get_options()) {
      if (!option->nonpositional()) continue;
      const std::string_view words_here = words_of(*option);
      const std::string value = option->get_type_size() == 0 ? ""
                                : words_here.empty()
                                    ? ":" + plain(option->get_type_name()) + ":_files"
                                    : fmt::format(":{}:({})", plain(option->get_type_name()), words_here);
      for (const std::string& name : option->get_lnames()) {
        out += fmt::format(" \\\n        '*--{}[{}]{}'", name, plain(option->get_description()), value);
      }
    }
    if (app.get_name() == "completion") {
      out += " \\\n        '*:shell:(bash zsh fish)'";
    } else if (commands.empty() && takes_path(app)) {
      out += " \\\n        '*:path:_files'";
    }
    out += "\n      ;;\n";
  });
  return out + "  esac\n}\n_landwarden \"$@\"\n";
}

std::string fish_script(const CLI::App& program) {
  std::string out = "# fish completion of landwarden; made by `landwarden completion fish`\n";
  each_command(program, "", [&](const CLI::App& app, const std::string& words) {
    std::string condition = "__fish_use_subcommand";
    if (!words.empty()) {
      condition = "__fish_seen_subcommand_from " + words.substr(0, words.find(' '));
      if (const auto blank = words.find(' '); blank != std::string::npos) {
        condition += "; and __fish_seen_subcommand_from " + words.substr(blank + 1);
      }
    }
    for (const CLI::App* command : commands_of(app)) {
      out += fmt::format("complete -c landwarden -f -n '{}' -a {} -d '{}'\n", condition, command->get_name(),
                         plain(command->get_description()));
    }
    if (app.get_name() == "completion")
      out += fmt::format("complete -c landwarden -f -n '{}' -a 'bash zsh fish'\n", condition);
    for (const CLI::Option* option : app.get_options()) {
      if (!option->nonpositional()) continue;
      std::string line = fmt::format("complete -c landwarden -n '{}'", condition);
      for (const std::string& name : option->get_snames()) line += " -s " + name;
      for (const std::string& name : option->get_lnames()) line += " -l " + name;
      if (option->get_type_size() != 0) line += " -r";
      if (const auto choices = words_of(*option); !choices.empty())
        line += fmt::format(" -f -a '{}'", choices);
      out += line + fmt::format(" -d '{}'\n", plain(option->get_description()));
    }
  });
  return out;
}

}  // namespace

void add_completion(CLI::App& program, Run& run) {
  CLI::App* command = program.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->type_name("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  command->footer(
      "Examples:\n"
      "  landwarden completion bash > ~/.local/share/bash-completion/completions/landwarden\n"
      "  landwarden completion zsh > ~/.zfunc/_landwarden\n"
      "  landwarden completion fish > ~/.config/fish/completions/landwarden.fish");
  command->callback([&program, &run, shell] {
    run = [&program, shell] {
      if (*shell == "bash") return answer(bash_script(program));
      return answer(*shell == "zsh" ? zsh_script(program) : fish_script(program));
    };
  });
}

}  // namespace landwarden::cli
