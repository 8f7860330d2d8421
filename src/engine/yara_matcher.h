// YARA rules over the texts of scripts in a batch: each distinct text is scanned once.
//
// Which fields hold scripts is a table (view::CutText). One worker's; not thread-safe. No result depends on
// what was scanned before.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/row_match.h"
#include "event/batch.h"
#include "event/catalogue.h"
#include "intel/yara_rules.h"
#include "sigma/match_heads.h"
#include "triage/foreign_rule.h"
#include "view/log_sources.h"

namespace landwarden::engine {

/// What was looked at, and what was not. Filled by all threads of a hunt.
struct YaraReport {
  std::atomic<std::uint64_t> texts = 0;           ///< records with the text of a script
  std::atomic<std::uint64_t> texts_given_up = 0;  ///< of these: not in time, so nothing is known of them
  std::atomic<std::uint64_t> files = 0;           ///< that are no event logs
  std::atomic<std::uint64_t> files_given_up = 0;  ///< of these: not in time, or too large
  std::mutex mutex;
  std::vector<Error> problems;  ///< files that were not looked at, or not told of
};

/// YARA rules of a hunt. All must outlive it.
struct HuntedYara {
  const intel::YaraRules& rules;
  const std::vector<view::CutText>& texts;  ///< the fields that hold scripts
  /// What summary and timeline know a rule by; asked on the calling thread, the reference must stay valid.
  std::function<const triage::ForeignRule&(std::uint32_t rule)> as_rule;
  std::vector<bool> left_out;  ///< by rule: its matches are not told
  YaraReport& report;
  std::chrono::nanoseconds longest = limits::kYaraLongest;  ///< of one scan
};

/// Says in `match` what a rule found: its strings as fields, with their places.
void describe(const intel::YaraMatch& found, const HuntedYara& yara, sigma::Match& match);

class YaraMatcher {
 public:
  /// `yara` and `catalogue` must outlive it. `first_rule` is added to the indices of rules.
  YaraMatcher(const HuntedYara& yara, event::Catalogue& catalogue, std::uint32_t first_rule);

  /// Adds the field with the script's text, if records of this shape have one.
  [[nodiscard]] std::vector<event::FieldId> fields(event::ShapeId shape);
  /// Appends what the records of a batch match, in row order, by rule within a row.
  void match(const event::EventBatch& batch, std::vector<RowMatch>& out);

 private:
  struct Known {
    std::uint32_t generation = 0;
    std::vector<std::uint32_t> state;  ///< by code: one of those below, or kFound + index into found
    std::vector<std::vector<intel::YaraMatch>> found;
  };
  [[nodiscard]] std::optional<event::FieldId> text_field(event::ShapeId shape);
  static constexpr std::uint32_t kNotScanned = 0, kNothing = 1, kGivenUp = 2, kFound = 3;
  /// What is known of a text, which is scanned if it is the first time.
  [[nodiscard]] std::uint32_t scan(const event::Column& column, event::Code code, Known& known);

  const HuntedYara& yara_;
  event::Catalogue& catalogue_;
  sigma::MatchHeads heads_;
  std::uint32_t first_rule_;
  intel::YaraScanner scanner_;
  std::map<std::uint32_t, std::optional<event::FieldId>> fields_;  ///< by ShapeId
  std::map<std::uint32_t, Known> known_;                           ///< by FieldId
};

}  // namespace landwarden::engine
