// landwarden catalogue import: public catalogues into our form.

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cli/catalogue_commands.h"
#include "cli/catalogue_register.h"
#include "cli/console.h"
#include "intel/catalogue_import.h"
#include "intel/limits.h"
#include "report/output_file.h"
#include "report/screen.h"

namespace landwarden::cli {
namespace {

struct ImportWords {
  std::vector<std::string> paths;
  std::string output = "-", source, date;
};

/// Told on standard error: what there was, and what could not be read.
void say_import(const intel::ImportedCatalogue& read, const std::string& source) {
  for (std::size_t i = 0; i < std::min(read.unread.size(), limits::kImportListed); ++i)
    say_error(read.unread[i]);
  if (read.unread.size() > limits::kImportListed)
    say(fmt::format("landwarden: {} more could not be read",
                    report::grouped(read.unread.size() - limits::kImportListed)));
  std::string told =
      fmt::format("{} of {} out of {}", report::counted(read.things.size(), "entry", "entries"), source,
                  report::counted(read.files, "file", "files"));
  if (read.passed_over > 0)
    told += fmt::format("; {} beside them passed over", report::grouped(read.passed_over));
  if (!read.unread.empty())
    told += fmt::format("; {} could not be read", report::grouped(read.unread.size()));
  say(told);
}

int run_import(const ImportWords& words) {
  const auto date = day_of("--date", words.date);
  if (!date) {
    say_error(date.error());
    return kUnusable;
  }
  intel::CatalogueImport import;
  for (const std::string& path : words.paths) {
    if (auto added = import.add_path(path); !added) {
      say_error(added.error());
      return kUnusable;
    }
  }
  auto read = import.take();
  intel::Catalogue out;
  for (const intel::CatalogueFormat format : read.formats)
    out.name += (out.name.empty() ? "" : ", ") + std::string(to_text(format));
  const std::string names = out.name.empty() ? "no known catalogue" : out.name;
  say_import(read, names);
  if (read.things.empty()) return kUnusable;
  out.source = words.source.empty() ? out.name : words.source;
  out.date = *date;
  out.things = std::move(read.things);
  if (auto written = report::write_file(words.output, intel::catalogue_text(out)); !written) {
    say_error(written.error());
    return kUnusable;
  }
  return read.unread.empty() ? kDone : kIncomplete;
}

constexpr const char* kExamples =
    R"(Examples:
  landwarden catalogue import LOLBAS/yml --date 2026-07-31 -o lolbas.yaml
      a checkout of a project; the date is that of the checkout
  landwarden catalogue import lolrmm.csv -o lolrmm.yaml
      the table or JSON of its site
  landwarden catalogue list --catalogue lolbas.yaml --verdict undecided

What is read are facts: names, paths, techniques, hashes, domains. The catalogues have licences of their own, which
hold for what you make of them. Exit codes: 0 all read, 2 nothing could be read, 3 some could not.)";

}  // namespace

void add_catalogue_import(Command catalogue) {
  const Command command = catalogue.command(
      "import",
      "Take over LOLBAS, GTFOBins, LOOBins, LOLRMM, LOLDrivers or LOTS as their projects publish them");
  const auto words = std::make_shared<ImportWords>();
  command.option("path", words->paths, "PATH", "A checkout, or files as YAML, JSON or CSV").required();
  command.option("-o,--output", words->output, "FILE",
                 "Write the catalogue; the file is replaced whole, or not at all");
  command.option("--source", words->source, "TEXT", "Whose facts they are; by default the catalogue's name");
  command.option("--date", words->date, "DATE", "As of when; by default today, UTC");
  command.footer(kExamples);
  command.runs([words] { return run_import(*words); });
}

}  // namespace landwarden::cli
