// landwarden catalogue show: one thing, what it is abused for, what is normal, and what was decided.

#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/catalogue_commands.h"
#include "cli/catalogue_register.h"
#include "cli/console.h"
#include "cli/usual_options.h"
#include "report/json.h"
#include "report/screen.h"
#include "report/screen_text.h"

namespace landwarden::cli {
namespace {

using intel::Register;
using intel::Verdict;

struct ShowWords {
  RegisterWords things;
  std::string name, language = "en", format = "text";
};

std::string joined(const std::vector<std::string>& texts, const char* between = ", ") {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : between) + text;
  return out;
}

const char* to_text(Register::Standing::State state) {
  switch (state) {
    case Register::Standing::State::in_force:
      return "in force";
    case Register::Standing::State::elsewhere:
      return "for others";
    case Register::Standing::State::overruled:
      return "overruled";
    case Register::Standing::State::expired:
      return "expired";
  }
  return "";
}

/// "allowed for hosts ADM-*, accounts svc-*, until 2027-03-31, owner …".
std::string decision_line(const intel::Decision& decision) {
  std::string out(to_text(decision.verdict));
  if (decision.hosts.empty() && decision.accounts.empty()) out += " for all";
  if (!decision.hosts.empty()) out += " on hosts " + joined(decision.hosts);
  if (!decision.accounts.empty()) out += " for accounts " + joined(decision.accounts);
  if (decision.expires.known()) out += ", until " + date_text(decision.expires);
  if (!decision.owner.empty()) out += ", owner " + decision.owner;
  return out;
}

class ShownText {
 public:
  ShownText(const ReadRegister& read, const ShowWords& words)
      : read_(read), words_(words), screen_(screen_for(STDOUT_FILENO, ColourChoice::automatic)) {}

  std::string of(const Register::Item& item) {
    const Register::Whom whom{words_.things.host, words_.things.account};
    const Verdict verdict = read_.things.verdict(item, whom, read_.today);
    screen_.line(fmt::format("{}  {}  {}", screen_.paint(screen_.safe(item.name), report::Ink::strong),
                             to_text(item.kind), to_text(verdict)));
    for (const intel::Thing& entry : item.entries) add_entry(entry);
    if (item.entries.empty()) screen_.line("  in no catalogue; only decided about");
    add_decisions(item, whom);
    return screen_.text();
  }

 private:
  void add(const char* first, std::string_view text) {
    if (!text.empty()) screen_.paragraph(first, screen_.safe(text));
  }

  void add_entry(const intel::Thing& entry) {
    const bool japanese = words_.language == "ja";
    screen_.line();
    add("  ", entry.title.in(japanese));
    add("  catalogue:  ", fmt::format("{} ({})", entry.catalogue, entry.place.to_string()));
    add("  platforms:  ", joined(entry.platforms));
    add("  also:       ", joined(entry.aliases));
    add("  named by:   ", joined(entry.named_by));
    if (!entry.uses.empty()) screen_.line("  intruders use it to");
    for (const intel::Use& use : entry.uses) {
      const std::string ids = joined(use.techniques);
      add("    ", use.what.in(japanese) + (ids.empty() ? "" : "  (" + ids + ")"));
    }
    add("  normal:     ", entry.normal.in(japanese));
    add_listed("  paths:      ", entry.paths);
    add_listed("  domains:    ", entry.domains);
    add_listed("  hashes:     ", entry.hashes);
  }

  void add_listed(const char* first, const std::vector<std::string>& texts) {
    constexpr std::size_t kShown = 6;
    const std::vector<std::string> shown(
        texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), kShown)));
    add(first,
        joined(shown) + (texts.size() > kShown ? fmt::format(" and {} more", texts.size() - kShown) : ""));
  }

  void add_decisions(const Register::Item& item, const Register::Whom& whom) {
    screen_.line();
    std::string about = "decisions";
    if (!whom.host.empty()) about += " on host " + whom.host;
    if (!whom.account.empty()) about += " for account " + whom.account;
    about += ", on " + date_text(read_.today);
    screen_.line(screen_.safe(about));
    const auto standings = read_.things.standings(item, whom, read_.today);
    if (standings.empty()) screen_.line("  none: undecided");
    for (const auto& standing : standings) {
      screen_.paragraph(fmt::format("  {:11} ", to_text(standing.state)),
                        screen_.safe(decision_line(*standing.decision)));
      add("              ", standing.decision->reason.in(words_.language == "ja"));
      add("              ", (standing.from_user ? "yours, " : "") + standing.decision->place.to_string());
    }
  }

  const ReadRegister& read_;
  const ShowWords& words_;
  report::Screen screen_;
};

void append_list(std::string& out, const char* key, const std::vector<std::string>& texts) {
  out += fmt::format(", \"{}\": [", key);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ", ";
    report::append_json_string(out, texts[i]);
  }
  out += "]";
}

void append_text(std::string& out, const char* key, std::string_view text) {
  out += fmt::format(", \"{}\": ", key);
  report::append_json_string(out, text);
}

void append_entry(std::string& out, const intel::Thing& entry, bool japanese) {
  out += "{\"catalogue\": ";
  report::append_json_string(out, entry.catalogue);
  append_text(out, "title", entry.title.in(japanese));
  append_list(out, "platforms", entry.platforms);
  append_list(out, "aliases", entry.aliases);
  append_list(out, "named_by", entry.named_by);
  out += ", \"uses\": [";
  for (std::size_t i = 0; i < entry.uses.size(); ++i) {
    out += i > 0 ? ", {\"what\": " : "{\"what\": ";
    report::append_json_string(out, entry.uses[i].what.in(japanese));
    append_list(out, "techniques", entry.uses[i].techniques);
    out += "}";
  }
  out += "]";
  append_text(out, "normal", entry.normal.in(japanese));
  append_list(out, "paths", entry.paths);
  append_list(out, "domains", entry.domains);
  append_list(out, "hashes", entry.hashes);
  append_text(out, "place", entry.place.to_string());
  out += "}";
}

std::string json_of(const ReadRegister& read, const Register::Item& item, const ShowWords& words) {
  const bool japanese = words.language == "ja";
  const Register::Whom whom{words.things.host, words.things.account};
  std::string out = "{\"name\": ";
  report::append_json_string(out, item.name);
  append_text(out, "kind", to_text(item.kind));
  append_text(out, "verdict", to_text(read.things.verdict(item, whom, read.today)));
  append_text(out, "on", date_text(read.today));
  out += ",\n \"entries\": [";
  for (std::size_t i = 0; i < item.entries.size(); ++i) {
    out += i > 0 ? ",\n  " : "\n  ";
    append_entry(out, item.entries[i], japanese);
  }
  out += "],\n \"decisions\": [";
  bool first = true;
  for (const auto& standing : read.things.standings(item, whom, read.today)) {
    out += std::exchange(first, false) ? "\n  {\"state\": " : ",\n  {\"state\": ";
    report::append_json_string(out, to_text(standing.state));
    append_text(out, "verdict", to_text(standing.decision->verdict));
    append_list(out, "hosts", standing.decision->hosts);
    append_list(out, "accounts", standing.decision->accounts);
    append_text(out, "owner", standing.decision->owner);
    if (standing.decision->expires.known())
      append_text(out, "expires", date_text(standing.decision->expires));
    append_text(out, "reason", standing.decision->reason.in(japanese));
    append_text(out, "place", standing.decision->place.to_string());
    out += fmt::format(", \"own\": {}}}", standing.from_user);
  }
  return out + "]}\n";
}

int run_show(const ShowWords& words) {
  ReadRegister read;
  if (!read_register(words.things, read)) return kUnusable;
  const Register::Item* item = read.things.find(words.name);
  if (item == nullptr) {
    say_error("nothing in the register is called '" + words.name + "'",
              "landwarden catalogue list shows what there is; --catalogue adds more");
    return kFound;
  }
  return answer(words.format == "json" ? json_of(read, *item, words) : ShownText(read, words).of(*item));
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden catalogue show ntdsutil
  landwarden catalogue show psexec --host ADM-01 --account 'PLANT\adm-kuhn'
      whether it is allowed there, and who says so
  landwarden catalogue show certutil --catalogue lolbas.yaml --format json | jq .verdict

Exit codes: 0 shown, 1 nothing is called that, 2 usage, a catalogue or decisions unusable.)";

}  // namespace

void add_catalogue_show(Command catalogue) {
  const Command command = catalogue.command(
      "show", "Say what a thing is abused for, what is normal, which decision holds and where it stands");
  const auto words = std::make_shared<ShowWords>();
  command.option("name", words->name, "NAME", "A file name (.exe may be left out), a product or a site")
      .required();
  add_register_options(command, words->things);
  command.option("--language", words->language, "LANGUAGE", "en (default) or ja, where there is any")
      .one_of({"en", "ja"});
  add_text_or_json_option(command, words->format);
  command.footer(kExamples);
  command.runs([words] { return run_show(*words); });
}

}  // namespace landwarden::cli
