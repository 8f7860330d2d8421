// landwarden indicators: list what there is, take over what others share. Matching has a file of its own.

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/catalogue_register.h"
#include "cli/console.h"
#include "cli/indicator_commands.h"
#include "cli/usual_options.h"
#include "intel/indicator_set.h"
#include "intel/limits.h"
#include "report/json.h"
#include "report/output_file.h"
#include "report/screen.h"
#include "report/screen_text.h"

namespace landwarden::cli {
namespace {

struct ListWords {
  IndicatorWords indicators;
  std::string kind, format = "text";
};

struct ImportWords {
  std::vector<std::string> paths;
  std::string output = "-", source, date, name = "imported";
};

bool has_kind(const intel::Indicator& indicator, const std::string& kind) {
  return kind.empty() || std::ranges::any_of(indicator.terms, [&](const intel::Term& term) {
           return to_text(term.kind) == kind;
         });
}

std::string list_text(const std::vector<const intel::Indicator*>& listed, Time today) {
  const report::ScreenOptions screen = screen_for(STDOUT_FILENO, ColourChoice::never);
  const auto& fields = intel::FieldTable::built_in();
  std::string out;
  std::array<std::uint64_t, intel::kIndicatorKinds> kinds{};
  for (const intel::Indicator* one : listed) {
    ++kinds[static_cast<std::size_t>(one->terms.front().kind)];
    out +=
        fmt::format("{:>3}  {:10}  {:12}  {}  ({}{})\n", worth(*one, today, fields),
                    one->says.seen.known() ? date_text(one->says.seen) : "-", to_text(one->says.tlp),
                    report::visible(to_text(one->terms), screen.unicode),
                    report::visible(one->says.source, screen.unicode),
                    one->says.about.empty() ? "" : ": " + report::visible(one->says.about, screen.unicode));
  }
  out += report::counted(listed.size(), "indicator", "indicators");
  bool first = true;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    if (kinds[kind] == 0) continue;
    out += fmt::format("{} {} {}", std::exchange(first, false) ? ":" : ",", report::grouped(kinds[kind]),
                       to_text(static_cast<intel::IndicatorKind>(kind)));
  }
  return out + "\n";
}

std::string list_json(const std::vector<const intel::Indicator*>& listed, Time today) {
  const auto& fields = intel::FieldTable::built_in();
  std::string out = "{\n  \"indicators\": [";
  bool first = true;
  for (const intel::Indicator* one : listed) {
    out += std::exchange(first, false) ? "\n    {\"all\": [" : ",\n    {\"all\": [";
    for (std::size_t i = 0; i < one->terms.size(); ++i) {
      out += fmt::format("{}{{\"kind\": \"{}\", \"value\": ", i > 0 ? ", " : "", to_text(one->terms[i].kind));
      report::append_json_string(out, one->terms[i].value);
      out += "}";
    }
    out += "], \"source\": ";
    report::append_json_string(out, one->says.source);
    out += ", \"about\": ";
    report::append_json_string(out, one->says.about);
    if (one->says.seen.known()) out += fmt::format(", \"date\": \"{}\"", date_text(one->says.seen));
    if (one->says.valid_until.known())
      out += fmt::format(", \"valid_until\": \"{}\"", date_text(one->says.valid_until));
    if (one->says.confidence) out += fmt::format(", \"confidence\": {}", *one->says.confidence);
    out += fmt::format(", \"tlp\": \"{}\", \"worth\": {}, \"place\": ", to_text(one->says.tlp),
                       worth(*one, today, fields));
    report::append_json_string(out, one->place);
    out += "}";
  }
  return out + (first ? "]\n}\n" : "\n  ]\n}\n");
}

int run_list(const ListWords& words) {
  ReadIndicators read;
  if (!read_indicators(words.indicators, read)) return kUnusable;
  std::vector<const intel::Indicator*> listed;
  for (const intel::Indicator& one : read.indicators) {
    if (has_kind(one, words.kind)) listed.push_back(&one);
  }
  const int code =
      answer(words.format == "json" ? list_json(listed, read.today) : list_text(listed, read.today));
  return code == kDone && read.partly ? kIncomplete : code;
}

int run_import(const ImportWords& words) {
  intel::IndicatorDefaults defaults{.source = words.source, .seen = Time::unknown()};
  if (!words.date.empty()) {
    const auto date = day_of("--date", words.date);
    if (!date) {
      say_error(date.error());
      return kUnusable;
    }
    defaults.seen = *date;
  }
  intel::IndicatorImport import(defaults);
  for (const std::string& path : words.paths) {
    if (auto added = import.add_path(path); !added) {
      say_error(added.error());
      return kUnusable;
    }
  }
  const auto read = import.take();
  say_import(read);
  if (read.indicators.empty()) return kUnusable;
  if (auto written = report::write_file(words.output, intel::indicators_text(words.name, read.indicators));
      !written) {
    say_error(written.error());
    return kUnusable;
  }
  return read.unreadable || read.not_understood > 0 ? kIncomplete : kDone;
}

constexpr const char* kImportExamples =
    R"(Examples:
  landwarden indicators import bundle.json misp-export/ -o indicators.yaml
      STIX 2.1 and MISP, told by what is in the files
  landwarden indicators import feed.csv --source 'ISAC weekly' --date 2026-11-01 -o isac.yaml
  landwarden indicators match /evidence --indicators isac.yaml

Exit codes: 0 all understood, 2 nothing could be read, 3 some could not be read or understood; it is named.)";

}  // namespace

void say_import(const intel::ImportedIndicators& read, bool quiet) {
  for (const Error& error : read.errors) say_error(error);
  if (quiet) return;
  std::string told =
      fmt::format("{} out of {}", report::counted(read.indicators.size(), "indicator", "indicators"),
                  report::counted(read.files, "file", "files"));
  for (std::size_t i = 0; i < read.formats.size(); ++i)
    told += (i == 0 ? " (" : ", ") + std::string(to_text(read.formats[i])) +
            (i + 1 == read.formats.size() ? ")" : "");
  if (read.withdrawn > 0)
    told += fmt::format("; {} withdrawn or not for detection", report::grouped(read.withdrawn));
  if (read.not_understood > 0)
    told += fmt::format("; {} not understood", report::grouped(read.not_understood));
  say(told);
}

void add_indicator_options(Command command, IndicatorWords& words) {
  command
      .option(
          "--indicators", words.files, "PATH",
          "Adds indicators: STIX 2.1, MISP, OpenIOC, CSV, a list, or our own form; a file or folder. May be "
          "repeated")
      .repeated();
  command.flag("--no-built-in", words.no_built_in, "Without those of the advisories that are built in");
  command.option("--on", words.on, "DATE", "How old they are on this day; by default today, UTC");
}

bool read_indicators(const IndicatorWords& words, ReadIndicators& out) {
  const auto today = day_of("--on", words.on);
  if (!today) {
    say_error(today.error());
    return false;
  }
  out.today = *today;
  std::vector<std::string> files = words.files;
  const bool built_in = std::erase(files, "built-in") > 0 || !words.no_built_in;
  if (built_in) out.indicators = intel::built_in_indicators();
  if (files.empty()) {
    if (!built_in) say_error("there are no indicators", "--indicators PATH adds some");
    return built_in;
  }
  intel::IndicatorImport import;
  for (const std::string& file : files) {
    if (auto added = import.add_path(file); !added) {
      say_error(added.error());
      return false;
    }
  }
  auto read = import.take();
  say_import(read, words.quiet);
  if (read.indicators.empty()) return false;
  out.partly = read.unreadable || read.not_understood > 0;
  std::ranges::move(read.indicators, std::back_inserter(out.indicators));
  return true;
}

void add_indicators_list(Command indicators) {
  const Command command = indicators.command(
      "list", "List indicators with what they are worth on a day (0 to 100), their date, TLP and source");
  const auto words = std::make_shared<ListWords>();
  command.option("--kind", words->kind, "KIND", "Only this kind")
      .one_of({"md5", "sha1", "sha256", "imphash", "ip", "domain", "url", "path", "file-name", "registry",
               "user-agent", "certificate"});
  add_indicator_options(command, words->indicators);
  add_text_or_json_option(command, words->format);
  command.footer(
      "Examples:\n  landwarden indicators list --kind sha256\n"
      "  landwarden indicators list --indicators bundle.json --no-built-in --format json");
  command.runs([words] { return run_list(*words); });
}

void add_indicators_import(Command indicators) {
  const Command command =
      indicators.command("import", "Take over indicators that others share, and write them in our own form");
  const auto words = std::make_shared<ImportWords>();
  command.option("path", words->paths, "PATH", "STIX 2.1, MISP, OpenIOC, CSV, lists; files or folders")
      .required();
  command.option("-o,--output", words->output, "FILE",
                 "Write them; the file is replaced whole, or not at all");
  command.option("--name", words->name, "TEXT", "What the file is called in itself");
  command.option("--source", words->source, "TEXT",
                 "Who says so, where the files do not; by default the file's name");
  command.option("--date", words->date, "DATE", "As of when, where the files do not say");
  command.footer(kImportExamples);
  command.runs([words] { return run_import(*words); });
}

void add_indicators(Command program) {
  const Command command = program.command(
      "indicators", "Hashes, addresses, names that were seen with intrusions: list, take over, match");
  command.needs_command();
  command.footer(
      "Examples:\n  landwarden indicators match /evidence        those of the advisories, which are built "
      "in\n"
      "  landwarden indicators match /evidence --indicators bundle.json\n"
      "  landwarden indicators import misp.json -o indicators.yaml");
  add_indicators_list(command);
  add_indicators_import(command);
  add_indicators_match(command);
}

}  // namespace landwarden::cli
