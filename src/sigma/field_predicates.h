// All distinct predicates that a rule set holds against one field, tested together on one value.
//
// Fill with add(), then prepare() once; afterwards immutable and safe from any thread (each brings its own
// Scratch). Predicates are numbered from 0 in the order in which they were first added.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/ip.h"
#include "base/packing.h"
#include "base/text.h"
#include "event/value_table.h"
#include "sigma/deferred_predicates.h"
#include "sigma/literal_index.h"
#include "sigma/pattern.h"
#include "sigma/regex_set.h"
#include "sigma/rule.h"
#include "sigma/text_table.h"

namespace landwarden::sigma {

class FieldPredicates {
 public:
  /// Working memory of one thread.
  struct Scratch {
    std::string folded;
    std::vector<std::uint32_t> stamps;  ///< by target: the last value for which it was tried
    std::uint32_t stamp = 0;
    std::vector<int> atoms;

    void fold(std::string_view value) {
      folded.clear();
      text::append_folded(folded, value);
    }
  };

  /// The number of the predicate; equal ones share it. Field comparisons and `never` have no place here.
  std::uint32_t add(const Predicate& predicate);
  /// No rule needs the predicate to become a candidate: where it is worth it (DeferredPredicates), test()
  /// will not speak of it, and who wants to know asks meets().
  void defer(std::uint32_t id);
  void prepare();
  [[nodiscard]] std::uint32_t size() const { return size_; }

  /// Of prepared predicates; after load() nothing can be added. What is loaded must outlive this object;
  /// nothing is believed of it.
  void save(Packer& out) const;
  [[nodiscard]] bool load(Unpacker& in);
  /// Instead of load(): there are `size` predicates, and no value meets any of them.
  void lose(std::uint32_t size) { size_ = size; }

  /// The numbers of all predicates but deferred ones that the value meets, sorted, into `hits` (emptied
  /// first).
  void test(const event::Value& value, Scratch& scratch, std::vector<std::uint32_t>& hits) const;
  [[nodiscard]] bool is_deferred(std::uint32_t id) const { return deferred_.has(id); }
  /// Whether a value meets a deferred predicate; `folded` is the value, folded. No absent or null field does.
  [[nodiscard]] bool meets(std::uint32_t id, std::string_view value, std::string_view folded) const {
    return deferred_.has(id) && deferred_.meets(id, value, folded);
  }
  /// What test() would say of a field that is absent, or present and null.
  [[nodiscard]] const std::vector<std::uint32_t>& absent_hits() const { return absent_; }
  [[nodiscard]] const std::vector<std::uint32_t>& null_hits() const { return null_; }

 private:
  struct Target {
    std::uint32_t predicate;
    std::int32_t pattern;  ///< index into patterns_ to be verified, -1 = the literal's place says it all
  };
  struct Number {
    std::uint32_t predicate;
    std::string text;
  };
  void add_pattern(std::uint32_t id, const Pattern& pattern);
  void add_spelled_out(std::uint32_t id, const Pattern& pattern);
  void file_predicate(std::uint32_t id);
  void test_numbers(const event::Value& value, std::vector<std::uint32_t>& hits) const;
  void test_literals(std::string_view value, Scratch& scratch, std::vector<std::uint32_t>& hits) const;
  void test_others(const event::Value& value, std::vector<std::uint32_t>& hits) const;

  [[nodiscard]] bool load_others(Unpacker& in);

  std::uint32_t size_ = 0;
  std::vector<Predicate> predicates_;  ///< none if loaded
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> by_key_;

  TextTable equal_;               ///< folded values
  std::vector<Pattern> sources_;  ///< of patterns_
  std::vector<CompiledPattern> patterns_;
  std::vector<Target> targets_;
  LiteralIndex literals_;       ///< ids: targets_, then atoms of regexes_
  std::vector<Target> always_;  ///< patterns without a literal
  RegexSet regexes_;
  std::unordered_map<double, std::vector<Number>> numbers_;
  std::vector<std::pair<std::uint32_t, Predicate>> others_;  ///< compare, time_part
  std::vector<std::pair<std::string, std::uint32_t>> network_texts_;
  std::vector<std::pair<IpNetwork, std::uint32_t>> networks_;
  std::vector<std::uint32_t> present_;  ///< met by every value that is not null
  std::vector<std::uint32_t> absent_, null_;
  DeferredPredicates deferred_;
};

/// The number that a rendering is, if it is decimal ("15", "-2.5", "1e3"); hex counts only where the type
/// says so.
[[nodiscard]] std::optional<double> decimal_number(std::string_view text);

}  // namespace landwarden::sigma
