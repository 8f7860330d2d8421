// Shell completions, made from the tree of commands: a new option is completed as soon as it exists.

#include <algorithm>
#include <array>

#include <fmt/format.h>

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

std::string_view words_of(const OptionText& option) {
  for (const std::string& name : option.long_names) {
    const auto found = std::ranges::find(kChoices, "--" + name, &Choice::option);
    if (found != kChoices.end()) return found->words;
  }
  return {};
}

std::vector<std::string> flags_of(Command command) {
  std::vector<std::string> out;
  for (const OptionText& option : command.options()) {
    for (const std::string& name : option.long_names) out.push_back("--" + name);
    for (const std::string& name : option.short_names) out.push_back("-" + name);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// Every command with its words: "hunt", "rules", "rules check" …
void each_command(Command command, const std::string& words, const auto& visit) {
  visit(command, words);
  for (const Command below : command.commands()) {
    each_command(below, words.empty() ? below.name() : words + " " + below.name(), visit);
  }
}

bool takes_path(Command command) {
  return std::ranges::any_of(command.options(), &OptionText::positional) && command.name() != "completion";
}

std::string bash_script(Command program) {
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
  each_command(program, "", [&](Command, const std::string& words) {
    if (words.empty()) return;
    const auto last = words.rfind(' ');
    const std::string parent = last == std::string::npos ? "" : words.substr(0, last);
    known += fmt::format("      '{} {}') command='{}' ;;\n", parent,
                         words.substr(last == std::string::npos ? 0 : last + 1), words);
  });
  out += known + "    esac\n  done\n  case $command in\n";
  each_command(program, "", [&](Command command, const std::string& words) {
    std::vector<std::string> offered;
    for (const Command below : command.commands()) offered.push_back(below.name());
    if (command.name() == "completion") offered = {"bash", "zsh", "fish"};
    const std::string flags = joined(flags_of(command));
    out += fmt::format(
        "    '{}')\n      if [[ $current == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '{}' -- "
        "\"$current\")\n",
        words, flags);
    if (!offered.empty()) {
      out += fmt::format("      else mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$current\")\n",
                         joined(offered));
    } else if (takes_path(command)) {
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

std::string zsh_script(Command program) {
  std::string out =
      "#compdef landwarden\n# zsh completion of landwarden; made by `landwarden completion zsh`\n"
      "_landwarden() {\n  local command='' word\n"
      "  for word in ${words[2,CURRENT-1]}; do\n    case \"$command $word\" in\n";
  each_command(program, "", [&](Command, const std::string& words) {
    if (words.empty()) return;
    const auto last = words.rfind(' ');
    const std::string parent = last == std::string::npos ? "" : words.substr(0, last);
    out += fmt::format("      '{} {}') command='{}' ;;\n", parent,
                       words.substr(last == std::string::npos ? 0 : last + 1), words);
  });
  out += "    esac\n  done\n  case $command in\n";
  each_command(program, "", [&](Command command, const std::string& words) {
    out += fmt::format("    '{}')\n", words);
    const auto commands = command.commands();
    if (!commands.empty()) {
      out += "      local -a commands=(\n";
      for (const Command below : commands) {
        out += fmt::format("        '{}:{}'\n", below.name(), plain(below.text()));
      }
      out += "      )\n      _describe command commands\n";
    }
    out += "      _arguments";
    for (const OptionText& option : command.options()) {
      if (option.positional()) continue;
      const std::string_view words_here = words_of(option);
      const std::string value = option.value.empty() ? ""
                                : words_here.empty()
                                    ? ":" + plain(option.value) + ":_files"
                                    : fmt::format(":{}:({})", plain(option.value), words_here);
      for (const std::string& name : option.long_names) {
        out += fmt::format(" \\\n        '*--{}[{}]{}'", name, plain(option.text), value);
      }
    }
    if (command.name() == "completion") {
      out += " \\\n        '*:shell:(bash zsh fish)'";
    } else if (commands.empty() && takes_path(command)) {
      out += " \\\n        '*:path:_files'";
    }
    out += "\n      ;;\n";
  });
  return out + "  esac\n}\n_landwarden \"$@\"\n";
}

std::string fish_script(Command program) {
  std::string out = "# fish completion of landwarden; made by `landwarden completion fish`\n";
  each_command(program, "", [&](Command command, const std::string& words) {
    std::string condition = "__fish_use_subcommand";
    if (!words.empty()) {
      condition = "__fish_seen_subcommand_from " + words.substr(0, words.find(' '));
      if (const auto blank = words.find(' '); blank != std::string::npos) {
        condition += "; and __fish_seen_subcommand_from " + words.substr(blank + 1);
      }
    }
    for (const Command below : command.commands()) {
      out += fmt::format("complete -c landwarden -f -n '{}' -a {} -d '{}'\n", condition, below.name(),
                         plain(below.text()));
    }
    if (command.name() == "completion")
      out += fmt::format("complete -c landwarden -f -n '{}' -a 'bash zsh fish'\n", condition);
    for (const OptionText& option : command.options()) {
      if (option.positional()) continue;
      std::string line = fmt::format("complete -c landwarden -n '{}'", condition);
      for (const std::string& name : option.short_names) line += " -s " + name;
      for (const std::string& name : option.long_names) line += " -l " + name;
      if (!option.value.empty()) line += " -r";
      if (const auto choices = words_of(option); !choices.empty())
        line += fmt::format(" -f -a '{}'", choices);
      out += line + fmt::format(" -d '{}'\n", plain(option.text));
    }
  });
  return out;
}

}  // namespace

void add_completion(Command program) {
  const Command command = program.command("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command.option("shell", *shell, "SHELL", "bash, zsh or fish").required().one_of({"bash", "zsh", "fish"});
  command.footer(
      "Examples:\n"
      "  landwarden completion bash > ~/.local/share/bash-completion/completions/landwarden\n"
      "  landwarden completion zsh > ~/.zfunc/_landwarden\n"
      "  landwarden completion fish > ~/.config/fish/completions/landwarden.fish");
  command.runs([program, shell] {
    if (*shell == "bash") return answer(bash_script(program));
    return answer(*shell == "zsh" ? zsh_script(program) : fish_script(program));
  });
}

}  // namespace landwarden::cli
