// Puts texts together that their source cut into several records: script blocks of several 4104 records.
//
// Workers find the parts (CutTextFinder), in whatever order; the calling thread takes them in the order of
// their source and puts them together (Assembler), so that nothing depends on threads. Parts belong together
// if source, channel, host and key agree. A whole text is one more record for the rules: the fields of its
// first part, with the whole text. A rule that has matched a part by itself is not told a second time.
// Bounded by limits::kCutText…; what was given up, or never became whole, is counted.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/beside_rules.h"
#include "engine/hunt.h"
#include "event/batch.h"
#include "sigma/match.h"
#include "sigma/matcher.h"
#include "view/log_sources.h"

namespace landwarden::engine {

/// A record that holds a part of a text. Stands on its own.
struct CutPart {
  struct Field {
    event::FieldId field;
    event::ValueType type = event::ValueType::text;
    bool null = false;
    std::string text;
  };
  event::ShapeId shape;
  event::FieldId text_field;
  std::string host, key, text;
  event::RowMeta meta;  ///< without host and original
  std::uint32_t number = 0, total = 0;
  std::vector<Field> fields;           ///< all others
  std::vector<std::uint32_t> matched;  ///< rules that matched it by itself, sorted
};

/// One worker's; not thread-safe.
class CutTextFinder {
 public:
  /// All must outlive it.
  CutTextFinder(const std::vector<view::CutText>& texts, event::Catalogue& catalogue);

  /// Adds the fields that parts are known by, if records of this shape have such texts.
  void want(event::ShapeId shape, event::Wanted& wanted);
  [[nodiscard]] bool has_texts(event::ShapeId shape) { return fields_of(shape) != nullptr; }
  /// Appends the parts in a batch; `matches` are those of the batch, in row order.
  void find(const event::EventBatch& batch, std::span<const sigma::Match> matches, std::vector<CutPart>& out);

 private:
  struct Fields {
    event::FieldId text, key, number, total;
  };
  [[nodiscard]] const Fields* fields_of(event::ShapeId shape);

  const std::vector<view::CutText>& texts_;
  event::Catalogue& catalogue_;
  std::map<std::uint32_t, std::unique_ptr<Fields>> by_shape_;
};

/// One thread's.
class Assembler {
 public:
  using Emit = std::function<void(const sigma::Match&)>;

  /// All must outlive it, and what `beside` looks for. No rules: nullptr.
  Assembler(const sigma::RuleSet* rules, event::Catalogue& catalogue, BesideRules beside);
  ~Assembler();

  /// Parts of one work unit; units of a source follow each other, in its order.
  void add(event::SourceId source, std::vector<CutPart> parts, const Emit& emit);
  /// Nothing more comes.
  void finish() { end_source(); }
  [[nodiscard]] const AssembleReport& report() const { return report_; }

 private:
  using Key = std::tuple<std::uint32_t, std::string, std::string>;  ///< shape, host, key
  struct Waiting {
    std::map<std::uint32_t, CutPart> parts;  ///< by number
    std::size_t bytes = 0;
    std::uint64_t since = 0;
  };
  struct Rerun;

  void take(CutPart part, const Emit& emit);
  void put_together(std::map<std::uint32_t, CutPart> parts, const Emit& emit);
  void forget(std::map<Key, Waiting>::iterator text);
  void end_source();

  AssembleReport report_;
  event::SourceId source_;
  std::map<Key, Waiting> waiting_;
  std::set<std::pair<std::uint64_t, Key>> oldest_;
  std::size_t bytes_ = 0;
  std::uint64_t clock_ = 0;
  std::unique_ptr<Rerun> rerun_;
};

}  // namespace landwarden::engine
