// landwarden range: writes the sample estate.

#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "range/estate.h"
#include "range/layouts.h"

namespace landwarden::cli {
namespace {

struct RangeWords {
  std::string folder;
  range::EstateOptions options;
  std::vector<std::string> without;
  bool no_intrusion = false;
};

int write_estate(RangeWords& words) {
  words.options.intrusion = !words.no_intrusion;
  for (const std::string& text : words.without) {
    auto silence = range::parse_silence(text);
    if (!silence) {
      say_error(silence.error());
      return kUnusable;
    }
    words.options.silences.push_back(std::move(*silence));
  }
  const auto estate = range::write_estate(words.folder, words.options);
  if (!estate) {
    say_error(estate.error());
    return kUnusable;
  }
  return answer(fmt::format("{} in {} ({}) are in {}\n", report::counted(estate->records, "event", "events"),
                            report::counted(estate->files.size(), "file", "files"),
                            report::bytes_text(estate->bytes), report::visible(words.folder, true)));
}

int list_layouts() {
  std::string out = fmt::format("{:<20} {}\n", "evtx", "Windows event logs (the default)");
  for (const range::LogLayout& layout : range::log_layouts())
    out += fmt::format("{:<20} {}\n", layout.name, layout.what);
  return answer(out);
}

}  // namespace

void add_range(Command program) {
  const Command command = program.command("range", "Make sample evidence to try things on");
  command.needs_command();
  command.footer("Examples:\n  landwarden range write estate && landwarden hunt estate");
  const Command write = command.command("write",
                                        "Write the event logs of a small water utility over some days, "
                                        "with one intrusion in them. The same options give the same "
                                        "bytes on every machine");
  const auto words = std::make_shared<RangeWords>();
  write
      .option("folder", words->folder, "DIR",
              "Where to; a new or empty folder, or an estate written before, which is replaced")
      .required();
  write.option("--seed", words->options.seed, "N", "Another number, another estate (default 1)");
  write.option("--days", words->options.days, "N", "How long, 3 to 31 days (default 3)");
  write.option("--scale", words->options.scale, "N", "How busy the machines are, 1 to 50 (default 1)");
  write.option("--layout", words->options.layout, "NAME",
               "Write the events as another tool does: NAME of landwarden range layouts (default evtx)");
  write.flag("--no-intrusion", words->no_intrusion, "Routine only");
  write.flag(
      "--further-steps", words->options.further_steps,
      "More steps of AA24-038A in the third night: the directory exported, the network scanned, auditing "
      "switched off and others");
  write.flag("--linux-host", words->options.linux_host,
             "A Linux host besides: its audit log, syslog, Sysmon for Linux and histories");
  write
      .option(
          "--without", words->without, "WHAT",
          "Logging that is switched off: [HOST=]CHANNEL[:ID,ID[.FIELD]], such as Security:4688.CommandLine. "
          "May be repeated")
      .repeated();
  const Command layouts = command.command("layouts", "List the layouts that range write knows");
  layouts.runs([] { return list_layouts(); });
  write.footer(
      "Examples:\n  landwarden range write estate && landwarden hunt estate\n"
      "  landwarden range write big --days 14 --scale 20 --seed 7\n"
      "  landwarden range write blind --without Microsoft-Windows-Sysmon/Operational --without "
      "Security:4688");
  write.runs([words] { return write_estate(*words); });
}

}  // namespace landwarden::cli
