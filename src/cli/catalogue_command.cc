// landwarden catalogue: the register of decisions about what intruders borrow. List it; the other subcommands
// have files of their own.

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/catalogue_commands.h"
#include "cli/catalogue_register.h"
#include "cli/console.h"
#include "cli/usual_options.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"

namespace landwarden::cli {
namespace {

using intel::Verdict;

struct ListWords {
  RegisterWords things;
  std::string kind, verdict, platform, language = "en", format = "text";
};

/// What is listed of one item.
struct Listed {
  const intel::Register::Item* item = nullptr;
  Verdict verdict = Verdict::undecided;
  bool partly = false;  ///< other hosts or accounts have a decision of their own
  bool from_user = false;
};

std::vector<Listed> choose(const ReadRegister& read, const ListWords& words) {
  std::vector<Listed> out;
  for (const auto* item : read.things.items()) {
    if (!words.kind.empty() && to_text(item->kind) != words.kind) continue;
    if (!words.platform.empty() && !item->has_platform(words.platform)) continue;
    Listed listed{.item = item};
    using State = intel::Register::Standing::State;
    for (const auto& standing :
         read.things.standings(*item, {words.things.host, words.things.account}, read.today)) {
      listed.partly = listed.partly || standing.state == State::elsewhere;
      if (standing.state != State::in_force) continue;
      listed.verdict = standing.decision->verdict;
      listed.from_user = standing.from_user;
    }
    if (!words.verdict.empty() && to_text(listed.verdict) != words.verdict) continue;
    out.push_back(listed);
  }
  return out;
}

std::array<std::uint64_t, 4> counts_of(const std::vector<Listed>& listed) {
  std::array<std::uint64_t, 4> out{};
  for (const Listed& one : listed) ++out[static_cast<std::size_t>(one.verdict)];
  return out;
}

std::string title_of(const intel::Register::Item& item, bool japanese) {
  for (const intel::Thing& entry : item.entries) {
    if (!entry.title.en.empty()) return entry.title.in(japanese);
  }
  return {};
}

std::string text_of(const std::vector<Listed>& listed, bool japanese) {
  const report::ScreenOptions screen = screen_for(STDOUT_FILENO, ColourChoice::never);
  std::string out;
  for (const Listed& one : listed) {
    const std::string mark = std::string(one.from_user ? "*" : "") + (one.partly ? "+" : "");
    std::string line = fmt::format("{:12}", std::string(to_text(one.verdict)) + mark) +
                       fmt::format("{:14}", to_text(one.item->kind)) +
                       report::padded(report::shortened(one.item->name, 24, screen.unicode), 26) +
                       report::shortened(title_of(*one.item, japanese),
                                         std::max<std::size_t>(screen.columns, 78) - 52, screen.unicode);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  const auto counts = counts_of(listed);
  out += report::counted(listed.size(), "entry", "entries");
  for (const Verdict verdict : {Verdict::allowed, Verdict::watch, Verdict::block, Verdict::undecided}) {
    out += fmt::format("{} {} {}", verdict == Verdict::allowed ? ":" : ",",
                       report::grouped(counts[static_cast<std::size_t>(verdict)]), to_text(verdict));
  }
  out += "\n";
  if (std::ranges::any_of(listed, &Listed::from_user)) out += "* your decision\n";
  if (std::ranges::any_of(listed, &Listed::partly))
    out += "+ another decision for some hosts or accounts; landwarden catalogue show NAME tells which\n";
  return out;
}

std::string json_of(const std::vector<Listed>& listed, bool japanese) {
  std::string out = "{\n  \"entries\": [";
  bool first = true;
  for (const Listed& one : listed) {
    out += first ? "\n    {\"name\": " : ",\n    {\"name\": ";
    first = false;
    report::append_json_string(out, one.item->name);
    out += fmt::format(
        ", \"kind\": \"{}\", \"verdict\": \"{}\", \"own_decision\": {}, \"other_scopes\": {}, \"title\": ",
        to_text(one.item->kind), to_text(one.verdict), one.from_user, one.partly);
    report::append_json_string(out, title_of(*one.item, japanese));
    out += "}";
  }
  return out + (first ? "]\n}\n" : "\n  ]\n}\n");
}

int run_list(const ListWords& words) {
  ReadRegister read;
  if (!read_register(words.things, read)) return kUnusable;
  const auto listed = choose(read, words);
  const bool japanese = words.language == "ja";
  return answer(words.format == "json" ? json_of(listed, japanese) : text_of(listed, japanese));
}

constexpr const char* kListExamples =
    R"(Examples:
  landwarden catalogue list --kind remote-access
  landwarden catalogue list --verdict undecided --catalogue lolbas.yaml
      what nobody has decided yet
  landwarden catalogue list --host ADM-01 --verdict allowed
      what is allowed on one host)";

}  // namespace

void add_catalogue_list(Command catalogue) {
  const Command command =
      catalogue.command("list", "List what is in the register, with the decision in force");
  const auto words = std::make_shared<ListWords>();
  const auto choice = [&](const char* name, std::string& target, const char* text, const char* type,
                          std::vector<std::string> values) {
    command.option(name, target, type, text).one_of(std::move(values));
  };
  choice("--kind", words->kind, "Only binary, script, library, driver, remote-access or site", "KIND",
         {"binary", "script", "library", "driver", "remote-access", "site"});
  choice("--verdict", words->verdict, "Only what is allowed, watch, block or undecided", "VERDICT",
         {"allowed", "watch", "block", "undecided"});
  choice("--platform", words->platform, "Only windows, linux or macos", "PLATFORM",
         {"windows", "linux", "macos"});
  add_register_options(command, words->things);
  choice("--language", words->language, "en (default) or ja, where there is any", "LANGUAGE", {"en", "ja"});
  add_text_or_json_option(command, words->format);
  command.footer(kListExamples);
  command.runs([words] { return run_list(*words); });
}

void add_catalogue(Command program) {
  const Command command = program.command(
      "catalogue", "Decide about programs, drivers, remote access and sites that intruders borrow");
  command.needs_command();
  command.footer(
      "Examples:\n  landwarden catalogue list --kind remote-access\n"
      "  landwarden catalogue show ntdsutil           what it is abused for, what is normal, what you "
      "decided\n"
      "  landwarden catalogue import LOLBAS/yml -o lolbas.yaml\n"
      "                                               take over a public catalogue");
  add_catalogue_list(command);
  add_catalogue_show(command);
  add_catalogue_import(command);
}

}  // namespace landwarden::cli
