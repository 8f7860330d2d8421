// What RuleSet::compile makes of rules; private to rule_set.cc, plan.cc and matcher.cc.
//
// Predicates are numbered a field at a time (FieldPredicates), rules are flat Boolean trees over (field,
// predicate) pairs. Every rule names *witnesses*: tests of which at least one is met whenever the rule
// matches, so that a rule is looked at only where a witness was met.

#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <span>

#include "base/digest.h"
#include "sigma/correlation_plan.h"
#include "sigma/field_predicates.h"
#include "sigma/matcher.h"

namespace landwarden::sigma {

inline constexpr std::uint32_t kNone = 0xFFFF'FFFF;

/// Where a part of a saved rule set stands that is read when it is needed, and its digest.
struct BlockPlace {
  std::uint64_t at = 0, size = 0;
  Digest digest;
};

/// What was read of such a part: at a multiple of 8.
using Block = std::unique_ptr<std::uint64_t[]>;

/// One Sigma field name with all predicates on it. Prepared when the first value is tested.
struct FieldSet {
  std::string name;            ///< empty: keywords
  FieldPredicates predicates;  ///< see prepared()
  std::once_flag prepared;

  /// Of a set that was loaded: what it will be.
  struct Saved {
    BlockPlace place;
    std::uint32_t size = 0;                   ///< number of predicates
    std::span<const std::uint64_t> deferred;  ///< a bit a predicate
    Block block;

    [[nodiscard]] bool is_deferred(std::uint32_t id) const {
      return (deferred[id >> 6] >> (id & 63) & 1) != 0;
    }
  } saved;
};

struct Node {
  Expression::Kind kind = Expression::Kind::all;
  std::uint8_t unused[3] = {};
  std::uint32_t first = 0;  ///< into Program::children; for a test: index of the test
  std::uint32_t count = 0;
};

/// A test of a rule in numbers. Field comparisons and deferred predicates are looked at row by row, `never`
/// is never met.
struct TestRef {
  std::uint32_t field = kNone;      ///< index of the FieldSet
  std::uint32_t predicate = kNone;  ///< kNone: not a predicate on one value
  std::uint32_t other_field = kNone;
  std::uint32_t deferred = 0;  ///< 1: FieldPredicates::is_deferred()
};

/// A rule's tests and tree; views of RuleSet::Compiled::pool, or of what was loaded.
struct Program {
  std::span<const TestRef> tests;  ///< as Rule::tests
  std::span<const Node>
      nodes;  ///< the last one is the root; children that the row must be asked for come last
  std::span<const std::uint32_t> children;
  std::span<const std::uint32_t> witnesses;  ///< tests
  bool always = false;                       ///< no witness can be named
  /// Which records must show every field, for tests of keywords: those that hold one of
  /// Compiled::keyword_texts, or all.
  enum class Keywords : std::uint8_t { none, by_text, always } keywords = Keywords::none;
  std::uint64_t texts = 0;                 ///< by_text: a bit for each of Compiled::keyword_texts
  std::span<const std::uint32_t> carried;  ///< fields whose values correlations over the rule need
};

/// What a log source demands of a field, as predicates of it: at least one must be met.
struct DemandRef {
  std::uint32_t field;
  std::vector<std::uint32_t> predicates;
};

/// A log source with the rules that cover it.
struct SourceRules {
  view::Source source;
  LogSource named;        ///< as rules name it,
  std::uint32_t nth = 0;  ///< and which of the sources that this means
  std::vector<DemandRef> demands;
  std::vector<std::uint32_t> rules;
};

struct RuleSet::Compiled {
  event::Catalogue* catalogue = nullptr;
  CompileOptions options;
  /// Rules that came from a cache have a head alone until somebody asks for them whole().
  RuleTable rules;
  std::vector<Program> programs;
  std::vector<CorrelationPlan> correlations;  ///< each behind those that it refers to
  std::vector<SourceRules> sources;
  std::vector<std::string> keyword_texts;
  mutable std::deque<FieldSet> fields;  ///< mutable: prepared lazily, once

  struct Pool {
    std::vector<TestRef> tests;
    std::vector<Node> nodes;
    std::vector<std::uint32_t> numbers;
  };
  Pool pool;

  // Of a rule set that was loaded: what keeps the bytes that it views, and what is read when it is needed.
  std::shared_ptr<const void> owner;
  std::unique_ptr<const RuleBlocks> blocks;
  BlockPlace heads_at;  ///< of all rules' heads, one behind the other,
  std::span<const std::uint64_t> head_at;
  mutable std::once_flag heads_read;
  mutable Block heads;  ///< nullptr: not as they were saved
  std::span<const BlockPlace> body_at;
  std::unique_ptr<std::once_flag[]> body_loaded;
  mutable std::atomic<std::uint64_t> bodies_lost = 0;
  mutable std::atomic<bool> damaged = false;

  /// The rule with its tests, condition and all its metadata. Any thread.
  [[nodiscard]] const Rule& whole(std::uint32_t rule) const;
  [[nodiscard]] bool load_whole(std::uint32_t rule) const;
  void load_head(std::uint32_t rule, Rule& into) const;
  /// The predicates of a field, as soon as somebody needs them. Any thread.
  [[nodiscard]] const FieldPredicates& prepared(std::uint32_t field) const;
  void load_field(FieldSet& field) const;
  /// Nothing if it is not as it was saved.
  [[nodiscard]] Block read(const BlockPlace& place) const;
};

/// The log sources of a detection, as the options have it.
[[nodiscard]] view::Resolution resolve_source(const LogSource& named, const view::LogSources& sources,
                                              const CompileOptions& options);

}  // namespace landwarden::sigma
