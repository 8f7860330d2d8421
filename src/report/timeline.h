// The timeline: one line a match, with the columns of docs/output.md, as JSON lines, one JSON array, or CSV.
//
// Writes into an OutputFile that the caller owns and commits. Not thread-safe; nothing of a match is kept.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "report/output_file.h"
#include "sigma/match.h"
#include "sigma/rule_table.h"
#include "triage/foreign_rule.h"

namespace landwarden::report {

enum class TimelineFormat : std::uint8_t { jsonl, csv, json };
[[nodiscard]] std::optional<TimelineFormat> parse_format(std::string_view name);
/// By the file's ending (.csv, .json, .jsonl); JSON lines for any other.
[[nodiscard]] TimelineFormat format_of_file(std::string_view path);

class Timeline {
 public:
  /// `file` must outlive the timeline. `all_fields` adds the column `event`, `rules` (given where one of
  /// them is a correlation) `events`; they must outlive the timeline. `rulesets` adds `ruleset` and
  /// `details`.
  Timeline(OutputFile& file, TimelineFormat format, bool all_fields, const sigma::RuleTable* rules = nullptr,
           bool rulesets = false);

  [[nodiscard]] Result<void> write(const sigma::Match& match, const sigma::Rule& rule,
                                   std::string_view source, const triage::ForeignRule* foreign = nullptr);
  /// Writes what closes the format. The timeline is valid only after this; the file is not committed.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

 private:
  void append_json(const sigma::Match& match, const sigma::Rule& rule, std::string_view source);
  void append_csv(const sigma::Match& match, const sigma::Rule& rule, std::string_view source);
  void append_csv_header();
  void append_csv_events(const sigma::Match& match);
  void append_events(std::string& out, const sigma::Match& match) const;

  OutputFile& file_;
  TimelineFormat format_;
  bool all_fields_;
  const sigma::RuleTable* rules_;  ///< nullptr: there are no correlations
  bool rulesets_;
  const triage::ForeignRule* foreign_ = nullptr;  ///< of the match at hand
  std::uint64_t lines_ = 0;
  std::string line_, cell_;  ///< reused
};

}  // namespace landwarden::report
