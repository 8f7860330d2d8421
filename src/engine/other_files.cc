#include "engine/other_files.h"

#include <utility>

#include "intel/limits.h"

namespace landwarden::engine {

void OtherFilesSink::other_file(const std::string& name, std::string_view bytes) {
  std::vector<intel::YaraMatch> matches;
  auto scanned = scanner_.scan(bytes, name, matches);
  ++yara_.report.files;
  const auto note = [&](Error error) {
    error.place.file = name;
    const std::lock_guard lock(yara_.report.mutex);
    yara_.report.problems.push_back(std::move(error));
  };
  if (!scanned) {
    ++yara_.report.files_given_up;
    return note(std::move(scanned.error()));
  }
  for (const intel::YaraMatch& one : matches) {
    if (yara_.left_out[one.rule]) continue;
    if (found_.size() >= limits::kYaraFileMatches)
      return note({ErrorCode::limit,
                   "too many files match YARA rules: not all are told",
                   {},
                   "look at fewer at once"});
    FileMatch& found = found_.emplace_back();
    found.source = name;
    found.match.time = Time::unknown();
    found.match.record_id = event::kNoRecordId;
    found.match.rule = first_rule_ + one.rule;
    found.match.matched.push_back({"file", {name}});
    describe(one, yara_, found.match);
  }
}

void OtherFilesSink::other_file_left_out(const std::string& name) {
  ++yara_.report.files;
  ++yara_.report.files_given_up;
  const std::lock_guard lock(yara_.report.mutex);
  yara_.report.problems.push_back(
      {ErrorCode::limit,
       "larger than " + std::to_string(limits::kYaraFileBytes >> 20) + " MiB: YARA has not looked at it",
       {name, 0, 0, {}},
       "scan it by itself with yara"});
}

}  // namespace landwarden::engine
