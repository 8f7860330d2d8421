// Runs a compiled rule set over batches.
//
// RuleSet is immutable and shared by all threads. A Matcher belongs to one worker: it keeps what it learnt
// about values (which predicates each meets) beside the worker's dictionaries. No result depends on what it
// learnt before.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/packing.h"
#include "event/batch.h"
#include "sigma/match.h"
#include "sigma/rule_table.h"
#include "view/log_sources.h"

namespace landwarden::sigma {

struct CompileOptions {
  bool all_fields = false;      ///< Match::event is filled: decoders must make every field
  bool strict_sources = false;  ///< only the sources that Sigma's taxonomy names, and Security 4688
};

/// What of a saved rule set can wait until it is needed: the predicates of a field, titles, descriptions. It
/// may lie on the disk.
class RuleBlocks {
 public:
  RuleBlocks() = default;
  RuleBlocks(const RuleBlocks&) = delete;
  RuleBlocks& operator=(const RuleBlocks&) = delete;
  virtual ~RuleBlocks() = default;
  /// Fills `out` with what stands from `at` on; false if that cannot be had. Called by any thread.
  [[nodiscard]] virtual bool read(std::uint64_t at, std::span<std::byte> out) const = 0;
};

class RuleSet {
 public:
  struct Compiled;  // the programs; rule_set.cc

  /// Compiles rules for dispatch by `sources`. Rules that cannot run are left out and named in `diagnostics`.
  /// `sources` and `catalogue` must outlive the rule set.
  [[nodiscard]] static RuleSet compile(std::vector<Rule> rules, const view::LogSources& sources,
                                       event::Catalogue& catalogue, std::vector<Diagnostic>& diagnostics,
                                       CompileOptions options = {});
  /// What was compiled, not loaded, as bytes: `out` has the SHA-256 of each of `blocks`.
  void save(Packer& out, Packer& blocks) const;
  /// Takes what save() put; `owner` keeps the bytes of `in` as long as the rule set needs them. Nothing is
  /// believed of them. Fails if they are not ours, or `sources` are not those that the rules were compiled
  /// with.
  [[nodiscard]] static Result<RuleSet> load(Unpacker& in, std::shared_ptr<const void> owner,
                                            std::unique_ptr<const RuleBlocks> blocks,
                                            const view::LogSources& sources, event::Catalogue& catalogue);
  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  /// The rules that run, sorted by id, then file, then line; Match::rule counts here. Correlations are among
  /// them, filters are in the conditions of the rules that they are for. Who hands matches on leaves out
  /// those of rules that are `muted`. Of a rule set that was loaded, a rule that has not matched yet has only
  /// id, title, name, status, level, tags, log source and place.
  [[nodiscard]] const RuleTable& rules() const;
  [[nodiscard]] bool has_correlations() const;
  /// How many rules have matched whose body was not as it was saved: they stay as they were before.
  [[nodiscard]] std::uint64_t bodies_lost() const;
  /// Whether something that matching needs was not as it was saved: rules that should have matched may not
  /// have.
  [[nodiscard]] bool damaged() const;
  /// Folded texts, each at least limits::kKeywordTextBytes of ASCII, that no value but text is rendered to.
  /// Of a record that holds none of them the rules ask for fewer fields: event::Wanted::all_by_text.
  [[nodiscard]] const std::vector<std::string>& keyword_texts() const;
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  explicit RuleSet(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

class Matcher {
 public:
  /// `rules` must outlive the matcher.
  explicit Matcher(const RuleSet& rules);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// What the rules need to see of a shape; `drop` where no rule covers it.
  [[nodiscard]] event::Wanted wanted(event::ShapeId shape);

  /// Appends the matches of a batch, in row order, by rule index within a row.
  void match(const event::EventBatch& batch, std::vector<Match>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether `rule` matches the record that one of its examples describes; for rule tests.
[[nodiscard]] bool matches_example(const RuleSet& rules, event::Catalogue& catalogue, std::uint32_t rule,
                                   const Example& example);

}  // namespace landwarden::sigma
