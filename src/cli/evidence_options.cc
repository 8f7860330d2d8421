#include "cli/evidence_options.h"

#include <algorithm>
#include <string>

#include "cli/arguments.h"
#include "decode/evtx/ansi.h"

namespace landwarden::cli {

void add_evidence_options(Command command, decode::DecodeOptions& options) {
  command.flag("--carve", options.carve,
               "Also look for event records that are not live: behind the live end of logs, and in files of "
               "no known format (disk images, memory). They are marked as carved");
  add_codepage_option(command, options.ansi_codepage);
}

void add_codepage_option(Command command, unsigned& codepage) {
  command.option("--ansi-codepage", codepage, "N",
                 "Windows code page of ANSI text in event logs; 1252 by default, 932 for Japanese machines");
}

Result<void> understand(const decode::DecodeOptions& options) {
  const auto known = decode::evtx::ansi_codepages();
  if (std::ranges::find(known, options.ansi_codepage) != known.end()) return {};
  std::string names;
  for (const unsigned codepage : known) names += (names.empty() ? "" : ", ") + std::to_string(codepage);
  return fail(ErrorCode::invalid,
              "--ansi-codepage: no such code page: " + std::to_string(options.ansi_codepage), {},
              "there are " + names);
}

}  // namespace landwarden::cli
