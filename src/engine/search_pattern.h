// What a search looks for: literals, regular expressions (RE2) and whole values with wildcards, each in all
// fields or in some.
//
// Case does not matter unless the search says so, as in Sigma. Field names are compared without case, with
// '*' and '?'; "System." may be left out of them. Compiled once a worker (RE2 locks its states); const
// functions only.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decode/raw_filter.h"
#include "triage/search_hit.h"

namespace landwarden::engine {

struct SearchTerm {
  enum class Kind : std::uint8_t {
    literal,   ///< somewhere in a value
    regex,     ///< somewhere in a value; RE2's syntax
    wildcard,  ///< a whole value with '*', '?' and '\' as in Sigma's rules
  } kind = Kind::literal;
  std::string text;
  std::vector<std::string> fields;  ///< in one of these; empty: in any
};

struct SearchTerms {
  std::vector<SearchTerm> terms;
  bool case_sensitive = false;
  bool all = false;  ///< a record has to meet all terms, not one
};

class SearchPattern {
 public:
  /// Terms as bits; at most limits::kSearchTerms.
  using Mask = std::uint64_t;

  [[nodiscard]] static Result<SearchPattern> compile(const SearchTerms& terms);
  SearchPattern(SearchPattern&&) noexcept;
  SearchPattern& operator=(SearchPattern&&) noexcept;
  ~SearchPattern();

  /// The terms that look at a field.
  [[nodiscard]] Mask terms_of(std::string_view field) const;
  /// Those of `terms` that the value meets.
  [[nodiscard]] Mask test(std::string_view value, Mask terms) const;
  /// Whether a record that meets `met` is found.
  [[nodiscard]] bool found(Mask met) const;
  /// Appends the parts of the value that `terms` found, rising, apart.
  void mark(std::string_view value, Mask terms, std::vector<triage::FoundSpan>& spans) const;

  /// Tells records that cannot be found from their bytes; nothing if bytes cannot tell. The pattern must
  /// outlive it.
  [[nodiscard]] std::optional<decode::RawFilter> raw_filter() const;

 private:
  struct Term;
  SearchPattern();
  std::vector<std::unique_ptr<Term>> terms_;
  bool all_ = false;
};

}  // namespace landwarden::engine
