// landwarden explain-command: what a command line means, layer by layer, in English or Japanese.

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "command/analyzer.h"
#include "command/shape.h"
#include "report/json.h"
#include "report/screen.h"

namespace landwarden::cli {
namespace {

using command::Meaning;

struct ExplainWords {
  std::string line, image, original_name, shell = "auto", language, format = "text";
};

/// Words of the answer in one language.
struct Phrases {
  std::string_view action, use, abuse, normal, layers, commands, unresolved, shape, renamed, nothing,
      no_grammar, no_use;
  std::array<std::string_view, 9> roles;  ///< by command::Role
};
constexpr Phrases kEnglish = {"What it does",
                              "What it is for: ",
                              "What attackers do with it: ",
                              "Nothing to worry about when: ",
                              "Layers",
                              "Commands",
                              "Not resolved",
                              "Shape",
                              "The file has another name than its maker gave it.",
                              "No command in this line does anything that the grammars know.",
                              "no grammar for this program",
                              "nothing to tell of this use",
                              {"what", "from", "to", "host", "account", "secret", "name", "starts", "port"}};
constexpr Phrases kJapanese = {
    "何をするか",
    "本来の用途: ",
    "攻撃者の使い方: ",
    "心配ない場合: ",
    "層",
    "コマンド",
    "解決できなかった部分",
    "形",
    "ファイル名が開発元の付けた名前と違う。",
    "この行には、文法が知る動作をするコマンドがない。",
    "このプログラムの文法はない",
    "この使い方について述べることはない",
    {"対象", "元", "先", "ホスト", "アカウント", "秘密", "名前", "起動するもの", "ポート"}};

/// The user's wish, else what the environment says of messages.
bool is_japanese(const std::string& language) {
  if (!language.empty()) return language == "ja";
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return std::string_view(value).starts_with("ja");
  }
  return false;
}

command::Origin origin_of(const std::string& shell) {
  if (shell == "process") return command::Origin::process;
  if (shell == "cmd") return command::Origin::cmd;
  if (shell == "powershell") return command::Origin::powershell;
  return shell == "sh" ? command::Origin::unix : command::Origin::guessed;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

/// The answer for people.
class Explanation {
 public:
  Explanation(const Meaning& meaning, bool japanese)
      : meaning_(meaning),
        japanese_(japanese),
        words_(japanese ? kJapanese : kEnglish),
        screen_(screen_for(STDOUT_FILENO, ColourChoice::automatic)) {}

  std::string text() {
    action();
    layers();
    commands();
    if (!meaning_.unresolved.empty()) {
      title(words_.unresolved);
      for (const command::Unresolved& what : meaning_.unresolved)
        screen_.line("  " + std::to_string(what.layer + 1) + "  " + screen_.safe(what.what));
    }
    std::string shape;
    command::append_shape(meaning_, shape);
    title(words_.shape);
    screen_.line("  " + screen_.safe(shape));
    return screen_.text();
  }

 private:
  void title(std::string_view text) {
    screen_.line();
    screen_.line(screen_.paint(text, report::Ink::strong));
  }
  [[nodiscard]] const command::ActionText& texts(const command::Action& action) const {
    return japanese_ ? action.ja : action.en;
  }

  void action() {
    screen_.line(screen_.paint(words_.action, report::Ink::strong));
    const command::Command* main = meaning_.main_command();
    if (main == nullptr) {
      screen_.line("  " + std::string(words_.nothing));
      return;
    }
    const command::ActionText& text = texts(*main->action);
    screen_.line("  " + screen_.paint(text.title, report::Ink::telling) + "  (" + main->action->id +
                 (main->action->techniques.empty() ? "" : ", " + joined(main->action->techniques)) + ")");
    for (std::uint32_t i = 0; i < main->arguments; ++i)
      argument(meaning_.arguments[main->first_argument + i]);
    if (main->renamed) screen_.paragraph("  ", words_.renamed);
    screen_.line();
    screen_.paragraph("  ", std::string(words_.use) + text.use);
    screen_.paragraph("  ", std::string(words_.abuse) + text.abuse);
    screen_.paragraph("  ", std::string(words_.normal) + text.normal);
  }

  void argument(const command::Argument& argument, std::string_view indent = "    ") {
    const std::string name(words_.roles[static_cast<std::size_t>(argument.role)]);
    screen_.line(std::string(indent) + report::padded(name, 14) + screen_.safe(argument.value) +
                 (argument.known ? "" : "  (?)"));
  }

  void layers() {
    title(words_.layers);
    for (std::size_t i = 0; i < meaning_.layers.size(); ++i) {
      const command::Layer& layer = meaning_.layers[i];
      std::string line = "  " + std::to_string(i + 1) + "  " +
                         report::padded(std::string(command::dialect_name(layer.dialect)), 12);
      screen_.line(line + screen_.safe(layer.text));
      if (layer.parent == command::kNoLayer) continue;
      const std::string from = "     " + report::padded("", 12) + screen_.sign(report::Sign::arrow) + " " +
                               std::to_string(layer.parent + 1) + ", " + std::string(layer.how);
      screen_.line(screen_.paint(from, report::Ink::faint));
    }
  }

  void commands() {
    title(words_.commands);
    for (const command::Command& command : meaning_.commands) {
      std::string line = "  " + std::to_string(command.layer + 1) + "  " +
                         report::padded(screen_.safe(command.name), 18) + " ";
      if (command.action != nullptr) {
        line += command.action->id + "  " + texts(*command.action).title;
      } else {
        line +=
            screen_.paint(command.program == nullptr ? words_.no_grammar : words_.no_use, report::Ink::faint);
      }
      screen_.line(line);
      if (&command == meaning_.main_command()) continue;  // its arguments stand above
      for (std::uint32_t i = 0; i < command.arguments; ++i)
        argument(meaning_.arguments[command.first_argument + i], "       ");
    }
  }

  const Meaning& meaning_;
  bool japanese_;
  const Phrases& words_;
  report::Screen screen_;
};

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  report::append_json_string(out, name);
  out += ':';
  report::append_json_string(out, value);
}

void append_command(const Meaning& meaning, const command::Command& command, bool japanese,
                    std::string& out) {
  out += "{\"layer\":" + std::to_string(command.layer);
  append_field(out, "program", command.name);
  append_field(out, "line", command.line);
  out += ",\"known\":";
  out += command.program != nullptr ? "true" : "false";
  if (command.renamed) out += ",\"renamed\":true";
  if (command.action != nullptr) {
    append_field(out, "action", command.action->id);
    append_field(out, "title", (japanese ? command.action->ja : command.action->en).title);
    out += ",\"weight\":" + std::to_string(command.action->weight) + ",\"attack\":[";
    for (const std::string& technique : command.action->techniques) {
      if (out.back() != '[') out += ',';
      report::append_json_string(out, technique);
    }
    out += "]";
  }
  out += ",\"arguments\":[";
  for (std::uint32_t i = 0; i < command.arguments; ++i) {
    const command::Argument& argument = meaning.arguments[command.first_argument + i];
    out += i > 0 ? ",{" : "{";
    append_field(out, "role", command::role_name(argument.role));
    append_field(out, "value", argument.value);
    out += argument.known ? "}" : ",\"known\":false}";
  }
  out += "]}";
}

std::string as_json(const Meaning& meaning, bool japanese) {
  std::string out = "{\"action\":";
  const command::Command* main = meaning.main_command();
  if (main == nullptr) {
    out += "null";
  } else {
    report::append_json_string(out, main->action->id);
  }
  out += ",\"layers\":[";
  for (std::size_t i = 0; i < meaning.layers.size(); ++i) {
    const command::Layer& layer = meaning.layers[i];
    out += i > 0 ? ",{" : "{";
    append_field(out, "dialect", command::dialect_name(layer.dialect));
    if (layer.parent != command::kNoLayer) {
      out += ",\"parent\":" + std::to_string(layer.parent);
      append_field(out, "how", layer.how);
    }
    append_field(out, "text", layer.text);
    out += '}';
  }
  out += "],\"commands\":[";
  for (std::size_t i = 0; i < meaning.commands.size(); ++i) {
    if (i > 0) out += ',';
    append_command(meaning, meaning.commands[i], japanese, out);
  }
  out += "],\"unresolved\":[";
  for (std::size_t i = 0; i < meaning.unresolved.size(); ++i) {
    out += (i > 0 ? ",{\"layer\":" : "{\"layer\":") + std::to_string(meaning.unresolved[i].layer);
    append_field(out, "what", meaning.unresolved[i].what);
    out += '}';
  }
  out += "]";
  std::string shape;
  command::append_shape(meaning, shape);
  append_field(out, "shape", shape);
  return out + "}\n";
}

Result<std::string> explain(const ExplainWords& words) {
  const auto grammar = command::Grammar::built_in();
  if (!grammar) return std::unexpected(grammar.error());
  std::vector<std::string> lines;
  if (words.line != "-") lines.push_back(words.line);
  for (std::string line; words.line == "-" && std::getline(std::cin, line);) {
    if (!line.empty()) lines.push_back(std::move(line));
  }
  command::Analyzer analyzer(*grammar);
  Meaning meaning;
  std::string out;
  const bool japanese = is_japanese(words.language);
  for (const std::string& written : lines) {
    std::string line;  // evidence may hold any bytes; an answer holds UTF-8
    text::append_valid_utf8(line, written);
    analyzer.analyze({line, words.image, words.original_name, origin_of(words.shell)}, meaning);
    if (words.format == "json") {
      out += as_json(meaning, japanese);
    } else {
      out += (out.empty() ? "" : "\n") + Explanation(meaning, japanese).text();
    }
  }
  return out;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden explain-command 'cmd /c wmic process call create "ntdsutil \"ac i ntds\" ifm \"create full C:\x\" q q"'
      what is inside, and what it does
  landwarden explain-command 'powershell -nop -w hidden -enc dwBoAG8AYQBtAGkA' --language ja
  landwarden explain-command 'upd.exe a -hpS3cret x.tmp c:\plans' --original-file-name Rar.exe
      a renamed program: the name that its maker gave it decides
  landwarden explain-command - --format json < lines.txt | jq -r .action
      many lines, one answer each

Nothing is run and nothing is looked up. What only the running program could know is listed as not resolved.)";

}  // namespace

void add_explain_command(Command program) {
  const Command command = program.command(
      "explain-command",
      "Say what a command line means: what is hidden in it, what it does, what attackers use it for");
  const auto words = std::make_shared<ExplainWords>();
  command.option("line", words->line, "LINE", "The command line in quotes, or - for lines on standard input")
      .required();
  command.option("--image", words->image, "FILE",
                 "The file that ran, where a log says it better than the line (Image)");
  command.option("--original-file-name", words->original_name, "NAME",
                 "The name that the file's maker gave it (OriginalFileName)");
  command
      .option(
          "--shell", words->shell, "SHELL",
          "What reads the line: process (what a log of started programs holds), cmd, powershell, sh; auto "
          "(default) goes by the line itself")
      .one_of({"auto", "process", "cmd", "powershell", "sh"});
  command
      .option("--language", words->language, "LANGUAGE",
              "en or ja; by default what the environment says (LANG)")
      .one_of({"en", "ja"});
  command
      .option("--format", words->format, "FORMAT", "text (default) or json, one line for each command line")
      .one_of({"text", "json"});
  command.footer(kExamples);
  command.runs([words] { return answer_or_say(explain(*words)); });
}

}  // namespace landwarden::cli
