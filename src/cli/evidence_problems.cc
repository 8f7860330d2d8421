#include "cli/evidence_problems.h"

#include "cli/console.h"

namespace landwarden::cli {

std::vector<Error> problems_of(const event::Receipt& receipt, const std::string& hint, bool first) {
  std::vector<Error> out = receipt.errors;
  for (Error& error : out) {
    if (error.place.file.empty()) error.place.file = receipt.source;
  }
  if (receipt.records_quarantined == 0) return out;
  Error lost{ErrorCode::damaged,
             report::counted(receipt.records_quarantined, "event", "events") + " too damaged to decode",
             {receipt.source, 0, 0, {}},
             hint};
  if (first && !receipt.quarantined.empty()) {
    lost.place.offset = receipt.quarantined.front().offset;
    lost.message += ", the first here: " + receipt.quarantined.front().reason;
  }
  out.push_back(std::move(lost));
  return out;
}

void say_problems(const std::vector<event::Receipt>& receipts, const std::string& hint, bool first) {
  for (const event::Receipt& receipt : receipts) {
    for (const Error& error : problems_of(receipt, hint, first)) say_error(error);
  }
}

void say_assembly_losses(const engine::AssembleReport& report) {
  if (report.given_up == 0) return;
  say_error(Error{ErrorCode::limit,
                  report::counted(report.given_up, "text", "texts") +
                      " that lay in several events could not be put together: too long, or too many at once",
                  {},
                  "each of their parts was looked at by itself"});
}

}  // namespace landwarden::cli
