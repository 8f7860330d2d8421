// Predicates of one field that are not looked for in every value: a value is asked for them only where a rule
// may match on all other grounds.
//
// Worth it are regular expressions, short literals and patterns of several parts, where no rule needs them to
// become a candidate (its witnesses): looking for them in every value is most of what matching costs, and
// nearly always for nothing. Immutable after build() or load(); safe from any thread.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/packing.h"
#include "sigma/rule.h"

namespace landwarden::sigma {

/// Patterns as the rule set's files have them.
void put_pattern(Packer& out, const Pattern& pattern);
[[nodiscard]] Pattern get_pattern(Unpacker& in);

class DeferredPredicates {
 public:
  DeferredPredicates();
  ~DeferredPredicates();
  DeferredPredicates(const DeferredPredicates&) = delete;
  DeferredPredicates& operator=(const DeferredPredicates&) = delete;

  /// Whether asking few values is cheaper than looking in all of them.
  [[nodiscard]] static bool worth(const Predicate& predicate);

  void add(std::uint32_t id, const Predicate& predicate);
  /// Once all are there.
  void build();
  [[nodiscard]] bool has(std::uint32_t id) const { return id < number_.size() && number_[id] != 0; }
  /// Of a predicate that it has(). `folded`: the value, folded.
  [[nodiscard]] bool meets(std::uint32_t id, std::string_view value, std::string_view folded) const;

  /// Of what was built. What load() reads must outlive this object; nothing is believed of it, ids are below
  /// `ids`.
  void save(Packer& out) const;
  [[nodiscard]] bool load(Unpacker& in, std::size_t ids);

 private:
  /// A predicate as it is asked, made when that is first done.
  struct Question;

  struct Own {
    std::vector<std::uint32_t> number, begin;
    Packer packed;
  } own_;
  std::span<const std::uint32_t> number_;  ///< by id: of its question, from 1; 0 = none
  std::span<const std::uint32_t> begin_;   ///< of each question in packed_
  std::span<const std::byte> packed_;
  std::unique_ptr<Question[]> questions_;
};

}  // namespace landwarden::sigma
